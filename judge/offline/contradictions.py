"""Incompatible assertions about one patient, time and tracing, by the table of pairs."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from judge.offline.assertion import NEGATED
from judge.offline.check_words import DIAGNOSED, IN_SENTENCE, MAX_PAIRS, TRACED, sentence_keys, words_apart
from judge.offline.finding import Finding
from judge.offline.lexicon import concepts, key
from judge.offline.one_breath import in_one_breath
from judge.offline.reading import Mention, Reading
from judge.offline.tables import table

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


def contradictions(answer: Reading) -> tuple[Finding, ...]:
    """Return pairs of incompatible assertions about one patient, time and tracing."""
    found = []
    rules, by_concept = _rules()
    for number in sorted({n for concept in answer.by_concept for n in by_concept.get(concept, ())}):
        rule = rules[number]
        for concept in rule["a"]:
            if concept not in answer.by_concept:
                continue
            if "within" in rule:
                found += _within(answer, concept, rule)
                continue
            first = _held(answer, concept)
            clash = None if first is None else _other_side(answer, rule, first)
            if first is None or clash is None or _is_cancelled(answer, rule):
                continue
            if not _is_apart_in_sentence(answer, first, clash):
                found.append(
                    Finding(
                        rule.get("kind", "contradiction"),
                        ((first.start, first.end), clash[:2]),
                        clash[2],
                        (concept, clash[2]),
                    )
                )
                break
    return (*found, *_said_and_denied(answer), *in_one_breath(answer))


def _within(answer: Reading, concept: str, rule: Mapping[str, Any]) -> list[Finding]:
    """Return a sentence that gives a concept the sign of another, the other not being in it."""
    for first in answer.by_concept.get(concept, ())[:MAX_PAIRS]:
        inside = [m for m in answer.in_sentence[first.sentence][:IN_SENTENCE] if m.clause == first.clause and m.is_firm]
        if any(m.concept in rule["within"] for m in inside):
            continue
        for second in inside:
            if second.concept in rule["b"]:
                places = ((first.start, first.end), (second.start, second.end))
                return [Finding("contradiction", places, second.concept, (concept, second.concept))]
    return []


def _is_apart_in_sentence(answer: Reading, first: Mention, clash: tuple[int, int, str]) -> bool:
    """Whether both sides stand in one sentence with a word of contrast, time or condition."""
    number = answer.tokens.sentence[clash[0]]
    if number != first.sentence:
        return False
    low, high = answer.tokens.bounds[number]
    text = answer.text[answer.tokens.starts[low] : answer.tokens.end(high - 1)]
    return bool(set(answer.keys[low:high]) & (words_apart()[0] - {"not", "without"})) or any(
        w in text for w in words_apart()[1]
    )


def _said_and_denied(answer: Reading) -> list[Finding]:
    """Return concepts that one sentence asserts and another denies."""
    found = []
    kind = concepts().kind
    for concept, mentions in answer.by_concept.items():
        if len(mentions) < 2:
            continue
        own = [m for m in mentions[:MAX_PAIRS] if m.concept == concept and not m.is_implied]
        if len(own) < 2 or kind[concept] not in TRACED or concept == "ECG":
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
    words = {*sentence_keys(answer, one), *sentence_keys(answer, other)}
    return _is_across(answer) or bool(words & _CONTRAST) or _subjects(answer, one) != _subjects(answer, other)


def _subjects(answer: Reading, mention: Mention) -> frozenset[str]:
    """Return the other diagnoses that a mention's sentence speaks of."""
    kind = concepts().kind
    return frozenset(
        m.concept
        for m in answer.mentions[:500]
        if m.sentence == mention.sentence and m.concept != mention.concept and kind[m.concept] in DIAGNOSED
    )


def _held(answer: Reading, concept: str) -> Mention | None:
    return next(
        (m for m in answer.by_concept.get(concept, ())[:MAX_PAIRS] if m.is_firm and not m.is_old and not m.is_implied),
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
        for m in answer.by_concept.get(concept, ())[:MAX_PAIRS]:
            if m.is_negated:
                return m.start, m.end, concept
    if "b_axis" in rule:
        axis, pole = rule["b_axis"]
        for start, end, poles in answer.axes[:MAX_PAIRS]:
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
    for value in answer.values[:MAX_PAIRS]:
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


@cache
def _rules() -> tuple[tuple[Mapping[str, Any], ...], Mapping[str, list[int]]]:
    """Return the pairs, and by concept the numbers of those whose first side it is."""
    rules = tuple(table("contradictions")["pairs"])
    by_concept: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        for concept in rule["a"]:
            by_concept.setdefault(concept, []).append(number)
    return rules, by_concept


def _is_across(answer: Reading) -> bool:
    """Whether the answer compares, corrects or tells a course, so that nothing in it contradicts."""
    english, chinese = _never_across()
    return bool(english & set(answer.keys)) or any(word in answer.text for word in chinese)


@cache
def _never_across() -> tuple[frozenset[str], tuple[str, ...]]:
    words = table("contradictions")["never_across"]
    return frozenset(key(str(w)) for w in words["en"]), tuple(words["zh"])
