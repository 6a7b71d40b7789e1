"""The verbs behind ``judge import``: a published dataset → one cases file and its account."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from judge.dataset.account import Account
    from judge.domain.case import Case

DEFAULT_RUBRIC = "ecg-clinical-reasoning"
DeriveCritical = Callable[["Case"], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was written, and the account of it."""

    out: Path
    account_path: Path
    account: "Account"
    changed_since: tuple[str, ...] = ()
    """Files whose bytes differ from those of the import that was there before."""

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON types."""
        head = {"out": str(self.out), "account": str(self.account_path), "changed_since": list(self.changed_since)}
        return {**self.account.as_json(), **head}


def import_ecg_expert_qa(
    folder: Path,
    out: Path,
    *,
    strict: bool = False,
    rubric: str = DEFAULT_RUBRIC,
    derive_critical: DeriveCritical | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Read ECG-Expert-QA's own files and write one row per case.

    Parameters
    ----------
    folder
        Holds any of the eleven files.
    out
        The Parquet file to write; the account comes beside it: ``import.json``, or ``<stem>.import.json`` where
        ``import.json`` is that of another cases file.
    strict
        Whether anything unexpected is an error.
    rubric
        Name or path of the rubric whose gates ``critical`` is derived for.
    derive_critical
        Makes ``critical`` from a case; the offline judge's rule by default.
    progress
        Told after each case how many of how many are done.

    Raises
    ------
    ConfigError
        If ``out`` is no Parquet file, or the rubric cannot be loaded.
    DataError
        If a file cannot be read; with ``strict`` for anything unexpected.
    StoreError
        If the output cannot be written.
    """
    from judge.dataset.ecg_expert_qa import import_folder
    from judge.dataset.writing import check_output, write_import

    check_output(out)
    derive = derive_critical if derive_critical is not None else _derive_by(rubric)
    imported = import_folder(folder, derive_critical=derive, strict=strict, progress=progress)
    changed = _changed_since(out, imported.account)
    account_path = write_import(out, imported.cases, imported.account)
    return ImportReport(out, account_path, imported.account, changed)


def import_healthbench(path: Path, out: Path) -> ImportReport:
    """Read HealthBench's published JSONL and write one row per conversation, with its checklist.

    Raises
    ------
    ConfigError
        If ``out`` is no Parquet file.
    DataError
        With every line that cannot be read.
    StoreError
        If the output cannot be written.
    """
    from judge.dataset.healthbench import import_conversations
    from judge.dataset.writing import check_output, write_import

    check_output(out)
    imported = import_conversations(path)
    changed = _changed_since(out, imported.account)
    account_path = write_import(out, imported.cases, imported.account)
    return ImportReport(out, account_path, imported.account, changed)


def _derive_by(name: str) -> DeriveCritical:
    from judge.offline.judge import OfflineJudge
    from judge.resources import find_rubric
    from judge.rubric.load import load_rubric

    rubric = load_rubric(find_rubric(name))
    return OfflineJudge(rubric).critical_of


def _changed_since(out: Path, account: "Account") -> tuple[str, ...]:
    """Return the files whose bytes are not those of the import that wrote ``out`` before; its account may be broken."""
    from judge.dataset.writing import account_path_of

    try:
        before = json.loads(account_path_of(out).read_text(encoding="utf-8"))
        if before["dataset"] != account.dataset:
            return ()
        hashes = {line["file"]: line.get("sha256") for line in before["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    now = {line.file: line.details["sha256"] for line in account.files if "sha256" in line.details}
    return tuple(name for name, sha256 in now.items() if hashes.get(name, sha256) not in (sha256, None))
