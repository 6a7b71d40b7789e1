"""The parts that a judge was asked one by one become one verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from judge.domain.request import JudgeRequest
from judge.domain.verdict import CriterionVerdict, LevelVerdict, Verdict, VerdictStatus
from judge.panel.coverage import coverage_by_dimension
from judge.panel.records import CallRecord
from judge.panel.shape import Scope
from judge.panel.verify import Checked
from judge.panel.wording import wording


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with the calls that it took."""

    verdict: Verdict
    calls: tuple[CallRecord, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one part of a request came to: a checked reply, or a status with the reason."""

    part: JudgeRequest
    scope: Scope
    calls: tuple[CallRecord, ...]
    checked: Checked | None
    status: VerdictStatus = "scored"
    reason: str = ""


def combine(request: JudgeRequest, response_id: str, judge: str, repeat: int, outcomes: Sequence[Outcome]) -> Judged:
    """Return one verdict with a level, or the reason why there is none, for every dimension of the request."""
    found = _found_levels(request, outcomes)
    levels = tuple(found.get(d) or left_out(request, d) for d in request.dimensions)
    outside = {level.dimension for level in levels if level.status == "not_applicable"}
    criteria = tuple(_settled(c, outside) for outcome in outcomes for c in _criteria(outcome))
    coverages = coverage_by_dimension(request.criteria, criteria)
    checked = [outcome.checked for outcome in outcomes if outcome.checked is not None]
    calls = tuple(call for outcome in outcomes for call in outcome.calls)
    verdict = Verdict(
        response_id=response_id,
        case_id=request.case.case_id,
        judge=judge,
        repeat=repeat,
        levels=tuple(_with_coverage(level, coverages) for level in levels),
        criteria=criteria,
        gates=tuple(gate for part in checked for gate in part.gates),
        injection_suspected=next((c.injection_suspected for c in checked if c.injection_suspected is not None), None),
        reference_problem=next((c.reference_problem for c in checked if c.reference_problem is not None), None),
        served_model=", ".join(dict.fromkeys(call.served_model for call in calls if call.served_model)) or None,
        call_keys=tuple(call.call_key for call in calls),
    )
    return Judged(verdict, calls)


def _found_levels(request: JudgeRequest, outcomes: Sequence[Outcome]) -> dict[str, LevelVerdict]:
    found: dict[str, LevelVerdict] = {}
    for outcome in outcomes:
        if outcome.checked is not None:
            found.update({level.dimension: level for level in outcome.checked.levels})
        else:
            lost = (d for d in outcome.part.dimensions if d in request.dimensions and d not in request.na_required)
            found.update({d: LevelVerdict(d, outcome.status, None, outcome.reason) for d in lost})
    return found


def left_out(request: JudgeRequest, dimension: str) -> LevelVerdict:
    """Return the verdict on a dimension that the case or task leaves out: nobody need be asked."""
    reason = wording(request.language)["left_out"].format(ids=dimension)
    return LevelVerdict(dimension, "not_applicable", None, reason)


def _criteria(outcome: Outcome) -> tuple[CriterionVerdict, ...]:
    """Criteria of one part; one that was asked alone and got no usable reply is abstained."""
    if outcome.checked is not None:
        return outcome.checked.criteria
    if outcome.scope.kind != "criterion":
        return ()
    return tuple(CriterionVerdict(c.id, c.dimension, "abstained", c.points, 0.0) for c in outcome.part.criteria)


def _settled(criterion: CriterionVerdict, outside: set[str]) -> CriterionVerdict:
    if criterion.dimension not in outside or (criterion.met == "na" and criterion.credit == 0):
        return criterion
    return replace(criterion, met="na", credit=0.0)


def _with_coverage(level: LevelVerdict, coverages: Mapping[str, float]) -> LevelVerdict:
    if level.status != "scored" or level.coverage is not None:
        return level
    return LevelVerdict(level.dimension, level.status, level.level, level.reason, coverages.get(level.dimension))
