"""A text as the judge reads it: mentions with assertion and stance, values, leads, directions."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from judge.offline.assertion import (
    CONDITIONAL,
    FAMILY,
    GENERAL,
    NEGATED,
    NEW,
    OLD,
    POSSIBLE,
    PROBABLE,
    Marks,
    mark,
)
from judge.offline.compose import compose
from judge.offline.leads import find_leads
from judge.offline.lexicon import Lexicon, concepts, key, lexicon
from judge.offline.matcher import Found, find_terms, walk
from judge.offline.normalise import Normalised, normalise
from judge.offline.numbers import Value, find_values
from judge.offline.stance import Stance, stances
from judge.offline.tables import table
from judge.offline.tokens import Tokens, tokenise

_WORDS_LIKE_CAPITALS = frozenset(
    ("at", "as", "ar", "mr", "ms", "er", "it", "pac", "mat", "rad", "lad", "asa", "cp", "sb", "af")
)


@dataclass(slots=True)
class Mention:
    """One concept named in a text."""

    concept: str
    start: int
    end: int
    """First token and the one after the last."""
    bits: int
    sentence: int
    clause: int
    stance: Stance | None
    """For acts and drugs."""
    leads: tuple[str, ...] = ()
    is_implied: bool = False
    """Whether only a number says it."""

    @property
    def is_negated(self) -> bool:
        """Whether the text denies it."""
        return bool(self.bits & NEGATED) and not self.bits & POSSIBLE

    @property
    def is_asserted(self) -> bool:
        """Whether the text says it of this patient or in general, as fact, probable or possible."""
        return not self.bits & (NEGATED | FAMILY)

    @property
    def is_firm(self) -> bool:
        """Whether it is asserted without a hedge stronger than "probable" and without a condition."""
        return not self.bits & (NEGATED | FAMILY | POSSIBLE | CONDITIONAL)

    @property
    def is_old(self) -> bool:
        """Whether it lies in the past."""
        return bool(self.bits & OLD) and not self.bits & NEW

    @property
    def is_general(self) -> bool:
        """Whether it is said of patients in general."""
        return bool(self.bits & GENERAL)

    @property
    def is_probable(self) -> bool:
        """Whether it is only called probable."""
        return bool(self.bits & PROBABLE)


@dataclass(slots=True)
class Reading:
    """A text as read; built once, never changed."""

    original: str
    normalised: Normalised
    tokens: Tokens
    keys: list[str]
    found: list[Found]
    marks: Marks
    mentions: list[Mention]
    values: list[Value]
    leads: dict[int, tuple[str, ...]]
    axes: list[tuple[int, int, tuple[tuple[str, int], ...]]]
    by_concept: dict[str, list[Mention]] = field(default_factory=dict)
    found_at: dict[int, list[Found]] = field(default_factory=dict)
    """Terms by their first token."""
    in_sentence: dict[int, list[Mention]] = field(default_factory=dict)
    """Mentions by sentence."""
    first_cue: dict[str, Found] = field(default_factory=dict)
    """The first term with a cue, by class of cue."""

    @property
    def text(self) -> str:
        """The normalised text."""
        return self.normalised.text

    def quote(self, start: int, end: int) -> str:
        """Return the words of the original from one token to another."""
        low, high = self.span(start, end)
        return self.original[low:high]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return tokens as characters of the original."""
        return self.normalised.span(self.tokens.starts[start], self.tokens.end(end - 1))

    def sentence_quote(self, number: int) -> str:
        """Return a sentence of the original without its closing full stop."""
        first, last = self.tokens.bounds[number]
        while last > first + 1 and not self.tokens.surfaces[last - 1].isalnum():
            last -= 1
        return self.quote(first, last)

    def asserted(self, concept: str) -> Mention | None:
        """Return the first assertion of a concept or of one below it."""
        return next((m for m in self.by_concept.get(concept, ()) if m.is_asserted), None)

    def beside(self, mention: Mention, cue: str, *, before: int = 64, after: int = 32) -> Found | None:
        """Return the last term with a cue of a class near a mention in its sentence; distances in tokens."""
        first, last = self.tokens.bounds[mention.sentence]
        low, high = max(first, mention.start - before), min(last, mention.end + after)
        for index in range(high - 1, low - 1, -1):
            for f in self.found_at.get(index, ()):
                if cue in f.term.cues:
                    return f
        return None

    def has_cue(self, name: str) -> Found | None:
        """Return the first term with a cue of a class."""
        return self.first_cue.get(name)


def read(original: str) -> Reading:
    """Read a text, in time linear in its length."""
    known = lexicon()
    normalised = normalise(original)
    text = normalised.text
    tokens = tokenise(text)
    keys = _keys(text, tokens.surfaces, known)
    found = find_terms(text, tokens, keys, known)
    axes = walk(keys, known.axes)
    found = compose(tokens, found, axes)
    marks = mark(text, tokens, found)
    said = stances(tokens, found, marks.bits)
    leads = find_leads(text, tokens)
    reading = Reading(
        original=original,
        normalised=normalised,
        tokens=tokens,
        keys=keys,
        found=found,
        marks=marks,
        mentions=_mentions(tokens, found, marks, said, leads),
        values=find_values(text, tokens, keys, found),
        leads=leads,
        axes=[(start, end, term.axes) for start, end, term in axes if term.axes],
    )
    reading.mentions += (*_implied(reading), *_together(reading))
    _index(reading)
    return reading


