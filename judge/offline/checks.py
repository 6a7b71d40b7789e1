"""What does not fit: an answer against itself, against the numbers of the case, infarct against leads."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from judge.offline.assertion import NEGATED
from judge.offline.conflicts import clashes_in, opening_polarity
from judge.offline.features import Direction, Unit, weight
from judge.offline.leads import territories, territory_of
from judge.offline.lexicon import concepts, key
from judge.offline.numbers import Value
from judge.offline.reading import Mention, Reading
from judge.offline.tables import table

_IN_SENTENCE = 64
_MAX_PAIRS = 40
"""Mentions of one concept looked at; more add nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit; places are tokens of the answer."""

    kind: str
    places: tuple[tuple[int, int], ...]
    note: str
    concepts: tuple[str, ...] = ()


def findings(answer: Reading) -> tuple[Finding, ...]:
    """Return what in an answer contradicts itself or arithmetic."""
    return (*contradictions(answer), *number_errors(answer), *territory_mismatches(answer))


def contradictions(answer: Reading) -> tuple[Finding, ...]:
    """Return pairs of incompatible assertions about one patient, time and tracing."""
    found = []
    for rule in _rules():
        for concept in rule["a"]:
            if concept not in answer.by_concept:
                continue
            if "within" in rule:
                found += _within(answer, concept, rule)
                continue
            first = _held(answer, concept)
            if first is None or _is_cancelled(answer, rule):
                continue
            clash = _other_side(answer, rule, first)
            if clash is not None and not _is_apart_in_sentence(answer, first, clash):
                found.append(
                    Finding("contradiction", ((first.start, first.end), clash[:2]), clash[2], (concept, clash[2]))
                )
                break
    return (*found, *_said_and_denied(answer), *in_one_breath(answer))


def _within(answer: Reading, concept: str, rule: Mapping[str, Any]) -> list[Finding]:
    """Return a sentence that gives a concept the sign of another, the other not being in it."""
    for first in answer.by_concept.get(concept, ())[:_MAX_PAIRS]:
        inside = [
            m for m in answer.in_sentence[first.sentence][:_IN_SENTENCE] if m.clause == first.clause and m.is_firm
        ]
        if any(m.concept in rule["within"] for m in inside):
            continue
        for second in inside:
            if second.concept in rule["b"]:
                places = ((first.start, first.end), (second.start, second.end))
                return [Finding("contradiction", places, second.concept, (concept, second.concept))]
    return []


def in_one_breath(answer: Reading) -> list[Finding]:
    """Return opposites that one sentence asserts together, and acts that it advises and forbids."""
    by_sentence: dict[int, list[Mention]] = {}
    for mention in answer.mentions[:2_000]:
        if not mention.is_implied and not mention.is_old:
            by_sentence.setdefault(mention.sentence, []).append(mention)
    found: list[Finding] = []
    for mentions in by_sentence.values():
        clash = _clash(mentions[:_MAX_PAIRS])
        if clash is not None and not _is_apart(answer, *clash):
            one, two = clash
            places = ((one.start, one.end), (two.start, two.end))
            found.append(Finding("contradiction", places, two.concept, (one.concept, two.concept)))
    return (found + _yes_and_no(answer))[:_MAX_PAIRS]


def _clash(mentions: list[Mention]) -> tuple[Mention, Mention] | None:
    opposite = concepts().exclusive
    kind = concepts().kind
    for index, one in enumerate(mentions):
        for two in mentions[index + 1 :]:
            if two.concept in opposite.get(one.concept, ()) and one.is_firm and two.is_firm and one.leads == two.leads:
                return one, two
            if two.concept != one.concept or one.clause == two.clause:
                continue
            if one.stance is not None and _is_turned(one, two):
                return one, two
            if (
                kind[one.concept] in (*_TRACED, "disease")
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
    return bool(words & (_apart()[0] - denied)) or any(word in text for word in _apart()[1])


def _places_of(pair: tuple[Direction, Direction] | None) -> tuple[tuple[int, int], ...] | None:
    if pair is None or pair[0].axis not in _CLASHING_AXES:
        return None
    return ((pair[0].start, pair[0].end), (pair[1].start, pair[1].end))


def denied_in(unit: Unit, answer: Reading) -> tuple[tuple[int, int], ...] | None:
    """Return two neighbouring clauses of one sentence where the second denies all that it shares with the first."""
    clauses: dict[int, dict[str, tuple[bool, int]]] = {}
    for mark, at in unit.places[:200]:
        if weight(mark) >= 1.0:
            said = bool(answer.marks.bits[at] & NEGATED)
            clauses.setdefault(answer.tokens.clause[at], {})[mark] = (said, at)
    listed = list(clauses.values())
    for one, two in itertools.pairwise(listed):
        common = [mark for mark in one if mark in two]
        turned = [mark for mark in common if one[mark][0] != two[mark][0]]
        if turned and len(turned) == len(common) and (len(turned) > 1 or min(len(one), len(two)) <= 2):
            first, second = one[turned[0]][1], two[turned[0]][1]
            return ((first, first + 1), (second, second + 1))
    return None


def _is_apart_in_sentence(answer: Reading, first: Mention, clash: tuple[int, int, str]) -> bool:
    """Whether both sides stand in one sentence with a word of contrast, time or condition."""
    number = answer.tokens.sentence[clash[0]]
    if number != first.sentence:
        return False
    low, high = answer.tokens.bounds[number]
    text = answer.text[answer.tokens.starts[low] : answer.tokens.end(high - 1)]
    return bool(set(answer.keys[low:high]) & (_apart()[0] - {"not", "without"})) or any(w in text for w in _apart()[1])


def _yes_and_no(answer: Reading) -> list[Finding]:
    """Return sentences that open with yes and with no, about the same thing where more follows at once."""
    opened: dict[tuple[bool, str], tuple[int, int]] = {}
    for first, last in answer.tokens.bounds[:_MAX_PAIRS]:
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
        if set(answer.keys[first:last]) & (_apart()[0] - {"not", "can"}) or any(word in text for word in _apart()[1]):
            continue
        found.append(Finding("contradiction", places, "said and denied" if pair is None else pair[0].axis))
    return tuple(found)


@cache
def _apart() -> tuple[frozenset[str], tuple[str, ...]]:
    words = table("contradictions")["apart"]
    return frozenset(str(w) for w in words["en"]), tuple(words["zh"])


_TRACED = frozenset(("rhythm", "conduction", "ischaemia", "chamber", "repolarisation", "technique"))
_CONTRAST = frozenset(
    (
        "without",
        "unlike",
        "contrast",
        "whereas",
        "while",
        "differ",
        "distinguish",
        "compared",
        "instead",
        "absent",
        "if",
        "区别",
        "而",
        "若",
        "如",
    )
)


def _said_and_denied(answer: Reading) -> list[Finding]:
    """Return concepts that one sentence asserts and another denies."""
    found = []
    kind = concepts().kind
    for concept, mentions in answer.by_concept.items():
        own = [m for m in mentions[:_MAX_PAIRS] if m.concept == concept and not m.is_implied]
        if len(own) < 2 or kind[concept] not in _TRACED or concept == "ECG":
            continue
        yes = [m for m in own if m.is_firm and not m.is_old and not m.is_general]
        no = [m for m in own if m.is_negated and not m.is_old]
        if yes and no and not _is_qualified(answer, yes[0], no[0]):
            found.append(
                Finding(
                    "contradiction", ((yes[0].start, yes[0].end), (no[0].start, no[0].end)), concept, (concept, concept)
                )
            )
    return found


def _is_qualified(answer: Reading, one: Mention, other: Mention) -> bool:
    """Whether leads, sentence, subject or words of contrast keep two opposite assertions apart."""
    if one.leads != other.leads or one.sentence == other.sentence:
        return True  # one sentence is looked at by in_one_breath
    words = {*_sentence_keys(answer, one), *_sentence_keys(answer, other)}
    return _is_across(answer) or bool(words & _CONTRAST) or _subjects(answer, one) != _subjects(answer, other)


def _subjects(answer: Reading, mention: Mention) -> frozenset[str]:
    """Return the other diagnoses that a mention's sentence speaks of."""
    kind = concepts().kind
    return frozenset(
        m.concept
        for m in answer.mentions[:500]
        if m.sentence == mention.sentence and m.concept != mention.concept and kind[m.concept] in (*_TRACED, "disease")
    )


