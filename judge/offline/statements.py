"""A reference text as a checklist of atomic statements: one concept, one number, or the words of one clause."""

import itertools
from dataclasses import dataclass
from typing import Literal

from judge.offline.assertion import FAMILY
from judge.offline.conflicts import opening_polarity
from judge.offline.features import CONCEPT_WEIGHT, Unit, units, weight
from judge.offline.numbers import Value
from judge.offline.reading import Reading, read

AtomBasis = Literal["concept", "number", "text"]
_LEAST_WORDS = 1.5
"""Weight of words below which the rest of a sentence is no statement."""
_ECHO_WEIGHT = 0.25
"""What a word that the question already holds counts."""
_INTERVAL_UNITS = frozenset(("year", "month", "week", "day"))


@dataclass(frozen=True, slots=True)
class Atom:
    """One atomic statement."""

    basis: AtomBasis
    sentence: int
    is_core: bool
    weight: float
    text: str
    concept: str | None = None
    is_negated: bool = False
    is_possible: bool = False
    is_family: bool = False
    """Whether the reference says it of a relative."""
    stance: str | None = None
    """For acts and drugs: what the reference says of them."""
    value: Value | None = None
    marks: tuple[tuple[str, float], ...] = ()
    """For words: mark and weight."""


@dataclass(frozen=True, slots=True)
class Key:
    """A reference (or criterion) ready to be compared with an answer."""

    reading: Reading
    units: tuple[Unit, ...]
    atoms: tuple[Atom, ...]
    says_yes: bool | None
    """For a yes-or-no question: what the reference answers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question ready to be compared with."""

    reading: Reading
    marks: dict[str, bool]
    is_yes_no: bool
    n_parts: int
    """How many things it asks for."""


def asked(question: str) -> Asked:
    """Read a question."""
    reading = read(question)
    found = units(reading)
    marks: dict[str, bool] = {}
    for unit in found:
        for mark, is_negated in unit.marks.items():
            marks[mark] = marks.get(mark, True) and is_negated
    return Asked(reading, marks, _is_yes_no(reading), _n_parts(reading))


def key_of(text: str, question: Asked, *, intervals_count: bool = True) -> Key:
    """Split a reference into atomic statements; the first sentence is core, later ones if the question asks more."""
    reading = read(text)
    found = units(reading)
    atoms: list[Atom] = []
    n_core = max(1, question.n_parts)
    for position, unit in enumerate(found):
        atoms += _atoms(reading, unit, question, is_core=position < n_core, intervals_count=intervals_count)
    says_yes = opening_polarity(reading) if question.is_yes_no else None
    return Key(reading, tuple(found), tuple(atoms), says_yes)


def _atoms(reading: Reading, unit: Unit, question: Asked, *, is_core: bool, intervals_count: bool) -> list[Atom]:
    atoms: list[Atom] = []
    text = reading.sentence_quote(unit.number)
    seen: set[str] = set()
    for mention in reading.in_sentence.get(unit.number, ()):
        if mention.concept in seen:
            continue
        seen.add(mention.concept)
        if is_in_question(mention.concept, question):
            continue
        atoms.append(
            Atom(
                "concept",
                unit.number,
                is_core,
                CONCEPT_WEIGHT,
                reading.quote(mention.start, mention.end),
                concept=mention.concept,
                is_negated=mention.is_negated,
                is_possible=not mention.is_firm,
                is_family=bool(mention.bits & FAMILY),
                stance=mention.stance,
            )
        )
    for value in unit.values:
        if value.unit in _INTERVAL_UNITS and not intervals_count:
            continue
        atoms.append(Atom("number", unit.number, is_core, 1.5, reading.quote(value.start, value.end), value=value))
    chunks = _chunks(reading, unit, question)
    for words in chunks:
        total = sum(w for _, w in words)
        if total >= _LEAST_WORDS or (not atoms and len(chunks) == 1):
            atoms.append(Atom("text", unit.number, is_core, min(3.0, max(total, 1.0)), text, marks=words))
    if not atoms:
        words = tuple(pair for chunk in chunks for pair in chunk)
        atoms.append(Atom("text", unit.number, is_core, 1.0, text, marks=words))
    return atoms


def _chunks(reading: Reading, unit: Unit, question: Asked) -> list[tuple[tuple[str, float], ...]]:
    """Return the words of a sentence by clause; a clause of few words goes with the one before it."""
    chunks: list[list[tuple[str, float]]] = []
    last: tuple[int, int] | None = None
    seen: set[str] = set()
    joins = _list_joints(reading, unit)
    n_joins = 0
    for mark, at in unit.places:
        while n_joins < len(joins) and joins[n_joins] < at:
            n_joins += 1
        clause = (reading.tokens.clause[at], n_joins)
        if mark[0] == "#" or mark in seen:
            continue
        seen.add(mark)
        if clause != last and not (chunks and sum(w for _, w in chunks[-1]) < _LEAST_WORDS):
            chunks.append([])
        last = clause
        chunks[-1].append((mark, weight(mark) * (_ECHO_WEIGHT if mark in question.marks else 1.0)))
    if len(chunks) > 1 and sum(w for _, w in chunks[-1]) < _LEAST_WORDS:
        chunks[-2:] = [[*chunks[-2], *chunks[-1]]]
    return [tuple(chunk) for chunk in chunks]


def _list_joints(reading: Reading, unit: Unit) -> list[int]:
    """Return the tokens at which the items of a list part."""
    first, last = reading.tokens.bounds[unit.number]
    return [i for i in range(first, last) if reading.tokens.surfaces[i].lower() in _JOINTS]


_JOINTS = frozenset(("、", "and", "or", ";", "(", ")"))


def is_in_question(concept: str, question: Asked) -> bool:
    """Return whether the question itself names a concept."""
    return any(m.concept == concept for m in question.reading.by_concept.get(concept, ()))


def _is_yes_no(reading: Reading) -> bool:
    surfaces = reading.tokens.surfaces
    if not surfaces:
        return False
    first = reading.tokens.bounds[-1][0]
    head = surfaces[first].lower()
    if head in _AUXILIARIES:
        return True
    text = reading.text
    return not text.isascii() and any(
        word in text for word in ("吗", "是否", "能否", "可否", "有无权", "有没有", "可不可以", "能不能")
    )


def _n_parts(reading: Reading) -> int:
    surfaces = [s.lower() for s in reading.tokens.surfaces]
    n_asked = max(1, surfaces.count("?"))
    for before, word in itertools.pairwise(surfaces):
        if before in ("and", "or", ",", ";") and word in _ASKING:
            n_asked += 1
    if not reading.text.isascii():
        n_asked += sum(reading.text.count(word) for word in _ASKING_ZH)
    return min(n_asked, 4)


_ASKING_ZH = (",如何", ",应", ",哪", ",为什么", ",什么", ",怎", "以及", ",需", ",下一步", ",首先", ",是否")
_ASKING = frozenset(("how", "what", "why", "which", "when", "who", "where", "should", "is", "are", "can", "does", "do"))
_AUXILIARIES = frozenset(
    ("can", "could", "do", "does", "did", "is", "are", "am", "will", "would", "should", "must", "may", "has", "have")
)