def _keys(text: str, surfaces: Sequence[str], known: Lexicon) -> list[str]:
    keys = list(map(key, surfaces))
    if text.islower() or (not text.isupper() and text == text.lower()):
        return [_raised(k, known) for k in keys]
    if text.isupper() and len(text) > 24:
        return [k.lower() if k.lower() in _WORDS_LIKE_CAPITALS else k for k in keys]
    return keys


def _raised(low: str, known: Lexicon) -> str:
    """In a text without capitals an abbreviation is known by its letters."""
    if len(low) < 2 or not low.isascii() or (low in _WORDS_LIKE_CAPITALS and low != "af"):
        return low
    upper = low.upper()
    if upper in known.capitals:
        return upper
    return upper[:-1] if upper.endswith("S") and upper[:-1] in known.capitals and len(upper) > 3 else low


def _mentions(
    tokens: Tokens,
    found: Sequence[Found],
    marks: Marks,
    said: dict[int, Stance],
    leads: dict[int, tuple[str, ...]],
) -> list[Mention]:
    acts, bits = concepts().acts, marks.bits
    named: dict[int, dict[str, None]] = {}
    for at, names in leads.items():
        named.setdefault(tokens.clause[at], {}).update(dict.fromkeys(names))
    by_clause = {clause: tuple(names) for clause, names in named.items()}
    mentions = []
    for f in found:
        concept, start = f.concept, f.start
        if concept is None:
            continue
        clause = tokens.clause[start]
        stance = said.get(start) if concept in acts else None
        sentence, beside = tokens.sentence[start], by_clause.get(clause, ())
        mentions.append(Mention(concept, start, f.end, bits[start], sentence, clause, stance, beside))
    return mentions


def _together(reading: Reading) -> list[Mention]:
    """Return conditions named by two neighbouring mentions, or a drug and a word: AF with WPW, TCA overdose."""
    made = []
    above = concepts().above
    pairs, halves, drugs = _together_rules()
    mentions = [m for m in reading.mentions if not m.is_implied]
    for one, two in itertools.pairwise(mentions):
        if two.start - one.end > _TOGETHER or one.sentence != two.sentence:
            continue
        over_one, over_two = above[one.concept], above[two.concept]
        if halves.isdisjoint(over_one) or halves.isdisjoint(over_two):
            continue
        for a, b, concept in pairs:
            if (a in over_one and b in over_two) or (b in over_one and a in over_two):
                made.append(replace(one, concept=concept, end=two.end, bits=one.bits | two.bits, stance=None))
    for mention in mentions:
        if mention.stance is None:
            continue
        for drug, words, concept in drugs:
            if drug in above[mention.concept] and _has_word_after(reading, mention, words):
                made.append(replace(mention, concept=concept, stance=None))
    return made


@cache
def _together_rules() -> tuple[
    tuple[tuple[str, str, str], ...], frozenset[str], tuple[tuple[str, list[str], str], ...]
]:
    """Return the rules of pairs, the concepts in them, and the rules of a drug with a word."""
    rules = table("compose")["together"]
    pairs = tuple((*rule["pair"], rule["to"]) for rule in rules if rule.get("pair"))
    halves = frozenset(concept for one, two, _ in pairs for concept in (one, two))
    return pairs, halves, tuple((rule["drug"], rule["words"], rule["to"]) for rule in rules if "drug" in rule)


_TOGETHER = 6
"""Tokens between two mentions that name one condition together."""


def _has_word_after(reading: Reading, mention: Mention, words: list[str]) -> bool:
    last = min(reading.tokens.bounds[mention.sentence][1], mention.end + 5)
    near = reading.keys[mention.end : last]
    return any(w in near for w in words) or any(w in "".join(near) for w in words if not w.isascii())


def _implied(reading: Reading) -> list[Mention]:
    """Return the findings that a number alone states: a PR interval of 240 ms is a long one."""
    implied = []
    known = _limits() if reading.values else {}
    for value in reading.values:
        limits = known.get(value.quantity or "")
        concept = None if limits is None else _beyond(value, *limits)
        if concept is not None:
            at = value.start
            implied.append(
                Mention(
                    concept,
                    at,
                    value.end,
                    reading.marks.bits[at],
                    reading.tokens.sentence[at],
                    reading.tokens.clause[at],
                    None,
                    is_implied=True,
                )
            )
    return implied


def _beyond(value: Value, low: tuple[float, str] | None, high: tuple[float, str] | None) -> str | None:
    if high is not None and (value.low > high[0] or (value.low >= high[0] and value.op in (">", ">="))):
        return high[1] if value.op not in ("<", "<=") else None
    if low is not None and (value.high < low[0] or (value.high <= low[0] and value.op in ("<", "<="))):
        return low[1] if value.op not in (">", ">=") else None
    return None


@cache
def _limits() -> Mapping[str, tuple[tuple[float, str] | None, tuple[float, str] | None]]:
    return {
        name: (_limit(row.get("low")), _limit(row.get("high")))
        for name, row in table("quantities")["quantities"].items()
        if "low" in row or "high" in row
    }


def _limit(pair: list[Any] | None) -> tuple[float, str] | None:
    return None if pair is None else (float(pair[0]), str(pair[1]))


def _index(reading: Reading) -> None:
    """Note every mention under its concept and all above it, every term under its first token."""
    found_at, first_cue, by_concept = reading.found_at, reading.first_cue, reading.by_concept
    for f in reading.found:
        found_at.setdefault(f.start, []).append(f)
        for cue in f.term.cues:
            first_cue.setdefault(cue, f)
    stands_for = concepts().stands_for
    for mention in reading.mentions:
        reading.in_sentence.setdefault(mention.sentence, []).append(mention)
        for concept in stands_for[mention.concept]:
            by_concept.setdefault(concept, []).append(mention)
