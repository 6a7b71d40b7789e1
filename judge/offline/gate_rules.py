"""What commission and omission share: a gate ready for use, one answer to one case, and when a condition holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from judge.domain.rubric import Gate, GateTier, HintPair
from judge.offline.case import CaseSide
from judge.offline.facts import Facts
from judge.offline.features import Unit
from judge.offline.lexicon import members
from judge.offline.reading import Reading
from judge.offline.tables import table

DISMISS = "DISMISS"
NOT_WITHHELD = ("do", "caution", "continue", "already", "mentioned")
"""Stances in which an act counts as named for an omission."""


@dataclass(frozen=True, slots=True)
class GateHit:
    """One gate that an answer sets off; tokens of the answer, none where nothing stands in the act's place."""

    gate: str
    tier: GateTier
    place: tuple[int, int] | None
    absence: str | None = None
    is_regional: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of a gate's hint with the members of its sets at hand."""

    pair: HintPair
    sets: tuple[tuple[str, frozenset[str]], ...]
    all_members: frozenset[str]


@dataclass(frozen=True, slots=True)
class GateRule:
    """A gate ready for use."""

    gate: Gate
    pairs: tuple[Pair, ...]
    special: Mapping[str, Any]
    """What the hint cannot say (``tables/gates.yaml``)."""
    id: str
    all_members: frozenset[str]
    is_special: bool
    """Whether it may fire without a member of its sets."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer to one case, as the rules of gates see it."""

    case: CaseSide
    answer: Reading
    units: Sequence[Unit]
    acts: frozenset[str]
    """Acts and drugs that the answer names."""
    named: frozenset[str]
    """Those that it does not withhold."""
    withheld: frozenset[str]

    @property
    def facts(self) -> Facts:
        """What the case states."""
        return self.case.facts


def rule_of(gate: Gate) -> GateRule:
    """Return a gate ready for use."""
    pairs = []
    for pair in gate.hint.pairs:
        sets = tuple((name, members(name)) for name in pair.sets)
        pairs.append(Pair(pair, sets, frozenset().union(*(m for _, m in sets))))
    special = _special().get(gate.id, {})
    everything: frozenset[str] = frozenset().union(*(p.all_members for p in pairs))
    return GateRule(gate, tuple(pairs), special, gate.id, everything, bool({"before", "rights"} & set(special)))


def holds_in_case(rule: GateRule, condition: str, facts: Facts) -> bool:
    """Whether a condition of a gate holds in the case, with the number that the gate asks for beside it."""
    special = rule.special
    limit = special.get("value_condition", {}).get(condition)
    if limit is not None:
        with_symptoms = special.get("symptom_condition", {}).get(condition)
        if with_symptoms is not None and any(facts.tells(s) for s in special["symptoms"]):
            limit = with_symptoms
        return any(_reaches(text, limit) for text in facts.texts)
    if special.get("condition") == condition and any(_reaches(text, special["value"]) for text in facts.texts):
        return True
    words = special.get("severity_words")
    if words is not None and words["condition"] == condition:
        return facts.states(condition) and has_words(facts.told, words)
    return facts.states(condition)


def has_words(text: Reading, words: Mapping[str, Sequence[str]]) -> bool:
    """Whether a text holds one of the words of either language."""
    low = f" {' '.join(s.lower() for s in text.tokens.surfaces)} "
    return any(f" {w} " in low for w in words["en"]) or any(w in text.text for w in words["zh"])


def acts_of(gate: Gate, facts: Facts) -> tuple[str, ...]:
    """Return the acts any of which suffices for the conditions that the case states."""
    acts = gate.hint.acts
    if not acts:
        return ()
    conditions = [c for c in gate.hint.conditions if facts.states(c)] or list(gate.hint.conditions)
    found: list[str] = []
    for condition in conditions:
        found += acts.get(condition, acts.get("*", ()))
    for condition, listed in acts.items():
        if condition != "*" and condition not in gate.hint.conditions and facts.states(condition):
            found += listed
    return tuple(dict.fromkeys(found))


def is_named_act(told: Told, act: str) -> bool:
    """Whether an answer names an act without withholding it."""
    return bool(members(act) & told.named)


def told_of(case: CaseSide, answer: Reading, units: Sequence[Unit]) -> Told:
    """Return one answer to one case, as the rules of gates see it."""
    acts = [m for m in answer.mentions if m.stance is not None]
    return Told(
        case=case,
        answer=answer,
        units=units,
        acts=frozenset(m.concept for m in acts),
        named=frozenset(m.concept for m in acts if m.stance in NOT_WITHHELD and not m.is_negated),
        withheld=frozenset(m.concept for m in acts if m.stance in ("avoid", "stop")),
    )


def _reaches(text: Reading, limit: Sequence[Any]) -> bool:
    quantity, op, number = limit
    return any(v.quantity == quantity and (v.low >= number if op == ">=" else v.high <= number) for v in text.values)


@cache
def _special() -> Mapping[str, Mapping[str, Any]]:
    return {k: v for k, v in table("gates").items() if k.startswith("G") and isinstance(v, dict)}
