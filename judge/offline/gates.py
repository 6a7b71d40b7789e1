"""Hints of gates: a dangerous act advised, a condition missed or left without its act. Hints, never votes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from judge.domain.rubric import Gate, GateTier, HintPair
from judge.offline.case import CaseSide
from judge.offline.conflicts import answer_polarity
from judge.offline.features import units
from judge.offline.lexicon import concepts, members
from judge.offline.reading import Mention, Reading
from judge.offline.tables import table

_DISMISS = "DISMISS"
_POSITIVE = ("do", "caution", "continue", "already", "mentioned")


@dataclass(frozen=True, slots=True)
class GateHit:
    """One gate that an answer sets off; tokens of the answer, none where nothing stands in the act's place."""

    gate: str
    tier: GateTier
    place: tuple[int, int] | None
    absence: str | None = None
    is_regional: bool = False
    basis: str = "rule"


class Facts:
    """What the case states, and what its references hold."""

    def __init__(self, case: CaseSide) -> None:
        self.case = case
        self.texts: tuple[Reading, ...] = (case.told, *(key.reading for key in case.keys))

    def states(self, condition: str) -> bool:
        """Whether question, context or a reference asserts a condition (``A+B``: all of them)."""
        return all(self._has(c) for c in condition.split("+"))

    def tells(self, condition: str) -> bool:
        """Whether question or context asserts a condition."""
        return all(_asserts(self.case.told, c) for c in condition.split("+"))

    def denies(self, concept: str) -> bool:
        """Whether question or context denies a concept."""
        said = self.case.told.by_concept.get(concept, ())
        return bool(said) and all(m.is_negated for m in said)

    def _has(self, concept: str) -> bool:
        texts = self.texts[:1] if concepts().kind.get(concept) == "clinical" else self.texts
        return any(_asserts(text, concept) for text in texts)


def _asserts(text: Reading, concept: str) -> bool:
    own = _own_conditions().get(concept, frozenset())
    return any(
        m.is_asserted and not m.is_implied and not _is_only_old(m) and m.concept not in own
        for m in text.by_concept.get(concept, ())
    )


def _is_only_old(mention: Mention) -> bool:
    return mention.is_old and concepts().kind[mention.concept] in ("rhythm", "conduction")


def gate_hits(gates: Iterable[Gate], case: CaseSide, answer: Reading) -> tuple[GateHit, ...]:
    """Return all hints for one answer; a gate that yields to another that fires is left out."""
    facts = Facts(case)
    hits: list[GateHit] = []
    by_id = {gate.id: gate for gate in gates}
    for gate in by_id.values():
        if gate.is_flag or gate.id not in case.gates:
            continue
        hit = _commission(gate, facts, answer) or _omission(gate, facts, answer)
        if hit is not None:
            hits.append(hit)
    fired = {hit.gate for hit in hits}
    return tuple(hit for hit in hits if not fired & set(by_id[hit.gate].yields_to))


def absences(gate: Gate, facts: Facts, answer: Reading) -> frozenset[str]:
    """Return which kinds of absence hold for a gate whose condition is critical in the case."""
    found = set()
    if not _names_condition(gate, facts, answer):
        found.add("diagnosis")
    acts = _acts_of(gate, facts)
    if acts and not any(_is_advised(answer, act) for act in acts):
        found.add("act")
    return frozenset(found)


def critical_gates(gates: Iterable[Gate], facts: Facts) -> tuple[str, ...]:
    """Return the gates whose condition question, context or references assert."""
    found = []
    for gate in gates:
        hint = gate.hint
        holds = any(_holds_in_case(gate.id, condition, facts) for condition in hint.conditions)
        beside = not hint.requires_any or any(facts.states(other) for other in hint.requires_any)
        if holds and beside and not any(facts.tells(other) for other in hint.exceptions):
            found.append(gate.id)
    return tuple(found)


# ── commission ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _commission(gate: Gate, facts: Facts, answer: Reading) -> GateHit | None:
    if "commission" not in gate.tiers or any(facts.tells(other) for other in gate.hint.exceptions):
        return None
    regional = None
    for pair in gate.hint.pairs:
        hit = _pair(gate, pair, facts, answer)
        if hit is not None and not hit.is_regional:
            return hit
        regional = regional or hit
    return regional or _drug_first(gate, facts, answer) or _right_denied(gate, facts, answer)


