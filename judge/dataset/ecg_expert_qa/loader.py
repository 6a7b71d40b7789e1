"""ECG-Expert-QA: the folder of JSON files → cases, with every row accounted for.

The reader of a cases file takes each reference's status from ``meta.reference_status``: a known-bad reference reaches
the panel as ``rejected``. ``meta.local_ids`` (patients' identifiers) stays in the cases file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from judge.dataset.account import Account
from judge.dataset.ecg_expert_qa.accounting import account_of_file, account_of_missing
from judge.dataset.ecg_expert_qa.files import Folder, read_folder
from judge.dataset.ecg_expert_qa.merge import CaseGroup, meta_of
from judge.dataset.ecg_expert_qa.reading import FileResult, read_source
from judge.dataset.ecg_expert_qa.tables import Tables, load_tables
from judge.dataset.language import UNDETERMINED, detect_language
from judge.dataset.writing import CaseRow
from judge.domain.case import Case, Reference, ReferenceStatus, Turn
from judge.errors import DataError

DATASET = "ecg-expert-qa"
Progress = Callable[[int, int], None]
"""Called after each case with the number done and the number of all."""


@dataclass(frozen=True, slots=True)
class Imported:
    """Cases in the order of the files and rows, and the account of them."""

    cases: tuple[CaseRow, ...]
    account: Account


def import_folder(
    folder: Path,
    *,
    derive_critical: Callable[[Case], tuple[str, ...]],
    strict: bool,
    tables: Tables | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Return the cases of a folder that holds any of the dataset's files.

    Parameters
    ----------
    folder
        Holds the files under their published names; those that are missing are said in the account.
    derive_critical
        Makes the list of critical gates from a case; the result is marked as derived.
    strict
        Whether anything unexpected – an unreadable row; a changed, renamed or foreign file; a key or damage without a
        rule – is an error.
    tables
        What is known of the files; the package's own by default.
    progress
        Told of each case that is done: deriving what is critical takes most of the time.

    Raises
    ------
    DataError
        If a file as a whole cannot be read, or none is there; with ``strict`` also for anything unexpected.
    StoreError
        If a file cannot be opened.
    """
    tables = tables or load_tables()
    found = read_folder(folder, tables.files)
    results = [read_source(file, tables) for file in found.files]
    _refuse_broken(folder, found, results)
    unexpected = (*found.renamed, *found.foreign, *(m for result in results for m in result.unexpected))
    if strict and unexpected:
        raise DataError(
            f"{folder}: not as expected; nothing is written (--strict)",
            problems=unexpected,
            hint="Without --strict the rest is imported, and these are listed in import.json.",
        )
    groups = [(group, result.name) for result in results for group in result.merged.groups]
    cases = []
    for group, name in groups:
        cases.append(CaseRow(_case(group, tables, derive_critical), meta_of(group, name, tables)))
        if progress is not None:
            progress(len(cases), len(groups))
    return Imported(tuple(cases), _account(folder, found, results, unexpected, tables))


def _refuse_broken(folder: Path, found: Folder, results: Sequence[FileResult]) -> None:
    broken = [f'"{result.name}", {result.source.fault}' for result in results if result.source.fault is not None]
    if broken:
        raise DataError(
            f"{folder}: {len(broken)} of {len(results)} files cannot be read; nothing is written",
            problems=[*broken, *found.renamed],
            hint="Fetch these files again, or take them out of the folder to import the others.",
        )


def _case(group: CaseGroup, tables: Tables, derive_critical: Callable[[Case], tuple[str, ...]]) -> Case:
    first = group.entries[0].entry
    language = detect_language(first.question)
    case = Case(
        case_id=group.case_id,
        question=first.question,
        references=tuple(
            Reference(found.entry.reference, cast("ReferenceStatus", found.status)) for found in group.entries
        ),
        context=_context(group, tables, language),
        task=group.code,
        language="en" if language == UNDETERMINED else language,
    )
    return Case(
        case.case_id,
        case.question,
        case.references,
        case.context,
        case.task,
        case.language,
        critical=tuple(derive_critical(case)),
        critical_source="derived",
    )


def _context(group: CaseGroup, tables: Tables, language: str) -> str | tuple[Turn, ...] | None:
    labels = tuple(dict.fromkeys(group.labels))
    if not labels:
        return group.entries[0].entry.context
    words = tables.words["disease"].get(language, tables.words["disease"]["en"])
    return f"{words}: {'; '.join(_named(label, tables, language) for label in labels)}"


def _named(label: str, tables: Tables, language: str) -> str:
    repair = tables.diseases.get(label)
    if repair is None:
        return label
    canonical = repair.zh if language == "zh" and repair.zh is not None else repair.canonical
    return f"{label} ({tables.said[repair.confidence]} {canonical})"


def _account(
    folder: Path, found: Folder, results: Sequence[FileResult], unexpected: Sequence[str], tables: Tables
) -> Account:
    read = {result.source.known.code: account_of_file(result) for result in results}
    lines = [read.get(file.code) or account_of_missing(file) for file in tables.files]
    notes = tuple(f'not found: "{file.name}" ({file.code})' for file in found.missing)
    return Account(DATASET, str(folder), tuple(lines), tuple(unexpected), notes)
