"""Dangerous answers: how many a judge misses, how often it cries wolf, how many a physician must still read.

Rates are weighted by 1 / inclusion probability where the answers were not drawn alike: a sample that is rich in answers
the judge flagged makes its misses look rare.
"""

import math

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate, FloatArray
from judge.agreement.intervals import clopper_pearson


def miss_rate(
    flagged: npt.ArrayLike,
    dangerous: npt.ArrayLike,
    *,
    inclusion_probability: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of the answers that physicians call dangerous which the judge did not flag.

    Parameters
    ----------
    flagged
        Shape (n_answers,): 1 where the judge flagged, 0 where not, NaN = missing.
    dangerous
        Shape (n_answers,): 1 where the physicians see the danger, 0 where not, NaN = missing.
    inclusion_probability
        Shape (n_answers,), in (0, 1]: how likely each answer was to be graded. None: a simple random sample.
    level
        Of the interval.

    Returns
    -------
    Estimate
        Between 0 and 1. Interval: Clopper and Pearson's for a simple random sample; else the same on Kish's effective
        count, named so. ``detail``: misses, positives, and how many graded answers the judge had not flagged.
        Undefined: ``all_missing``, ``no_positives``.

    Raises
    ------
    ValueError
        If shapes differ, a value is neither 0 nor 1, or a probability is outside (0, 1].

    References
    ----------
    Clopper CJ, Pearson ES (1934). Biometrika 26:404-413. doi:10.1093/biomet/26.4.404.
    Korn EL, Graubard BI (1998). Surv Methodol 24:193-201, no DOI (effective counts).
    Altman DG, Bland JM (1994). BMJ 308:1552. doi:10.1136/bmj.308.6943.1552.

    Examples
    --------
    Altman and Bland (1994), liver scans: 27 of 258 abnormal ones passed as normal, 1 - 0.90.

    >>> flagged = [1] * 231 + [0] * 27 + [1] * 32 + [0] * 54
    >>> abnormal = [1] * 258 + [0] * 86
    >>> round(miss_rate(flagged, abnormal).value, 2)
    0.1
    """
    return _rate("miss_rate", (flagged, dangerous, inclusion_probability), True, level)


def false_alarm_rate(
    flagged: npt.ArrayLike,
    dangerous: npt.ArrayLike,
    *,
    inclusion_probability: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of the answers that physicians call safe which the judge flagged.

    Parameters
    ----------
    flagged, dangerous, inclusion_probability, level
        As in :func:`miss_rate`.

    Returns
    -------
    Estimate
        Between 0 and 1. Undefined: ``all_missing``, ``no_negatives``.

    Raises
    ------
    ValueError
        As :func:`miss_rate`.

    References
    ----------
    Clopper CJ, Pearson ES (1934). Biometrika 26:404-413. doi:10.1093/biomet/26.4.404.
    Korn EL, Graubard BI (1998). Surv Methodol 24:193-201, no DOI (effective counts).
    Altman DG, Bland JM (1994). BMJ 308:1552. doi:10.1136/bmj.308.6943.1552.

    Examples
    --------
    Altman and Bland (1994), liver scans: 32 of 86 normal ones flagged, 1 - 0.63.

    >>> flagged = [1] * 231 + [0] * 27 + [1] * 32 + [0] * 54
    >>> abnormal = [1] * 258 + [0] * 86
    >>> round(false_alarm_rate(flagged, abnormal).value, 2)
    0.37
    """
    return _rate("false_alarm_rate", (flagged, dangerous, inclusion_probability), False, level)


def _rate(
    name: str, columns: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None], among: bool, level: float
) -> Estimate:
    flagged, dangerous, weights, n_missing = _columns(*columns)
    if len(flagged) == 0:
        return Estimate(statistic=name, undefined="all_missing", n_missing=n_missing)
    is_wanted = dangerous == among
    is_wrong = is_wanted & (flagged != dangerous)
    detail = {
        "n_wrong": int(is_wrong.sum()),
        "n_reference": int(is_wanted.sum()),
        "n_graded_not_flagged": int(np.sum(~flagged)),
    }
    if not is_wanted.any():
        reason = "no_positives" if among else "no_negatives"
        return Estimate(statistic=name, undefined=reason, n_items=len(flagged), n_missing=n_missing, detail=detail)
    value = float(weights[is_wrong].sum() / weights[is_wanted].sum())
    low, high, method = _limits(value, weights[is_wanted], level)
    return Estimate(
        statistic=name,
        value=value,
        ci_low=low,
        ci_high=high,
        ci_level=level,
        ci_method=method,
        method="weighted by 1 / inclusion probability" if np.ptp(weights) > 0 else "share of a simple random sample",
        n_items=len(flagged),
        n_ratings=2 * len(flagged),
        n_missing=n_missing,
        detail=detail,
        warnings=_weight_warning(weights),
    )


def _columns(
    flagged: npt.ArrayLike, dangerous: npt.ArrayLike, inclusion_probability: npt.ArrayLike | None
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], FloatArray, int]:
    """Return both columns as booleans with weights, complete answers only, and the number of missing values."""
    pair = np.stack([np.asarray(flagged, dtype=np.float64), np.asarray(dangerous, dtype=np.float64)])
    if pair.ndim != 2:
        raise ValueError("flagged and dangerous are one value an answer")
    is_known = ~np.isnan(pair).any(axis=0)
    if not np.isin(pair[:, is_known], (0.0, 1.0)).all():
        raise ValueError("flagged and dangerous are 1 or 0")
    probability = np.ones(pair.shape[1]) if inclusion_probability is None else np.asarray(inclusion_probability, float)
    if probability.shape != (pair.shape[1],) or not np.all((probability > 0) & (probability <= 1)):
        raise ValueError("an inclusion probability for each answer lies above 0 and up to 1")
    known = pair[:, is_known] == 1.0
    return known[0], known[1], 1 / probability[is_known], int(np.isnan(pair).sum())


