"""The gate before anything is spent: physicians must agree among themselves, or there is nothing to tune towards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judge.agreement import Estimate, Interval, krippendorff_alpha
from judge.tuning.examples import Graded

LOWEST_ALPHA = 0.4
"""What the lower limit of alpha must reach; Krippendorff's own mark for tentative conclusions, 0.667, is printed."""
FEWEST_ANSWERS = 10
"""Answers that two or more physicians graded, below which no agreement is computed."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How far physicians agree in one dimension, and whether a judge may be tuned towards them."""

    dimension: str
    n_physicians: int
    n_shared: int
    """Answers with two or more physicians."""
    alpha: Estimate | None
    is_enough: bool
    reason: str


def agreement_gate(
    grades: Sequence[Graded],
    cases: Mapping[str, str],
    scales: Mapping[str, Sequence[float]],
    *,
    lowest: float = LOWEST_ALPHA,
    seed: int = 0,
) -> tuple[Ceiling, ...]:
    """Judge every dimension by Krippendorff's ordinal alpha with its interval, cases resampled.

    Parameters
    ----------
    grades
        Original levels of the tune split; of a physician's repeats the lowest number is used.
    cases
        Response id to case id.
    scales
        Levels by dimension.
    lowest
        What the lower limit of the interval must reach.
    seed
        Of the resampling.
    """
    return tuple(
        _ceiling(dimension, _first(grades, dimension), cases, scale, lowest, seed)
        for dimension, scale in scales.items()
        if any(grade.dimension == dimension for grade in grades)
    )


def _first(grades: Iterable[Graded], dimension: str) -> dict[tuple[str, str], Graded]:
    found: dict[tuple[str, str], Graded] = {}
    for grade in grades:
        if grade.dimension == dimension and not grade.is_adjudicated:
            key = (grade.response_id, grade.rater)
            if key not in found or grade.repeat < found[key].repeat:
                found[key] = grade
    return found


def _ceiling(
    dimension: str,
    given: Mapping[tuple[str, str], Graded],
    cases: Mapping[str, str],
    scale: Sequence[float],
    lowest: float,
    seed: int,
) -> Ceiling:
    items = sorted({response for response, _ in given})
    raters = sorted({rater for _, rater in given})
    levels = np.full((len(items), len(raters)), np.nan)
    for (response, rater), grade in given.items():
        levels[items.index(response), raters.index(rater)] = grade.level
    n_shared = int(((~np.isnan(levels)).sum(axis=1) >= 2).sum())
    if len(raters) < 2:
        reason = (
            "one physician only: whether physicians agree is not known; have a second one grade at least "
            f"{FEWEST_ANSWERS} of the same answers"
        )
        return Ceiling(dimension, len(raters), n_shared, None, False, reason)
    if n_shared < FEWEST_ANSWERS:
        reason = f"{n_shared} answers were graded by two or more physicians; {FEWEST_ANSWERS} are needed"
        return Ceiling(dimension, len(raters), n_shared, None, False, reason)
    clusters = np.asarray([cases[item] for item in items])
    alpha = krippendorff_alpha(levels, "ordinal", scale=list(scale), interval=Interval(clusters=clusters, seed=seed))
    is_enough, reason = _decide(alpha, lowest)
    return Ceiling(dimension, len(raters), n_shared, alpha, is_enough, reason)


def _decide(alpha: Estimate, lowest: float) -> tuple[bool, str]:
    if alpha.value is None:
        return False, f"their agreement is undefined ({alpha.undefined})"
    if alpha.ci_low is None:
        is_enough = alpha.value >= lowest
        return is_enough, f"ordinal alpha {alpha.value:.2f}, no interval; it must reach {lowest:.2f}"
    said = f"ordinal alpha {alpha.value:.2f} ({alpha.ci_low:.2f} to {alpha.ci_high:.2f})"
    return alpha.ci_low >= lowest, f"{said}; the lower limit must reach {lowest:.2f}"