def _held(answer: Reading, concept: str) -> Mention | None:
    return next(
        (m for m in answer.by_concept.get(concept, ())[:_MAX_PAIRS] if m.is_firm and not m.is_old and not m.is_implied),
        None,
    )


def _is_cancelled(answer: Reading, rule: Mapping[str, Any]) -> bool:
    if any(answer.asserted(concept) is not None for concept in rule.get("unless", ())):
        return True
    low = answer.text.lower()
    return any(str(word) in low for word in rule.get("words", ())) or _is_across(answer)


def _other_side(answer: Reading, rule: Mapping[str, Any], first: Mention) -> tuple[int, int, str] | None:
    for concept in rule.get("b", ()):
        second = _held(answer, concept)
        if second is not None and second.start != first.start and not _has_owner(answer, second, first, rule):
            return second.start, second.end, concept
    for concept in rule.get("b_absent", ()):
        for m in answer.by_concept.get(concept, ())[:_MAX_PAIRS]:
            if m.is_negated:
                return m.start, m.end, concept
    if "b_axis" in rule:
        axis, pole = rule["b_axis"]
        for start, end, poles in answer.axes[:_MAX_PAIRS]:
            is_there = (axis, 1 if pole == "plus" else -1) in poles and answer.tokens.sentence[start] == first.sentence
            if is_there and not answer.marks.bits[start] & NEGATED:
                return start, end, axis
    return _value_side(answer, rule, first) or _kind_side(answer, rule, first)


