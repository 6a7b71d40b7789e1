"""Where an answer says the opposite of a statement: direction, polarity, number, opposite concept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from judge.offline.features import Direction, Unit
from judge.offline.lexicon import concepts
from judge.offline.numbers import Value, direction
from judge.offline.reading import Mention, Reading

ConflictKind = Literal["direction", "polarity", "number", "concept", "answer"]
_NEAR = 0.4
"""Least share of common words around two words of direction for them to speak of one thing."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place where the answer contradicts a statement."""

    kind: ConflictKind
    sentence: int
    """Of the answer."""
    start: int
    end: int
    """Tokens of the answer."""
    note: str
    strength: float = 1.0
    """How surely the two speak of one thing, 0 to 1."""
    key_sentence: int | None = None
    """Sentence of the reference that is contradicted."""


@dataclass(slots=True)
class Index:
    """An answer's marks by what they may conflict with; built once an answer."""

    directions: dict[str, list[tuple[Unit, Direction]]]
    by_mark: dict[str, list[int]]
    """Mark → sentences that hold it."""
    units: Sequence[Unit]

    @classmethod
    def of(cls, units: Sequence[Unit], ignored: frozenset[int]) -> "Index":
        """Index the sentences of an answer but those that assert nothing."""
        directions: dict[str, list[tuple[Unit, Direction]]] = {}
        by_mark: dict[str, list[int]] = {}
        for unit in units:
            if unit.number in ignored:
                continue
            for found in unit.directions:
                directions.setdefault(found.axis, []).append((unit, found))
            for mark in unit.marks:
                by_mark.setdefault(mark, []).append(unit.number)
        return cls(directions, by_mark, units)


def direction_conflicts(units: Sequence[Unit], answer: Index) -> list[Conflict]:
    """Return the words of direction in an answer that turn those of a reference round.

    A word of the answer that the reference uses in the same way elsewhere turns nothing round.
    """
    conflicts = []
    wanted_by_axis: dict[str, list[tuple[Unit, Direction]]] = {}
    for unit in units:
        for wanted in unit.directions:
            wanted_by_axis.setdefault(wanted.axis, []).append((unit, wanted))
    for axis, wanted_here in wanted_by_axis.items():
        said_here = answer.directions.get(axis, ())[:_MOST_DIRECTIONS]
        if not said_here:
            continue
        for unit, wanted in wanted_here:
            conflict = _turned(wanted, wanted_here, said_here)
            if conflict is not None:
                conflicts.append(replace(conflict, key_sentence=unit.number))
    return conflicts


def _turned(
    wanted: Direction, wanted_here: Sequence[tuple[Unit, Direction]], said_here: Sequence[tuple[Unit, Direction]]
) -> Conflict | None:
    same, other, place = 0.0, 0.0, None
    for unit, said in said_here:
        near = _nearness(wanted, said)
        if _pole(said, wanted) == wanted.pole:
            same = max(same, near)
        elif near > other:
            other, place = near, (unit, said)
    if place is None or other < _NEAR or other <= same + 0.05:
        return None
    unit, said = place
    if not (_is_beside(wanted, said) or other >= 0.75):
        return None
    if any(_pole(said, also) == also.pole and _nearness(also, said) >= other for _, also in wanted_here):
        return None
    return Conflict("direction", unit.number, said.start, said.end, wanted.axis, other)


_MOST_DIRECTIONS = 400


def _pole(said: Direction, wanted: Direction) -> int:
    return said.pole if said.is_negated == wanted.is_negated else -said.pole


def _is_beside(one: Direction, two: Direction) -> bool:
    return (one.right[:1] == two.right[:1] != ()) or (one.left[:1] == two.left[:1] != ())


def clashes_in(unit: Unit, clause: Sequence[int]) -> tuple[Direction, Direction] | None:
    """Return two clauses of one sentence that say the opposite of the same thing."""
    if len(unit.directions) < 2:
        return None
    found = [d for d in unit.directions if not d.is_inside][:_MOST_IN_SENTENCE]
    for index, one in enumerate(found):
        for two in found[index + 1 :]:
            is_said_again = one.left[:1] == two.left[:1] != () and two.left_at >= one.end
            if one.axis != two.axis or (clause[one.start] == clause[two.start] and not is_said_again):
                continue
            if _pole(two, one) == -one.pole and _is_beside(one, two) and _nearness(one, two) >= _SAME_THING:
                return one, two
    return None


_MOST_IN_SENTENCE = 24
_SAME_THING = 0.8


def _nearness(one: Direction, two: Direction) -> float:
    """Return how far two words of direction stand among the same words, 0 to 1; near words on one side count most.

    A Dice coefficient over the neighbours, each weighted by its place; two common neighbours or one beside both are
    needed.
    """
    places_one, places_two = _placed(one), _placed(two)
    total = sum(w for w, _ in places_one.values()) + sum(w for w, _ in places_two.values())
    common = [mark for mark in places_one if mark in places_two]
    if not common or not total:
        return 0.0
    agreed = 0.0
    for mark in common:
        (w_one, side_one), (w_two, side_two) = places_one[mark], places_two[mark]
        agreed += min(w_one, w_two) * (1.0 if side_one == side_two else _OTHER_SIDE)
    is_beside = any(places_one[m][0] == places_two[m][0] == 1.0 for m in common)
    return 2 * agreed / total if len(common) > 1 or is_beside else 0.0


_BY_RANK = (1.0, 0.6, 0.4, 0.3)
_OTHER_SIDE = 0.6


