"""The composite of one response: task weights, ceilings and caps; nothing is earned by what was not scored."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from judge.domain.case import Case
from judge.domain.grade import Composite, Grade, GradeStatus
from judge.domain.rubric import Dimension, Rubric, TierRule
from judge.panel.votes import TIERS_BY_HARM, GateDecision

LEAST_WEIGHT_SCORED = 0.6
_NO_RULE = TierRule(cap=100.0)
_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class _Part:
    """One dimension's part of the composite, each value as a share of its scale (0–1)."""

    weight: float
    level: float | None
    """Before gates; None where not scored, or scored by a gate alone."""
    gated: float | None
    ceiling: float
    is_applicable: bool


def ceilings(rubric: Rubric, decisions: Sequence[GateDecision], dimension: str) -> Mapping[str, float]:
    """Return by gate id the ceilings that applied gates set on a dimension."""
    found: dict[str, float] = {}
    for decision in decisions:
        if not decision.is_applied:
            continue
        limits = [dict(rubric.tier_rules.get(decision.tier, _NO_RULE).ceilings)]
        if decision.is_diagnosis_missed:
            limits.append(dict(rubric.missed_diagnosis_ceilings))
        named = [limit[dimension] for limit in limits if dimension in limit]
        if named:
            found[decision.gate_id] = min(named)
    return found


def gate_grade(grade: Grade, limits: Mapping[str, float]) -> Grade:
    """Return a grade with ``level_gated`` and the gates that lowered it.

    A ceiling overrides *not applicable*: the dimension is then scored at the ceiling, while ``level`` stays empty,
    because no panel gave it. It scores nothing that the panel failed to score.
    """
    if not limits:
        return grade if grade.level_gated == grade.level else replace(grade, level_gated=grade.level)
    lowest = min(limits.values())
    took = tuple(gate for gate, limit in limits.items() if limit == lowest)
    if grade.status == "not_applicable":
        flags = tuple(sorted({*grade.flags, "na_overridden"}))
        return replace(grade, status="scored", level_gated=lowest, gates=took, flags=flags)
    if grade.level is None or grade.level <= lowest:
        return replace(grade, level_gated=grade.level)
    return replace(grade, level_gated=lowest, gates=took)


def compose(
    rubric: Rubric, case: Case, response_id: str, grades: Sequence[Grade], decisions: Sequence[GateDecision]
) -> Composite:
    """Return the composite of one response from its gated grades.

    Weights of dimensions that do not apply are shared out among the others. The score needs the first core dimension
    and 60 % of the applicable weight; bounds are written in any case, with missing dimensions at their lowest and
    highest level. Gates only lower: where a ceiling brings in a dimension that did not apply, the score is still never
    above the one without it, and where it holds a dimension that is missing, never above what that leaves possible.
    """
    applied = [decision for decision in decisions if decision.is_applied]
    cap = min((rubric.tier_rules[d.tier].cap for d in applied if d.tier in rubric.tier_rules), default=None)
    parts = _parts(rubric, case, grades, decisions)
    total = math.fsum(part.weight for part in parts)
    weight = math.fsum(part.weight for part in parts if part.gated is not None) / total if total else 0.0
    status = _status(rubric, grades, parts, weight)
    score = _capped(parts, cap, missing=None) if status == "scored" else None
    low, high = _capped(parts, cap, missing=0.0), _capped(parts, cap, missing=1.0)
    if score is not None and low is not None and high is not None:
        score = min(score, high)
        low, high = _settle(low, score), _settle(high, score)
    core = [g.level for g in grades if g.level is not None and rubric.dimension(g.dimension).is_core]
    worst = max(applied, key=_harm, default=None)
    return Composite(
        response_id=response_id,
        status=status,
        score=score,
        score_uncapped=_share(parts, missing=None) if status == "scored" else None,
        cap=cap,
        weight_scored=weight,
        score_low=low,
        score_high=high,
        core_mean=math.fsum(core) / len(core) if core else None,
        n_core=len(core),
        gates=tuple(d.gate_id for d in applied),
        gates_pending=tuple(d.gate_id for d in decisions if d.is_pending),
        worst_severity=0 if worst is None else _severity(worst),
        worst_tier=None if worst is None else worst.tier,
    )


