"""Sign-flip permutation test of a mean paired difference."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate, FloatArray
from judge.agreement.named_options import check_option

ENUMERATE_UP_TO = 20
_BLOCK = 1 << 14
Alternative = Literal["two-sided", "greater"]


def sign_flip_test(
    differences: npt.ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    n_resamples: int = 100_000,
    seed: int = 0,
) -> Estimate:
    """Test whether paired differences have mean 0, with all sign patterns equally likely.

    Up to 20 non-zero differences all patterns are enumerated; above, ``(1 + count) / (1 + B)`` of random ones.

    Parameters
    ----------
    differences
        Shape (n,), NaN = missing (left out).
    alternative
        ``greater`` tests for a mean above 0.
    n_resamples
        Random sign patterns where they are not enumerated.
    seed
        Seed of ``numpy.random.SeedSequence``.

    Returns
    -------
    Estimate
        ``value`` is the mean difference. Undefined: ``all_missing``, ``all_differences_zero``.

    References
    ----------
    Fisher RA (1935). The Design of Experiments, section 21. Oliver & Boyd, no DOI.
    Phipson B, Smyth GK (2010). Stat Appl Genet Mol Biol 9:39. doi:10.2202/1544-6115.1585 ((1 + count) / (1 + B)).

    Examples
    --------
    Fisher (1935), Darwin's maize: 863 of 32,768 sign patterns are as great.

    >>> maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    >>> sign_flip_test(maize, alternative="greater").p_value * 32_768
    863.0
    """
    check_option("an alternative", alternative, get_args(Alternative))
    array = np.asarray(differences, dtype=np.float64)
    known = array[~np.isnan(array)]
    moved = known[known != 0]
    if len(moved) == 0:
        reason = "all_missing" if len(known) == 0 else "all_differences_zero"
        return Estimate(statistic="sign_flip_test", variant=alternative, undefined=reason, n_items=len(known))
    is_exact = len(moved) <= ENUMERATE_UP_TO
    size = np.abs(moved)
    observed = float(moved.sum())
    count = _enumerated(size, observed, alternative) if is_exact else 0
    total = 2 ** len(moved) if is_exact else n_resamples
    if not is_exact:
        count = _random(size, observed, alternative, n_resamples, seed)
    return Estimate(
        statistic="sign_flip_test",
        variant=alternative,
        value=observed / len(known),
        p_value=count / total if is_exact else (1 + count) / (1 + total),
        method="all sign patterns" if is_exact else f"{n_resamples} random sign patterns, (1 + count) / (1 + B)",
        n_items=len(known),
        n_missing=len(array) - len(known),
        n_resamples=0 if is_exact else n_resamples,
        detail={"n_arrangements": total, "count": count},
    )


def _as_extreme(sums: FloatArray, observed: float, alternative: Alternative) -> int:
    slack = 1e-9 * max(1.0, abs(observed))
    if alternative == "greater":
        return int(np.count_nonzero(sums >= observed - slack))
    return int(np.count_nonzero(np.abs(sums) >= abs(observed) - slack))


def _enumerated(size: FloatArray, observed: float, alternative: Alternative) -> int:
    n = len(size)
    count = 0
    for start in range(0, 2**n, _BLOCK):
        patterns = np.arange(start, min(start + _BLOCK, 2**n))
        signs = 1.0 - 2.0 * ((patterns[:, None] >> np.arange(n)) & 1)
        count += _as_extreme(signs @ size, observed, alternative)
    return count


def _random(size: FloatArray, observed: float, alternative: Alternative, n_resamples: int, seed: int) -> int:
    n_blocks = -(-n_resamples // _BLOCK)
    count = 0
    for k, child in enumerate(np.random.SeedSequence(seed).spawn(n_blocks)):
        rows = min(_BLOCK, n_resamples - k * _BLOCK)
        signs = 1.0 - 2.0 * np.random.default_rng(child).integers(0, 2, size=(rows, len(size)))
        count += _as_extreme(signs @ size, observed, alternative)
    return count
