"""Lines of text for a terminal: wrapping and padding that know how wide Chinese is."""

import re
import unicodedata
from collections.abc import Sequence

_PIECE = re.compile(r"\s+|[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+")
_CLOSING = frozenset("，。；：、！？）”’》」")


def display_width(text: str) -> int:
    """Return the columns that a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def padded(text: str, width: int) -> str:
    """Return the text filled with spaces to a width in columns."""
    return text + " " * max(0, width - display_width(text))


def wrapped(text: str, *, first: str = "", rest: str | None = None, width: int = 100) -> list[str]:
    """Return a text as lines of at most ``width`` columns, the first begun with ``first``, the others with ``rest``."""
    indent = " " * display_width(first) if rest is None else rest
    lines, line = [], first
    start = first
    for piece in _PIECE.findall(text):
        if display_width(line) + display_width(piece) > width and line != start and piece not in _CLOSING:
            lines.append(line.rstrip())
            line = start = indent
            if piece.isspace():
                continue
        line += " " if piece.isspace() else piece
    return [*lines, line.rstrip()]


def table(rows: Sequence[Sequence[str]], *, gap: int = 2) -> list[str]:
    """Return rows of cells as aligned lines; the first row is the heading."""
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        (" " * gap).join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