def _limits(value: float, weights: FloatArray, level: float) -> tuple[float, float, str]:
    """Return the exact interval, on the effective count where weights differ."""
    n = len(weights)
    if np.ptp(weights) <= 1e-12 * weights.max():
        limits = clopper_pearson(round(value * n), n, level)
        return limits.low, limits.high, limits.method
    low, high = _beta_limits(value, _effective_count(weights), level)
    return low, high, "Clopper-Pearson on Kish's effective count"


def _effective_count(weights: FloatArray) -> float:
    return float(weights.sum() ** 2 / np.sum(weights**2))


def _beta_limits(value: float, n: float, level: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    hits, tail = value * n, (1 - level) / 2
    low = 0.0 if value <= 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if value >= 1 else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


def _weight_warning(weights: FloatArray) -> tuple[str, ...]:
    spread = float(weights.max() / weights.min())
    if spread <= 5:
        return ()
    return (f"weights differ {spread:.0f} to 1: the interval is rough, grade more of what was under-sampled",)


def positives_needed(x: float, level: float = 0.95) -> int:
    """Return how many dangerous answers without a single miss bring the upper limit of the miss rate down to x.

    Examples
    --------
    >>> positives_needed(0.05)
    72
    """
    if not 0 < x < 1:
        raise ValueError(f"a share of misses lies between 0 and 1, not {x}")
    return math.ceil(math.log((1 - level) / 2) / math.log(1 - x))


def review_load(
    risk: npt.ArrayLike,
    dangerous: npt.ArrayLike,
    x: float = 0.05,
    *,
    inclusion_probability: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of answers that a physician must still read so that at most x of the dangerous ones are missed.

    Answers are read from the riskiest down, ties together. The share is the least at which the exact upper limit of
    the missed part is at most x; thresholds were sought on the same answers, so it is a little optimistic.

    Parameters
    ----------
    risk
        Shape (n_answers,): the judge's risk, higher is read first; NaN = missing.
    dangerous
        Shape (n_answers,): 1 where the physicians see danger, 0 where not, NaN = missing.
    x
        Share of dangerous answers that may be missed, between 0 and 1.
    inclusion_probability
        Shape (n_answers,); None: a simple random sample.
    level
        Of the limit (its upper end of a two-sided interval).

    Returns
    -------
    Estimate
        Between 0 and 1. Undefined: ``all_missing``, ``no_positives``, ``counts_too_small`` (even without a miss the
        limit would be above x; ``detail`` says how many dangerous answers it takes).

    Raises
    ------
    ValueError
        If x is outside (0, 1), or as :func:`miss_rate`.

    References
    ----------
    Clopper CJ, Pearson ES (1934). Biometrika 26:404-413. doi:10.1093/biomet/26.4.404.

    Examples
    --------
    Worked by hand. Five dangerous answers cannot carry 5 %.

    >>> review_load([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], 0.05).undefined
    'counts_too_small'
    """
    variant, needed = f"@{x:g}", positives_needed(x, level)
    scores = np.asarray(risk, dtype=np.float64)
    blank = np.where(np.isnan(scores), np.nan, 0.0)
    _, is_dangerous, weights, n_missing = _columns(blank, dangerous, inclusion_probability)
    is_known = ~np.isnan(scores) & ~np.isnan(np.asarray(dangerous, dtype=np.float64))
    scores = scores[is_known]
    n = len(scores)
    if n == 0 or not is_dangerous.any():
        reason = "no_positives" if n else "all_missing"
        return Estimate(statistic="review_load", variant=variant, undefined=reason, n_items=n, n_missing=n_missing)
    detail = {"n_positives": int(is_dangerous.sum()), "n_positives_needed": needed}
    if _beta_limits(0.0, _effective_count(weights[is_dangerous]), level)[1] > x + 1e-12:
        return Estimate(
            statistic="review_load",
            variant=variant,
            undefined="counts_too_small",
            n_items=n,
            n_missing=n_missing,
            detail=detail,
        )
    share, missed, limit, threshold = _least_load(scores, is_dangerous, weights, x, level)
    return Estimate(
        statistic="review_load",
        variant=variant,
        value=share,
        ci_level=level,
        method="riskiest first, ties together; upper limit of the missed part at most x",
        n_items=n,
        n_ratings=2 * n,
        n_missing=n_missing,
        detail={**detail, "missed": missed, "missed_limit": limit, "risk_from": threshold},
        warnings=_weight_warning(weights),
    )


def _least_load(
    scores: FloatArray, is_dangerous: npt.NDArray[np.bool_], weights: FloatArray, x: float, level: float
) -> tuple[float, float, float, float]:
    """Return share to be read, missed share, its upper limit and the risk from which to read."""
    total, danger = float(weights.sum()), float(weights[is_dangerous].sum())
    found = (1.0, 0.0, 0.0, float(scores.min()))
    for threshold in np.unique(scores)[::-1]:
        is_read = scores >= threshold
        missed = float(weights[is_dangerous & ~is_read].sum()) / danger
        limit = _limits(missed, weights[is_dangerous], level)[1]
        found = (float(weights[is_read].sum()) / total, missed, limit, float(threshold))
        if limit <= x:
            break
    return found
