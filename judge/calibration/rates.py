"""Rates of yes-no outcomes (a gate, a pass), also rare ones, for which no t interval holds.

A t interval of a rate that rests on a handful of labels covers far less than it says (3 % true rate, 50 labels: 63 %).
Below :data:`LEAST_DISCORDANT` labels that the judge got wrong, or of the rarer outcome, the interval is a bound:

``exact``            Clopper-Pearson on the graded cases, where all had the same chance to be drawn.
``stratified``       Clopper-Pearson within the answers that the judge calls yes and those it calls no, each at
                     1 - alpha/2, weighted with the judge's rate: where the chance depends on the judge's call alone.
``effective size``   Clopper-Pearson on the effective sample size (Korn and Graubard): all other designs.

Where the target is this very run, the first two count without replacement (``hypergeometric``), the third is as it is
and so no narrower than it should be, and a run that is graded whole has its rate as both ends (``whole run``).

References
----------
Clopper CJ, Pearson ES (1934). Biometrika 26:404-413. doi:10.1093/biomet/26.4.404.
Korn EL, Graubard BI (1998). Surv Methodol 24:193-201.
"""

from dataclasses import replace

import numpy as np

from judge.agreement.estimate import Estimate, FloatArray
from judge.agreement.intervals import Limits, clopper_pearson
from judge.calibration.finite import hypergeometric_limits
from judge.calibration.frame import LEAST_LABELS, Frame, MeanOptions, corrected_mean, fit_mean

LEAST_DISCORDANT = 20
_SAME = 1e-9
WHOLE = "whole run"
"""Variant of a rate that leaves nothing to chance."""
_BINOMIAL = ("exact", "stratified", "effective size")


def corrected_rate(frame: Frame, options: MeanOptions | None = None) -> Estimate:
    """Share of answers that physicians would call yes, with an interval that also holds for rare ones.

    Parameters
    ----------
    frame
        Its levels are 1 and 0.
    options
        As for :func:`judge.calibration.frame.corrected_mean`.

    Returns
    -------
    Estimate
        Within 0 and 1. ``variant`` names the bound where the interval is one, and the value is then the weighted share
        among physicians' labels. Undefined: ``too_few_labels`` below two graded cases.

    Raises
    ------
    ValueError
        If a level is neither 0 nor 1.

    Examples
    --------
    None of 30 graded answers: 0, with an upper limit of 11.6 %.

    >>> found = corrected_rate(Frame(np.zeros(60), np.array([0.0] * 30 + [np.nan] * 30), np.arange(60)))
    >>> found.value, round(found.ci_high, 3)
    (0.0, 0.116)
    """
    chosen = replace(options or MeanOptions(), bounds=(0.0, 1.0))
    for levels in (frame.scores, frame.labels):
        if not np.isin(levels[~np.isnan(levels)], (0.0, 1.0)).all():
            raise ValueError("the levels of a rate are 0 and 1")
    n_discordant, n_rarer = _counts(frame)
    if min(n_discordant, n_rarer) >= LEAST_DISCORDANT:
        return replace(corrected_mean(frame, chosen), statistic="corrected_rate")
    fitted = fit_mean(frame, replace(chosen, lam=0.0))
    if fitted is None:
        return replace(corrected_mean(frame, chosen), statistic="corrected_rate")
    variant, value, low, high = _bounds(frame, chosen, fitted.value)
    reason = (
        "every answer is graded: nothing is left to chance"
        if variant == WHOLE
        else (
            f"only {n_discordant} labels that the judge got wrong and {n_rarer} of the rarer outcome "
            f"(a t interval needs {LEAST_DISCORDANT} of each): {variant} bounds"
        )
    )
    n_cases = int(fitted.is_graded.sum())
    return Estimate(
        "corrected_rate",
        variant,
        value=value,
        ci_low=low,
        ci_high=high,
        ci_level=chosen.level,
        ci_method=f"Clopper-Pearson, {variant}" if variant in _BINOMIAL else variant,
        n_items=len(frame.scores),
        n_ratings=fitted.n_graded,
        detail={"n_discordant": n_discordant, "n_rarer": n_rarer, "n_cases": n_cases, "n_graded": fitted.n_graded},
        warnings=(reason,),
    )


