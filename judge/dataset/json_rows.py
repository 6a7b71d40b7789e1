"""Records of JSON Lines and of a JSON array."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from judge.dataset.rows import Row
from judge.dataset.strict_json import JsonError, parse_json, parse_json_at, skip_space
from judge.errors import DataError, StoreError

BOM = b"\xef\xbb\xbf"
RAW_SHOWN = 500


def read_lines(path: Path) -> Iterator[Row]:
    """Yield the records of a JSON Lines file; blank lines are passed over.

    Raises
    ------
    DataError
        If the file is not in UTF-8 at all.
    StoreError
        If it cannot be read.
    """
    offset = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number == 1:
                    refuse_utf16(path, line)
                content = line.removeprefix(BOM) if number == 1 else line
                if content.strip():
                    yield _line(number, content, offset + len(line) - len(content))
                offset += len(line)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error


def read_array(path: Path, *, first: int = 1) -> Iterator[Row]:
    """Yield the records of a JSON array, counted from ``first``.

    A file that ends too early yields all whole records and then one fatal row.

    Raises
    ------
    DataError
        If the file is not UTF-8 or not an array.
    StoreError
        If it cannot be read.
    """
    text = read_text(path, first=first)
    start = skip_space(text, 0)
    if start == len(text):
        return
    if text[start] != "[":
        raise DataError(
            f"{path}: row {first}: {_not_an_array(text, start)}", hint="Expected is one JSON array of objects."
        )
    yield from _elements(text, start + 1, first)


def read_text(path: Path, *, first: int = 1) -> str:
    """Return the text of a JSON array's file, without a byte-order mark.

    Raises
    ------
    DataError
        If it is not UTF-8, naming the byte and the record that holds it, counted from ``first``.
    StoreError
        If it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    refuse_utf16(path, content)
    skipped = len(BOM) if content.startswith(BOM) else 0
    try:
        return content[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        row = _row_cut_at(content[skipped : skipped + error.start].decode("utf-8"), first)
        byte = content[error.start + skipped]
        raise DataError(
            f"{path}: {row}not UTF-8: byte {byte:#04x} at byte offset {error.start + skipped}",
            hint="Save the file as UTF-8.",
        ) from error


def _row_cut_at(beginning: str, first: int) -> str:
    start = skip_space(beginning, 0)
    if not beginning.startswith("[", start):
        return ""
    *_, last = _elements(beginning, start + 1, first)
    return f"row {last.number}: "


def refuse_utf16(path: Path, beginning: bytes) -> None:
    """Stop at a file in UTF-16 or UTF-32, whose every row would otherwise be a fault.

    Raises
    ------
    DataError
        If the first bytes are those of UTF-16 or UTF-32.
    """
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) or beginning[1:4:2] == b"\0\0":
        raise DataError(f"{path}: not UTF-8: the file is UTF-16 or UTF-32 (byte offset 0)", hint="Save it as UTF-8.")


def _line(number: int, content: bytes, offset: int) -> Row:
    try:
        text = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        fault = f"not UTF-8: byte {content[error.start]:#04x} at byte offset {offset + error.start}"
        return Row(number, None, fault, content[:RAW_SHOWN].decode("utf-8", "replace"))
    if "\0" in text:
        return Row(number, None, f"NUL byte at byte offset {offset + content.index(0)}", text[:RAW_SHOWN])
    try:
        return _record(number, parse_json(text), text)
    except JsonError as fault:
        return Row(number, None, fault.message, text[:RAW_SHOWN])


def _elements(text: str, position: int, first: int) -> Iterator[Row]:
    number = first
    position = skip_space(text, position)
    if position < len(text) and text[position] == "]":
        yield from _after_the_end(text, position + 1, number)
        return
    while True:
        try:
            value, end = parse_json_at(text, position)
        except JsonError as fault:
            reason = f"the file ends in the middle of this record ({fault.message})" if fault.is_cut else fault.message
            yield Row(number, None, reason, text[position : position + RAW_SHOWN], is_fatal=True)
            return
        yield _record(number, value, text[position : position + RAW_SHOWN])
        number += 1
        position = skip_space(text, end)
        if position < len(text) and text[position] == ",":
            position = skip_space(text, position + 1)
            continue
        yield from (
            _after_the_end(text, position + 1, number)
            if text[position : position + 1] == "]"
            else (Row(number, None, _no_comma(text, position), text[position : position + RAW_SHOWN], is_fatal=True),)
        )
        return


def _after_the_end(text: str, position: int, number: int) -> Iterator[Row]:
    rest = text[position:].strip()
    if rest:
        yield Row(number, None, f"text after the end of the array: {rest[:20]!r}", rest[:RAW_SHOWN], is_fatal=True)


def _no_comma(text: str, position: int) -> str:
    if position >= len(text):
        return "the file ends before the array does: it is cut off after the record before"
    return f"broken JSON: a comma or the end of the array is missing before {text[position : position + 20]!r}"


def _record(number: int, value: Any, text: str) -> Row:
    if isinstance(value, dict):
        return Row(number, value)
    return Row(number, None, f"{json_kind(value)}, not an object", text[:RAW_SHOWN])


def json_kind(value: Any) -> str:
    """Return what a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "an object" if isinstance(value, dict) else "a list"


def _not_an_array(text: str, start: int) -> str:
    if text.startswith("<", start):
        return "a web page or XML, not JSON"
    if text.startswith('"', start):
        return "JSON inside a JSON text (encoded twice), not an array"
    if text.startswith("{", start):
        return "one object or JSON Lines, not an array"
    return f"begins with {text[start : start + 10]!r}, not with an array"
