"""How far an answer supports a reference: credit of every atomic statement, and what it contradicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from judge.offline.conflicts import (
    Conflict,
    Index,
    answer_polarity,
    denied,
    direction_conflicts,
    number_conflict,
    opposite_said,
    polarity_conflict,
)
from judge.offline.features import Unit, units, weight
from judge.offline.injection import Addressed, addressed
from judge.offline.lexicon import concepts
from judge.offline.reading import Mention, Reading, read
from judge.offline.statements import Asked, Atom, Key, is_in_question

_MET = 0.6
"""Least share of a statement's words in one sentence."""
_HALF_MET = 0.35
_SPREAD = 0.75
"""Least share of the words over the whole answer for half credit."""
_LEAST_MATCH = 1.0
"""Least weight of common words: one generic word is no evidence."""
_ALIGNED = 0.5
"""Least share of a sentence's marks in another for the two to speak of one thing."""


@dataclass(frozen=True, slots=True)
class AnswerText:
    """An answer ready to be compared."""

    reading: Reading
    units: tuple[Unit, ...]
    index: Index
    ignored: frozenset[int]
    """Sentences that assert nothing: questions, stock phrases, words to the grader."""
    spoken: Addressed
    has_denied: bool
    """Whether it denies anything."""


@dataclass(frozen=True, slots=True)
class AtomVerdict:
    """What an answer earns for one atomic statement."""

    atom: Atom
    credit: float
    sentence: int | None = None
    start: int | None = None
    end: int | None = None
    """Tokens of the answer that carry it."""


@dataclass(frozen=True, slots=True)
class Support:
    """How far an answer supports one reference."""

    verdicts: tuple[AtomVerdict, ...]
    conflicts: tuple[Conflict, ...]
    core_conflicts: tuple[Conflict, ...]
    core: tuple[AtomVerdict, ...]
    """The verdicts on core statements."""
    says_yes: bool | None
    is_polarity_right: bool | None
    """For a yes-or-no question with a reference that answers it; None where either side says neither."""

    def coverage(self, *, only_core: bool = False) -> float | None:
        """Return the share of the weight that is credited; None where there is no statement."""
        chosen = self.core if only_core else self.verdicts
        total = sum(v.atom.weight for v in chosen)
        return sum(v.credit * v.atom.weight for v in chosen) / total if total else None


def answer_text(text: str, *, questions_count: bool = False) -> AnswerText:
    """Read an answer and mark the sentences that assert nothing; in a dialogue a question is a contribution."""
    reading = read(text)
    found = tuple(units(reading))
    spoken = addressed(reading)
    hollow = {*spoken.filler_sentences, *(reading.tokens.sentence[start] for start, _ in spoken.phrases)}
    ignored = frozenset(
        u.number for u in found if (u.is_question and not questions_count) or (u.number in hollow and _is_hollow(u))
    )
    has_denied = any(u.has_denied for u in found)
    return AnswerText(reading, found, Index.of(found, ignored), ignored, spoken, has_denied)


def _is_hollow(unit: Unit) -> bool:
    """Whether a sentence with a stock phrase holds nothing else."""
    return not unit.values and not any(mark[0] == "#" for mark in unit.marks)


def compare(key: Key, answer: AnswerText, question: Asked) -> Support:
    """Return what an answer earns against one reference."""
    conflicts: list[Conflict] = []
    core: list[Conflict] = []
    clashes = [*direction_conflicts(key.units, answer.index), *_denials(key, answer)]
    if clashes:
        in_core = {atom.sentence for atom in key.atoms if atom.is_core}
        conflicts += clashes
        core += (clash for clash in clashes if clash.key_sentence in in_core)
    core += (turned := _turned_subjects(key, answer, question))
    conflicts += turned
    verdicts = []
    for atom in key.atoms:
        verdict, conflict = _judge(atom, answer)
        verdicts.append(verdict)
        if conflict is not None:
            conflicts.append(conflict)
            if atom.is_core:
                core.append(conflict)
    says_yes = _polarity(key, answer, question)
    is_right = None if key.says_yes is None or says_yes is None else key.says_yes == says_yes
    if is_right is False:
        opposite = Conflict("answer", 0, 0, 1, "yes or no")
        conflicts.append(opposite)
        core.append(opposite)
    return Support(
        verdicts=tuple(verdicts),
        conflicts=tuple(conflicts),
        core_conflicts=tuple(core),
        core=tuple([v for v in verdicts if v.atom.is_core]),
        says_yes=says_yes,
        is_polarity_right=is_right,
    )


