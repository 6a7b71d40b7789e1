"""The files joined to the answers on ``case_id``: cases and checklists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judge.dataset import cells
from judge.dataset.cases import CASE_COLUMNS, CaseDraft, CaseReader, split_meta
from judge.dataset.cells import CellError
from judge.dataset.checklists import read_checklist
from judge.dataset.columns import REQUIRED, Columns
from judge.dataset.inputs import InputFile
from judge.dataset.problems import Problems
from judge.dataset.rows import Row, Table, fingerprint, tables
from judge.domain.case import Checklist
from judge.domain.rubric import Rubric

_KNOWN = frozenset({*REQUIRED, "response_id", *CASE_COLUMNS})


@dataclass(slots=True)
class Joined:
    """Cases known before the first answer is read."""

    drafts: dict[str, CaseDraft] = field(default_factory=dict)
    faulty: dict[str, str] = field(default_factory=dict)
    """Case ids whose record is wrong, with the reason."""
    problems: list[Problems] = field(default_factory=list)
    inputs: list[InputFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    """Columns (their names) that the cases file has."""


def read_cases(path: Path, rubric: Rubric, renames: Mapping[str, str]) -> Joined:
    """Return the cases of a file, one row a case.

    ``--columns`` applies where the file has the column.

    Raises
    ------
    DataError
        If the file cannot be read as a table at all; faults of rows are in ``problems``.
    """
    joined = Joined()
    reader = CaseReader(rubric)
    places: dict[str, str] = {}
    for table in tables(path):
        problems = Problems(table.name)
        columns = Columns(table, renames)
        n_rows = 0
        for row in table.rows():
            n_rows += 1
            _case(row, columns, reader, joined, problems, places)
        if n_rows and not problems.by_row and not columns.has("case_id"):
            columns.report_missing("case_id", problems)
        if not n_rows:
            problems.add_to_file("holds no cases")
        joined.columns.update(columns.seen)
        joined.warnings += columns.near_misses()
        joined.problems.append(problems)
        joined.inputs.append(InputFile(table.name, fingerprint(table.path), n_rows))
    return joined


def _case(
    row: Row, columns: Columns, reader: CaseReader, joined: Joined, problems: Problems, places: dict[str, str]
) -> None:
    values = _values(row, columns, problems)
    if values is None:
        return
    case_id = _case_id(values, row, columns, problems)
    if case_id is None:
        return
    place = f"{problems.name}, row {row.number}"
    if case_id in places:
        problems.add(row.number, f'case "{case_id}" is already in {places[case_id]}', column="case_id")
        joined.faulty[case_id] = f"{place}: the case occurs twice"
        return
    places[case_id] = place
    draft = CaseDraft(case_id)
    try:
        draft.meta, about = split_meta(values, _KNOWN)
    except CellError as fault:
        problems.add(row.number, str(fault))
        joined.faulty[case_id] = f"{place}: {fault}"
        return
    found, faults = reader.read({**about, **values}, case_id)
    for column, message in faults:
        problems.add(row.number, message, column=column)
        joined.faulty[case_id] = f"{place}, {column}: {message}"
    draft.merge(found, place)
    joined.drafts[case_id] = draft


def read_checklists(path: Path, rubric: Rubric, joined: Joined) -> None:
    """Add the checklists of a file to the cases; one object a row, with its ``case_id``.

    Raises
    ------
    DataError
        If the file cannot be read as a table at all; faults of rows are in ``joined.problems``.
    """
    for table in tables(path):
        problems = Problems(table.name)
        n_rows = 0
        for row in table.rows():
            n_rows += 1
            _checklist(row, table, rubric, joined, problems)
        if not n_rows:
            problems.add_to_file("holds no checklists")
        joined.problems.append(problems)
        joined.inputs.append(InputFile(table.name, fingerprint(table.path), n_rows))


def _checklist(row: Row, table: Table, rubric: Rubric, joined: Joined, problems: Problems) -> None:
    columns = Columns(table, {})
    values = _values(row, columns, problems)
    if values is None:
        return
    case_id = _case_id(values, row, None, problems)
    if case_id is None:
        return
    place = f"{problems.name}, row {row.number}"
    inner = values.get("checklist")
    try:
        found: Checklist = read_checklist(values if inner is None else inner, rubric, case_id=case_id)
    except CellError as fault:
        problems.add(row.number, str(fault), column=f'checklist of "{case_id}"')
        joined.faulty[case_id] = f"{place}: {fault}"
        return
    draft = joined.drafts.setdefault(case_id, CaseDraft(case_id))
    for _, message in draft.merge({"checklist": found}, place):
        problems.add(row.number, message, column="checklist")
        joined.faulty[case_id] = f"{place}: {message}"


def _values(row: Row, columns: Columns, problems: Problems) -> dict[str, Any] | None:
    if row.values is None:
        problems.add(row.number, row.fault or "unreadable")
        problems.is_fatal |= row.is_fatal
        return None
    return columns.read(row.values)


def _case_id(values: Mapping[str, Any], row: Row, columns: Columns | None, problems: Problems) -> str | None:
    if "case_id" not in values:
        if columns is None or columns.has("case_id"):
            problems.add(row.number, "is missing", column="case_id")
        return None
    try:
        return cells.identifier(values["case_id"])
    except CellError as fault:
        problems.add(row.number, str(fault), column="case_id")
        return None
