"""One pass over the answers, then one over the cases they name; every problem is noted, none raised."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from judge.dataset import cells
from judge.dataset.answer_set import AnswerSet, AnswerSource, Item, Rejected
from judge.dataset.case_files import Joined
from judge.dataset.cases import CASE_COLUMNS, CaseDraft, CaseReader, build_case, split_meta
from judge.dataset.cells import CellError
from judge.dataset.columns import ANSWER_COLUMNS, REQUIRED, Columns
from judge.dataset.inputs import InputFile
from judge.dataset.problems import Problems, refuse
from judge.dataset.rows import Row, Table, fingerprint, tables
from judge.domain.case import Case, Response
from judge.domain.ids import digest
from judge.domain.rubric import Rubric
from judge.errors import did_you_mean

ID_LENGTH = 16
SUGGESTED = 20
"""For how many unknown case ids the nearest known one is looked up."""


@dataclass(slots=True)
class _Answer:
    """An answer before its case is whole."""

    row: Row
    """Without its record unless bad rows are kept for ``rejected``."""
    problems: Problems
    response_id: str
    case_id: str
    model: str
    text: str
    meta: dict[str, Any]


class Reading:
    """One pass over the answers, then one over the cases they name."""

    def __init__(self, source: AnswerSource, rubric: Rubric, joined: Joined) -> None:
        self._source = source
        self._joined = joined
        self._cases = CaseReader(rubric)
        self._tables = tables(source.answers)
        self._problems: list[Problems] = []
        self._places: dict[str, str] = {}
        self._rejected: list[Rejected] = []
        self._built: dict[str, Case | None] = {}
        self._warnings: list[str] = []
        self._n_suggested = 0

    def result(self) -> AnswerSet:
        """Return the answers.

        Raises
        ------
        DataError
            With every problem of every file; with ``skip_bad`` only if a file as a whole cannot be used.
        """
        answers: list[_Answer] = []
        inputs = []
        for table in self._tables:
            n_rows = self._read_table(table, answers)
            inputs.append(InputFile(table.name, fingerprint(table.path), n_rows))
        items = [item for answer in answers if (item := self._item(answer)) is not None]
        files = [*self._problems, *self._joined.problems]
        if not self._source.skip_bad or any(problems.is_fatal for problems in files):
            refuse(files, can_skip=bool(items))
        self._rejected.sort(key=lambda rejected: rejected.row)
        kept = tuple(islice(items, self._source.limit))
        warnings = (*self._joined.warnings, *self._warnings, *self._unused_checklists())
        return AnswerSet(
            kept,
            tuple(self._rejected),
            (*inputs, *self._joined.inputs),
            tuple(dict.fromkeys(warnings)),
            n_beyond_limit=len(items) - len(kept),
        )

    def _unused_checklists(self) -> list[str]:
        drafts = self._joined.drafts.values()
        unused = [
            draft.case_id for draft in drafts if set(draft.fields) == {"checklist"} and draft.case_id not in self._built
        ]
        if not unused:
            return []
        return [f'{self._source.checklists}: {len(unused)} checklists are of no case here, the first of "{unused[0]}"']

    def _read_table(self, table: Table, answers: list[_Answer]) -> int:
        problems = Problems(table.name)
        self._problems.append(problems)
        columns = Columns(table, self._source.columns)
        missing: dict[str, list[int]] = {name: [] for name in REQUIRED}
        n_rows = 0
        for row in table.rows():
            n_rows += 1
            answers.extend(self._answers_of(row, columns, problems, missing))
        if not n_rows:
            problems.add_to_file("holds no answers")
        elif columns.seen:
            self._report_missing(columns, missing, problems)
        return n_rows

    def _report_missing(self, columns: Columns, missing: Mapping[str, list[int]], problems: Problems) -> None:
        for name in REQUIRED:
            if not columns.has(name):
                columns.report_missing(name, problems)
                continue
            for number in missing[name]:
                problems.add(number, "is missing", column=name)
        reported = set(REQUIRED)
        if self._source.cases is None and not columns.has("question"):
            columns.report_missing("question", problems, extra=" and no --cases file")
            reported.add("question")
        for ours, theirs in self._source.columns.items():
            if ours not in reported and theirs not in columns.seen and theirs not in self._joined.columns:
                columns.report_missing(ours, problems)
        self._warnings += columns.near_misses()

    def _answers_of(
        self, row: Row, columns: Columns, problems: Problems, missing: Mapping[str, list[int]]
    ) -> Iterator[_Answer]:
        if row.values is None:
            problems.is_fatal |= row.is_fatal
            self._reject(row, problems, [(None, row.fault or "unreadable")])
            return
        values = columns.read(row.values)
        absent = [name for name in REQUIRED if name not in values]
        for name in absent:
            missing[name].append(row.number)
        faults: list[tuple[str | None, str]] = []
        answer = None if absent else self._answer(row, values, problems, faults)
        if absent:
            reason = f"{problems.name}, row {row.number}: no {', '.join(absent)}"
            self._rejected.append(Rejected(row.number, reason, _record(row)))
        if faults:
            self._reject(row, problems, faults)
        elif answer is not None:
            yield answer

    def _answer(
        self, row: Row, values: dict[str, Any], problems: Problems, faults: list[tuple[str | None, str]]
    ) -> _Answer | None:
        ids = {name: _identifier(values, name, faults) for name in ("case_id", "model")}
        text = _text(values, faults)
        meta: dict[str, Any] = {}
        try:
            meta, about = split_meta(values, ANSWER_COLUMNS)
            values = {**about, **values} if about else values
        except CellError as fault:
            faults.append((None, str(fault)))
        case_id, model = ids["case_id"], ids["model"]
        if case_id is not None:
            self._merge_case(case_id, values, f"{problems.name}, row {row.number}", faults)
        if case_id is None or model is None or text is None:
            return None
        response_id = self._response_id(values, (case_id, model, text), f"{problems.name}, row {row.number}", faults)
        if response_id is None:
            return None
        kept = row if self._source.skip_bad else Row(row.number, None)
        return _Answer(kept, problems, response_id, case_id, sys.intern(model), text, meta)

    def _merge_case(
        self, case_id: str, values: Mapping[str, Any], place: str, faults: list[tuple[str | None, str]]
    ) -> None:
        draft = self._joined.drafts.get(case_id)
        if draft is None:
            draft = self._joined.drafts[case_id] = CaseDraft(case_id)
        raw = {name: values[name] for name in CASE_COLUMNS if name in values}
        if not raw or raw == draft.raw:
            return
        found, wrong = self._cases.read(raw, case_id)
        faults.extend(wrong)
        faults.extend(draft.merge(found, place))
        if not wrong:
            draft.raw = raw

    def _response_id(
        self,
        values: Mapping[str, Any],
        default: tuple[str, str, str],
        place: str,
        faults: list[tuple[str | None, str]],
    ) -> str | None:
        is_given = not cells.is_absent(values.get("response_id"))
        found = _identifier(values, "response_id", faults) if is_given else digest(default)[:ID_LENGTH]
        if found is None:
            return None
        if found in self._places:
            first = self._places[found]
            if is_given:
                faults.append(("response_id", f'"{found}" is already in {first}'))
            else:
                faults.append((None, f"same case_id, model and response as {first}; give each a response_id"))
            return None
        self._places[found] = place
        return found

    def _item(self, answer: _Answer) -> Item | None:
        draft = self._joined.drafts[answer.case_id]
        if answer.case_id not in self._built:
            self._built[answer.case_id] = self._build(answer, draft)
        case = self._built[answer.case_id]
        if case is None:
            reason = self._joined.faulty[answer.case_id]
            self._rejected.append(Rejected(answer.row.number, reason, _record(answer.row)))
            return None
        meta: Mapping[str, Any] = {**draft.meta, **answer.meta} if answer.meta else draft.meta
        return Item(case, Response(answer.response_id, case.case_id, answer.model, answer.text, meta))

    def _build(self, answer: _Answer, draft: CaseDraft) -> Case | None:
        if answer.case_id in self._joined.faulty:
            return None
        try:
            return build_case(draft)
        except CellError as fault:
            message = str(fault) if "question" in draft.fields else self._no_question(answer.case_id, str(fault))
        if not answer.problems.is_fatal or "question" in draft.fields:
            answer.problems.add(answer.row.number, message, column="case_id")
        self._joined.faulty[answer.case_id] = f"{answer.problems.name}, row {answer.row.number}: {message}"
        return None

    def _no_question(self, case_id: str, otherwise: str) -> str:
        if self._source.cases is None:
            return otherwise
        near = ""
        if self._n_suggested < SUGGESTED:
            self._n_suggested += 1
            near = did_you_mean(case_id, (name for name, draft in self._joined.drafts.items() if draft.fields))
        return f'case "{case_id}" is not in {self._source.cases}, or has no question there{near}'

    def _reject(self, row: Row, problems: Problems, faults: Sequence[tuple[str | None, str]]) -> None:
        start = len(problems.by_row.get(row.number, ()))
        for column, message in faults:
            problems.add(row.number, message, column=column)
        reason = "; ".join(problems.by_row[row.number][start:])
        self._rejected.append(Rejected(row.number, reason, _record(row)))


def _identifier(values: Mapping[str, Any], name: str, faults: list[tuple[str | None, str]]) -> str | None:
    try:
        return cells.identifier(values[name])
    except CellError as fault:
        faults.append((name, str(fault)))
        return None


def _text(values: Mapping[str, Any], faults: list[tuple[str | None, str]]) -> str | None:
    value = values["response"]
    try:
        return "" if value is None else cells.text(value)
    except CellError as fault:
        faults.append(("response", str(fault)))
        return None


def _record(row: Row) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cells.storable(row.values if row.values is not None else {"text": row.raw})
    return found
