"""Texts folded so that a quote is found in spite of typography, with the way back to the original."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TRIES = 64
"""Places at which a quote is tried before it counts as not found; keeps the search linear on hostile texts."""
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
_UNLIKE = re.compile(rf"[*_`#~{_INVISIBLE}]+|[\x00-\x7f]?(?:(?![{_INVISIBLE}])[^\x00-\x7f])+")
_DROPPED = re.compile(rf"[*_`#~{_INVISIBLE}]+")
_STRAIGHT = str.maketrans(
    {**dict.fromkeys('‘’‚‛“”„‟«»‹›「」『』〝〞＂＇´′"', "'"), **dict.fromkeys("‐‑‒–—―−﹣－", "-")}
)
_CHANGING = re.compile(r"(?:[\s|]|(?<![^\s|])[-•·](?![^\s|]))+|[A-Za-z0-9]*[A-Z][A-Za-z0-9]*")
_KEPT = re.compile(r"[A-Z0-9]*[A-Z][A-Z0-9]*[A-Z0-9]|[A-Z0-9]+[A-Z]")
_CJK = re.compile("[\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; character ``i`` came from ``original[starts[i]:ends[i]]``."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def find(self, quote: str) -> tuple[int, int] | None:
        """Return the span of the original that folds to the folded quote, None where there is none."""
        wanted = fold(quote).text
        at = self.text.find(wanted) if wanted else -1
        tries = 0
        while at >= 0 and tries < _TRIES:
            start, end = self.starts[at], self.ends[at + len(wanted) - 1]
            if _folded(self.original[start:end]).text == wanted:
                return start, end
            at = self.text.find(wanted, at + 1)
            tries += 1
        return None


@lru_cache(maxsize=512)
def fold(text: str) -> Folded:
    """Fold a text: NFKC, straight quotes and hyphens, one blank for any white space, no markdown marks, lower case.

    Words in capitals only, of two signs or more (``ST``, ``V1``), keep their case, so that ``VF`` is not found in
    ``aVF``. Blanks beside Chinese characters, bullets, and characters that cannot be seen are dropped.
    """
    return _folded(text)


def _folded(text: str) -> Folded:
    plain, starts, ends = _plain(text)
    parts: list[str] = []
    kept_starts: list[int] = []
    kept_ends: list[int] = []
    at = 0
    for match in _CHANGING.finditer(plain):
        start, end = match.span()
        found = match.group()
        is_word = found[-1].isascii() and found[-1].isalnum()
        if is_word and _KEPT.fullmatch(found):
            continue
        parts.append(_lower(plain[at:start]))
        kept_starts += starts[at:start]
        kept_ends += ends[at:start]
        at = end
        if is_word:
            parts.append(found.lower())
            kept_starts += starts[start:end]
            kept_ends += ends[start:end]
        elif _is_blank_kept(plain, start, end):
            parts.append(" ")
            kept_starts.append(starts[start])
            kept_ends.append(ends[end - 1])
    parts.append(_lower(plain[at:]))
    kept_starts += starts[at:]
    kept_ends += ends[at:]
    return Folded(text, "".join(parts), tuple(kept_starts), tuple(kept_ends))


def _is_blank_kept(plain: str, start: int, end: int) -> bool:
    is_inside = start > 0 and end < len(plain)
    return is_inside and not (_CJK.match(plain[start - 1]) or _CJK.match(plain[end]))


def _lower(text: str) -> str:
    """Lower the letters outside ASCII, where that keeps the length; ASCII words were settled before."""
    if text.isascii():
        return text
    return "".join(s if s.isascii() or len(s.lower()) != 1 else s.lower() for s in text)


def _plain(text: str) -> tuple[str, list[int], list[int]]:
    """Return a text in NFKC without marks and unseen characters, and where each character came from."""
    straight = text.translate(_STRAIGHT)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _UNLIKE.finditer(straight):
        start, end = match.span()
        parts.append(straight[at:start])
        starts += range(at, start)
        ends += range(at + 1, start + 1)
        at = end
        if _DROPPED.fullmatch(match.group()):
            continue
        for cluster_start, cluster_end in _clusters(straight, start, end):
            composed = _composed(straight[cluster_start:cluster_end])
            parts.append(composed)
            starts += [cluster_start] * len(composed)
            ends += [cluster_end] * len(composed)
    parts.append(straight[at:])
    starts += range(at, len(straight))
    ends += range(at + 1, len(straight) + 1)
    return "".join(parts), starts, ends


def _clusters(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of characters, each with the marks that combine with it."""
    edges = [at for at in range(start, end) if at == start or not unicodedata.combining(text[at])]
    return list(zip(edges, [*edges[1:], end], strict=True))


@lru_cache(maxsize=8192)
def _composed(cluster: str) -> str:
    return unicodedata.normalize("NFKC", cluster)
