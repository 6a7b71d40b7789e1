"""How few graded answers are too few, and what is done then."""

from dataclasses import dataclass
from typing import Literal

REFUSED_BELOW = 10
CORRECTED_FROM = 30
LEAST_OF_MODEL = 5
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


def mean_floor(n_cell: int, n_model: int) -> Floor:
    """Return what a model's mean may be, from the graded answers of all models in the cell and from its own.

    A cell is a dimension, or a dimension in one language.

    >>> mean_floor(60, 20).means, mean_floor(60, 7).means, mean_floor(60, 3).means, mean_floor(24, 8).means
    ('corrected', 'physicians', 'refused', 'physicians')
    """
    cell = floor_of(n_cell)
    if cell.means == "refused":
        return Floor(n_model, "refused", False, cell.reason)
    if n_model < LEAST_OF_MODEL:
        reason = f"{n_model} graded answers of this model, fewer than {LEAST_OF_MODEL}: no mean"
        return Floor(n_model, "refused", False, reason)
    if cell.means == "physicians":
        return Floor(n_model, "physicians", False, cell.reason)
    if n_model < REFUSED_BELOW:
        reason = f"{n_model} graded answers of this model, fewer than {REFUSED_BELOW}: the physicians' own mean"
        return Floor(n_model, "physicians", False, reason)
    return Floor(n_model, "corrected", True)
