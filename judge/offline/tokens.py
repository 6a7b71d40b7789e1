"""Words, numbers, signs and Chinese characters of a text, and the sentences and clauses they stand in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"[A-Za-z\u0370-\u03ff][A-Za-z0-9\u0370-\u03ff]*(?:['\u2019][a-z]+)?|[0-9]+(?:\.[0-9]+)?|[\u4e00-\u9fff]|[^\s\-]|-(?=[0-9.])"
)
_ENDS = frozenset("!?;。.,")
"""Signs that end a sentence or, the comma, a clause."""
_ABBREVIATIONS = frozenset(("vs", "e.g", "i.e", "dr", "etc", "approx", "no", "fig", "cf", "al"))


@dataclass(slots=True)
class Tokens:
    """The tokens of a normalised text, with sentence and clause of each."""

    surfaces: list[str]
    starts: list[int]
    sentence: list[int]
    clause: list[int]
    bounds: list[tuple[int, int]]
    """First token and the one after the last, by sentence."""

    def end(self, index: int) -> int:
        """Return the character after a token."""
        return self.starts[index] + len(self.surfaces[index])


def split(text: str) -> tuple[list[str], list[int]]:
    """Return the tokens of a text and where each begins; hyphens between words fall away."""
    surfaces: list[str] = []
    starts: list[int] = []
    for match in _TOKEN.finditer(text):
        surfaces.append(match.group())
        starts.append(match.start())
    return surfaces, starts


def tokenise(text: str) -> Tokens:
    """Cut a normalised text into tokens, sentences and clauses, in linear time."""
    surfaces, starts = split(text)
    sentence: list[int] = []
    clause: list[int] = []
    bounds: list[tuple[int, int]] = []
    n_clause = first = 0
    for end, is_sentence in _cuts(text, surfaces, starts):
        if end == first:  # a line that opens where a sentence ended
            continue
        clause += [n_clause] * (end - len(clause))
        n_clause += 1
        if is_sentence:
            sentence += [len(bounds)] * (end - first)
            bounds.append((first, end))
            first = end
    if first < len(surfaces):
        clause += [n_clause] * (len(surfaces) - len(clause))
        sentence += [len(bounds)] * (len(surfaces) - first)
        bounds.append((first, len(surfaces)))
    return Tokens(surfaces, starts, sentence, clause, bounds)


def _cuts(text: str, surfaces: Sequence[str], starts: Sequence[int]) -> list[tuple[int, bool]]:
    """Return the tokens before which a clause ends, in order, and whether a sentence ends there too."""
    cuts: list[tuple[int, bool]] = []
    for index in [i for i, surface in enumerate(surfaces) if surface in _ENDS]:
        surface = surfaces[index]
        if surface == ",":
            if not _in_a_ratio(text, starts[index]):
                cuts.append((index + 1, False))
        elif surface != "." or _ends_sentence(text, starts[index], surfaces, index):
            cuts.append((index + 1, True))
    if "\n" not in text:
        return cuts
    return sorted((*cuts, *((index, True) for index in _line_breaks(text, starts) if index)))


def _line_breaks(text: str, starts: Sequence[int]) -> frozenset[int]:
    """Return the tokens that open a line."""
    found = set()
    line_end = text.find("\n")
    for index, start in enumerate(starts):
        if start > line_end != -1:
            found.add(index)
            line_end = text.find("\n", start)
        if line_end == -1:
            break
    return frozenset(found)


def _ends_sentence(text: str, at: int, surfaces: Sequence[str], index: int) -> bool:
    before = surfaces[index - 1].lower() if index else ""
    after = text[at + 1 : at + 2]
    if after and not after.isspace():
        return not after.isascii() or after in "\"')]*_"
    if before in _ABBREVIATIONS or (before.isdigit() and _is_list_number(surfaces, index)):
        return False
    following = text[at + 1 : at + 4].lstrip()
    return not (following[:1].islower() and len(before) == 1)


def _in_a_ratio(text: str, at: int) -> bool:
    """Whether a colon or comma stands between digits, as in 2:1."""
    return text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


def _is_list_number(surfaces: Sequence[str], index: int) -> bool:
    """Whether the number before a full stop numbers a list item: it opens the text or follows a full stop."""
    return index < 2 or surfaces[index - 2] in ".!?;:。\n"