def ranking_key(composite: Composite) -> tuple[bool, int, int, float]:
    """Return a key that sorts answers from best to worst.

    First what was scored; then by the worst severity among applied gates, at equal severity by tier (omission before
    commission); then by score, high first.
    """
    tier = _tier_rank(composite.worst_tier) if composite.worst_severity else 0
    return (composite.score is None, composite.worst_severity, tier, -(composite.score or 0.0))


def _severity(decision: GateDecision) -> int:
    return 0 if decision.severity is None or decision.severity == "R" else int(decision.severity)


def _tier_rank(tier: str | None) -> int:
    """Return 0 without a tier, else more for more harm."""
    order = [*reversed(TIERS_BY_HARM)]
    return 0 if tier is None else [str(known) for known in order].index(tier) + 1


def _harm(decision: GateDecision) -> tuple[int, int]:
    return _severity(decision), _tier_rank(decision.tier)


def _parts(rubric: Rubric, case: Case, grades: Sequence[Grade], decisions: Sequence[GateDecision]) -> tuple[_Part, ...]:
    weights = rubric.variant(case.task).weights
    parts = []
    for grade in grades:
        dimension = rubric.dimension(grade.dimension)
        limit = min(ceilings(rubric, decisions, dimension.id).values(), default=dimension.highest)
        parts.append(
            _Part(
                weight=weights.get(dimension.id, 0.0),
                level=_on_scale(grade.level, dimension),
                gated=_on_scale(grade.level_gated, dimension),
                ceiling=_on_scale(limit, dimension) or 0.0,
                is_applicable=grade.status != "not_applicable",
            )
        )
    return tuple(part for part in parts if part.weight > 0 and part.is_applicable)


def _on_scale(level: float | None, dimension: Dimension) -> float | None:
    if level is None:
        return None
    return (level - dimension.lowest) / (dimension.highest - dimension.lowest)


def _status(rubric: Rubric, grades: Sequence[Grade], parts: Sequence[_Part], weight: float) -> GradeStatus:
    if {grade.status for grade in grades} in ({"empty"}, {"empty", "not_applicable"}):
        return "empty"
    if not parts:
        return "not_applicable"
    first = next((d.id for d in rubric.dimensions if d.is_core), None)
    has_first = first is None or any(g.dimension == first and g.status == "scored" for g in grades)
    return "scored" if has_first and weight >= LEAST_WEIGHT_SCORED - _NOISE else "no_quorum"


def _mean(pairs: Sequence[tuple[float, float]]) -> float | None:
    total = math.fsum(weight for weight, _ in pairs)
    return 100 * math.fsum(weight * value for weight, value in pairs) / total if total else None


def _share(parts: Sequence[_Part], *, missing: float | None) -> float | None:
    """Return the share before gates, dimensions that only a gate scores left out."""
    pairs = []
    for part in parts:
        value = part.level if part.level is not None or part.gated is not None else missing
        if value is not None:
            pairs.append((part.weight, value))
    return _mean(pairs)


def _gated_share(parts: Sequence[_Part], *, missing: float | None) -> float | None:
    pairs = []
    for part in parts:
        value = part.gated if part.gated is not None or missing is None else min(missing, part.ceiling)
        if value is not None:
            pairs.append((part.weight, value))
    return _mean(pairs)


def _capped(parts: Sequence[_Part], cap: float | None, *, missing: float | None) -> float | None:
    if not parts:
        return None
    values = (_share(parts, missing=missing), _gated_share(parts, missing=missing), cap)
    return min((value for value in values if value is not None), default=None)


def _settle(bound: float, score: float) -> float:
    """Return the score itself for a bound that differs from it by rounding alone."""
    return score if abs(bound - score) < _NOISE else bound
