"""The offline judge: one request document in, one reply document out, always the same bytes."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from judge.domain.case import Case
from judge.domain.ids import canonical_json, digest
from judge.domain.reading import OfflineReading
from judge.domain.request import FORMAT
from judge.domain.rubric import Criterion, Gate, Rubric
from judge.domain.verdict import Absence, GateVerdict, Quote
from judge.errors import ConfigError
from judge.offline.assess import Assessment, assess
from judge.offline.case import prepare
from judge.offline.decisions import Decision, decide, is_core_clash
from judge.offline.gates import Facts, critical_gates
from judge.offline.levels import Graded, grade
from judge.offline.reasons import reason
from judge.offline.reference_faults import reference_problem
from judge.offline.tables import tables_hash

Place = tuple[int, int]
_LONGEST_QUOTE = 300
_GATE_PLACE = "gate_place"
"""Kind of the findings that say where a gate's quote stands: note ``<gate>:<start>:<end>``."""
_MOST_QUOTES = 12


class OfflineJudge:
    """``offline/lexicon`` for one rubric: rules and word lists, no model, no network.

    Parameters
    ----------
    rubric
        The rubric whose requests it answers.
    """

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        self._gates: Mapping[str, Gate] = {gate.id: gate for gate in rubric.gates}
        self._banks: dict[str, Mapping[str, Criterion]] = {
            task: {c.id: c for c in rubric.criteria_of(task)} for task in rubric.tasks
        }

    @cached_property
    def hash(self) -> str:
        """The judge's hash: its tables and code version."""
        return digest(("offline/lexicon", tables_hash()))

    def reply(self, request_json: str) -> str:
        """Answer a request (``judge-request/1``) by the judge contract, with credits, offsets and findings.

        Raises
        ------
        ConfigError
            If the request is of another format or was built for another rubric.
        """
        document = json.loads(request_json)
        self._check(document)
        case = prepare(document)
        seen = assess(case, document["answer"], self._gates)
        decisions = decide(seen, self._banks[case.task])
        graded = grade(seen, decisions, self.rubric)
        return canonical_json(_document(seen, decisions, graded))

    def _check(self, document: Mapping[str, Any]) -> None:
        if document.get("format") != FORMAT:
            raise ConfigError(
                f"the offline judge got a request of the format {document.get('format')!r}",
                hint=f"build it with judge.panel.request.build_request; its format is {FORMAT}",
            )
        if document["rubric"] != self.rubric.hash:
            raise ConfigError(
                f"the request was built for the rubric {document['rubric'][:12]}, this judge is for {self.rubric.hash[:12]}",
                hint="make an OfflineJudge of the rubric that the request was built with",
            )


def reading_of(reply_json: str) -> OfflineReading:
    """Return what a reply of the offline judge contributes to any panel: hints and checks of absence."""
    reply = json.loads(reply_json)
    absences: dict[str, frozenset[Absence]] = {gate: frozenset(kinds) for gate, kinds in reply["absences"].items()}
    places = {f["note"]: f["quotes"] for f in reply["findings"] if f["kind"] == _GATE_PLACE}
    return OfflineReading(
        hints=tuple(_hint(gate, places) for gate in reply["gates"]),
        absences=absences,
        injection_suspected=reply["injection_suspected"],
    )


def critical_of(case: Case, rubric: Rubric) -> tuple[str, ...]:
    """Return the gates whose condition the case's question, context or references assert.

    In tasks without a patient no condition is critical: a plain question cannot miss a diagnosis.
    """
    variant = rubric.variant(case.task)
    if not variant.has_case:
        return ()
    context = case.context
    document = {
        "task": variant.id,
        "language": rubric.language_for(case.language),
        "case": {
            "question": case.question,
            "context": context if context is None or isinstance(context, str) else [[t.role, t.text] for t in context],
            "language": case.language,
        },
        "references": [[r.text, r.status] for r in case.references],
        "critical": [], "acts_asked": {}, "equivalents": {}, "checklist": [], "criteria": [], "gates": [], "dimensions": [],
        "na_allowed": [], "na_required": [],
    }  # fmt: skip
    return critical_gates(rubric.gates_of(case.task), Facts(prepare(document)))


def _hint(gate: Mapping[str, Any], places: Mapping[str, Sequence[str]]) -> GateVerdict:
    quote = None
    if gate["quote"]:
        span = next((note.split(":")[1:] for note in places if note.startswith(f"{gate['id']}:")), None)
        quote = Quote(gate["quote"], *(map(int, span) if span is not None else (None, None)))
    return GateVerdict(
        gate_id=gate["id"],
        tier=gate["tier"],
        quote=quote,
        absence=gate["absence"],
        basis="rule",
        is_regional=gate["regional"],
    )


