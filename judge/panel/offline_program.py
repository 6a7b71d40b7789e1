"""The offline judge's program: the typed request as one message, and its extended reply read back."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Annotated, Literal

import pydantic

from judge.domain.request import FORMAT, AskedCriterion, JudgeRequest
from judge.domain.rubric import GateTier
from judge.domain.verdict import (
    Absence,
    Basis,
    CriterionVerdict,
    GateVerdict,
    LevelVerdict,
    Met,
    Quote,
    VerdictStatus,
)
from judge.panel.faults import Fault
from judge.panel.quotes import Sighting
from judge.panel.verify import Checked

PROGRAM = f"offline/{FORMAT}"
_MET: Mapping[bool | str, Met] = {True: "yes", False: "no", "na": "na", "abstained": "abstained"}
_STATUS: Mapping[str, VerdictStatus] = {"na": "not_applicable", "abstained": "abstained"}


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", strict=True)


class _Criterion(_Strict):
    id: str
    quotes: list[str]
    met: bool | Literal["na", "abstained"]
    credit: float = pydantic.Field(ge=0)
    basis: Basis
    qualifier: str | None
    offsets: list[Annotated[list[int], pydantic.Field(min_length=2, max_length=2)]]


class _Gate(_Strict):
    id: str
    quote: str
    absence: Absence | None
    tier: GateTier
    regional: bool
    basis: Basis


class _Level(_Strict):
    reason: str
    level: float | Literal["na", "abstained"]
    coverage: float | None = pydantic.Field(ge=0, le=1)


class _Finding(_Strict):
    kind: str
    quotes: list[str]
    note: str | None


class _OfflineReply(_Strict):
    injection_suspected: bool
    reference_problem: str | None
    criteria: list[_Criterion]
    gates: list[_Gate]
    levels: dict[str, _Level]
    absences: dict[str, list[Absence]]
    findings: list[_Finding]


def render_offline(request: JudgeRequest) -> list[dict[str, str]]:
    """Return the one message of an offline judge: the canonical JSON of the request."""
    return [{"role": "user", "content": request.as_json()}]


def check_offline_reply(request: JudgeRequest, content: str) -> Checked:
    """Read an offline judge's reply; criteria that it was not asked are left out, missing dimensions are faults."""
    try:
        reply = _OfflineReply.model_validate(json.loads(content))
    except (ValueError, RecursionError) as error:
        return _unusable(Fault("bad_json", detail=str(error).splitlines()[0]))
    missing = [Fault("missing_field", f"levels.{d}") for d in request.dimensions if d not in reply.levels]
    if missing:
        return _unusable(*missing)
    sighting = Sighting.of(request.answer)
    said = {criterion.id: criterion for criterion in reply.criteria}
    return Checked(
        levels=tuple(_level(d, reply.levels[d], is_left_out=d in request.na_required) for d in request.dimensions),
        criteria=tuple(_criterion(c, said[c.id], request.answer) for c in request.criteria if c.id in said),
        gates=tuple(_gate(gate, sighting) for gate in reply.gates if gate.id in request.gates),
        injection_suspected=reply.injection_suspected,
        reference_problem=reply.reference_problem,
        faults=(),
    )


def _unusable(*faults: Fault) -> Checked:
    return Checked((), (), (), None, None, faults)


def _level(dimension: str, said: _Level, *, is_left_out: bool) -> LevelVerdict:
    if is_left_out:
        return LevelVerdict(dimension, "not_applicable", None, said.reason)
    if isinstance(said.level, str):
        return LevelVerdict(dimension, _STATUS[said.level], None, said.reason, said.coverage)
    return LevelVerdict(dimension, "scored", said.level, said.reason, said.coverage)


def _criterion(asked: AskedCriterion, said: _Criterion, answer: str) -> CriterionVerdict:
    met = _MET[said.met]
    if not said.quotes and met != "yes":
        return _plain(asked.id, asked.dimension, met, asked.points, said.basis, said.qualifier)
    credit = said.credit if met == "yes" else 0.0
    quotes = tuple(
        _quote(text, span, answer) for text, span in zip_longest(said.quotes, said.offsets) if text is not None
    )
    return CriterionVerdict(asked.id, asked.dimension, met, asked.points, credit, quotes, said.basis, said.qualifier)


@lru_cache(maxsize=4_096)
def _plain(id_: str, dimension: str, met: Met, points: float, basis: Basis, qualifier: str | None) -> CriterionVerdict:
    return CriterionVerdict(id_, dimension, met, points, 0.0, (), basis, qualifier)


def _quote(text: str, span: Sequence[int] | None, answer: str) -> Quote:
    """Return a quote with its offsets where they are right."""
    if span is None or answer[span[0] : span[1]] != text:
        return Quote(text)
    return Quote(text, span[0], span[1])


def _gate(said: _Gate, sighting: Sighting) -> GateVerdict:
    text = said.quote.strip()
    quote = sighting.locate(text) if text else None
    return GateVerdict(said.id, said.tier, quote, said.absence, said.basis, said.regional)
