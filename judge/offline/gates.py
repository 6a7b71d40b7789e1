"""Hints of gates: a dangerous act advised, a condition missed or left without its act. Hints, never votes."""

from collections.abc import Iterable

from judge.offline.commission import commission
from judge.offline.facts import Facts
from judge.offline.gate_rules import DISMISS, GateHit, GateRule, Told, acts_of, holds_in_case, is_named_act
from judge.offline.lexicon import members
from judge.offline.reading import Reading

_BENIGN = frozenset(("NORM", "ER", "PERICARD", "NORM_BORD"))


def gate_hits(rules: Iterable[GateRule], told: Told) -> tuple[GateHit, ...]:
    """Return all hints for one answer; a gate that yields to another that fires is left out."""
    hits: list[tuple[GateRule, GateHit]] = []
    critical = set(told.case.critical)
    for rule in rules:
        hit = None
        if (rule.is_special or rule.all_members & told.acts) and "commission" in rule.gate.tiers:
            hit = commission(rule, told)
        if hit is None and rule.id in critical:
            hit = _omission(rule, told)
        if hit is not None:
            hits.append((rule, hit))
    fired = {hit.gate for _, hit in hits}
    return tuple(hit for rule, hit in hits if not fired & set(rule.gate.yields_to))


def absences(rule: GateRule, told: Told) -> frozenset[str]:
    """Return which kinds of absence hold for a gate whose condition is critical in the case."""
    found = set()
    if not _names_condition(rule, told):
        found.add("diagnosis")
    acts = acts_of(rule.gate, told.facts)
    if acts and not any(is_named_act(told, act) for act in acts):
        found.add("act")
    return frozenset(found)


def critical_gates(rules: Iterable[GateRule], facts: Facts) -> tuple[str, ...]:
    """Return the gates whose condition the case or its references assert."""
    found = []
    for rule in rules:
        hint = rule.gate.hint
        holds = any(holds_in_case(rule, condition, facts) for condition in hint.conditions)
        beside = not hint.requires_any or any(facts.states(other) for other in hint.requires_any)
        if holds and beside and not any(facts.tells(other) for other in hint.exceptions):
            found.append(rule.id)
    return tuple(found)


def _omission(rule: GateRule, told: Told) -> GateHit | None:
    """Return a missed condition, or (only where the case asks for acts) one left without its act.

    A condition that question or context gives away cannot be missed.
    """
    if "omission" not in rule.gate.tiers:
        return None
    missing = absences(rule, told)
    if "diagnosis" in missing and not any(told.facts.tells(c) for c in rule.gate.hint.conditions):
        return GateHit(rule.id, "omission", _in_its_place(told.answer), "diagnosis")
    if "act" in missing and rule.id in told.case.acts_asked:
        return GateHit(rule.id, "omission", _in_its_place(told.answer), "act")
    return None


def _names_condition(rule: GateRule, told: Told) -> bool:
    hint = rule.gate.hint
    own = [c for c in hint.conditions if holds_in_case(rule, c, told.facts)] or list(hint.conditions)
    wanted = {*own, *hint.equivalents} if hint.equivalents else set(own)
    if not wanted or any(_is_named(told.answer, condition) for condition in wanted):
        return True
    low = told.answer.text.lower()
    return any(text.lower() in low for c in wanted for text in told.case.equivalents.get(c, ()))


def _is_named(answer: Reading, condition: str) -> bool:
    return all(any(m.is_asserted for m in answer.by_concept.get(c, ())) for c in condition.split("+"))


def _in_its_place(answer: Reading) -> tuple[int, int] | None:
    """Return the benign diagnosis or the dismissal that stands where the condition or act is missing."""
    dismissed = members(DISMISS)
    for mention in answer.mentions:
        is_dismissal = mention.concept in dismissed and mention.stance == "do"
        if is_dismissal or (mention.concept in _BENIGN and mention.is_firm):
            return mention.start, mention.end
    return None
