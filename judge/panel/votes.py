"""Gates by vote: what a panel confirms, and what waits for a human."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from judge.domain.case import Case
from judge.domain.panel import Panel
from judge.domain.reading import OfflineReading
from judge.domain.rubric import Gate, GateTier, Rubric, Severity
from judge.domain.verdict import Absence, GateVerdict, Verdict
from judge.panel.repeats import is_most, usable_for_gates

TIERS_BY_HARM: tuple[GateTier, ...] = ("commission", "omission", "contradiction", "fabrication")
"""Worst first."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One judge's vote for one gate, repeats reduced."""

    judge: str
    tier: GateTier
    absences: frozenset[Absence] = frozenset()
    is_regional: bool = False


@dataclass(frozen=True, slots=True)
class GateDecision:
    """What the panel makes of one gate that a vote or a hint names."""

    gate_id: str
    is_applied: bool
    tier: GateTier
    severity: Severity | None
    """None where the rubric gives the gate none: it caps, and moves no rank."""
    n_judges: int
    n_votes: int
    has_hint: bool
    needs_human: bool
    is_diagnosis_missed: bool = False
    is_tier_disputed: bool = False
    is_regional: bool = False
    n_unsupported: int = 0
    """Judges that name the gate without a quote in the answer, or an omission the offline judge does not see."""

    @property
    def is_pending(self) -> bool:
        """Whether a human must settle if the gate holds."""
        return not self.is_applied and (self.n_votes > 0 or self.has_hint or self.is_regional)


