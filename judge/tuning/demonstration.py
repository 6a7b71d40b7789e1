"""A judged answer as a demonstration: what the judge was shown, and the whole of what it said."""

from typing import Any

from judge.domain.request import JudgeRequest
from judge.domain.rubric import Rubric
from judge.domain.verdict import CriterionVerdict, GateVerdict, LevelVerdict, Verdict
from judge.panel.hashes import prompt_hash
from judge.panel.render import task_text
from judge.panel.shape import Scope, shape_of
from judge.panel.template import PromptBook

_MET: dict[str, bool | str] = {"yes": True, "no": False}


class Shown:
    """Renders the fields of a prompt for one rubric, without the rubric itself."""

    def __init__(self, rubric: Rubric) -> None:
        self._rubric = rubric
        self._book = PromptBook(rubric)
        self._hash = prompt_hash(rubric)

    def inputs(self, request: JudgeRequest) -> dict[str, str]:
        """Return task card, case, checklist, references and answer as a judge reads them."""
        return {"task": task_text(self._rubric, request), **self._book.slots(request, self._hash)}


def reply_of(rubric: Rubric, verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as the reply that it was read from, in declared order and without quotes that were not found."""
    said = {
        "injection_suspected": bool(verdict.injection_suspected),
        "reference_problem": verdict.reference_problem,
        "criteria": [_criterion(one) for one in verdict.criteria],
        "gates": [_gate(one) for one in verdict.gates if one.counts],
        "levels": {one.dimension: _level(one) for one in verdict.levels},
    }
    return {name: said[name] for name in shape_of(rubric, Scope("response")).fields}


def is_whole(verdict: Verdict) -> bool:
    """Whether a verdict may be shown as an example: every dimension answered, every quote found."""
    is_answered = all(level.status in ("scored", "not_applicable") for level in verdict.levels)
    return is_answered and all(one.has_found_quotes is not False for one in verdict.criteria)


def _criterion(one: CriterionVerdict) -> dict[str, Any]:
    return {
        "id": one.criterion_id,
        "quotes": [quote.text for quote in one.quotes if quote.is_found],
        "met": _MET.get(one.met, "na"),
    }


def _gate(one: GateVerdict) -> dict[str, Any]:
    quote = one.quote.text if one.quote is not None else ""
    return {"id": one.gate_id, "quote": quote, "absence": one.absence, "tier": one.tier}


def _level(one: LevelVerdict) -> dict[str, Any]:
    level: float | int | str = "na" if one.level is None else one.level
    if isinstance(level, float) and level.is_integer():
        level = int(level)
    return {"reason": one.reason, "level": level}
