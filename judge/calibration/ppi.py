"""Prediction-powered means of independent answers: judges' levels on all of them, physicians' on some.

Named variants tell apart what different tools print for the same numbers; the production estimator for a run, with
cases and sampling weights, is :mod:`judge.calibration.frame`.

References
----------
Angelopoulos AN, Bates S, Fannjiang C, Jordan MI, Zrnic T (2023). Science 382:669-674. doi:10.1126/science.adi6000.
Angelopoulos AN, Duchi JC, Zrnic T (2023). PPI++: efficient prediction-powered inference. arXiv:2311.01453.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate, FloatArray
from judge.agreement.intervals import z_quantile

Tuning = Literal["labelled", "pooled", "parts"]
NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class PpiVariant:
    """How a prediction-powered mean and its interval are computed.

    Parameters
    ----------
    lam
        Weight of the judge: 0 the physicians' own mean, 1 plain PPI, None tuned to the least variance (PPI++).
    ddof
        Divisor n - ddof of all variances of the interval.
    quantile
        ``t`` with n - 1 degrees of freedom, or ``z``.
    scale
        ``identity`` (Wald) or ``logit``: the interval is made on the logit scale and mapped back; rates only.
    tuned_on
        Variance of the judge's levels in lambda = cov(Y, F) / ((1 + n/N) var F): that of the ``labelled`` answers, of
        all answers ``pooled`` (divisor n+N-1), or of both ``parts``, var(F) + (n/N) var(F_u).
    is_clipped
        Whether a tuned lambda is held within 0 and 1.
    """

    name: str
    lam: float | None = None
    ddof: int = 1
    quantile: Literal["t", "z"] = "t"
    scale: Literal["identity", "logit"] = "identity"
    tuned_on: Tuning = "pooled"
    is_clipped: bool = True


PPI_PLUS = PpiVariant("ppi++ t")
PPI = PpiVariant("ppi t", lam=1.0)
CLASSICAL = PpiVariant("physicians t", lam=0.0)
PPI_PY = PpiVariant("ppi++ wald z ddof 0", ddof=0, quantile="z")
"""What ppi_py prints."""
PPI_LOGIT = PpiVariant("ppi++ logit z ddof 1", quantile="z", scale="logit", tuned_on="parts", is_clipped=False)
"""What the Chatbot-Arena example of Chen et al. prints."""


def ppi_mean(
    labels: npt.ArrayLike,
    predictions: npt.ArrayLike,
    unlabelled: npt.ArrayLike,
    variant: PpiVariant = PPI_PLUS,
    *,
    level: float = 0.95,
) -> Estimate:
    """Mean that physicians would give: lam mean(F_u) + mean(Y - lam F).

    The variance is lam² var(F_u) / N + var(Y - lam F) / n.

    Parameters
    ----------
    labels
        Shape (n,): physicians' levels Y.
    predictions
        Shape (n,): the judge's levels F of the same answers.
    unlabelled
        Shape (N,): the judge's levels of the answers that no physician graded.
    variant
        See :class:`PpiVariant`.
    level
        Of the interval.

    Returns
    -------
    Estimate
        In levels; ``detail["lambda"]`` is the weight used. Undefined (``too_few_labels``) below two labels.

    Raises
    ------
    ValueError
        If labels and predictions differ in length, or anything is not finite.

    Examples
    --------
    Y = 1, 3, F = 2, 4, F_u = 2, 3: with lambda 1 it is 2.5 + (2 - 3).

    >>> ppi_mean([1, 3], [2, 4], [2, 3], PPI).value
    1.5
    """
    y, f, u = (np.asarray(x, dtype=np.float64) for x in (labels, predictions, unlabelled))
    if y.shape != f.shape or y.ndim != 1 or u.ndim != 1:
        raise ValueError("labels and predictions are two lists of the same length, unlabelled is a list")
    if not all(np.isfinite(x).all() for x in (y, f, u)):
        raise ValueError("levels are finite numbers; leave unscored answers out, or use corrected_mean")
    if len(y) < 2:
        return Estimate(
            "ppi_mean", variant.name, undefined="too_few_labels", n_items=len(y), detail={"n": len(y), "minimum": 2}
        )
    lam, notes = _lambda(y, f, u, variant)
    n_unlabelled = len(u)
    value = float(y.mean()) + (lam * (float(u.mean()) - float(f.mean())) if n_unlabelled else 0.0)
    variance = float(np.var(y - lam * f, ddof=variant.ddof)) / len(y)
    if n_unlabelled > variant.ddof:
        variance += lam**2 * float(np.var(u, ddof=variant.ddof)) / n_unlabelled
    return _with_interval(_Fit(value, math.sqrt(variance), len(y), n_unlabelled, lam), variant, level, notes)


def _lambda(y: FloatArray, f: FloatArray, u: FloatArray, variant: PpiVariant) -> tuple[float, tuple[str, ...]]:
    if len(u) == 0:
        return 0.0, ("every answer is labelled: the result is the physicians' mean",)
    if variant.lam is not None:
        return variant.lam, ()
    n, n_unlabelled = len(y), len(u)
    ddof = 1 if variant.tuned_on == "parts" else 0
    covariance = float((y - y.mean()) @ (f - f.mean())) / (n - ddof)
    ratio = n / n_unlabelled
    if variant.tuned_on == "parts":
        spread = float(np.var(f, ddof=1)) + ratio * (float(np.var(u, ddof=1)) if n_unlabelled > 1 else 0.0)
    elif variant.tuned_on == "pooled":
        spread = (1 + ratio) * float(np.var(np.concatenate([f, u]), ddof=1))
    else:
        spread = (1 + ratio) * float(np.var(f))
    if spread <= NOTHING:
        return 0.0, ("the judge's levels do not vary: lambda 0, the result is the physicians' mean",)
    lam = covariance / spread
    return (min(max(lam, 0.0), 1.0) if variant.is_clipped else lam), ()


@dataclass(frozen=True, slots=True)
class _Fit:
    """A mean with its standard error and what it rests on."""

    value: float
    se: float
    n: int
    n_unlabelled: int
    lam: float


def _with_interval(fit: _Fit, variant: PpiVariant, level: float, notes: tuple[str, ...]) -> Estimate:
    value, se = fit.value, fit.se
    quantile = t_quantile(level, fit.n - 1) if variant.quantile == "t" else z_quantile(level)
    low: float | None = None
    high: float | None = None
    if se <= NOTHING:
        notes = (*notes, "the labels do not vary: no interval")
    elif variant.scale == "logit":
        low, high, notes = _logit_limits(value, se, quantile, notes)
    else:
        low, high = value - quantile * se, value + quantile * se
    return Estimate(
        "ppi_mean",
        variant.name,
        value=value,
        se=se,
        ci_low=low,
        ci_high=high,
        ci_level=level,
        ci_method=None if low is None else f"{variant.scale}, {variant.quantile}, divisor n - {variant.ddof}",
        n_items=fit.n + fit.n_unlabelled,
        n_ratings=fit.n,
        detail={"lambda": fit.lam, "n_labelled": fit.n, "n_unlabelled": fit.n_unlabelled},
        warnings=notes,
    )


def _logit_limits(
    value: float, se: float, quantile: float, notes: tuple[str, ...]
) -> tuple[float | None, float | None, tuple[str, ...]]:
    limits = logit_interval(value, se, quantile)
    if limits is None:
        return None, None, (*notes, "the estimate is not within 0 and 1: no logit interval")
    return limits[0], limits[1], notes


def logit_interval(value: float, se: float, quantile: float) -> tuple[float, float] | None:
    """Return expit(logit(p) -/+ quantile se / (p (1-p))), None where p is not strictly within 0 and 1."""
    if not 0 < value < 1:
        return None
    centre, half = math.log(value / (1 - value)), quantile * se / (value * (1 - value))
    return _expit(centre - half), _expit(centre + half)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def t_quantile(level: float, degrees: float) -> float:
    """Return the two-sided quantile of Student's t, 12.706 for 0.95 and one degree of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + level) / 2))