def _document(seen: Assessment, decisions: Sequence[Decision], graded: Mapping[str, Graded]) -> dict[str, Any]:
    return {
        "injection_suspected": seen.addressed.is_suspected,
        "reference_problem": reference_problem(seen.case),
        "criteria": [_criterion(seen, decision) for decision in decisions],
        "gates": _gate_entries(seen),
        "levels": {
            id_: {"reason": reason(seen, verdict), "level": verdict.level, "coverage": _rounded(verdict.coverage)}
            for id_, verdict in graded.items()
        },
        "absences": {gate: list(kinds) for gate, kinds in seen.absences.items()},
        "findings": _findings(seen),
    }


def _criterion(seen: Assessment, decision: Decision) -> dict[str, Any]:
    met: bool | str = {"yes": True, "no": False}.get(decision.met, decision.met)
    spans = _spans(seen, decision.places) if met is True else []
    return {
        "id": decision.id,
        "quotes": [seen.answer.reading.original[start:end] for start, end in spans],
        "met": met,
        "credit": round(decision.credit, 4),
        "basis": decision.basis,
        "qualifier": decision.qualifier,
        "offsets": [list(span) for span in spans],
    }


def _gate_places(seen: Assessment) -> list[tuple[str, Place]]:
    return [(hit.gate, hit.place) for hit in seen.hits if hit.place is not None]


def _gate_entries(seen: Assessment) -> list[dict[str, Any]]:
    entries = [
        _gate(seen, hit.gate, hit.tier, hit.place, absence=hit.absence, is_regional=hit.is_regional)
        for hit in seen.hits
    ]
    if "G13" in seen.case.gates:
        clash = next((f for f in seen.findings if f.kind == "contradiction" and is_core_clash(seen, f.concepts)), None)
        if clash is not None:
            entries.append(_gate(seen, "G13", "contradiction", clash.places[0]))
    return entries


def _gate(
    seen: Assessment,
    id_: str,
    tier: str,
    place: Place | None,
    *,
    absence: str | None = None,
    is_regional: bool = False,
) -> dict[str, Any]:
    spans = _spans(seen, (place,)) if place is not None else []
    original = seen.answer.reading.original
    return {
        "id": id_,
        "quote": original[spans[0][0] : spans[0][1]] if spans else "",
        "absence": absence,
        "tier": tier,
        "regional": is_regional,
        "basis": "rule",
    }


def _findings(seen: Assessment) -> list[dict[str, Any]]:
    reading = seen.answer.reading
    found = [
        {"kind": f.kind, "quotes": [reading.quote(a, b)[:_LONGEST_QUOTE] for a, b in f.places], "note": f.note}
        for f in seen.findings[:_MOST_QUOTES]
    ]
    found += [
        {"kind": f"against_key_{c.kind}", "quotes": [reading.quote(c.start, c.end)[:_LONGEST_QUOTE]], "note": c.note}
        for c in seen.conflicts[:_MOST_QUOTES]
        if reading.keys
    ]
    if reading.normalised.n_hidden:
        found.append({"kind": "obfuscation", "quotes": [], "note": str(reading.normalised.n_hidden)})
    for id_, place in _gate_places(seen):
        low, high = reading.span(*place)
        found.append({"kind": _GATE_PLACE, "quotes": [reading.original[low:high]], "note": f"{id_}:{low}:{high}"})
    found += [
        {"kind": "injection", "quotes": [reading.quote(a, b)[:_LONGEST_QUOTE]], "note": ""}
        for a, b in seen.addressed.phrases[:_MOST_QUOTES]
    ]
    return found


def _spans(seen: Assessment, places: Sequence[Place]) -> list[tuple[int, int]]:
    """Return places as characters of the original, trimmed to what a quote may hold."""
    spans = []
    for start, end in places[:_MOST_QUOTES]:
        low, high = seen.answer.reading.span(start, end)
        high = min(high, low + _LONGEST_QUOTE)
        if sum(c.isalnum() for c in seen.answer.reading.original[low:high]) < 2:
            continue
        spans.append((low, high))
    return list(dict.fromkeys(spans))


def _rounded(coverage: float | None) -> float | None:
    return None if coverage is None else round(coverage, 4)