def majority_of(n_judges: int) -> int:
    """Return the votes that suffice without a hint: more than half, and never fewer than two."""
    return max(n_judges // 2 + 1, 2)


def is_applied(n_judges: int, n_votes: int, *, has_hint: bool) -> bool:
    """Whether votes confirm a gate.

    >>> is_applied(5, 2, has_hint=False), is_applied(5, 2, has_hint=True), is_applied(3, 1, has_hint=True)
    (False, True, False)
    """
    return (
        n_votes >= majority_of(n_judges) or (n_votes >= 2 and has_hint) or (n_judges <= 2 and n_votes == 1 and has_hint)
    )


def winning_tier(tiers: Sequence[GateTier], gate: Gate, *, needed: int) -> GateTier:
    """Return the most severe tier that reaches the votes needed; a commission counts as an omission too.

    Where the votes are so divided that no tier reaches them, the least severe tier named.
    """
    for tier in TIERS_BY_HARM:
        also = {"commission"} if tier == "omission" and "omission" in gate.tiers else set()
        if sum(vote == tier or vote in also for vote in tiers) >= needed and tier in gate.tiers:
            return tier
    return max(tiers, key=TIERS_BY_HARM.index)


def decide_gates(
    rubric: Rubric,
    panel: Panel,
    case: Case,
    by_judge: Mapping[str, Sequence[Verdict]],
    reading: OfflineReading,
) -> tuple[GateDecision, ...]:
    """Return a decision for every gate in force that at least one judge or hint names, in the rubric's order.

    The offline judge has no vote: what it says is in ``reading``, as hints and as the check on omissions. Gates that
    only flag (text aimed at the grader) get no decision, nor does a gate that yields to one that is applied.
    """
    voters = {
        judge.id: repeats
        for judge in panel.judges
        if not judge.is_offline and (repeats := usable_for_gates(judge, by_judge.get(judge.id, ())))
    }
    gates = {gate.id: gate for gate in rubric.gates_of(case.task) if not gate.is_flag}
    acts_asked = case.checklist.acts_asked if case.checklist is not None else {}
    named = {hint.gate_id for hint in reading.hints}
    named.update(entry.gate_id for repeats in voters.values() for verdict in repeats for entry in verdict.gates)
    found = (
        _decide(gate, voters, reading, _absences(gate, reading, asks_for_act=bool(acts_asked.get(gate.id))))
        for gate in gates.values()
        if gate.id in named
    )
    decisions = tuple(decision for decision in found if decision is not None)
    applied = {decision.gate_id for decision in decisions if decision.is_applied}
    return tuple(d for d in decisions if not applied.intersection(gates[d.gate_id].yields_to))


def _absences(gate: Gate, reading: OfflineReading, *, asks_for_act: bool) -> frozenset[Absence]:
    """Return the kinds of absence that may count: an act can be missed only where the case asks for one."""
    absences = reading.absences.get(gate.id, frozenset())
    return absences if asks_for_act else absences - {"act"}


def _decide(
    gate: Gate, voters: Mapping[str, Sequence[Verdict]], reading: OfflineReading, absences: frozenset[Absence]
) -> GateDecision | None:
    hints = tuple(hint for hint in reading.hints if hint.gate_id == gate.id)
    cast = [vote for judge, repeats in voters.items() if (vote := _vote(judge, repeats, gate, hints, absences))]
    n_unsupported = sum(_is_unsupported(repeats, gate, absences) for repeats in voters.values())
    votes = [vote for vote in cast if not vote.is_regional]
    firm_hints = [hint for hint in hints if not _is_regional(hint, gate, hints)]
    if not (cast or hints or n_unsupported):
        return None
    n, has_hint = len(voters), bool(firm_hints)
    applied = is_applied(n, len(votes), has_hint=has_hint)
    needed = min(len(votes), 2) if has_hint else majority_of(n)
    tier = winning_tier([vote.tier for vote in votes], gate, needed=needed) if applied else _worst(cast, hints, gate)
    disputed = len({vote.tier for vote in votes}) > 1
    return GateDecision(
        gate_id=gate.id,
        is_applied=applied,
        tier=tier,
        severity=gate.severity.get(tier),
        n_judges=n,
        n_votes=len(votes),
        has_hint=has_hint,
        needs_human=disputed or (not applied and _waits(cast, hints, n_unsupported, n)),
        is_diagnosis_missed=applied and _misses_diagnosis(tier, votes, firm_hints, absences),
        is_tier_disputed=disputed,
        is_regional=len(votes) < len(cast) or len(firm_hints) < len(hints),
        n_unsupported=n_unsupported,
    )


def _waits(cast: Sequence[Vote], hints: Sequence[GateVerdict], n_unsupported: int, n_judges: int) -> bool:
    """Any vote or hint waits for a human; so does a claim of most judges that the offline judge cannot confirm."""
    return bool(cast) or bool(hints) or 2 * n_unsupported > n_judges


def _worst(cast: Sequence[Vote], hints: Sequence[GateVerdict], gate: Gate) -> GateTier:
    named = {vote.tier for vote in cast} | {hint.tier for hint in hints}
    return min(named or gate.tiers, key=TIERS_BY_HARM.index)


def _misses_diagnosis(
    tier: GateTier, votes: Sequence[Vote], hints: Sequence[GateVerdict], absences: frozenset[Absence]
) -> bool:
    """Whether the diagnosis is missed too: the offline judge must see it, and for an omission somebody must say it."""
    if "diagnosis" not in absences:
        return False
    said = any("diagnosis" in vote.absences for vote in votes) or any(hint.absence == "diagnosis" for hint in hints)
    return tier == "commission" or said


def _vote(
    judge: str, repeats: Sequence[Verdict], gate: Gate, hints: Sequence[GateVerdict], absences: frozenset[Absence]
) -> Vote | None:
    """Return the judge's vote if more than half of its repeats cast one."""
    entries = [[e for e in _entries(verdict, gate) if _is_supported(e, absences)] for verdict in repeats]
    named = [found for found in entries if found]
    if not is_most(len(named), len(repeats)):
        return None
    worst = [min((e.tier for e in found), key=TIERS_BY_HARM.index) for found in named]
    return Vote(
        judge=judge,
        tier=winning_tier(worst, gate, needed=len(repeats) // 2 + 1),
        absences=frozenset(e.absence for found in named for e in found if e.absence is not None),
        is_regional=all(_is_regional(e, gate, hints) for found in named for e in found),
    )


def _is_unsupported(repeats: Sequence[Verdict], gate: Gate, absences: frozenset[Absence]) -> bool:
    entries = [_entries(verdict, gate) for verdict in repeats]
    n_named = sum(bool(found) for found in entries)
    n_supported = sum(any(_is_supported(e, absences) for e in found) for found in entries)
    return is_most(n_named, len(repeats)) and not is_most(n_supported, len(repeats))


def _entries(verdict: Verdict, gate: Gate) -> list[GateVerdict]:
    return [entry for entry in verdict.gates if entry.gate_id == gate.id and entry.tier in gate.tiers]


def _is_supported(entry: GateVerdict, absences: frozenset[Absence]) -> bool:
    """Whether an entry is a vote.

    Words said must stand in the answer. Words left out need the offline judge's agreement on the kind that the judge
    names; where it names none, its quote must be found and some kind must hold.
    """
    if entry.tier != "omission":
        return entry.quote is not None and entry.quote.is_found
    if entry.absence is None:
        return bool(absences) and entry.quote is not None and entry.quote.is_found
    return entry.counts and entry.absence in absences


def _is_regional(entry: GateVerdict, gate: Gate, hints: Iterable[GateVerdict]) -> bool:
    """Whether an entry is about disputed practice alone: marked so, or on the words of a regional hint only."""
    if entry.is_regional or gate.severity.get(entry.tier) == "R":
        return True
    touched = [hint.is_regional for hint in hints if _overlap(entry, hint)]
    return bool(touched) and all(touched)


def _overlap(one: GateVerdict, other: GateVerdict) -> bool:
    a, b = one.quote, other.quote
    if a is None or b is None or a.start is None or a.end is None or b.start is None or b.end is None:
        return False
    return a.start < b.end and b.start < a.end
