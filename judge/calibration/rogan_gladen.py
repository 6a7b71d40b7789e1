"""Rates from a yes-no judge of known (estimated) sensitivity and specificity, each variant under its name.

References
----------
Rogan WJ, Gladen B (1978). Am J Epidemiol 107:71-76. doi:10.1093/oxfordjournals.aje.a112510.
Lang Z, Reiczigel J (2014). Prev Vet Med 113:13-22. doi:10.1016/j.prevetmed.2013.09.015 (pseudo-counts).
"""

import math
from dataclasses import dataclass
from typing import Literal

from judge.agreement.estimate import Estimate
from judge.agreement.intervals import normal_interval, z_quantile
from judge.calibration.ppi import NOTHING, logit_interval

Form = Literal["textbook", "pseudo_count"]
LEAST_YOUDEN = 0.2
"""Below this sensitivity + specificity - 1 the correction multiplies errors by five or more."""


@dataclass(frozen=True, slots=True)
class JudgeCounts:
    """A yes-no judge on labelled answers, and how often it said yes on unlabelled ones."""

    tp: int
    fn: int
    fp: int
    tn: int
    unlabelled_yes: int
    unlabelled: int

    def __post_init__(self) -> None:
        """Refuse counts that are no counts."""
        cells = (self.tp, self.fn, self.fp, self.tn, self.unlabelled_yes, self.unlabelled - self.unlabelled_yes)
        if min(cells) < 0:
            raise ValueError(f"counts are whole numbers from 0, and yes is part of all: {self}")

    @property
    def n(self) -> int:
        """Labelled answers."""
        return self.tp + self.fn + self.fp + self.tn


def rogan_gladen(counts: JudgeCounts, form: Form = "textbook", *, level: float = 0.95) -> Estimate:
    """Rate of yes that physicians would give: (p + specificity - 1) / (sensitivity + specificity - 1).

    ``textbook``: plain proportions, Wald interval. ``pseudo_count``: p becomes (x + z²/2) / (N + z²), sensitivity and
    specificity (k + 1) / (m + 2), sample sizes enlarged alike, logit interval. Both standard errors are by the delta
    method and include the sampling of unlabelled answers, sensitivity and specificity.

    Returns
    -------
    Estimate
        Within 0 and 1; where the raw estimate lies outside, it is the nearer end, ``detail["raw"]`` keeps the raw one,
        and a warning says that the model is contradicted. Undefined: ``no_labelled_positive``,
        ``no_labelled_negative``, ``no_unlabelled``, ``uninformative_judge`` (sensitivity + specificity = 1).

    Examples
    --------
    Sensitivity 9/10, specificity 8/10, p = 3/10: (0.3 - 0.2) / 0.7.

    >>> round(rogan_gladen(JudgeCounts(9, 1, 2, 8, 3, 10)).value, 4)
    0.1429
    """
    z = z_quantile(level)
    positives, negatives = counts.tp + counts.fn, counts.fp + counts.tn
    n_items = counts.n + counts.unlabelled
    reason = _why_undefined(positives, negatives, counts.unlabelled)
    if reason:
        return Estimate("rogan_gladen", form, undefined=reason, n_items=n_items)
    k, m, extra = (1.0, 2.0, z * z) if form == "pseudo_count" else (0.0, 0.0, 0.0)
    n, n_yes, n_no = counts.unlabelled + extra, positives + m, negatives + m
    p = (counts.unlabelled_yes + extra / 2) / n
    sensitivity, specificity = (counts.tp + k) / n_yes, (counts.tn + k) / n_no
    youden = sensitivity + specificity - 1
    if abs(youden) <= NOTHING:
        return Estimate("rogan_gladen", form, undefined="uninformative_judge", n_items=n_items)
    raw = (p + specificity - 1) / youden
    variance = p * (1 - p) / n
    variance += raw**2 * sensitivity * (1 - sensitivity) / n_yes
    variance += (1 - raw) ** 2 * specificity * (1 - specificity) / n_no
    se = math.sqrt(variance) / abs(youden)
    value = min(max(raw, 0.0), 1.0)
    low, high = _limits(form, value, raw, se, level)
    return Estimate(
        "rogan_gladen",
        form,
        value=value,
        se=se,
        ci_low=low,
        ci_high=high,
        ci_level=level,
        ci_method="delta method, logit" if form == "pseudo_count" else "delta method, Wald, cut at 0 and 1",
        n_items=n_items,
        n_ratings=counts.n,
        detail={"raw": raw, "sensitivity": sensitivity, "specificity": specificity, "judge_rate": p},
        warnings=_cautions(raw, youden),
    )


