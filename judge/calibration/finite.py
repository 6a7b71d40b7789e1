"""Exact bounds of a share in a finite collection: what is drawn without replacement is known, the rest is bounded."""

from collections.abc import Callable

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.agreement.intervals import Limits

_ROUNDING = 1e-9
"""A tail of exactly (1 - level) / 2 rejects nothing, however it is rounded."""


def hypergeometric_limits(n_hits: int, n: int, n_all: int, level: float = 0.95) -> Limits:
    """Return exact limits of the share of hits among ``n_all``, of which ``n`` were drawn without replacement.

    The numbers K of hits that neither tail of the hypergeometric distribution rejects at (1 - level) / 2, over
    ``n_all``; Clopper and Pearson's interval where ``n_all`` is without end, a point where all are drawn.

    Raises
    ------
    ValueError
        If the counts are none of such a draw.

    Examples
    --------
    None of 5 of 10: with 4 hits among the 10 that has a chance of 6/252, with 3 of 21/252.

    >>> hypergeometric_limits(0, 5, 10).high
    0.3
    """
    if not (0 <= n_hits <= n <= n_all and n > 0):
        raise ValueError(f"{n_hits} hits in {n} of {n_all} is no draw")
    tail = (1 - level) / 2 * (1 - _ROUNDING)
    most = _last(n_hits, n_hits + n_all - n, lambda k: _at_most(n_hits, n, n_all, k) > tail)
    misses = n - n_hits
    most_misses = _last(misses, misses + n_all - n, lambda k: _at_most(misses, n, n_all, k) > tail)
    return Limits((n_all - most_misses) / n_all, most / n_all, "hypergeometric")


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the greatest number that passes; ``low`` does, and none passes after one that does not."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _at_most(n_hits: int, n: int, n_all: int, k: int) -> float:
    """Return the chance of at most so many hits among n drawn of n_all, of which k are hits."""
    from scipy.special import gammaln

    x = np.arange(max(0, n - (n_all - k)), min(n_hits, n, k) + 1, dtype=np.float64)

    def choose(of: float, taken: FloatArray | float) -> FloatArray:
        return np.asarray(gammaln(of + 1.0) - gammaln(np.add(taken, 1.0)) - gammaln(of - np.asarray(taken) + 1.0))

    return float(np.exp(choose(k, x) + choose(n_all - k, n - x) - choose(n_all, n)).sum())
