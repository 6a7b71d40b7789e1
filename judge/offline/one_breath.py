"""Contradictions in one breath: opposites that one sentence asserts together, acts that it advises and forbids."""

import itertools
from collections.abc import Sequence

from judge.offline.assertion import NEGATED
from judge.offline.check_words import DIAGNOSED, MAX_PAIRS, words_apart
from judge.offline.conflicts import clashes_in, opening_polarity
from judge.offline.features import Direction, Unit, weight
from judge.offline.finding import Finding
from judge.offline.lexicon import concepts
from judge.offline.reading import Mention, Reading


def in_one_breath(answer: Reading) -> list[Finding]:
    """Return opposites that one sentence asserts together, and acts that it advises and forbids."""
    by_sentence: dict[int, list[Mention]] = {}
    for mention in answer.mentions[:2_000]:
        if not mention.is_implied and not mention.is_old:
            by_sentence.setdefault(mention.sentence, []).append(mention)
    found: list[Finding] = []
    for mentions in by_sentence.values():
        if len(mentions) < 2:
            continue
        clash = _clash(mentions[:MAX_PAIRS])
        if clash is not None and not _is_apart(answer, *clash):
            one, two = clash
            places = ((one.start, one.end), (two.start, two.end))
            found.append(Finding("contradiction", places, two.concept, (one.concept, two.concept)))
    return (found + _yes_and_no(answer))[:MAX_PAIRS]


def _clash(mentions: list[Mention]) -> tuple[Mention, Mention] | None:
    exclusive = concepts().exclusive
    kind = concepts().kind
    for index, one in enumerate(mentions):
        opposite = exclusive.get(one.concept, ())
        for two in mentions[index + 1 :]:
            if two.concept in opposite and one.is_firm and two.is_firm and one.leads == two.leads:
                return one, two
            if two.concept != one.concept or one.clause == two.clause:
                continue
            if one.stance is not None and _is_turned(one, two):
                return one, two
            if (
                kind[one.concept] in DIAGNOSED
                and one.concept != "ECG"
                and one.is_negated != two.is_negated
                and one.leads == two.leads
            ):
                return one, two
    return None


def _is_turned(one: Mention, two: Mention) -> bool:
    do, avoid = ("do", "continue"), ("avoid", "stop")
    return (one.stance in do and two.stance in avoid) or (one.stance in avoid and two.stance in do)


def _is_apart(answer: Reading, one: Mention, two: Mention) -> bool:
    first, last = answer.tokens.bounds[one.sentence]
    words = set(answer.keys[first:last])
    text = answer.text[answer.tokens.starts[one.start] : answer.tokens.end(two.end - 1)]
    denied = {"not", "without", "neither"} if one.is_negated != two.is_negated or one.stance is not None else set()
    return bool(words & (words_apart()[0] - denied)) or any(word in text for word in words_apart()[1])


def _yes_and_no(answer: Reading) -> list[Finding]:
    """Return sentences that open with yes and with no, about the same thing where more follows at once."""
    opened: dict[tuple[bool, str], tuple[int, int]] = {}
    for first, last in answer.tokens.bounds[:MAX_PAIRS]:
        says = opening_polarity(answer, first)
        if says is None:
            continue
        term = next((f for f in answer.found_at.get(first, ()) or answer.found_at.get(first + 1, ())), None)
        end = term.end if term is not None else first + 1
        follows = "".join(answer.tokens.surfaces[end : end + 2]) if end < last else ""
        opened.setdefault((says, follows if follows[:1].isalnum() and not follows.isascii() else ""), (first, end))
    for (says, about), place in opened.items():
        if says and (False, about) in opened:
            return [Finding("contradiction", (place, opened[False, about]), "yes and no")]
    return []


_CLASHING_AXES = frozenset(("level", "length", "rhythm", "norm", "use", "frequency", "stability", "sign", "urgency"))


def turned_in_one_breath(answer: Reading, units: Sequence[Unit]) -> tuple[Finding, ...]:
    """Return sentences whose clauses say opposite things of one subject, without a word of contrast."""
    found = []
    for unit in units[:200]:
        pair = clashes_in(unit, answer.tokens.clause)
        places = _places_of(pair) or denied_in(unit, answer)
        if places is None:
            continue
        first, last = answer.tokens.bounds[unit.number]
        text = answer.text[answer.tokens.starts[first] : answer.tokens.end(last - 1)]
        if set(answer.keys[first:last]) & (words_apart()[0] - {"not", "can"}) or any(
            word in text for word in words_apart()[1]
        ):
            continue
        found.append(Finding("contradiction", places, "said and denied" if pair is None else pair[0].axis))
    return tuple(found)


def _places_of(pair: tuple[Direction, Direction] | None) -> tuple[tuple[int, int], ...] | None:
    if pair is None or pair[0].axis not in _CLASHING_AXES:
        return None
    return ((pair[0].start, pair[0].end), (pair[1].start, pair[1].end))


def denied_in(unit: Unit, answer: Reading) -> tuple[tuple[int, int], ...] | None:
    """Return two neighbouring clauses of one sentence where the second denies all that it shares with the first."""
    bits, clause = answer.marks.bits, answer.tokens.clause
    places = unit.places[:200]
    if not places or clause[places[0][1]] == clause[places[-1][1]] or not any(bits[at] & NEGATED for _, at in places):
        return None
    clauses: dict[int, dict[str, tuple[bool, int]]] = {}
    for mark, at in places:
        if weight(mark) >= 1.0:
            clauses.setdefault(clause[at], {})[mark] = (bool(bits[at] & NEGATED), at)
    listed = list(clauses.values())
    for one, two in itertools.pairwise(listed):
        common = [mark for mark in one if mark in two]
        turned = [mark for mark in common if one[mark][0] != two[mark][0]]
        if turned and len(turned) == len(common) and (len(turned) > 1 or min(len(one), len(two)) <= 2):
            first, second = one[turned[0]][1], two[turned[0]][1]
            return ((first, first + 1), (second, second + 1))
    return None