def _pair(gate: Gate, pair: HintPair, facts: Facts, answer: Reading) -> GateHit | None:
    if not all(facts.states(c) or _as_diagnosis(answer, c) for c in pair.requires):
        return None
    if any(_is_spared(c, facts, answer) for c in pair.unless):
        return None
    condition = _condition(gate, pair, facts, answer)
    if condition is None:
        return None
    for name in pair.sets:
        for mention in _advised(name, pair, facts, answer):
            if condition[1] is not None and abs(condition[1].sentence - mention.sentence) > 1:
                continue
            if not _is_allowed(gate, pair, name, mention, condition[0], facts, answer):
                return GateHit(gate.id, "commission", (mention.start, mention.end), is_regional=pair.is_regional)
    return None


def _condition(gate: Gate, pair: HintPair, facts: Facts, answer: Reading) -> tuple[str, Mention | None] | None:
    """Return a condition of a pair that holds, with its place in the answer where only the answer states it."""
    for condition in pair.conditions:
        if condition == "*" or _holds_in_case(gate.id, condition, facts):
            return condition, None
    if gate.id in facts.case.critical and set(pair.conditions) & set(gate.hint.conditions):
        if not any(_holds_in_case(gate.id, c, facts) for c in gate.hint.conditions):
            return pair.conditions[0], None
    for condition in pair.conditions:
        mention = _as_diagnosis(answer, condition)
        if mention is not None and not _needs_value(gate.id, condition) and not facts.denies(condition.split("+")[0]):
            return condition, mention
    return None


def _holds_in_case(gate_id: str, condition: str, facts: Facts) -> bool:
    rule = _special().get(gate_id, {})
    limit = rule.get("value_condition", {}).get(condition)
    if limit is not None:
        symptoms = rule.get("symptom_condition", {}).get(condition)
        if symptoms is not None and any(facts.tells(s) for s in rule["symptoms"]):
            limit = symptoms
        return any(_reaches(text, limit) for text in facts.texts)
    if rule.get("condition") == condition and any(_reaches(text, rule["value"]) for text in facts.texts):
        return True
    if "severity_words" in rule and rule["severity_words"]["condition"] == condition:
        return facts.states(condition) and _has_words(facts.case.told, rule["severity_words"])
    return facts.states(condition)


def _needs_value(gate_id: str, condition: str) -> bool:
    rule = _special().get(gate_id, {})
    return condition in rule.get("value_condition", {})


def _reaches(text: Reading, limit: list[Any]) -> bool:
    quantity, op, number = limit
    for value in text.values:
        if value.quantity == quantity and (value.low >= number if op == ">=" else value.high <= number):
            return True
    return False


def _as_diagnosis(answer: Reading, condition: str) -> Mention | None:
    """Return where an answer asserts a condition of this patient (or of the class of patients asked about)."""
    parts = condition.split("+")
    places = [
        next((m for m in answer.by_concept.get(c, ()) if m.is_firm and not m.is_implied and not m.is_old), None)
        for c in parts
    ]
    return places[0] if all(p is not None for p in places) else None


def _advised(name: str, pair: HintPair, facts: Facts, answer: Reading) -> list[Mention]:
    wanted = members(name)
    found = []
    for mention in answer.mentions:
        if (
            mention.concept not in wanted
            or mention.stance not in pair.stances
            or mention.is_general
            and facts.case.context.keys
        ):
            continue
        if mention.bits & 64 or not _fits_route(name, mention, answer) or _is_unmet_condition(mention, facts, answer):
            continue
        if name == _DISMISS and _is_later(mention, answer):
            continue
        if pair.stances == ("stop",) and not _is_taken(mention, facts):
            continue
        found.append(mention)
    return found


def _is_taken(mention: Mention, facts: Facts) -> bool:
    """Whether the case names the drug that an answer stops, or one of its class."""
    above = concepts().above[mention.concept]
    return any(c in facts.case.told.by_concept for c in above)


def _fits_route(name: str, mention: Mention, answer: Reading) -> bool:
    route = table("sets").get(name, {}).get("route")
    if route is None:
        return True
    cues = {"iv": "route_iv", "push": "route_push"}[route]
    near = [f for f in answer.found if cues in f.term.cues and answer.tokens.sentence[f.start] == mention.sentence]
    return any(abs(f.start - mention.start) <= 8 or f.start == mention.start for f in near) or _named_route(
        mention, answer, route
    )


def _named_route(mention: Mention, answer: Reading, route: str) -> bool:
    words = {s.lower() for s in answer.tokens.surfaces[mention.start : mention.end]}
    return route == "iv" and bool(words & {"iv", "intravenous"})


