"""A panel's grades of one response: judges' levels become one, gates are voted on, the composite follows."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

from judge.domain.case import Case
from judge.domain.grade import Composite, Grade, GradedResponse, GradeStatus
from judge.domain.panel import Panel
from judge.domain.reading import OfflineReading
from judge.domain.rubric import Dimension, Rubric
from judge.domain.verdict import Verdict
from judge.errors import ConfigError
from judge.panel.aggregate_flags import ASKS_FOR_HUMAN, dimension_flags, response_flags
from judge.panel.aggregate_rules import Ballot, missing_bounds, pool
from judge.panel.composite import ceilings, compose, gate_grade
from judge.panel.repeats import JudgeLevel, is_most, reduce_levels
from judge.panel.votes import GateDecision, decide_gates

Weights = Mapping[str, float]
"""By judge id; used by the rule ``weighted`` alone."""


def grade_response(
    rubric: Rubric,
    panel: Panel,
    case: Case,
    response_id: str,
    verdicts: Sequence[Verdict],
    reading: OfflineReading,
    *,
    weights: Weights | None = None,
) -> GradedResponse:
    """Return all grades of one response, one for each dimension of the rubric, and its composite.

    Raises
    ------
    ConfigError
        If the panel's rule is ``weighted`` and a judge has no weight, or a negative one.
    """
    given = _weights_of(panel, weights)
    by_judge = {judge.id: [v for v in verdicts if v.judge == judge.id] for judge in panel.judges}
    decisions = decide_gates(rubric, panel, case, by_judge, reading)
    grades = tuple(
        gate_grade(
            grade_dimension(rubric, panel, case, response_id, dimension, by_judge, given),
            ceilings(rubric, decisions, dimension.id),
        )
        for dimension in rubric.dimensions
    )
    composite = compose(rubric, case, response_id, grades, decisions)
    flags = response_flags(panel, by_judge, reading, decisions)
    return GradedResponse(grades, _with_flags(composite, flags, grades, decisions))


def grade_dimension(
    rubric: Rubric,
    panel: Panel,
    case: Case,
    response_id: str,
    dimension: Dimension,
    by_judge: Mapping[str, Sequence[Verdict]],
    weights: Weights,
) -> Grade:
    """Return the panel's grade in one dimension, before gates."""
    opinions = [reduce_levels(judge.id, dimension.id, by_judge.get(judge.id, ())) for judge in panel.judges]
    ballots = [Ballot(o.level, weights[o.judge]) for o in opinions if o.status == "scored" and o.level is not None]
    missing = [weights[o.judge] for o in opinions if o.status not in ("scored", "not_applicable")]
    pooled = pool(panel.aggregation, ballots)
    status = _status(opinions, panel.quorum_needed, has_level=pooled is not None)
    level = pooled.level if pooled is not None and status == "scored" else None
    bounds = None
    if status != "not_applicable":
        bounds = missing_bounds(panel.aggregation, ballots, missing, dimension.levels)
    flags = set(
        dimension_flags(rubric, dimension, case, opinions, [v for repeats in by_judge.values() for v in repeats], level)
    )
    if pooled is not None and pooled.is_tie and level is not None:
        flags.add("majority_tie")
    given = [ballot.level for ballot in ballots]
    coverages = [o.coverage for o in opinions if o.coverage is not None]
    return Grade(
        response_id=response_id,
        dimension=dimension.id,
        status=status,
        level=level,
        level_gated=level,
        level_missing_low=None if bounds is None else bounds.low,
        level_missing_high=None if bounds is None else bounds.high,
        n_verdicts=len(ballots),
        n_unscored=len(missing),
        spread=max(given) - min(given) if given else None,
        coverage=statistics.median(coverages) if coverages else None,
        flags=tuple(sorted(flags)),
        needs_human=bool(flags & ASKS_FOR_HUMAN),
    )


def _status(opinions: Sequence[JudgeLevel], quorum: int, *, has_level: bool) -> GradeStatus:
    """Return what became of a grade.

    *Not applicable* takes more than half of the judges that scored or found so, and a quorum of them: a panel that
    mostly failed cannot declare that there was nothing to grade.
    """
    if opinions and all(o.status == "empty" for o in opinions):
        return "empty"
    n_scored = sum(o.status == "scored" for o in opinions)
    n_na = sum(o.status == "not_applicable" for o in opinions)
    if is_most(n_na, n_scored + n_na) and n_scored + n_na >= quorum:
        return "not_applicable"
    return "scored" if n_scored >= quorum and has_level else "no_quorum"


def _with_flags(
    composite: Composite, flags: Sequence[str], grades: Sequence[Grade], decisions: Sequence[GateDecision]
) -> Composite:
    raised = {*flags, *(flag for grade in grades for flag in grade.flags if flag in ("disagreement", "quote_missing"))}
    needs_human = any(d.needs_human for d in decisions) or bool(raised & ASKS_FOR_HUMAN)
    return replace(composite, flags=tuple(sorted(raised)), needs_human=needs_human)


def _weights_of(panel: Panel, weights: Weights | None) -> Weights:
    if panel.aggregation != "weighted":
        return {judge.id: 1.0 for judge in panel.judges}
    lacking = [judge.id for judge in panel.judges if judge.id not in (weights or {})]
    if weights is None or lacking:
        raise ConfigError(
            f"panel {panel.name}: the rule `weighted` has no weight for judge {', '.join(lacking)}",
            hint="Name the calibration of this panel under `calibration`, or take `aggregation: median`.",
        )
    negative = [judge.id for judge in panel.judges if not weights[judge.id] >= 0]
    if negative:
        raise ConfigError(
            f"panel {panel.name}: the weight of judge {', '.join(negative)} is not a number from 0 upwards",
            hint="Weights come from `judge calibrate`; run it again.",
        )
    return weights
