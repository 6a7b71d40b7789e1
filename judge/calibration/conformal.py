"""The physicians' level to expect for a single answer: split conformal intervals under unequal sampling.

With scores s_i = |Y_i - predicted_i| of graded answers, one a case, and weights w = 1 / inclusion probability, the
half-width for a new answer of weight w_0 is the least s at which the w_i of s_i <= s add up
to (1 - alpha)(sum w + w_0).
The promise is marginal: over answers like those of the frame, at least 1 - alpha of the intervals hold the physicians'
level; on whole-number scales they hold more.

References
----------
Vovk V, Gammerman A, Shafer G (2005). Algorithmic Learning in a Random World. Springer.
Tibshirani RJ, Barber RF, Candès EJ, Ramdas A (2019). Conformal prediction under covariate shift. arXiv:1904.06019.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray, IntArray

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ConformalBand:
    """Sorted errors with the weight up to each."""

    errors: FloatArray
    """Shape (n,), ascending."""
    mass: FloatArray
    """Shape (n,): weight of all errors up to this one."""
    alpha: float

    def half_width(self, weights: npt.ArrayLike = 1.0) -> FloatArray:
        """Return the half-width for answers of these weights, infinite (the whole scale) where n does not suffice."""
        new = np.asarray(weights, dtype=np.float64)
        total = self.mass[-1] if len(self.mass) else 0.0
        needed = (1 - self.alpha) * (total + new)
        place = np.searchsorted(self.mass, needed - _ROUNDING * (total + new))
        reach = np.append(self.errors, np.inf)
        return np.asarray(reach[place], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Lower and upper ends of single grades."""

    low: FloatArray
    high: FloatArray


def fit_band(
    errors: npt.ArrayLike, cases: npt.ArrayLike, weights: npt.ArrayLike, rng: np.random.Generator, *, alpha: float = 0.1
) -> ConformalBand:
    """Fit a band from the errors of predictions that did not see the answer's case.

    Parameters
    ----------
    errors
        Shape (n,): |physicians' level - predicted level|.
    cases
        Shape (n,): one answer of each case is drawn, because answers of one case are not exchangeable with new cases.
    weights
        Shape (n,): 1 / inclusion probability; ones for a simple random sample.
    rng
        Draws the answer of a case.
    alpha
        1 - level.
    """
    error, weight = np.abs(np.asarray(errors, dtype=np.float64)), np.asarray(weights, dtype=np.float64)
    kept = one_per_case(cases, rng)
    order = np.argsort(error[kept], kind="stable")
    return ConformalBand(error[kept][order], np.cumsum(weight[kept][order]), alpha)


def one_per_case(cases: npt.ArrayLike, rng: np.random.Generator) -> IntArray:
    """Return the place of one random answer of each case."""
    names = np.asarray(cases)
    order = rng.permutation(len(names))
    _, first = np.unique(names[order], return_index=True)
    return np.sort(order[first])


def intervals(
    band: ConformalBand, predicted: FloatArray, weights: FloatArray, scale: FloatArray, *, is_whole: bool
) -> Band:
    """Return the interval of each answer, cut at the ends of the scale.

    Parameters
    ----------
    band
        From :func:`fit_band`.
    predicted, weights
        Shape (n,): corrected levels and 1 / inclusion probability of the answers.
    scale
        Declared levels, ascending.
    is_whole
        Whether the physicians' level is always one of the scale (not a mean of several): ends then move inward to the
        nearest level, which loses nothing; an interval between two levels takes in both.
    """
    half = band.half_width(weights)
    low = np.clip(predicted - half, scale[0], scale[-1])
    high = np.clip(predicted + half, scale[0], scale[-1])
    if is_whole and len(scale):
        up = np.searchsorted(scale, low - _ROUNDING)
        down = np.searchsorted(scale, high + _ROUNDING, side="right") - 1
        narrowed_low, narrowed_high = scale[np.minimum(up, len(scale) - 1)], scale[np.maximum(down, 0)]
        is_sound = narrowed_low <= narrowed_high
        low, high = np.where(is_sound, narrowed_low, narrowed_high), np.where(is_sound, narrowed_high, narrowed_low)
    return Band(np.where(np.isnan(predicted), np.nan, low), np.where(np.isnan(predicted), np.nan, high))
