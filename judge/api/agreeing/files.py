"""Rows of a ratings file as they are written: CSV, JSONL or Parquet."""

import csv
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from judge.api.agreeing.columns import check_columns
from judge.errors import DataError


def raw_rows(path: Path, *, may_lack: Collection[str] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each row with its place in the file; columns in ``may_lack`` need not be there.

    Raises
    ------
    DataError
        If the file cannot be read, a column is missing or comes twice, or a row does not fit the header.
    """
    readers = {".csv": _csv_rows, ".jsonl": _jsonl_rows, ".parquet": _parquet_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: a ratings table ends in .csv, .jsonl or .parquet")
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    try:
        yield from reader(path, may_lack)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def _csv_rows(path: Path, may_lack: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = [name.strip() for name in next(reader, [])]
        doubled = sorted({name for name in header if header.count(name) > 1})
        if doubled:
            raise DataError(f"{path}: the column {doubled[0]} comes twice")
        check_columns(str(path), header, may_lack)
        for number, cells in enumerate(reader, start=2):
            if not cells:
                continue
            if len(cells) != len(header):
                raise DataError(f"{path}: row {number} has {len(cells)} cells, the header {len(header)}")
            yield f"row {number}", dict(zip(header, cells, strict=True))


def _jsonl_rows(path: Path, may_lack: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            found = _object(path, number, line)
            check_columns(f"{path}: line {number}", list(found), {*may_lack, "level"})
            yield f"line {number}", found


def _object(path: Path, number: int, line: str) -> Mapping[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise DataError(f'{path}: line {number}: the key "{doubled[0]}" comes twice')
        return dict(pairs)

    try:
        found = json.loads(line, object_pairs_hook=once)
    except ValueError as error:
        raise DataError(f"{path}: line {number} is not JSON ({error})") from error
    if not isinstance(found, dict):
        raise DataError(f"{path}: line {number} is not an object")
    return found


def _parquet_rows(path: Path, may_lack: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    check_columns(str(path), table.column_names, may_lack)
    for number, row in enumerate(table.to_pylist(), start=1):
        yield f"row {number}", row
