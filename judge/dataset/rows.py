"""Tables as a stream of rows: one reader a format, and every fault a row of its own.

Rows are counted as the user's editor shows them: the header of a CSV is row 1, a JSONL row is its line, the first
record of a JSON array or of a Parquet file is row 1.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judge.errors import DataError, StoreError

SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table, or the reason why it could not be read."""

    number: int
    values: Mapping[str, Any] | None
    """None where the record could not be read."""
    fault: str | None = None
    raw: str = ""
    """The beginning of an unreadable record's text."""
    is_fatal: bool = False
    """Whether the fault is the file's and not the record's: nothing after it can be read."""


@dataclass(frozen=True, slots=True)
class Table:
    """One file of records."""

    path: Path
    name: str
    """The path as the user gave it."""
    is_flat: bool
    """Whether a cell can only be a text (CSV, a text column of Parquet), so that JSON in it is read as JSON."""
    read: Callable[[Path], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """Yield the records one by one."""
        return self.read(self.path)


def tables(path: Path) -> tuple[Table, ...]:
    """Return the file as a table, or one table for each Parquet file of a folder (by name).

    Raises
    ------
    DataError
        If there is no such file, its format is not known, or a folder holds no Parquet file.
    """
    if path.is_dir():
        parts = sorted(
            p for p in path.iterdir() if p.suffix.lower() == ".parquet" and not p.name.startswith((".", "_"))
        )
        if not parts:
            raise DataError(
                f"{path}: the folder holds no .parquet file",
                hint="Give a file (.jsonl, .json, .csv, .parquet) or a folder of Parquet files.",
            )
        return tuple(_table(part) for part in parts)
    if not path.is_file():
        raise DataError(f"{path}: no such file{_neighbour(path)}")
    return (_table(path),)


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    total = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                total.update(chunk)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}", hint="Check the file's permissions.") from error
    return total.hexdigest()


def _table(path: Path) -> Table:
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        from judge.dataset.json_rows import read_lines

        return Table(path, str(path), False, read_lines)
    if suffix == ".json":
        from judge.dataset.json_rows import read_array

        return Table(path, str(path), False, read_array)
    if suffix == ".csv":
        from judge.dataset.csv_rows import read_csv

        return Table(path, str(path), True, read_csv)
    if suffix == ".parquet":
        from judge.dataset.parquet_rows import read_parquet

        return Table(path, str(path), True, read_parquet)
    raise DataError(
        f'{path}: unknown format "{path.suffix or path.name}"',
        hint=f"Known are {', '.join(SUFFIXES)} and folders of Parquet files.",
    )


def _neighbour(path: Path) -> str:
    from judge.errors import did_you_mean

    try:
        names = [p.name for p in path.parent.iterdir()]
    except OSError:
        return ""
    return did_you_mean(path.name, names)
