"""Checklists of cases: the JSON object of one case, validated against the rubric.

Keys: ``case_id, task, lang, rubric, reference_status, criteria, critical, acts_asked, na, equivalents, sha256``.
A criterion has ``id, from, dim, class, points, type, evidence, concepts`` and its words under one key for each
language (``en``, ``zh``). ``dim`` and ``na`` name dimensions by code or id. ``sha256`` is that of the canonical JSON of
the object without the key ``sha256``; it is computed where absent, and a wrong one is refused.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from judge.dataset.cells import CellError, text, unknown_task
from judge.domain.case import Checklist, ChecklistCriterion, ConceptTest, Evidence, ReferenceStatus, ValueTest
from judge.domain.ids import sha256_json
from judge.domain.language import primary_subtag
from judge.domain.rubric import Rubric
from judge.errors import did_you_mean

_LANGUAGE_KEY = re.compile(r"[a-z]{2}")
_StatementType = Literal[
    "diagnosis", "finding", "mechanism", "criterion", "action", "contraindication", "risk", "right", "communication"
]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Value(_Form):
    op: Literal[">=", "<=", ">", "<", "="]
    num: float
    unit: str | None = None


class _Concept(_Form):
    id: str
    assertion: str = Field("present", alias="assert")
    qual: str | None = None
    leads: list[str] = []
    value: _Value | None = None


class _Criterion(_Form):
    id: str = Field(min_length=1)
    replaces: str | None = Field(None, alias="from")
    dim: str
    kind: Literal["core", "secondary", "negative"] = Field(alias="class")
    points: float
    type: _StatementType | None = None
    evidence: Evidence = "quote"
    concepts: list[_Concept] = []
    words: dict[str, str]


class _Checklist(_Form):
    case_id: str | int | None = None
    task: str | None = None
    lang: list[str] | None = None
    rubric: str | None = None
    reference_status: ReferenceStatus | None = None
    criteria: list[_Criterion] = []
    critical: list[str] | None = None
    acts_asked: dict[str, list[str]] = {}
    na: list[str] = Field([], validation_alias=AliasChoices("na", "not_applicable"))
    equivalents: dict[str, list[str]] = {}
    sha256: str | None = None


def read_checklist(value: Any, rubric: Rubric, *, case_id: str | None = None) -> Checklist:
    """Return a checklist as the domain has it.

    Parameters
    ----------
    value
        The JSON object.
    rubric
        What its dimensions, gates and generic criteria are checked against.
    case_id
        The case it must be for, if it names one.

    Raises
    ------
    CellError
        Naming everything that is wrong with it.
    """
    if not isinstance(value, Mapping):
        raise CellError("not a JSON object")
    form = _form(value)
    found = sha256_json({key: item for key, item in value.items() if key != "sha256"})
    faults = [*_header_faults(form, rubric, case_id, found), *_criterion_faults(form, rubric)]
    if faults:
        raise CellError("; ".join(faults))
    return Checklist(
        sha256=found,
        criteria=tuple(_criterion(criterion, rubric) for criterion in form.criteria),
        critical=None if form.critical is None else tuple(dict.fromkeys(form.critical)),
        acts_asked={gate: tuple(acts) for gate, acts in form.acts_asked.items()},
        not_applicable=tuple(dict.fromkeys(_dimension_ids(rubric)[name] for name in form.na)),
        equivalents={name: tuple(words) for name, words in form.equivalents.items()},
        reference_status=form.reference_status,
    )


def _form(value: Mapping[str, Any]) -> _Checklist:
    _check_characters(value)
    prepared = dict(value)
    if isinstance(value.get("criteria"), list):
        prepared["criteria"] = [_gather_words(item) for item in value["criteria"]]
    try:
        return _Checklist.model_validate(prepared)
    except ValidationError as error:
        raise CellError("; ".join(_say(fault) for fault in error.errors())) from error


def _check_characters(value: Any) -> None:
    if isinstance(value, str):
        text(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            text(key)
            _check_characters(item)
    elif isinstance(value, list):
        for item in value:
            _check_characters(item)


def _gather_words(criterion: Any) -> Any:
    if not isinstance(criterion, Mapping):
        return criterion
    words = {key: item for key, item in criterion.items() if _LANGUAGE_KEY.fullmatch(key) and key != "id"}
    rest = {key: item for key, item in criterion.items() if key not in words and key != "words"}
    if "words" in criterion:
        rest["words "] = criterion["words"]
    return {**rest, "words": words}


_NAMES = ("from", "class", "assert", *_Checklist.model_fields, *_Criterion.model_fields, *_Concept.model_fields)


def _say(fault: Any) -> str:
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        name = str(fault["loc"][-1]).strip()
        return f'{place}: unknown key "{name}"{did_you_mean(name, _NAMES)}'
    return f"{place}: {fault['msg'][0].lower()}{fault['msg'][1:]}"


def _header_faults(form: _Checklist, rubric: Rubric, case_id: str | None, found: str) -> list[str]:
    faults = []
    named = f"{rubric.id}/v{rubric.version}"
    if form.sha256 is not None and form.sha256 != found:
        faults.append(f"sha256 is {form.sha256[:12]!r}…, but the checklist's own is {found[:12]}… (it was changed)")
    if case_id is not None and form.case_id is not None and str(form.case_id) != case_id:
        faults.append(f'case_id is "{form.case_id}", but the row\'s is "{case_id}"')
    if form.rubric is not None and form.rubric not in (named, rubric.id):
        faults.append(f'it is for rubric "{form.rubric}", not for {named}')
    if form.task is not None and form.task not in rubric.tasks:
        faults.append(f"task: {unknown_task(form.task, rubric)}")
    gates = [gate.id for gate in rubric.gates]
    for key, names in (("critical", form.critical or []), ("acts_asked", list(form.acts_asked))):
        faults += [f'{key}: unknown gate "{g}"{did_you_mean(g, gates)}' for g in names if g not in gates]
    faults += [_unknown_dimension("na", name, rubric) for name in form.na if name not in _dimension_ids(rubric)]
    return faults


def _criterion_faults(form: _Checklist, rubric: Rubric) -> list[str]:
    faults = []
    seen: set[str] = set()
    for criterion in form.criteria:
        place = f'criterion "{criterion.id}"'
        if criterion.id in seen:
            faults.append(f"{place} occurs twice")
        seen.add(criterion.id)
        if criterion.dim not in _dimension_ids(rubric):
            faults.append(_unknown_dimension(place, criterion.dim, rubric))
        if (criterion.points < 0) != (criterion.kind == "negative") or criterion.points == 0:
            faults.append(f"{place}: {criterion.points:g} points do not fit the class {criterion.kind}")
        faults += [f"{place}: {fault}" for fault in _words_faults(criterion, form.lang)]
        faults += [f"{place}: {fault}" for fault in _origin_faults(criterion, rubric)]
    return faults


def _words_faults(criterion: _Criterion, languages: list[str] | None) -> list[str]:
    if not criterion.words:
        return ["no words in any language (a key such as en or zh)"]
    blank = [language for language, words in criterion.words.items() if not words.strip()]
    wanted = [primary_subtag(tag) for tag in languages or []]
    missing = [language for language in wanted if language not in criterion.words]
    return [f"no words in {language}" for language in [*blank, *missing]]


def _origin_faults(criterion: _Criterion, rubric: Rubric) -> list[str]:
    if criterion.replaces is None or criterion.dim not in _dimension_ids(rubric):
        return []
    known = {c.id: c for c in rubric.criteria}
    origin = known.get(criterion.replaces)
    if origin is None:
        return [
            f'from: unknown criterion "{criterion.replaces}" of {rubric.id}{did_you_mean(criterion.replaces, known)}'
        ]
    if origin.dimension != _dimension_ids(rubric).get(criterion.dim):
        return [f"from: {origin.id} belongs to {origin.dimension}, not to {criterion.dim}"]
    return []


def _unknown_dimension(place: str, name: str, rubric: Rubric) -> str:
    return f'{place}: unknown dimension "{name}" of {rubric.id}{did_you_mean(name, _dimension_ids(rubric))}'


def _dimension_ids(rubric: Rubric) -> dict[str, str]:
    return {name: dimension.id for dimension in rubric.dimensions for name in (dimension.code, dimension.id)}


def _criterion(form: _Criterion, rubric: Rubric) -> ChecklistCriterion:
    return ChecklistCriterion(
        id=form.id,
        dimension=_dimension_ids(rubric)[form.dim],
        kind=form.kind,
        points=form.points,
        text=form.words,
        replaces=form.replaces,
        type=form.type,
        evidence=form.evidence,
        concepts=tuple(_concept(concept) for concept in form.concepts),
    )


def _concept(form: _Concept) -> ConceptTest:
    value = None if form.value is None else ValueTest(form.value.op, form.value.num, form.value.unit)
    return ConceptTest(form.id, form.assertion, form.qual, tuple(form.leads), value)
