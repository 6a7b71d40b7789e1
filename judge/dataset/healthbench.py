"""HealthBench: JSONL of conversations with rubric items → cases with checklists.

One line: ``prompt`` – a list of ``{role, content}`` whose last turn is the user's question – ``rubrics`` – a list of
``{criterion, points, tags}`` – ``prompt_id``, ``example_tags`` and, if present, ``ideal_completions_data`` with
``ideal_completion``. The last user turn is the question, the turns before it the context, the ideal completion an
unverified reference. A criterion's dimension comes from its ``axis:`` tag by ``tables/healthbench.yaml``.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from judge.dataset.account import Account, FileAccount
from judge.dataset.cells import CellError, identifier, is_absent, text
from judge.dataset.json_rows import json_kind, read_lines
from judge.dataset.language import UNDETERMINED, detect_language
from judge.dataset.problems import Problems
from judge.dataset.rows import fingerprint
from judge.dataset.writing import CaseRow
from judge.domain.case import Case, Reference, Turn
from judge.domain.ids import sha256_json
from judge.errors import DataError

DATASET = "healthbench"
AXIS = "axis:"
REQUIRED = ("prompt_id", "prompt", "rubrics")


@dataclass(frozen=True, slots=True)
class ImportedConversations:
    """Cases in the order of the lines, and the account of them."""

    cases: tuple[CaseRow, ...]
    account: Account


@dataclass(frozen=True, slots=True)
class AxisTable:
    """Where the criteria of an axis go."""

    axes: Mapping[str, Mapping[str, str]]
    default: Mapping[str, str]
    core_from: float

    def target(self, axis: str | None) -> Mapping[str, str]:
        """Return dimension and kind of evidence for an axis."""
        return self.axes.get(axis or "", self.default)


def load_axes() -> AxisTable:
    """Return the table that ships with the package."""
    found = yaml.safe_load(
        resources.files("judge.dataset").joinpath("tables/healthbench.yaml").read_text(encoding="utf-8")
    )
    return AxisTable(found["axes"], found["default"], float(found["core_from"]))


def import_conversations(path: Path) -> ImportedConversations:
    """Return the cases of a HealthBench file.

    Raises
    ------
    DataError
        With every line that cannot be read.
    StoreError
        If the file cannot be opened.
    """
    if not path.is_file():
        raise DataError(f"{path}: {'is a folder, not a file' if path.is_dir() else 'no such file'}")
    table = load_axes()
    problems = Problems(str(path))
    cases: dict[str, CaseRow] = {}
    places: dict[str, int] = {}
    axes: Counter[str] = Counter()
    for row in read_lines(path):
        if row.values is None:
            problems.add(row.number, row.fault or "unreadable")
            continue
        try:
            case = _case(row.values, row.number, path.name, table, axes)
        except CellError as error:
            problems.add(row.number, str(error))
            continue
        case_id = case.case.case_id
        if case_id in places:
            problems.add(row.number, f'prompt_id "{case_id}" is already in row {places[case_id]}')
        places.setdefault(case_id, row.number)
        cases.setdefault(case_id, case)
    _refuse(problems, cases)
    return ImportedConversations(tuple(cases.values()), _account(path, tuple(cases.values()), axes, table))


def _refuse(problems: Problems, cases: Mapping[str, CaseRow]) -> None:
    lines = problems.lines()
    if not lines and not cases:
        raise DataError(f"{problems.name}: holds no conversations")
    if lines:
        raise DataError(
            f"{problems.name}: {problems.n} problem{'s' if problems.n > 1 else ''}; nothing is written",
            problems=lines,
            hint="Expected is HealthBench's published JSONL: prompt, rubrics, prompt_id, example_tags.",
        )


def _case(record: Mapping[str, Any], number: int, source: str, table: AxisTable, axes: Counter[str]) -> CaseRow:
    missing = [key for key in REQUIRED if is_absent(record.get(key))]
    if missing:
        raise CellError(f"no {', '.join(missing)}")
    case_id = identifier(record["prompt_id"])
    turns = _turns(record["prompt"])
    if turns[-1].role != "user":
        raise CellError(f"prompt: the last turn is the {turns[-1].role}'s, not the user's")
    question = turns[-1].text
    language = detect_language(question)
    case = Case(
        case_id=case_id,
        question=question,
        references=_references(record),
        context=tuple(turns[:-1]) or None,
        language="en" if language == UNDETERMINED else language,
    )
    meta = {"source_file": source, "source_rows": [number], "example_tags": _tags(record.get("example_tags"))}
    if case.references:
        meta["reference_status"] = ["unverified"] * len(case.references)
    return CaseRow(case, meta, _checklist(case_id, record["rubrics"], table, axes))


def _turns(prompt: Any) -> list[Turn]:
    if not isinstance(prompt, list):
        raise CellError(f"prompt: {json_kind(prompt)}, not a list of {{role, content}}")
    turns = []
    for position, item in enumerate(prompt, start=1):
        if not isinstance(item, Mapping) or "role" not in item or "content" not in item:
            raise CellError(f"prompt, turn {position}: not {{role, content}}")
        turns.append(
            Turn(_filled(item["role"], f"turn {position}, role"), _filled(item["content"], f"turn {position}"))
        )
    return turns


def _references(record: Mapping[str, Any]) -> tuple[Reference, ...]:
    ideal = record.get("ideal_completions_data")
    if ideal is None:
        return ()
    if not isinstance(ideal, Mapping):
        raise CellError(f"ideal_completions_data: {json_kind(ideal)}, not an object")
    words = ideal.get("ideal_completion")
    return () if is_absent(words) else (Reference(_filled(words, "ideal_completion")),)


def _checklist(case_id: str, rubrics: Any, table: AxisTable, axes: Counter[str]) -> dict[str, Any]:
    if not isinstance(rubrics, list):
        raise CellError(f"rubrics: {json_kind(rubrics)}, not a list of {{criterion, points, tags}}")
    criteria = [_criterion(item, position, table, axes) for position, item in enumerate(rubrics, start=1)]
    checklist = {"case_id": case_id, "reference_status": "unverified", "criteria": criteria}
    return {**checklist, "sha256": sha256_json(checklist)}


def _criterion(item: Any, position: int, table: AxisTable, axes: Counter[str]) -> dict[str, Any]:
    place = f"rubrics, item {position}"
    if not isinstance(item, Mapping):
        raise CellError(f"{place}: {json_kind(item)}, not {{criterion, points, tags}}")
    words = _filled(item.get("criterion"), f"{place}, criterion")
    points = item.get("points")
    if isinstance(points, bool) or not isinstance(points, (int, float)) or points == 0:
        raise CellError(f"{place}, points: {points!r} is no number other than 0")
    axis = next((tag.removeprefix(AXIS) for tag in _tags(item.get("tags")) if tag.startswith(AXIS)), None)
    axes[axis or "none"] += 1
    target = table.target(axis)
    kind = "negative" if points < 0 else "core" if points >= table.core_from else "secondary"
    return {
        "id": f"{'n' if points < 0 else 'k'}{position}",
        "dim": target["dimension"],
        "class": kind,
        "points": points,
        "evidence": target["evidence"],
        "en": words,
    }


def _tags(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise CellError("tags: not a list of texts")
    return [text(tag) for tag in value]


def _filled(value: Any, place: str) -> str:
    try:
        found = text(value)
    except CellError as error:
        raise CellError(f"{place}: {error}") from error
    if not found.strip():
        raise CellError(f"{place}: blank")
    return found


def _account(path: Path, cases: tuple[CaseRow, ...], axes: Counter[str], table: AxisTable) -> Account:
    n_criteria = sum(axes.values())
    unknown = sorted(axis for axis in axes if axis not in table.axes)
    line = FileAccount(
        code="HB",
        file=path.name,
        status="read",
        rows=len(cases),
        cases=len(cases),
        references=sum(len(case.case.references) for case in cases),
        fates={"opens_case": len(cases)},
        details={"sha256": fingerprint(path), "criteria": n_criteria, "criteria_by_axis": dict(sorted(axes.items()))},
    )
    default = table.default["dimension"]
    unmapped = tuple(f"axis {axis}: {axes[axis]} criteria → {default} (no entry in the table)" for axis in unknown)
    return Account(DATASET, str(path), (line,), notes=(f"{n_criteria} criteria in {len(cases)} checklists", *unmapped))