def _is_unmet_condition(mention: Mention, facts: Facts, answer: Reading) -> bool:
    """Whether the act hangs on an "if" that the case contradicts."""
    conditional = None
    for f in answer.found:
        if f.start >= mention.start:
            break
        if "conditional" in f.term.cues and answer.tokens.sentence[f.start] == mention.sentence:
            conditional = f
    if conditional is None:
        return False
    clause = answer.tokens.clause[conditional.start]
    for other in answer.mentions:
        if other.clause == clause and other.start > conditional.start and other is not mention:
            if facts.denies(other.concept) or _is_contradicted(other, facts):
                return True
    return False


def _is_contradicted(condition: Mention, facts: Facts) -> bool:
    unstable = any(facts.tells(c) for c in ("UNSTABLE", "SHOCK", "HYPOT"))
    if condition.concept == "STABLE" and not condition.bits & 1:
        return unstable
    if condition.concept in ("UNSTABLE", "SHOCK", "HYPOT"):
        return facts.tells("STABLE") and not unstable
    return False


def _is_later(mention: Mention, answer: Reading) -> bool:
    """Whether a dismissal is planned for after something."""
    low = max(0, mention.start - 8)
    clause = answer.tokens.clause[mention.start]
    before = [
        s.lower()
        for i, s in enumerate(answer.tokens.surfaces[low : mention.start], low)
        if answer.tokens.clause[i] in (clause, clause - 1)
    ]
    text = " ".join(before)
    joined = "".join(before)
    words = table("gates")["later"]
    padded = f" {text} "
    return any(f" {w.lower()} " in padded for w in words["en"]) or any(w in joined for w in words["zh"])


def _is_spared(condition: str, facts: Facts, answer: Reading) -> bool:
    return all(
        facts.tells(c) or any(m.is_asserted and m.stance in (None, *_POSITIVE) for m in answer.by_concept.get(c, ()))
        for c in condition.split("+")
    )


def _is_allowed(
    gate: Gate, pair: HintPair, name: str, mention: Mention, condition: str, facts: Facts, answer: Reading
) -> bool:
    """Whether a rule of its own spares an advised act."""
    rule = _special().get(gate.id, {})
    exempt = rule.get("exempt_continue")
    if exempt is not None and mention.stance == "continue" and condition == exempt["condition"]:
        return mention.concept in members(exempt["set"])
    if "unless_words" in rule and any(
        rule["unless_words"] in f.term.cues and answer.tokens.sentence[f.start] == mention.sentence
        for f in answer.found
    ):
        return True
    if rule.get("later_spares") and _is_put_off(name, mention, answer):
        return True
    if "unknown" in rule and not _has_lasted(facts, rule):
        return True
    if name == _DISMISS or mention.concept in members(_DISMISS):
        return _is_partial_dismissal(gate, facts, mention, answer)
    return False


def _is_put_off(name: str, mention: Mention, answer: Reading) -> bool:
    """Whether an answer withholds the set now and advises it for later."""
    wanted = members(name)
    if not any(m.concept in wanted and m.stance in ("avoid", "stop") for m in answer.mentions):
        return False
    first, last = answer.tokens.bounds[mention.sentence]
    words = table("gates")["put_off"]
    said = {s.lower() for s in answer.tokens.surfaces[first:last]}
    text = answer.text[answer.tokens.starts[first] : answer.tokens.end(last - 1)].lower()
    return bool(said & set(words["en"])) or any(w in text for w in (*words["zh"], "long-term"))


def _has_lasted(facts: Facts, rule: Mapping[str, Any]) -> bool:
    """Whether the case says that it has lasted longer than the limit, or for an unknown time."""
    if _has_words(facts.case.told, rule["unknown"]):
        return True
    hours = {"hour": 1.0, "day": 24.0, "week": 168.0, "month": 720.0, "year": 8760.0, "minute": 1 / 60}
    spans = [v.high * hours[v.unit] for v in facts.case.told.values if v.unit in hours and v.quantity != "age"]
    return any(span > rule["duration_h"] for span in spans)


def _is_partial_dismissal(gate: Gate, facts: Facts, mention: Mention, answer: Reading) -> bool:
    """Whether a dismissal is not the whole disposition: admission or a life-saving act is advised as well."""
    acts = {*_acts_of(gate, facts), *table("gates")["rescue"]}
    return any(_is_advised(answer, act, besides=mention) for act in acts)


