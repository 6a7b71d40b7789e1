"""Cases as they come together from a cases file, a checklists file and the columns beside the answers.

Three columns may travel beside a reference or inside an object ``meta`` (which ``judge import`` writes):
``reference_status`` – one status, or one for each reference; a ``rejected`` reference is never graded against –
``critical_source`` (``given`` where absent), and whatever else ``meta`` holds, which reaches every answer of the case.
A ``derived`` list of gates that this rubric does not have counts as absent: it was derived for another rubric.
``meta.local_ids`` stays in the cases file: it identifies patients, and nothing downstream may see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from judge.dataset import cells
from judge.dataset.cells import CellError
from judge.dataset.checklists import read_checklist
from judge.dataset.language import detect_language
from judge.domain.case import Case, Checklist, CriticalSource, Reference, ReferenceStatus, Turn
from judge.domain.rubric import Rubric

CASE_COLUMNS = (
    "question",
    "reference",
    "context",
    "task",
    "language",
    "critical",
    "checklist",
    "reference_status",
    "critical_source",
)
PRIVATE_META = frozenset({"local_ids"})


@dataclass(slots=True)
class CaseDraft:
    """What is known of one case so far, each field with the place that said so."""

    case_id: str
    fields: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    """Cells as last read, so that the same case beside another answer need not be parsed again."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    faults: list[tuple[str | None, str]] = field(default_factory=list)

    def merge(self, found: Mapping[str, Any], place: str) -> list[tuple[str, str]]:
        """Take over fields; return (column, message) for each that says something else than before."""
        conflicts = []
        for column, value in found.items():
            if column not in self.fields:
                self.fields[column] = value
                self.places[column] = place
            elif self.fields[column] != value:
                conflicts.append((column, f'case "{self.case_id}" has another {column} in {self.places[column]}'))
        return conflicts


class CaseReader:
    """Reads the case columns of a row, checked against a rubric."""

    def __init__(self, rubric: Rubric) -> None:
        self._rubric = rubric

    def read(self, row: Mapping[str, Any], case_id: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Return the fields that a row holds, and (column, message) for each fault."""
        found: dict[str, Any] = {}
        faults: list[tuple[str, str]] = []
        for column in CASE_COLUMNS:
            value = row.get(column)
            if cells.is_absent(value):
                continue
            try:
                parsed = self._parse(column, value, case_id)
            except CellError as fault:
                if not (column == "critical" and row.get("critical_source") == "derived"):
                    faults.append((column, str(fault)))
                continue
            if (parsed is not None and parsed != ()) or column == "critical":
                found[column] = parsed
        return found, faults

    def _parse(self, column: str, value: Any, case_id: str) -> Any:
        match column:
            case "question":
                return cells.text(value) if not isinstance(value, str) or value.strip() else None
            case "reference":
                return cells.references(value)
            case "context":
                return cells.context(value)
            case "task":
                return cells.task(value, self._rubric)
            case "language":
                return cells.language(value)
            case "critical":
                return cells.critical(value, self._rubric)
            case "checklist":
                return read_checklist(value, self._rubric, case_id=case_id)
            case "reference_status":
                return cells.statuses(value)
            case _:
                return cells.critical_source(value)


def split_meta(row: Mapping[str, Any], known: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns of a row that travel as ``meta``, and those that ``meta`` itself says of the case.

    Raises
    ------
    CellError
        If a value cannot be stored as JSON.
    """
    kept = {name: cells.kept(value) for name, value in row.items() if name not in known and name != "meta"}
    inner = row.get("meta")
    about_case: dict[str, Any] = {}
    if isinstance(inner, Mapping):
        inner = cells.kept(inner)
        about_case = {name: inner[name] for name in ("reference_status", "critical_source") if name in inner}
        kept = {**{name: value for name, value in inner.items() if name not in PRIVATE_META}, **kept}
    elif not cells.is_absent(inner):
        kept["meta"] = cells.kept(inner)
    return kept, about_case


def build_case(draft: CaseDraft) -> Case:
    """Return the case that a draft amounts to.

    Raises
    ------
    CellError
        If it has no question, or not one status for each reference.
    """
    fields = draft.fields
    question: str | None = fields.get("question")
    if question is None:
        raise CellError(f'case "{draft.case_id}" has no question')
    checklist: Checklist | None = fields.get("checklist")
    critical, source = _critical(fields, checklist)
    context: str | tuple[Turn, ...] | None = fields.get("context")
    return Case(
        case_id=draft.case_id,
        question=question,
        references=_references(fields),
        context=context,
        task=fields.get("task"),
        language=fields.get("language") or detect_language(question),
        critical=critical,
        critical_source=source,
        checklist=checklist,
    )


def _critical(fields: Mapping[str, Any], checklist: Checklist | None) -> tuple[tuple[str, ...], CriticalSource | None]:
    if checklist is not None and checklist.critical is not None:
        return checklist.critical, "given"
    if "critical" not in fields:
        return (), None
    return fields["critical"], cast("CriticalSource", fields.get("critical_source", "given"))


def _references(fields: Mapping[str, Any]) -> tuple[Reference, ...]:
    texts: tuple[str, ...] = fields.get("reference", ())
    statuses: tuple[str, ...] = fields.get("reference_status", ("unverified",))
    if len(statuses) == 1:
        statuses = statuses * len(texts)
    if len(statuses) != len(texts):
        raise CellError(f"{len(statuses)} entries of reference_status for {len(texts)} references")
    return tuple(
        Reference(words, cast("ReferenceStatus", status)) for words, status in zip(texts, statuses, strict=True)
    )
