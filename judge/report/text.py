"""Texts of others, made safe to look at: no hidden characters, bounded length, known width."""

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: object, limit: int = 200) -> str:
    """Return a text in one line with every control, direction and zero-width character spelt out, cut at ``limit``.

    >>> visible("a" + chr(0x202E) + "b")
    'a⟨U+202E⟩b'
    """
    folded = " ".join(str(text).split())
    cut = folded if len(folded) <= limit else folded[: limit - 1] + "…"
    return "".join(f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in _HIDDEN else c for c in cut)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese characters take two."""
    return sum(_columns(character) for character in text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Return a text filled with spaces to a number of columns, to the left for ``right``-aligned."""
    space = " " * max(columns - width(text), 0)
    return space + text if right else text + space


def shorten(text: str, columns: int) -> str:
    """Return a text cut in its middle to a number of columns: names often differ at their end only.

    >>> shorten("provider/model-large-2026", 15)
    'provide…ge-2026'
    """
    if width(text) <= columns:
        return text
    left = _fitting(text, columns // 2)
    right = _fitting(text[::-1], columns - 1 - width(left))
    return f"{left}…{right[::-1]}"


def _fitting(text: str, columns: int) -> str:
    """Return the longest beginning that fits."""
    kept, taken = "", 0
    for character in text:
        taken += _columns(character)
        if taken > columns:
            break
        kept += character
    return kept


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