def _has_owner(answer: Reading, second: Mention, first: Mention, rule: Mapping[str, Any]) -> bool:
    """Whether another diagnosis in its clause owns the second side: "AF is irregular, flutter is sawtooth"."""
    kind = concepts().kind
    own = {*rule["a"], *rule.get("b", ())}
    return any(
        m.clause == second.clause
        and m.concept not in own
        and kind[m.concept] in ("rhythm", "conduction", "disease")
        and first.clause != second.clause
        and m.concept not in concepts().above[first.concept]
        and m.concept not in _SIGN_LIKE
        for m in answer.mentions[:500]
    )


_SIGN_LIKE = frozenset(
    (
        "IRREG_IRREG",
        "NO_P",
        "P_BEFORE_QRS",
        "DROPPED",
        "PR_CONST",
        "PR_PROGR",
        "WIDE_QRS",
        "NARROW_QRS",
        "FIBW",
        "FWAVE_SAW",
        "PR_LONG",
        "PR_SHORT",
    )
)


def _value_side(answer: Reading, rule: Mapping[str, Any], first: Mention) -> tuple[int, int, str] | None:
    if "value" not in rule:
        return None
    quantity, op, limit = rule["value"]
    for value in answer.values[:_MAX_PAIRS]:
        is_of_it = value.quantity == quantity and answer.tokens.clause[value.start] == first.clause
        if is_of_it and value.op == "=" and value.low == value.high and _compares(value.low, op, limit):
            return value.start, value.end, str(quantity)
    return None


def _kind_side(answer: Reading, rule: Mapping[str, Any], first: Mention) -> tuple[int, int, str] | None:
    kinds = rule.get("b_kind")
    if kinds is None:
        return None
    normal = {"SR", "NORM", "AXIS_N", "NARROW_QRS", "P_BEFORE_QRS", "ECG", "PR_CONST"}
    for m in answer.mentions[:200]:
        is_abnormal = concepts().kind[m.concept] in kinds and m.concept not in normal
        if is_abnormal and m.is_firm and not m.is_old and abs(m.sentence - first.sentence) <= 1 and not m.is_general:
            return m.start, m.end, m.concept
    return None


