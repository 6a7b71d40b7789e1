"""The bootstrap of cases: percentile and BCa intervals, jackknife and influence function.

References
----------
Efron B, Tibshirani RJ (1993). An Introduction to the Bootstrap. Chapman & Hall. doi:10.1201/9780429246593.
Efron B (1987). Better bootstrap confidence intervals. J Am Stat Assoc 82:171-185. doi:10.1080/01621459.1987.10478410.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Draws, FloatArray
from judge.agreement.sums import SumStatistic, Units

BLOCK_CELLS = 1_000_000
"""Drawn counts that are held at once: it bounds the memory whatever the number of resamples."""
UNDEFINED_SHARE_MAX = 0.01
"""Above this share of undefined resamples there is no interval (STATISTICS: 1 %)."""


@dataclass(frozen=True, slots=True)
class BootstrapInterval:
    """An interval, or the reason why there is none."""

    method: str
    low: float | None
    high: float | None
    se: float | None
    n_resamples: int
    n_undefined: int
    z0: float | None = None
    acceleration: float | None = None
    note: str | None = None


def weights_of(units: Units, n_resamples: int, seed: int | np.random.SeedSequence) -> Iterator[FloatArray]:
    """Yield blocks (b, G) of how often each unit is drawn; one child seed a block, so no thread changes the answer."""
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    block = max(1, BLOCK_CELLS // max(units.sums.shape))
    n_blocks = -(-n_resamples // block)
    share = units.counts / units.n
    is_equal = bool(np.all(units.counts == 1))
    for k, child in enumerate(sequence.spawn(n_blocks)):
        rng = np.random.default_rng(child)
        size = min(block, n_resamples - k * block)
        if is_equal:
            drawn = rng.integers(0, units.n, size=(size, units.n)) + np.arange(size)[:, None] * units.n
            yield np.bincount(drawn.ravel(), minlength=size * units.n).reshape(size, units.n).astype(np.float64)
        else:
            yield rng.multinomial(units.n, share, size=size).astype(np.float64)


def resample(
    statistic: SumStatistic,
    units: Units,
    n_resamples: int,
    seed: int | np.random.SeedSequence,
    draws: Draws | None = None,
) -> FloatArray:
    """Return the statistic's values in bootstrap resamples, shape (n_resamples, n_out), NaN where undefined.

    With ``draws`` the weights of the table that was resampled last are used again.
    """
    is_small = draws is not None and n_resamples * len(units.counts) <= draws.max_cells
    if draws is not None and is_small and not isinstance(seed, np.random.SeedSequence):
        key = (units.counts.tobytes(), n_resamples, seed)
        weights = draws.get(key, lambda: np.concatenate([_compact(w) for w in weights_of(units, n_resamples, seed)]))
        rows = max(1, BLOCK_CELLS // max(units.sums.shape))
        parts = (weights[start : start + rows].astype(np.float64) for start in range(0, n_resamples, rows))
        return np.concatenate([statistic.values(part @ units.sums) for part in parts])
    blocks = [statistic.values(weights @ units.sums) for weights in weights_of(units, n_resamples, seed)]
    return np.concatenate(blocks)


def _compact(weights: FloatArray) -> npt.NDArray[np.int32]:
    return weights.astype(np.int32)


def point(statistic: SumStatistic, units: Units) -> FloatArray:
    """Return the statistic's values on the whole table, shape (n_out,), NaN where undefined."""
    whole: FloatArray = statistic.values(units.total[None, :])[0]
    return whole


def jackknife(statistic: SumStatistic, units: Units) -> FloatArray:
    """Return the values with one unit left out, shape (G, n_out); row g stands for ``counts[g]`` units."""
    return statistic.values(units.total[None, :] - units.sums)


def jackknife_se(values: FloatArray, counts: FloatArray) -> float | None:
    """Return Tukey's standard error, None where a leave-one-out value is undefined (Efron & Tibshirani 1993)."""
    if not np.isfinite(values).all():
        return None
    n = float(counts.sum())
    centre = float(counts @ values) / n
    return math.sqrt((n - 1) / n * float(counts @ (values - centre) ** 2))