def _counts(frame: Frame) -> tuple[int, int]:
    labels = frame.labels[frame.is_labelled]
    scores = frame.scores[frame.is_labelled]
    n_yes = int(np.count_nonzero(labels == 1))
    is_wrong = (labels != scores) & ~np.isnan(scores)
    return int(np.count_nonzero(is_wrong)), min(n_yes, len(labels) - n_yes)


def _bounds(frame: Frame, options: MeanOptions, value: float) -> tuple[str, float, float, float]:
    labelled = frame.is_labelled
    is_finite = options.target == "these answers"
    if is_finite and labelled.all():
        return WHOLE, value, value, value
    ending = " hypergeometric" if is_finite else ""
    is_independent = len(np.unique(frame.cases)) == len(frame.cases)
    if is_independent and (frame.probability is None or _is_constant(frame.probability[labelled])):
        found = _limits(frame.labels, options.level, is_finite=is_finite)
        return f"exact{ending}", value, found.low, found.high
    if is_independent and frame.probability is not None and _depends_on_call(frame):
        return f"stratified{ending}", *_stratified(frame, options.level, is_finite=is_finite)
    n = max(_effective_size(frame), float(LEAST_LABELS))
    return "effective size", value, *_fractional_clopper_pearson(value * n, n, options.level)


def _limits(labels: FloatArray, level: float, *, is_finite: bool) -> Limits:
    """Return exact limits of the share of yes, from the labels of all answers, NaN where there is none."""
    known = labels[~np.isnan(labels)]
    n_yes = int(known.sum())
    if is_finite:
        return hypergeometric_limits(n_yes, len(known), len(labels), level)
    return clopper_pearson(n_yes, len(known), level)


def _is_constant(chance: FloatArray) -> bool:
    return len(chance) == 0 or float(np.ptp(chance)) <= _SAME


def _depends_on_call(frame: Frame) -> bool:
    if frame.probability is None or np.isnan(frame.scores).any():
        return False
    parts = [frame.scores == call for call in (0.0, 1.0)]
    return all(
        part.any() and (part & frame.is_labelled).any() and _is_constant(frame.probability[part & frame.is_labelled])
        for part in parts
    )


def _stratified(frame: Frame, level: float, *, is_finite: bool) -> tuple[float, float, float]:
    """Return value, lower and upper bound: each judge class at 1 - alpha/2, so that both hold together."""
    value, low, high = 0.0, 0.0, 0.0
    each = 1 - (1 - level) / 2
    for call in (0.0, 1.0):
        own = frame.scores == call
        share = float(own.mean())
        found = _limits(frame.labels[own], each, is_finite=is_finite)
        value += share * float(frame.labels[own & frame.is_labelled].mean())
        low += share * found.low
        high += share * found.high
    return value, low, high


def _effective_size(frame: Frame) -> float:
    """Return n over the design effect: Kish's for weights and, where labels vary, that of weights and cases."""
    labelled = frame.is_labelled
    chance = np.ones(int(labelled.sum())) if frame.probability is None else frame.probability[labelled]
    per_case = np.bincount(np.unique(frame.cases, return_inverse=True)[1].reshape(-1))
    place = np.unique(frame.cases, return_inverse=True)[1].reshape(-1)
    weights = 1 / (chance * per_case[place][labelled])
    case_sums = np.bincount(place[labelled], weights=weights)
    kish = float(case_sums.sum() ** 2 / (case_sums @ case_sums))
    fitted = fit_mean(frame, MeanOptions(lam=0.0))
    if fitted is None:
        return kish
    n = int(fitted.is_graded.sum())
    variance = float(fitted.influence @ fitted.influence) * n / (n - 1)
    spread = fitted.value * (1 - fitted.value)
    return min(kish, spread / variance) if variance > 0 and spread > 0 else kish


def _fractional_clopper_pearson(hits: float, n: float, level: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = 0.0 if hits <= _SAME else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if n - hits <= _SAME else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high