def number_errors(answer: Reading) -> tuple[Finding, ...]:
    """Return numbers of an answer that do not fit one another: rate and RR, QTc and QT."""
    own: dict[str, Value] = {}
    for value in answer.values[:500]:
        if value.quantity and value.low == value.high and value.op in ("=", "~"):
            own.setdefault(value.quantity, value)
    found = []
    rate, rr = own.get("rate"), own.get("rr")
    if rate is not None and rr is not None and rr.low > 0:
        expected = 60_000 / rr.low
        if abs(expected - rate.low) > max(5.0, 0.05 * expected):
            found.append(_number_error(rate, rr, f"RR {rr.low:g} ms is {expected:.0f}/min"))
    qt, qtc = own.get("qt"), own.get("qtc")
    if qt is not None and qtc is not None and (rr is not None or rate is not None):
        rr_s = rr.low / 1000 if rr is not None else 60 / rate.low if rate is not None and rate.low > 0 else 0.0
        if rr_s > 0 and not _is_corrected(answer, qt.low, qtc.low, rr_s):
            found.append(_number_error(qtc, qt, "QTc does not follow from QT and rate"))
    return tuple(found)


def corrected_qt(qt_ms: float, rr_s: float) -> dict[str, float]:
    """Return QTc in ms by formula (Bazett, Fridericia, Framingham, Hodges)."""
    return {
        "bazett": qt_ms / math.sqrt(rr_s),
        "fridericia": qt_ms / rr_s ** (1 / 3),
        "framingham": qt_ms + 154 * (1 - rr_s),
        "hodges": qt_ms + 1.75 * (60 / rr_s - 60),
    }


def _is_corrected(answer: Reading, qt_ms: float, qtc_ms: float, rr_s: float) -> bool:
    by_name = corrected_qt(qt_ms, rr_s)
    low = answer.text.lower()
    named = [name for name in by_name if name in low] or ["bazett", "fridericia"]
    return any(abs(by_name[name] - qtc_ms) <= 10 for name in named)


def _number_error(one: Value, two: Value, note: str) -> Finding:
    return Finding("num_error", ((one.start, one.end), (two.start, two.end)), note)


_RECIPROCAL = frozenset(("reciprocal", "mirror", "opposite", "对", "镜"))


def territory_mismatches(answer: Reading) -> tuple[Finding, ...]:
    """Return infarcts whose listed leads share none with their territory."""
    found = []
    for m in answer.mentions[:500]:
        name = territory_of(m.concept)
        if name is None or not m.leads or not m.is_firm or set(_sentence_keys(answer, m)) & _RECIPROCAL:
            continue
        leads, reciprocal = territories()[name]
        named = set(m.leads)
        beside = answer.in_sentence[m.sentence][:_IN_SENTENCE]
        others = {t for x in beside if x.clause == m.clause for t in (territory_of(x.concept),) if t} - {name}
        if not named & (leads | reciprocal) and not others:
            found.append(
                Finding(
                    "territory_mismatch", ((m.start, m.end),), f"{m.concept} {' '.join(sorted(named))}", (m.concept,)
                )
            )
    return tuple(found)


def _compares(number: float, op: str, limit: float) -> bool:
    return (
        number < limit
        if op == "<"
        else number > limit
        if op == ">"
        else number >= limit
        if op == ">="
        else number <= limit
    )


def _sentence_keys(answer: Reading, mention: Mention) -> list[str]:
    first, last = answer.tokens.bounds[mention.sentence]
    return answer.keys[first:last]


@cache
def _rules() -> tuple[Mapping[str, Any], ...]:
    return tuple(table("contradictions")["pairs"])


def _is_across(answer: Reading) -> bool:
    """Whether the answer compares, corrects or tells a course, so that nothing in it contradicts."""
    english, chinese = _never_across()
    return bool(english & set(answer.keys)) or any(word in answer.text for word in chinese)


@cache
def _never_across() -> tuple[frozenset[str], tuple[str, ...]]:
    words = table("contradictions")["never_across"]
    return frozenset(key(str(w)) for w in words["en"]), tuple(words["zh"])
