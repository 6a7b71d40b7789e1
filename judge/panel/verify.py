"""Is a reply true to the rubric and to the answer? Criteria, gates and levels, checked one by one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from judge.domain.request import AskedCriterion, JudgeRequest
from judge.domain.rubric import Rubric
from judge.domain.verdict import CriterionVerdict, GateVerdict, LevelVerdict, Met
from judge.panel.faults import Fault
from judge.panel.parse import ParsedReply, SaidCriterion, SaidGate
from judge.panel.quotes import Sighting, check_quotes, n_distinct

FAILED_SHARE = 0.5
"""Share of failed quotes beyond which a verdict cannot be used."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One call's part of a verdict, with what is wrong with it."""

    levels: tuple[LevelVerdict, ...]
    criteria: tuple[CriterionVerdict, ...]
    gates: tuple[GateVerdict, ...]
    injection_suspected: bool | None
    reference_problem: str | None
    faults: tuple[Fault, ...]
    n_evidence: int = 0
    """Places where evidence was due: quotes of met criteria and of gates."""
    n_failed: int = 0

    @property
    def is_usable(self) -> bool:
        """Whether the reply may stand after the last re-ask: no fault but of quotes, and at most half of those."""
        only_quotes = all(fault.is_of_quote for fault in self.faults)
        return only_quotes and self.n_failed <= FAILED_SHARE * self.n_evidence


def check_reply(rubric: Rubric, request: JudgeRequest, said: ParsedReply, sighting: Sighting) -> Checked:
    """Check a well-formed reply against what was asked and what the answer says.

    Criteria of a dimension that is not applicable are not applicable; dimensions that the case leaves out are so
    whatever the judge says. A quote that is not found costs its criterion the credit and its gate the vote.
    """
    levels, level_faults = _levels(request, said)
    outside = {level.dimension for level in levels if level.status == "not_applicable"}
    criteria, evidence = _criteria(request, said.criteria, sighting, outside)
    gates, gate_evidence = _gates(rubric, request, said.gates, sighting)
    faults = (*level_faults, *_id_faults(request, said), *evidence.faults, *gate_evidence.faults)
    return Checked(
        levels=tuple(levels),
        criteria=criteria,
        gates=gates,
        injection_suspected=said.injection_suspected,
        reference_problem=said.reference_problem,
        faults=faults,
        n_evidence=evidence.n + gate_evidence.n,
        n_failed=evidence.n_failed + gate_evidence.n_failed,
    )


@dataclass(slots=True)
class _Evidence:
    """Counts of quotes that were due and that failed."""

    n: int
    n_failed: int
    faults: list[Fault]

    def add(self, n: int, faults: Sequence[Fault]) -> None:
        self.n += n
        self.n_failed += len(faults)
        self.faults += faults


def _levels(request: JudgeRequest, said: ParsedReply) -> tuple[list[LevelVerdict], list[Fault]]:
    levels: list[LevelVerdict] = []
    faults: list[Fault] = []
    for dimension in request.dimensions:
        one = said.levels[dimension]
        if dimension in request.na_required or one.level is None:
            if dimension not in request.na_allowed:
                faults.append(Fault("na_not_allowed", dimension))
            levels.append(LevelVerdict(dimension, "not_applicable", None, one.reason))
        else:
            levels.append(LevelVerdict(dimension, "scored", one.level, one.reason))
    return levels, faults


def _id_faults(request: JudgeRequest, said: ParsedReply) -> list[Fault]:
    asked = {criterion.id for criterion in request.criteria}
    found = {criterion.id for criterion in said.criteria}
    if found == asked and len(found) == len(said.criteria):
        return []
    counts = Counter(criterion.id for criterion in said.criteria)
    faults = [Fault("criterion_missing", c.id) for c in request.criteria if c.id not in counts]
    faults += [Fault("criterion_unknown", one) for one in counts if one not in asked]
    return faults + [Fault("criterion_twice", one) for one, n in counts.items() if n > 1 and one in asked]


def _criteria(
    request: JudgeRequest, said: Iterable[SaidCriterion], sighting: Sighting, outside: set[str]
) -> tuple[tuple[CriterionVerdict, ...], _Evidence]:
    by_id = {criterion.id: criterion for criterion in said}
    evidence = _Evidence(0, 0, [])
    verdicts = [
        _criterion(asked, by_id[asked.id], sighting, evidence, is_outside=asked.dimension in outside)
        for asked in request.criteria
        if asked.id in by_id
    ]
    return tuple(verdicts), evidence


def _criterion(
    asked: AskedCriterion, said: SaidCriterion, sighting: Sighting, evidence: _Evidence, *, is_outside: bool
) -> CriterionVerdict:
    met: Met = "na" if is_outside or said.met == "na" else "yes" if said.met else "no"
    quotes, faults = check_quotes(said.quotes, sighting, asked.id)
    credit = 0.0
    if met == "yes" and asked.evidence == "quote":
        if not quotes:
            faults = (Fault("quote_missing", asked.id),)
        evidence.add(max(len(quotes), 1), faults)
        credit = _credit(asked, n_distinct(quotes), is_all_found=not faults)
    elif met == "yes":
        credit = 1.0
    return CriterionVerdict(asked.id, asked.dimension, met, asked.points, credit, quotes)


def _credit(asked: AskedCriterion, n_found: int, *, is_all_found: bool) -> float:
    if not asked.is_each:
        return 1.0 if is_all_found else 0.0
    most = abs(asked.max_total / asked.points) if asked.max_total is not None and asked.points else float(n_found)
    return min(float(n_found), most)


def _gates(
    rubric: Rubric, request: JudgeRequest, said: Iterable[SaidGate], sighting: Sighting
) -> tuple[tuple[GateVerdict, ...], _Evidence]:
    evidence = _Evidence(0, 0, [])
    verdicts: list[GateVerdict] = []
    for one in said:
        if one.id not in request.gates:
            evidence.faults.append(Fault("gate_unknown", one.id))
            continue
        tiers = rubric.gate(one.id).tiers
        if one.tier not in tiers:
            evidence.faults.append(Fault("gate_tier", one.id, ", ".join(tiers)))
            continue
        verdicts.append(_gate(one, sighting, evidence))
    return tuple(verdicts), evidence


def _gate(said: SaidGate, sighting: Sighting, evidence: _Evidence) -> GateVerdict:
    absence = said.absence if said.tier == "omission" else None
    text = said.quote.strip()
    if not text:
        if absence is None:
            evidence.add(1, [Fault("gate_absence", said.id)])
        return GateVerdict(said.id, said.tier, None, absence)
    quotes, faults = check_quotes((text,), sighting, said.id)
    if said.absence is not None and absence is None:
        evidence.faults.append(Fault("gate_absence", said.id))
    evidence.add(1, faults)
    return GateVerdict(said.id, said.tier, quotes[0], absence)