def acceleration(values: FloatArray, counts: FloatArray) -> float | None:
    """Return the BCa acceleration from leave-one-out values (Efron 1987), None where it is undefined."""
    if not np.isfinite(values).all():
        return None
    deviation = float(counts @ values) / float(counts.sum()) - values
    spread = float(counts @ deviation**2)
    return float(counts @ deviation**3) / (6 * spread**1.5) if spread > 1e-24 else None


def influence(statistic: SumStatistic, units: Units, step: float = 1e-3) -> FloatArray:
    """Return each unit's influence on the values, shape (G, n_out): central difference in the unit's weight.

    The standard error is ``sqrt(sum over units of influence**2)`` with influences centred (infinitesimal jackknife).
    """
    total = units.total[None, :]
    up, down = statistic.values(total + step * units.sums), statistic.values(total - step * units.sums)
    return (up - down) / (2 * step)


def influence_se(statistic: SumStatistic, units: Units, index: int = 0) -> float | None:
    """Return the standard error from the influence function with n/(n-1), None where it is undefined."""
    values = influence(statistic, units)[:, index]
    n = units.n
    if n < 2 or not np.isfinite(values).all():
        return None
    centred = values - float(units.counts @ values) / n
    return math.sqrt(float(units.counts @ centred**2) * n / (n - 1))


def interval_of(
    values: FloatArray,
    theta: float,
    method: Literal["percentile", "bca"],
    level: float,
    leave_one_out: tuple[FloatArray, FloatArray] | None = None,
) -> BootstrapInterval:
    """Return the interval of one statistic from its values in resamples.

    Parameters
    ----------
    values
        Shape (B,), NaN where undefined: they are counted, and above 1 % of them there is no interval.
    theta
        Value on the whole table.
    method
        ``percentile`` or ``bca`` (which needs ``leave_one_out``).
    level
        E.g. 0.95, half of the rest on each side.
    leave_one_out
        Jackknife values and how many units each stands for.
    """
    defined = values[~np.isnan(values)]
    n, n_undefined = len(values), len(values) - len(defined)
    if n_undefined > UNDEFINED_SHARE_MAX * n:
        note = f"{n_undefined} of {n} resamples undefined: no interval"
        return BootstrapInterval(method, None, None, None, n, n_undefined, note=note)
    if np.ptp(defined) <= 1e-10:
        note = "degenerate: every resample gives the same value, so there is no interval"
        return BootstrapInterval(method, None, None, None, n, n_undefined, note=note)
    se = float(np.std(defined, ddof=1))
    tail = (1 - level) / 2
    if method == "percentile":
        low, high = np.quantile(defined, [tail, 1 - tail])
        return BootstrapInterval("percentile bootstrap of cases", float(low), float(high), se, n, n_undefined)
    return _bca(defined, theta, tail, leave_one_out, BootstrapInterval(method, None, None, se, n, n_undefined))


def _bca(
    defined: FloatArray,
    theta: float,
    tail: float,
    leave_one_out: tuple[FloatArray, FloatArray] | None,
    blank: BootstrapInterval,
) -> BootstrapInterval:
    from scipy.special import ndtr, ndtri

    is_equal = np.abs(defined - theta) <= 1e-9 * max(1.0, abs(theta))
    below = float(np.mean((defined < theta) & ~is_equal) + 0.5 * np.mean(is_equal))
    a = acceleration(*leave_one_out) if leave_one_out is not None else None
    if a is None or not 0 < below < 1:
        low, high = np.quantile(defined, [tail, 1 - tail])
        note = "BCa is undefined here (bias or acceleration): percentile limits instead"
        name = "percentile bootstrap of cases"
        return BootstrapInterval(
            name, float(low), float(high), blank.se, blank.n_resamples, blank.n_undefined, note=note
        )
    z0 = float(ndtri(below))
    shifted = z0 + np.asarray([ndtri(tail), ndtri(1 - tail)])
    shares = ndtr(z0 + shifted / (1 - a * shifted))
    low, high = np.quantile(defined, np.clip(shares, 0, 1))
    return BootstrapInterval(
        "BCa bootstrap of cases", float(low), float(high), blank.se, blank.n_resamples, blank.n_undefined, z0, a
    )