_ON_TOPIC = 0.5
"""Least share of the opening sentence's own words that stand in question or reference."""


def _polarity(key: Key, answer: AnswerText, question: Asked) -> bool | None:
    """Return what an answer says to a yes-or-no question; None where its opening speaks of something else."""
    if not question.is_yes_no:
        return None
    says = answer_polarity(answer.reading, question.marks, [u for u in answer.units if u.number not in answer.ignored])
    opening = next((u for u in answer.units if u.number not in answer.ignored and u.marks), None)
    if says is None or opening is None:
        return says
    known = {mark for unit in key.units for mark in unit.marks} | set(question.marks)
    own = [mark for mark in opening.marks if weight(mark) >= 1.0]
    total = sum(weight(mark) for mark in own)
    shared = sum(weight(mark) for mark in own if mark in known)
    return says if total < 3.0 or shared >= _ON_TOPIC * total else None


def _turned_subjects(key: Key, answer: AnswerText, question: Asked) -> list[Conflict]:
    """Return where an answer speaks of the opposite of what was asked about, and never of the thing itself."""
    found = []
    for concept in dict.fromkeys(m.concept for m in key.reading.mentions if m.is_asserted and m.stance is None):
        if not is_in_question(concept, question):
            continue
        against = opposite_said(concept, False, answer.reading, answer.ignored)
        if against is not None and not any(m.concept == against.concept for m in key.reading.mentions):
            found.append(Conflict("concept", against.sentence, against.start, against.end, concept))
    return found


def _best_sentence(unit: Unit, answer: AnswerText) -> tuple[Unit, float] | None:
    """Return the sentence of the answer nearest to one of the reference, with the share of its weight."""
    total = sum(map(weight, unit.marks))
    if not total:
        return None
    score: dict[int, float] = {}
    by_mark = answer.index.by_mark
    for mark in unit.marks:
        for number in by_mark.get(mark, ())[:2000]:
            score[number] = score.get(number, 0.0) + weight(mark)
    if not score:
        return None
    number = max(score, key=lambda n: (score[n], -n))
    return answer.units[number], score[number] / total


def _denials(key: Key, answer: AnswerText) -> list[Conflict]:
    found = []
    for unit in key.units:
        if not (unit.has_denied or answer.has_denied):
            continue
        near = _best_sentence(unit, answer)
        if near is None or near[1] < _ALIGNED or not polarity_conflict(unit, near[0]):
            continue
        first, last = answer.reading.tokens.bounds[near[0].number]
        found.append(Conflict("polarity", near[0].number, first, last, "negation", near[1], unit.number))
    return found


def _judge(atom: Atom, answer: AnswerText) -> tuple[AtomVerdict, Conflict | None]:
    if atom.basis == "concept":
        return _judge_concept(atom, answer)
    if atom.basis == "number":
        return _judge_number(atom, answer)
    return _judge_words(atom, answer), None


def _judge_concept(atom: Atom, answer: AnswerText) -> tuple[AtomVerdict, Conflict | None]:
    concept = atom.concept or ""
    reading = answer.reading
    if atom.stance is not None:
        return _judge_act(atom, concept, answer)
    mention = _nearest(concept, atom.is_negated, answer, may_be_family=atom.is_family)
    if mention is not None:
        credit = 1.0 if mention.is_firm or atom.is_possible or atom.is_negated else 0.5
        return AtomVerdict(atom, credit, mention.sentence, mention.start, mention.end), None
    against = opposite_said(concept, atom.is_negated, reading, answer.ignored) or denied(
        concept, atom.is_negated, reading, answer.ignored
    )
    if against is not None:
        conflict = Conflict("concept", against.sentence, against.start, against.end, concept)
        return AtomVerdict(atom, 0.0, against.sentence, against.start, against.end), conflict
    return _by_parent(atom, concept, answer), None


_GIVEN = frozenset(("do", "caution", "continue"))
_WITHHELD = frozenset(("avoid", "stop"))


