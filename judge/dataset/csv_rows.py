"""Records of a CSV file (comma, UTF-8, quotes doubled)."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from judge.dataset.json_rows import refuse_utf16
from judge.dataset.rows import CHUNK_BYTES, Row
from judge.errors import DataError, StoreError

LONGEST_CELL = 1 << 30
RAW_SHOWN = 500


def read_csv(path: Path) -> Iterator[Row]:
    """Yield the records of a CSV file; records without any text are passed over.

    Raises
    ------
    DataError
        If the header is missing, has a name twice or an empty name.
    StoreError
        If the file cannot be read.
    """
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open("rb") as beginning:
            refuse_utf16(path, beginning.read(4))
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _records(path, csv.reader(file, strict=True))
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error


def _records(path: Path, reader: "Iterator[list[str]]") -> Iterator[Row]:
    header: list[str] | None = None
    number = 0
    bad_bytes = _BadBytes(path)
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, None, f"broken CSV: {error}", is_fatal=True)
            return
        if not any(cells):
            bad_bytes.count(cells)
            continue
        if header is None:
            header = _header(path, cells)
            continue
        yield _record(number, header, cells, bad_bytes)


def _header(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise DataError(f'{path}, row 1: the column "{twice[0]}" occurs twice', hint="Rename one of the two.")
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise DataError(
            f"{path}, row 1: the header holds no comma: {names[0][:60]!r}", hint="Separate cells by commas."
        )
    if any("\udc80" <= ch <= "\udcff" for name in names for ch in name):
        offset = next(_BadBytes(path).offsets())
        raise DataError(f"{path}, row 1: not UTF-8 at byte offset {offset}", hint="Save the file as UTF-8.")
    return names


def _record(number: int, header: list[str], cells: list[str], bad_bytes: "_BadBytes") -> Row:
    offset = bad_bytes.count(cells)
    raw = ",".join(cells)[:RAW_SHOWN]
    if offset is not None:
        return Row(number, None, f"not UTF-8 at byte offset {offset}", raw)
    if len(cells) != len(header):
        return Row(number, None, f"{len(cells)} cells where the header has {len(header)}", raw)
    return Row(number, {name: cell for name, cell in zip(header, cells, strict=True) if name})


class _BadBytes:
    """Where in the file the bytes stand that are not UTF-8; every such byte is one surrogate in the cells."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets: Iterator[int] | None = None

    def count(self, cells: list[str]) -> int | None:
        """Return the offset of the first undecodable byte of these cells, None where there is none."""
        n_bad = sum("\udc80" <= ch <= "\udcff" for cell in cells if not cell.isascii() for ch in cell)
        if not n_bad:
            return None
        if self._offsets is None:
            self._offsets = self.offsets()
        return next(iter(list(islice(self._offsets, n_bad))), None)

    def offsets(self) -> Iterator[int]:
        """Yield the offset of every undecodable byte, in order."""
        offset = 0
        with self._path.open("rb") as file:
            for line in _lines(file.read(CHUNK_BYTES) for _ in iter(int, 1)):
                yield from (offset + bad for bad in _bad_in(line))
                offset += len(line)


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        if not chunk:
            break
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line + b"\n" for line in whole)
    yield rest


def _bad_in(line: bytes) -> Iterator[int]:
    position = 0
    for ch in line.decode("utf-8", "surrogateescape"):
        if "\udc80" <= ch <= "\udcff":
            yield position
            position += 1
        else:
            position += len(ch.encode("utf-8"))
