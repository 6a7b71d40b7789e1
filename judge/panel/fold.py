"""Texts folded so that a quote is found in spite of typography, with the way back to the original."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_TRIES = 64
"""Places at which a quote is tried before it counts as not found; keeps the search linear on hostile texts."""
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
_UNLIKE = re.compile(rf"[*_`#~{_INVISIBLE}]+|[\x00-\x7f]?(?:(?![{_INVISIBLE}])[^\x00-\x7f])+")
_DROPPED = re.compile(rf"[*_`#~{_INVISIBLE}]+")
_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys('‘’‚‛“”„‟«»‹›「」『』〝〞＂＇´′"', "'"),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F) if chr(wide) not in "＂＇－"},
        "\u3000": " ",
    }
)
"""Of the same length on both sides, so that offsets stay."""
_CJK_RANGES = "\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BLANK = r"(?:[\s|]|(?<![^\s|])[-•·](?![^\s|]))"
_BLANKS = re.compile(
    rf"{_BLANK}{{2,}}|[^\S ]|\||(?<![^\s|])[-•·](?![^\s|])|\A | (?=[{_CJK_RANGES}])|(?<=[{_CJK_RANGES}]) | \Z"
)
"""White space that is not already one blank between words."""
_WORD = re.compile(r"(?<![A-Za-z0-9])[a-z0-9]*+[A-Z][A-Za-z0-9]*")
_CJK = re.compile(f"[{_CJK_RANGES}]")


@dataclass(frozen=True, slots=True)
class _Trail:
    """How offsets of a changed text lead back to the text before; stretches between the edits are as they were."""

    after: tuple[int, ...] = ()
    """Where each edit ends in the changed text."""
    edits: tuple[tuple[int, int, int, int], ...] = ()
    """(start, end) in the changed text, (start, end) in the text before."""

    def back(self, start: int, end: int) -> tuple[int, int]:
        return self._start(start), self._end(end)

    def _start(self, offset: int) -> int:
        index = bisect_right(self.after, offset)
        if index < len(self.edits) and self.edits[index][0] <= offset:
            return self.edits[index][2]
        return offset if index == 0 else offset - self.edits[index - 1][1] + self.edits[index - 1][3]

    def _end(self, offset: int) -> int:
        return self._last(offset - 1)

    def _last(self, offset: int) -> int:
        """Where the character at an offset ends in the text before."""
        index = bisect_right(self.after, offset)
        if index < len(self.edits) and self.edits[index][0] <= offset:
            return self.edits[index][3]
        return 1 + (offset if index == 0 else offset - self.edits[index - 1][1] + self.edits[index - 1][3])


class _Writer:
    """Writes a changed text and keeps its trail."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._parts: list[str] = []
        self._edits: list[tuple[int, int, int, int]] = []
        self._at = self._length = 0

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of a stretch of the source."""
        self._length += start - self._at
        self._parts += (self._source[self._at : start], text)
        if len(text) != end - start or len(text) > 1:
            self._edits.append((self._length, self._length + len(text), start, end))
        self._length += len(text)
        self._at = end

    def finish(self) -> tuple[str, _Trail]:
        self._parts.append(self._source[self._at :])
        return "".join(self._parts), _Trail(tuple(edit[1] for edit in self._edits), tuple(self._edits))


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text with the trail of its two steps back to the original."""

    original: str
    text: str
    trails: tuple[_Trail, _Trail]

    def find(self, quote: str) -> tuple[int, int] | None:
        """Return the span of the original that folds to what the quote folds to, None where there is none."""
        wanted = _folded(quote).text
        at = self.text.find(wanted) if wanted else -1
        for _ in range(_TRIES):
            if at < 0:
                return None
            span = self.trails[0].back(*self.trails[1].back(at, at + len(wanted)))
            if _folded(self.original[slice(*span)]).text == wanted:
                return span
            at = self.text.find(wanted, at + 1)
        return None


@lru_cache(maxsize=512)
def fold(text: str) -> Folded:
    """Fold a text: NFKC, straight quotes and hyphens, one blank for any white space, no markdown marks, lower case.

    Words in capitals only, of two signs or more (``ST``, ``V1``), keep their case, so that ``VF`` is not found in
    ``aVF``. Blanks beside Chinese characters, bullets, and characters that cannot be seen are dropped.
    """
    return _folded(text)


def _folded(text: str) -> Folded:
    plain, first = _plain(text)
    lowered, second = _lowered(plain)
    return Folded(text, lowered, (first, second))


def _plain(text: str) -> tuple[str, _Trail]:
    """Return a text in NFKC without marks and unseen characters."""
    straight = text.translate(_STRAIGHT)
    writer = _Writer(straight)
    for match in _UNLIKE.finditer(straight):
        start, end = match.span()
        if _DROPPED.fullmatch(match.group()):
            writer.replace(start, end, "")
        elif not _is_plain(match.group()):
            for cluster_start, cluster_end in _clusters(straight, start, end):
                writer.replace(cluster_start, cluster_end, _composed(straight[cluster_start:cluster_end]))
    return writer.finish()


def _lowered(plain: str) -> tuple[str, _Trail]:
    """Lower the letters and join the blanks."""
    writer = _Writer(plain)
    for match in _BLANKS.finditer(plain):
        start, end = match.span()
        is_kept = _is_blank_kept(plain, start, end)
        if not is_kept or match.group() != " ":
            writer.replace(start, end, " " if is_kept else "")
    joined, trail = writer.finish()
    return _WORD.sub(_lower_word, _lower_others(joined)), trail


def _lower_word(match: re.Match[str]) -> str:
    found = match.group()
    return found if len(found) > 1 and found.isupper() else found.lower()


def _lower_others(text: str) -> str:
    """Lower the letters outside ASCII, where that keeps the length."""
    if text.isascii():
        return text
    return "".join(s if s.isascii() or len(s.lower()) != 1 else s.lower() for s in text)


def _is_blank_kept(plain: str, start: int, end: int) -> bool:
    is_inside = start > 0 and end < len(plain)
    return is_inside and not (_CJK.match(plain[start - 1]) or _CJK.match(plain[end]))


def _is_plain(run: str) -> bool:
    """Whether a run is in NFKC with one character a cluster, so that nothing in it moves."""
    return unicodedata.is_normalized("NFKC", run) and not any(map(unicodedata.combining, run))


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of characters, each with the marks that combine with it."""
    edges = [at for at in range(start, end) if at == start or not unicodedata.combining(text[at])]
    yield from zip(edges, [*edges[1:], end], strict=True)


@lru_cache(maxsize=8192)
def _composed(cluster: str) -> str:
    return unicodedata.normalize("NFKC", cluster)