def _drug_first(gate: Gate, facts: Facts, answer: Reading) -> GateHit | None:
    """Return a drug that an answer puts before the shock."""
    before = _special().get(gate.id, {}).get("before")
    if before is None or not (gate.id in facts.case.critical or any(facts.states(c) for c in gate.hint.conditions)):
        return None
    shock = next((m for m in answer.mentions if m.concept == before and m.stance in _POSITIVE), None)
    for pair in gate.hint.pairs:
        for mention in (m for name in pair.sets for m in _advised(name, pair, facts, answer)):
            if shock is None or mention.start > shock.start:
                continue
            words = {s.lower() for s in answer.tokens.surfaces[max(0, mention.start - 6) : shock.start]}
            if words & {"first", "before", "then", "先", "再", "后", "afterwards", "initially"}:
                return GateHit(gate.id, "commission", (mention.start, mention.end))
    waiting = next((m for m in answer.mentions if m.concept == "ACT_WAIT" and m.stance == "do"), None)
    return (
        GateHit(gate.id, "commission", (waiting.start, waiting.end)) if waiting is not None and shock is None else None
    )


def _right_denied(gate: Gate, facts: Facts, answer: Reading) -> GateHit | None:
    """Return where an answer to a question of rights says the opposite of the key."""
    if not _special().get(gate.id, {}).get("rights"):
        return None
    case = facts.case
    if not any(concepts().kind[m.concept] == "right" for text in facts.texts for m in text.mentions):
        return None
    says = answer_polarity(answer, case.question.marks, units(answer)) if case.question.is_yes_no else None
    known = {key.says_yes for key in case.keys if key.says_yes is not None}
    if says is None or not known or says in known:
        return None
    return GateHit(gate.id, "commission", answer.tokens.bounds[0])


# ── omission ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _omission(gate: Gate, facts: Facts, answer: Reading) -> GateHit | None:
    if "omission" not in gate.tiers or gate.id not in facts.case.critical:
        return None
    missing = absences(gate, facts, answer)
    if "diagnosis" in missing and not any(facts.tells(c) for c in gate.hint.conditions):
        return GateHit(gate.id, "omission", _in_its_place(answer), "diagnosis")
    if "act" in missing and gate.id in facts.case.acts_asked:
        return GateHit(gate.id, "omission", _in_its_place(answer), "act")
    return None


def _names_condition(gate: Gate, facts: Facts, answer: Reading) -> bool:
    own = [c for c in gate.hint.conditions if _holds_in_case(gate.id, c, facts)] or list(gate.hint.conditions)
    wanted = {*own, *gate.hint.equivalents} if gate.hint.equivalents else set(own)
    if any(_is_named(answer, condition) for condition in wanted):
        return True
    if not wanted:
        return True
    low = answer.text.lower()
    return any(text.lower() in low for c in wanted for text in facts.case.equivalents.get(c, ()))


def _is_named(answer: Reading, condition: str) -> bool:
    return all(any(m.is_asserted for m in answer.by_concept.get(c, ())) for c in condition.split("+"))


def _acts_of(gate: Gate, facts: Facts) -> tuple[str, ...]:
    """Return the acts any of which suffices for the conditions that the case states."""
    acts = gate.hint.acts
    if not acts:
        return ()
    conditions = [c for c in gate.hint.conditions if facts.states(c)] or list(gate.hint.conditions)
    found: list[str] = []
    for condition in conditions:
        found += acts.get(condition, acts.get("*", ()))
    found += [
        a
        for c, listed in acts.items()
        if c != "*" and c not in gate.hint.conditions and facts.states(c)
        for a in listed
    ]
    return tuple(dict.fromkeys(found))


def _is_advised(answer: Reading, act: str, *, besides: Mention | None = None) -> bool:
    wanted = members(act)
    return any(
        m.concept in wanted and m.stance in _POSITIVE and m is not besides and not m.is_negated for m in answer.mentions
    )


def _in_its_place(answer: Reading) -> tuple[int, int] | None:
    """Return the benign diagnosis or the dismissal that stands where the condition or act is missing."""
    dismissed = members(_DISMISS)
    benign = {"NORM", "ER", "PERICARD", "NORM_BORD"}
    for mention in answer.mentions:
        if (mention.concept in dismissed and mention.stance == "do") or (mention.concept in benign and mention.is_firm):
            return mention.start, mention.end
    return None


def _has_words(text: Reading, words: Mapping[str, list[str]]) -> bool:
    low = f" {' '.join(s.lower() for s in text.tokens.surfaces)} "
    return any(f" {w} " in low for w in words["en"]) or any(w in text.text for w in words["zh"])


@cache
def _own_conditions() -> Mapping[str, frozenset[str]]:
    """Return concepts that are conditions of their own and never stand for the more general one."""
    return {concept: frozenset(below) for concept, below in table("gates")["no_descent"].items()}


@cache
def _special() -> Mapping[str, Mapping[str, Any]]:
    return {k: v for k, v in table("gates").items() if k.startswith("G") and isinstance(v, dict)}
