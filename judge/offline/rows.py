"""Criteria of a case's own checklist against an answer: by concept where they name one, else by their words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from judge.offline.case import CaseSide, CheckRow
from judge.offline.conflicts import Conflict
from judge.offline.lexicon import concepts, lexicon
from judge.offline.matcher import walk
from judge.offline.numbers import Value
from judge.offline.reading import Mention, Reading, read
from judge.offline.statements import asked
from judge.offline.support import AnswerText, Support, compare
from judge.offline.tables import table

MET = 0.5
_WORDS_MET = 0.6
_WORDS_HALF = 0.35
_NEGATIVE_MET = 0.75
"""Share of a negative criterion's statements that must stand in the answer."""


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What an answer earns for one criterion of the checklist."""

    row: CheckRow
    credit: float
    basis: str
    places: tuple[tuple[int, int], ...]
    conflicts: tuple[Conflict, ...]

    @property
    def is_met(self) -> bool:
        """Whether it counts as met; a negative needs full credit."""
        return self.credit >= (1.0 if self.row.points < 0 else MET)


def judge_rows(case: CaseSide, answer: AnswerText) -> tuple[RowVerdict, ...]:
    """Judge all criteria of the checklist."""
    return tuple(_judge(row, answer) for row in case.rows)


def _judge(row: CheckRow, answer: AnswerText) -> RowVerdict:
    support = compare(row.key, answer, asked(""))
    if row.points < 0:
        return _negative(row, answer, support)
    numbers = [v.credit for v in support.verdicts if v.atom.basis == "number"]
    is_off = bool(numbers) and not any(numbers) and not any(test.get("value") for test in row.tests)
    by_words = _word_credit(support) * (0.5 if is_off else 1.0)
    if not row.tests:
        return RowVerdict(row, by_words, "text", _places(support), support.conflicts)
    credits = [_test(test, answer) for test in row.tests]
    credit = sum(c for c, _ in credits) / len(credits)
    places = tuple((m.start, m.end) for _, m in credits if m is not None)
    credit *= 0.5 if is_off else 1.0
    if credit >= MET:
        return RowVerdict(row, credit, "concept", places, ())
    if by_words > credit:
        return RowVerdict(row, max(credit, 0.5 * by_words), "text", _places(support), support.conflicts)
    return RowVerdict(row, credit, "concept", places, support.conflicts)


def _negative(row: CheckRow, answer: AnswerText, support: Support) -> RowVerdict:
    if row.tests:
        credits = [_test(test, answer, is_strict=True) for test in row.tests]
        is_met = all(c >= 1.0 for c, _ in credits)
        places = tuple((m.start, m.end) for _, m in credits if m is not None)
        return RowVerdict(row, 1.0 if is_met else 0.0, "concept", places if is_met else (), ())
    is_met = not support.conflicts and (support.coverage() or 0.0) >= _NEGATIVE_MET
    return RowVerdict(row, 1.0 if is_met else 0.0, "text", _places(support) if is_met else (), ())


def _word_credit(support: Support) -> float:
    if support.conflicts:
        return 0.0
    coverage = support.coverage() or 0.0
    return 1.0 if coverage >= _WORDS_MET else 0.5 if coverage >= _WORDS_HALF else 0.0


def _places(support: Support) -> tuple[tuple[int, int], ...]:
    found = [(v.start, v.end) for v in support.verdicts if v.credit and v.start is not None and v.end is not None]
    return tuple(dict.fromkeys(found))[:3]


def _test(test: Mapping[str, Any], answer: AnswerText, *, is_strict: bool = False) -> tuple[float, Mention | None]:
    """Return the credit of one concept test and the mention that earns it."""
    wanted = test["id"]
    is_absent = test["assert"] in ("absent", "negated")
    best: tuple[float, Mention | None] = (0.0, None)
    for mention in answer.reading.by_concept.get(wanted, ())[:200]:
        credit = _mention_credit(mention, test, answer, is_absent=is_absent)
        if credit > best[0]:
            best = (credit, mention)
    if best[0] > 0 or is_strict or is_absent:
        return best
    known = concepts()
    for parent in sorted(known.above.get(wanted, frozenset()) - {wanted}):
        if parent in known.generic:
            continue
        for mention in answer.reading.by_concept.get(parent, ())[:50]:
            if mention.concept in known.above[wanted] and mention.is_firm and mention.sentence not in answer.ignored:
                return 0.5, mention
    return best


def _mention_credit(mention: Mention, test: Mapping[str, Any], answer: AnswerText, *, is_absent: bool) -> float:
    if mention.sentence in answer.ignored or mention.is_negated != is_absent:
        return 0.0
    if not is_absent and not mention.is_asserted:
        return 0.0
    if mention.stance in ("avoid", "stop") and test["assert"] not in ("avoid", "stop", "contraindicated"):
        return 0.0
    if test["assert"] in ("avoid", "contraindicated"):
        return 1.0 if mention.stance == "avoid" else 0.0
    credit = 1.0 if mention.is_firm or is_absent or test["assert"] == "possible" else 0.5
    if test["assert"] in ("history", "old") and not mention.is_old:
        credit = min(credit, 0.5)
    for part in (
        _qualified(mention, test, answer),
        _led(mention, test, answer.reading),
        _valued(mention, test, answer.reading),
    ):
        credit = min(credit, part)
    return credit


def _qualified(mention: Mention, test: Mapping[str, Any], answer: AnswerText) -> float:
    """Return 1 where the qualifier stands in the mention's sentence, 0 where its opposite does, else one half."""
    qualifier = test.get("qual")
    if not qualifier:
        return 1.0
    poles, named, words = _qualifier(qualifier)
    first, last = answer.reading.tokens.bounds[mention.sentence]
    said = {pole for start, _, axes in answer.reading.axes if first <= start < last for pole in axes}
    if poles & said or words & set(answer.reading.keys[first:last]):
        return 1.0
    if any(m.concept in named and m.sentence == mention.sentence for m in answer.reading.mentions):
        return 1.0
    return 0.0 if {(axis, -sign) for axis, sign in poles} & said else 0.5