def _placed(found: Direction) -> dict[str, tuple[float, int]]:
    """Return every neighbour with its weight and side."""
    if found.placed is not None:
        return found.placed
    places: dict[str, tuple[float, int]] = {}
    for side, marks in ((0, found.left), (1, found.right)):
        for rank, mark in enumerate(marks):
            weight = _BY_RANK[rank]
            if mark not in places or places[mark][0] < weight:
                places[mark] = (weight, side)
    found.placed = places
    return places


def polarity_conflict(statement: Unit, unit: Unit) -> bool:
    """Whether a sentence denies what a statement says, or the reverse, in most of the words that the denial covers."""
    if not (statement.has_denied or unit.has_denied):
        return False
    common = [mark for mark in statement.marks if mark in unit.marks]
    denied_there = [mark for mark in common if statement.marks[mark]]
    denied_here = [mark for mark in common if unit.marks[mark]]
    if not denied_there and not denied_here:
        return False
    turned = [mark for mark in common if statement.marks[mark] != unit.marks[mark]]
    scope = {*denied_there, *denied_here}
    least = 3 if denied_there and denied_here else 2
    if len(turned) < least and not (len(turned) == 1 == len(scope) and turned[0][0] == "#"):
        return False
    return len(turned) > 0.5 * len(scope)


def number_conflict(wanted: Value, values: Sequence[Value]) -> Value | None:
    """Return a value that turns a threshold round (≥ 120 against ≤ 120 or < 100), where none agrees."""
    if any(wanted.agrees(value) for value in values):
        return None
    for value in values:
        if value.unit != wanted.unit or direction(value.op) * direction(wanted.op) >= 0:
            continue
        is_same = abs(value.low - wanted.low) <= 0.02 * abs(wanted.low) + 1e-9
        is_beyond = value.high < wanted.low if direction(wanted.op) > 0 else value.low > wanted.high
        if is_same or (is_beyond and value.quantity is not None and value.quantity == wanted.quantity):
            return value
    return None


def opposite_said(concept: str, is_negated: bool, answer: Reading, ignored: frozenset[int]) -> Mention | None:
    """Return where the answer asserts the opposite of a concept and never the concept itself."""
    if is_negated:
        return None
    known = concepts()
    if any(m.is_asserted and m.sentence not in ignored for m in answer.by_concept.get(concept, ())):
        return None
    return next(
        (
            mention
            for other in sorted(known.opposite.get(concept, ()))
            for mention in answer.by_concept.get(other, ())
            if mention.is_asserted and mention.sentence not in ignored
        ),
        None,
    )


def denied(concept: str, is_negated: bool, answer: Reading, ignored: frozenset[int]) -> Mention | None:
    """Return where the answer denies an asserted concept (or asserts a denied one) and never agrees."""
    mentions = [m for m in answer.by_concept.get(concept, ()) if m.sentence not in ignored]
    if not mentions or any(m.is_negated == is_negated for m in mentions):
        return None
    return mentions[0]


def answer_polarity(reading: Reading, question: Mapping[str, bool], units: Sequence[Unit]) -> bool | None:
    """Return whether a text answers a yes-or-no question with yes; None where it does neither.

    The opening word decides; without one, the sentence that repeats most of the question does, by its negation.
    """
    opening = opening_polarity(reading)
    if opening is not None or "\u4e00" <= reading.text[:1] <= "\u9fff":
        return opening
    best, share = None, 0.0
    for unit in units:
        if unit.is_question or not unit.marks:
            continue
        common = [mark for mark in question if mark in unit.marks]
        if question and len(common) / len(question) > share:
            best, share = (unit, common), len(common) / len(question)
    if best is None or share < 0.34:
        return None
    unit, common = best
    n_denied = sum(unit.marks[mark] for mark in common)
    return n_denied * 2 < len(common) and not _denies_right(reading, unit.number)


def opening_polarity(reading: Reading, first: int = 0) -> bool | None:
    """Return what a text (or a sentence, by its first token) says by opening with yes or no; None otherwise."""
    for f in reading.found_at.get(first, ()) or reading.found_at.get(first + 1, ()):
        if "refusal" in f.term.cues and (_stands_alone(reading, f.end) or _is_modal(reading, f.start, f.end)):
            return False
        if "yes" in f.term.cues and (_stands_alone(reading, f.end) or _is_modal(reading, f.start, f.end)):
            return True
    return None


_MODALS = frozenset(("可以", "能", "有权", "应该", "需要", "会", "不可以", "不能", "无权", "不需要", "不应该", "不会"))
"""Chinese openings that answer even where more follows at once."""
_AFTER_YES = frozenset(("you", "it", "they", "a", "patients", "吧", "的", "呀", "啊"))


def _is_modal(reading: Reading, start: int, end: int) -> bool:
    return reading.text[reading.tokens.starts[start] : reading.tokens.end(end - 1)] in _MODALS


def _stands_alone(reading: Reading, end: int) -> bool:
    surfaces = reading.tokens.surfaces
    return end >= len(surfaces) or not surfaces[end].isalnum() or surfaces[end].lower() in _AFTER_YES


def _denies_right(reading: Reading, number: int) -> bool:
    first, last = reading.tokens.bounds[number]
    return any(
        first <= f.start < last and "neg_fwd" in f.term.cues and _before_right(reading, f.end) for f in reading.found
    )


def _before_right(reading: Reading, end: int) -> bool:
    words = {s.lower() for s in reading.tokens.surfaces[end : end + 4]}
    return bool(words & {"right", "entitled", "权", "权利"})