def _why_undefined(positives: int, negatives: int, unlabelled: int) -> str | None:
    if positives == 0:
        return "no_labelled_positive"
    if negatives == 0:
        return "no_labelled_negative"
    return None if unlabelled else "no_unlabelled"


def _limits(form: Form, value: float, raw: float, se: float, level: float) -> tuple[float, float]:
    if form == "pseudo_count":
        limits = logit_interval(value, se, z_quantile(level))
        return limits if limits is not None else (0.0, 1.0)
    low, high = normal_interval(raw, se, level)
    return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)


def _cautions(raw: float, youden: float) -> tuple[str, ...]:
    said = []
    if raw < 0 or raw > 1:
        side = "below 0" if raw < 0 else "above 1"
        said.append(
            f"raw estimate {side}: model (constant sensitivity and specificity) contradicted or sample too small"
        )
    if youden < LEAST_YOUDEN:
        said.append(f"sensitivity + specificity - 1 is {youden:.3f}: the correction divides by it, do not rely on it")
    return tuple(said)


def post_stratified_rate(counts: JudgeCounts, *, pooled: bool = False, level: float = 0.95) -> Estimate:
    """Rate (1-p) mu0 + p mu1, mu_k the physicians' share of yes where the judge said k.

    With ``pooled`` p comes from labelled and unlabelled answers together, which is the maximum-likelihood estimate;
    without, from the unlabelled ones (the efficient influence function estimate). Logit interval.

    Returns
    -------
    Estimate
        Undefined: ``empty_judge_class`` where the judge never said yes, or never no, on a labelled answer,
        ``no_unlabelled``.

    Examples
    --------
    mu1 = 3/4, mu0 = 1/6, p = 2/10: 0.2 x 0.75 + 0.8 / 6.

    >>> round(post_stratified_rate(JudgeCounts(3, 1, 1, 5, 2, 10)).value, 4)
    0.2833
    """
    yes, no = counts.tp + counts.fp, counts.fn + counts.tn
    variant = "maximum likelihood" if pooled else "post-stratified"
    if not counts.unlabelled or not yes or not no:
        reason = "no_unlabelled" if not counts.unlabelled else "empty_judge_class"
        return Estimate("post_stratified_rate", variant, undefined=reason, n_items=counts.n + counts.unlabelled)
    n = counts.unlabelled + (counts.n if pooled else 0)
    p = (counts.unlabelled_yes + (yes if pooled else 0)) / n
    mu1, mu0 = counts.tp / yes, counts.fn / no
    value = (1 - p) * mu0 + p * mu1
    variance = (mu1 - mu0) ** 2 * p * (1 - p) / n
    variance += p**2 * mu1 * (1 - mu1) / yes + (1 - p) ** 2 * mu0 * (1 - mu0) / no
    se = math.sqrt(variance)
    limits = logit_interval(value, se, z_quantile(level))
    return Estimate(
        "post_stratified_rate",
        variant,
        value=value,
        se=se,
        ci_low=None if limits is None else limits[0],
        ci_high=None if limits is None else limits[1],
        ci_level=level,
        ci_method=None if limits is None else "delta method, logit",
        n_items=counts.n + counts.unlabelled,
        n_ratings=counts.n,
        detail={"judge_rate": p, "yes_where_judge_yes": mu1, "yes_where_judge_no": mu0},
    )