@lru_cache(maxsize=1_024)
def _qualifier(text: str) -> tuple[frozenset[tuple[str, int]], frozenset[str], frozenset[str]]:
    reading = read(text)
    poles = {pole for _, _, term in walk(reading.keys, lexicon().axes) for pole in term.axes}
    return frozenset(poles), frozenset(m.concept for m in reading.mentions), frozenset(reading.keys)


def _led(mention: Mention, test: Mapping[str, Any], reading: Reading) -> float:
    wanted = set(test.get("leads") or ())
    if not wanted:
        return 1.0
    first, last = reading.tokens.bounds[mention.sentence]
    named = {lead for at, leads in reading.leads.items() if first <= at < last for lead in leads}
    return 1.0 if 2 * len(wanted & named) >= len(wanted) else 0.5 if not named or wanted & named else 0.0


def _valued(mention: Mention, test: Mapping[str, Any], reading: Reading) -> float:
    wanted = test.get("value")
    if not wanted:
        return 1.0
    base, factor = _unit(wanted.get("unit"))
    goal = Value(None, wanted["num"] * factor, wanted["num"] * factor, wanted["op"], base, 0, 0)
    near = [v for v in reading.values if reading.tokens.sentence[v.start] == mention.sentence]
    if any(goal.agrees(v) or _satisfies(v, goal) for v in near):
        return 1.0
    return 0.5


def _satisfies(value: Value, goal: Value) -> bool:
    """Whether a measurement meets a threshold: 510 ms meets "≥ 500 ms"."""
    if value.op not in ("=", "~") or (value.unit and goal.unit and value.unit != goal.unit):
        return False
    return (
        value.low >= goal.low
        if goal.op in (">", ">=")
        else value.high <= goal.high
        if goal.op in ("<", "<=")
        else False
    )


@lru_cache(maxsize=256)
def _unit(name: str | None) -> tuple[str, float]:
    if not name:
        return "", 1.0
    for row in table("quantities")["units"].values():
        if name in row["en"] or name in row["zh"] or name == row["base"]:
            return (row["base"], float(row["x"])) if name != row["base"] else (row["base"], 1.0)
    return name, 1.0
