"""How much of what a dimension asks for an answer covers."""

from collections.abc import Sequence

from judge.domain.request import AskedCriterion
from judge.domain.verdict import CriterionVerdict


def coverage_of(dimension: str, asked: Sequence[AskedCriterion], verdicts: Sequence[CriterionVerdict]) -> float | None:
    """Return the share of points earned in one dimension, 0–1; None where no positive criterion applies.

    ``clip((met positives + met negatives) / applicable positives, 0, 1)`` in points times credit; ``na`` and abstained
    criteria are out of both sums. A positive that counts each instance is due once, or as often as it was earned.
    """
    earned = due = 0.0
    known = {criterion.id: criterion for criterion in asked}
    for verdict in verdicts:
        if verdict.dimension != dimension or verdict.met in ("na", "abstained"):
            continue
        earned += verdict.points * verdict.credit if verdict.met == "yes" else 0.0
        if verdict.points > 0:
            each = known[verdict.criterion_id].is_each
            due += verdict.points * (max(verdict.credit, 1.0) if each else 1.0)
    return min(max(earned / due, 0.0), 1.0) if due else None
