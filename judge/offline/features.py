"""What a sentence says, as comparable marks: concepts, word stems, Chinese bigrams, numbers, directions."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter

from judge.offline.assertion import NEGATED
from judge.offline.numbers import Value
from judge.offline.reading import Reading
from judge.offline.tables import table

CONCEPT_WEIGHT = 2.0
HALF_WEIGHT = 0.4
_CONTEXT = 4
"""Content words on either side of a word of direction that say what it is the direction of."""
_SUFFIXES = (
    "ations", "ation", "ements", "ement", "ments", "ment", "ingly", "edly", "ities", "ity", "ically", "ical", "ional",
    "ions", "ion", "ings", "ing", "ally", "ness", "ably", "ible", "able", "ies", "ied", "ives", "ive", "ous", "ers",
    "er", "ed", "es", "al", "ly", "ic", "s", "e", "y",
)  # fmt: skip


@dataclass(slots=True)
class Direction:
    """A word of one of two opposite directions, with the words around it."""

    axis: str
    pole: int
    start: int
    end: int
    left: tuple[str, ...]
    """Marks before it, the nearest first."""
    right: tuple[str, ...]
    is_negated: bool
    is_inside: bool
    """Whether it is part of a concept's name (hyperkalaemia)."""
    left_at: int
    """Token of its nearest mark on the left, -1 where there is none."""
    placed: dict[str, tuple[float, int]] | None = None
    """Every neighbour with its weight and side, once somebody has asked for them (``conflicts``)."""

    @property
    def around(self) -> frozenset[str]:
        """All marks around it."""
        return frozenset((*self.left, *self.right))


@dataclass(slots=True)
class Unit:
    """One sentence in marks."""

    number: int
    is_question: bool
    marks: dict[str, bool]
    """Mark → whether it is negated."""
    places: list[tuple[str, int]] = field(default_factory=list)
    """Every mark with its token, in order."""
    directions: list[Direction] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    has_denied: bool = False
    """Whether any mark is negated."""


@lru_cache(maxsize=65_536)
def weight(mark: str) -> float:
    """Return how much a mark counts in a comparison."""
    if mark[0] == "#":
        return CONCEPT_WEIGHT
    return HALF_WEIGHT if mark[0] == "@" or mark in _half() else 1.0


