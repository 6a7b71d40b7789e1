"""How few graded answers are too few, and what is done then."""

from dataclasses import dataclass
from typing import Literal

REFUSED_BELOW = 10
CORRECTED_FROM = 30
Means = Literal["refused", "physicians", "corrected"]


@dataclass(frozen=True, slots=True)
class Floor:
    """What so many graded answers allow."""

    n_graded: int
    means: Means
    has_grades: bool
    """Whether single grades may be corrected."""
    reason: str | None = None


def floor_of(n_graded: int) -> Floor:
    """Return what a cell with so many graded answers allows.

    >>> floor_of(12).means, floor_of(12).has_grades
    ('physicians', False)
    """
    if n_graded < REFUSED_BELOW:
        reason = f"{n_graded} graded answers, fewer than {REFUSED_BELOW}: nothing is corrected"
        return Floor(n_graded, "refused", False, reason)
    if n_graded < CORRECTED_FROM:
        reason = (
            f"{n_graded} graded answers, fewer than {CORRECTED_FROM}: "
            "no corrected grades, means are the physicians' own with a t interval"
        )
        return Floor(n_graded, "physicians", False, reason)
    return Floor(n_graded, "corrected", True)