def _judge_act(atom: Atom, concept: str, answer: AnswerText) -> tuple[AtomVerdict, Conflict | None]:
    """Judge an act or drug by its stance: to advise what the key warns of (or the reverse) contradicts it."""
    mentions = [m for m in answer.reading.by_concept.get(concept, ()) if m.sentence not in answer.ignored]
    is_withheld = atom.stance in _WITHHELD
    best = None
    for mention in mentions:
        agrees = mention.stance in _WITHHELD if is_withheld else mention.stance not in _WITHHELD
        if agrees:
            return AtomVerdict(atom, 1.0, mention.sentence, mention.start, mention.end), None
        best = best or mention
    if best is None:
        return _by_parent(atom, concept, answer), None
    is_turned = best.stance in _GIVEN if is_withheld else atom.stance in _GIVEN
    conflict = Conflict("concept", best.sentence, best.start, best.end, concept, 0.8) if is_turned else None
    return AtomVerdict(atom, 0.0, best.sentence, best.start, best.end), conflict


def _nearest(concept: str, is_negated: bool, answer: AnswerText, *, may_be_family: bool) -> Mention | None:
    """Return the best mention of a concept with the wanted polarity."""
    best = None
    for mention in answer.reading.by_concept.get(concept, ()):
        if mention.sentence in answer.ignored or mention.is_negated != is_negated:
            continue
        if not (is_negated or may_be_family or mention.is_asserted):
            continue
        if mention.is_firm or may_be_family:
            return mention
        best = best or mention
    return best


def _by_parent(atom: Atom, concept: str, answer: AnswerText) -> AtomVerdict:
    known = concepts()
    for parent in sorted(known.above.get(concept, frozenset()) - {concept}):
        for mention in answer.reading.by_concept.get(parent, ()):
            is_above = mention.concept in known.above[concept]
            if is_above and mention.is_asserted and mention.sentence not in answer.ignored:
                return AtomVerdict(atom, 0.5, mention.sentence, mention.start, mention.end)
    return AtomVerdict(atom, 0.0)


def _judge_number(atom: Atom, answer: AnswerText) -> tuple[AtomVerdict, Conflict | None]:
    sentence_of = answer.reading.tokens.sentence
    values = [v for v in answer.reading.values if sentence_of[v.start] not in answer.ignored]
    wanted = atom.value
    if wanted is None:
        return AtomVerdict(atom, 0.0), None
    for value in values:
        if wanted.agrees(value):
            return AtomVerdict(atom, 1.0, sentence_of[value.start], value.start, value.end), None
    turned = number_conflict(wanted, values)
    if turned is None:
        return AtomVerdict(atom, 0.0), None
    return AtomVerdict(atom, 0.0), Conflict("number", sentence_of[turned.start], turned.start, turned.end, "number")


def _judge_words(atom: Atom, answer: AnswerText) -> AtomVerdict:
    total = sum(w for _, w in atom.marks)
    if not total:
        return AtomVerdict(atom, 0.0)
    score: dict[int, float] = {}
    spread = 0.0
    by_mark = answer.index.by_mark
    for mark, w in atom.marks:
        numbers = by_mark.get(mark)
        if numbers is None:
            continue
        spread += w
        for number in numbers[:2000]:
            score[number] = score.get(number, 0.0) + w
    if not score:
        return AtomVerdict(atom, 0.0)
    number = max(score, key=lambda n: (score[n], -n))
    share = score[number] / total
    is_half = share >= _HALF_MET or spread / total >= _SPREAD
    credit = (
        0.0 if score[number] < min(_LEAST_MATCH, 0.9 * total) else 1.0 if share >= _MET else 0.5 if is_half else 0.0
    )
    first, last = answer.reading.tokens.bounds[number]
    return AtomVerdict(atom, credit, number, first, last) if credit else AtomVerdict(atom, 0.0)


def best_of(keys: Sequence[Key], answer: AnswerText, question: Asked) -> Support | None:
    """Return the support by the reference that the answer fits best; references are alternatives."""
    supports = [compare(key, answer, question) for key in keys if key.atoms or key.says_yes is not None]
    if not supports:
        return None
    if len(supports) == 1:
        return supports[0]
    return max(supports, key=lambda s: (not s.core_conflicts, s.coverage(only_core=True) or 0.0, s.coverage() or 0.0))