def units(reading: Reading) -> list[Unit]:
    """Return the sentences of a text in marks."""
    tokens = reading.tokens
    named, covered = _names(reading)
    made = []
    for number, (first, last) in enumerate(tokens.bounds):
        unit = _unit(reading, number, _places(reading.keys, first, last, named, covered))
        _add_directions(unit, reading, first, last, covered)
        made.append(unit)
    for value in reading.values:
        made[tokens.sentence[value.start]].values.append(value)
    return made


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of an English word in lower case, one for all words of a table row of like meaning."""
    return _groups().get(plain_stem(word), plain_stem(word))


def _unit(reading: Reading, number: int, places: list[tuple[str, int]]) -> Unit:
    bits = reading.marks.bits
    marks: dict[str, bool] = {}
    for mark, index in places:
        marks[mark] = bool(bits[index] & NEGATED) and marks.get(mark, True)
    is_question = _is_question(reading, *reading.tokens.bounds[number])
    return Unit(number, is_question, marks, places, has_denied=True in marks.values())


def _places(
    keys: Sequence[str], first: int, last: int, named: Mapping[int, list[str]], covered: bytearray
) -> list[tuple[str, int]]:
    """Return the marks of a sentence with their tokens: names, stems of words, pairs of Chinese characters."""
    places: list[tuple[str, int]] = []
    previous = ""
    for index in range(first, last):
        if covered[index]:
            if index in named:
                places += [(mark, index) for mark in named[index]]
            previous = ""
            continue
        mark = _mark_of(keys[index])
        if mark is None:
            previous = ""
        elif mark < "\u4e00":
            places.append((mark, index))
            previous = ""
        else:
            if previous:
                places.append((previous + mark, index))
            previous = mark
    return places


@lru_cache(maxsize=65_536)
def _mark_of(word: str) -> str | None:
    """Return the mark of a word, a Chinese character as it is; None where it says nothing."""
    if word in _stop():
        return None
    if "\u4e00" <= word <= "\u9fff":
        return word
    return stem(word) if len(word) > 1 and word[0].isalpha() else None


def _names(reading: Reading) -> tuple[dict[int, list[str]], bytearray]:
    """Return the marks of concepts, measured quantities and leads by token, and the tokens that they use up."""
    at: dict[int, list[str]] = {}
    covered = bytearray(len(reading.keys))
    for mention in reading.mentions:
        start, end = mention.start, mention.end
        at.setdefault(start, []).append(f"#{mention.concept}")
        covered[start:end] = b"\1" * (end - start)
    for f in reading.found:
        if f.term.quantity is not None and f.concept is None and not covered[f.start]:
            at.setdefault(f.start, []).append(f"%{f.term.quantity}")
            covered[f.start : f.end] = b"\1" * (f.end - f.start)
    for index, leads in reading.leads.items():
        at.setdefault(index, []).extend(f"@{lead}" for lead in leads)
        covered[index] = 1
    return at, covered


def _add_directions(unit: Unit, reading: Reading, first: int, last: int, covered: bytearray) -> None:
    axes = _axes_between(reading, first, last)
    if not axes:
        return
    words = _words_for_context(reading, first, last, {i for start, end, _ in axes for i in range(start, end)})
    positions = [index for index, _ in words]
    marks = [mark for _, mark in words]
    bits = reading.marks.bits
    for start, end, poles in axes:
        at = bisect_left(positions, start)
        after = bisect_left(positions, end, at)
        left = tuple(marks[max(0, at - _CONTEXT) : at][::-1])
        right = tuple(marks[after : after + _CONTEXT])
        is_negated, is_inside = bool(bits[start] & NEGATED), bool(covered[start])
        beside = positions[at - 1] if at else -1
        unit.directions += [
            Direction(axis, pole, start, end, left, right, is_negated, is_inside, beside) for axis, pole in poles
        ]


def _words_for_context(reading: Reading, first: int, last: int, without: set[int]) -> list[tuple[int, str]]:
    """Return the words of a sentence one by one, those inside concepts as well, words of direction left out."""
    words = []
    for index, key in enumerate(reading.keys[first:last], first):
        word = _word_for_context(key)
        if word is not None and index not in without:
            words.append((index, word))
    return words


@lru_cache(maxsize=65_536)
def _word_for_context(word: str) -> str | None:
    if word in _stop() or not word[0].isalnum():
        return None
    return word if word > "\u3000" or word[0].isdigit() else stem(word.lower())


def _axes_between(reading: Reading, first: int, last: int) -> list[tuple[int, int, tuple[tuple[str, int], ...]]]:
    axes = reading.axes
    return axes[bisect_left(axes, first, key=_start) : bisect_left(axes, last, key=_start)]


_start = itemgetter(0)


def _is_question(reading: Reading, first: int, last: int) -> bool:
    surfaces = reading.tokens.surfaces
    if surfaces[last - 1] == "?":
        return True
    if surfaces[last - 1] in "吗呢" or (last - first > 1 and surfaces[last - 2] in "吗呢"):
        return True
    head = surfaces[first].lower()
    return head in _interrogatives() and _is_inverted(surfaces, first, last)


def _is_inverted(surfaces: Sequence[str], first: int, last: int) -> bool:
    """Whether a sentence without question mark still has the order of a question."""
    head = surfaces[first].lower()
    second = surfaces[first + 1].lower() if first + 1 < last else ""
    if head in ("what", "why", "how", "which", "who", "when", "where"):
        return second in (
            "is",
            "are",
            "does",
            "do",
            "should",
            "can",
            "might",
            "would",
            "could",
            "did",
            "has",
            "have",
            "if",
            "other",
            "types",
            "type",
            "kind",
            "role",
            "ecg",
        )
    return second in ("i", "you", "the", "a", "an", "my", "it", "there", "patients", "we", "they", "this", "ecg")


def plain_stem(word: str) -> str:
    """Return the stem of an English word in lower case by its endings alone."""
    word = word.replace("ae", "e").replace("oe", "e").replace("yz", "ys").replace("iz", "is").replace("our", "or")
    if len(word) <= 4:
        return word[:-1] if len(word) == 4 and word[-1] == "s" and word[-2] != "s" else word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            root = word[: -len(suffix)]
            if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "sl":
                root = root[:-1]
            return root
    return word


@cache
def _groups() -> Mapping[str, str]:
    groups: dict[str, str] = {}
    for group in table("words")["same"]["en"]:
        roots = [plain_stem(word.replace("-", "")) for word in group]
        for root in roots:
            groups.setdefault(root, groups.get(roots[0], roots[0]))
    return groups


@cache
def _half() -> frozenset[str]:
    words = table("words")["half"]
    return frozenset((*(stem(word) for word in words["en"]), *words["zh"]))


@cache
def _stop() -> frozenset[str]:
    words = table("words")["stop"]
    return frozenset(str(word) for word in (*words["en"], *words["zh"]))


@cache
def _interrogatives() -> frozenset[str]:
    return frozenset(table("cues")["interrogative"]["en"])
