"""Cases and their account on disk: the same cases give the same bytes; a file appears only when it is whole."""

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judge.dataset.account import Account
from judge.domain.case import Case
from judge.domain.ids import canonical_json
from judge.errors import ConfigError, StoreError

ACCOUNT_NAME = "import.json"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a cases file holds it."""

    case: Case
    meta: Mapping[str, Any]
    checklist: Mapping[str, Any] | None = field(default=None)
    """The JSON object, where the source has one."""


def check_output(out: Path) -> None:
    """Stop before any work if the output cannot be a Parquet file.

    Raises
    ------
    ConfigError
        If its name does not end in ``.parquet``, or it is a folder.
    """
    if out.suffix.lower() != ".parquet":
        raise ConfigError(f'--out {out}: the file has to end in ".parquet"', hint=f"For example --out {out}.parquet")
    if out.is_dir():
        raise ConfigError(f"--out {out}: is a folder", hint=f"For example --out {out / 'cases.parquet'}")


def account_path_of(out: Path) -> Path:
    """Return where the account of the cases file ``out`` is, or goes.

    ``import.json`` beside it where there is none yet or it names ``out`` as its own; else ``<stem>.import.json``, so
    that several cases files can lie in one folder and no account overwrites another's.
    """
    shared = out.parent / ACCOUNT_NAME
    return shared if not shared.exists() or _owner(shared) == out.name else out.with_name(f"{out.stem}.{ACCOUNT_NAME}")


def _owner(account: Path) -> str | None:
    """Return the name of the cases file that an account is of; None where it does not say, or is none."""
    try:
        found = json.loads(account.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(found["out"]) if isinstance(found, dict) and "out" in found else None


def write_import(out: Path, rows: Iterable[CaseRow], account: Account) -> Path:
    """Write cases and, beside them, the account; return the account's path.

    Raises
    ------
    StoreError
        If a file cannot be written; neither is half-written.
    """
    table = cases_table(rows)

    def write_cases(path: Path) -> None:
        import pyarrow.parquet as pq

        pq.write_table(table, path, compression="zstd", version="2.6", store_schema=False)

    account_text = json.dumps({**account.as_json(), "out": out.name}, ensure_ascii=False, indent=1) + "\n"
    account_path = account_path_of(out)
    write_whole(out, write_cases)
    write_whole(account_path, lambda path: path.write_text(account_text, encoding="utf-8"))
    return account_path


def cases_table(rows: Iterable[CaseRow]) -> Any:
    """Return cases as an Arrow table with the columns that ``judge grade --cases`` reads.

    ``context`` is a text; turns are the JSON text of ``[{role, text}, …]``. ``meta`` and ``checklist`` are JSON texts.
    """
    import pyarrow as pa

    found = list(rows)
    texts, names = pa.string(), pa.list_(pa.string())
    columns: dict[str, tuple[list[Any], Any]] = {
        "case_id": ([row.case.case_id for row in found], texts),
        "task": ([row.case.task for row in found], texts),
        "language": ([row.case.language for row in found], texts),
        "question": ([row.case.question for row in found], texts),
        "context": ([_context(row.case) for row in found], texts),
        "reference": ([[reference.text for reference in row.case.references] for row in found], names),
        "critical": ([_critical(row.case) for row in found], names),
        "meta": ([canonical_json(row.meta) for row in found], texts),
    }
    if any(row.checklist is not None for row in found):
        checklists = [None if row.checklist is None else canonical_json(row.checklist) for row in found]
        columns["checklist"] = (checklists, texts)
    schema = pa.schema([(name, kind) for name, (_, kind) in columns.items()])
    return pa.table({name: pa.array(values, kind) for name, (values, kind) in columns.items()}, schema=schema)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file aside, bring it to the disk, and only then give it its name.

    Raises
    ------
    StoreError
        If the folder or the file cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(aside)
        _sync(aside)
        aside.replace(path)
        _sync(path.parent)
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        raise StoreError(f"{path}: cannot be written: {reason}", hint="Check permissions and free space.") from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _context(case: Case) -> str | None:
    if case.context is None or isinstance(case.context, str):
        return case.context
    return canonical_json([{"role": turn.role, "text": turn.text} for turn in case.context])


def _critical(case: Case) -> list[str] | None:
    return None if case.critical_source is None else list(case.critical)
