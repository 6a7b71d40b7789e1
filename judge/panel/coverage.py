"""How much of what a dimension asks for an answer covers."""

from collections import defaultdict
from collections.abc import Sequence

from judge.domain.request import AskedCriterion
from judge.domain.verdict import CriterionVerdict


def coverage_by_dimension(asked: Sequence[AskedCriterion], verdicts: Sequence[CriterionVerdict]) -> dict[str, float]:
    """Return the share of points earned by dimension, 0–1; a dimension where no positive criterion applies is left out.

    ``clip((met positives + met negatives) / applicable positives, 0, 1)`` in points times credit; ``na`` and abstained
    criteria are out of both sums. A positive that counts each instance is due once, or as often as it was earned.
    """
    counted_each = {criterion.id for criterion in asked if criterion.is_each}
    earned: dict[str, float] = defaultdict(float)
    due: dict[str, float] = defaultdict(float)
    for verdict in verdicts:
        if verdict.met in ("na", "abstained"):
            continue
        if verdict.met == "yes":
            earned[verdict.dimension] += verdict.points * verdict.credit
        if verdict.points > 0:
            times = max(verdict.credit, 1.0) if verdict.criterion_id in counted_each else 1.0
            due[verdict.dimension] += verdict.points * times
    return {dimension: min(max(earned[dimension] / total, 0.0), 1.0) for dimension, total in due.items()}
