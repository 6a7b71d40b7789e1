"""The reply document, in canonical JSON."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring as _encode
from typing import Any

from judge.domain.ids import canonical_json
from judge.offline.accuracy_rules import is_core_clash
from judge.offline.assess import Assessment
from judge.offline.levels import Graded
from judge.offline.outcome import Decision
from judge.offline.reasons import reasons
from judge.offline.reference_faults import reference_problem

Place = tuple[int, int]
GATE_PLACE = "gate_place"
"""Kind of the findings that say where a gate's quote stands: note ``<gate>:<start>:<end>``."""
_LONGEST_QUOTE = 300
_MOST_QUOTES = 12
_ENOUGH = re.compile(r"[^\W_].{0,40}?[^\W_]", re.DOTALL)
"""Two letters, digits or characters: the least that a quote may hold."""


def reply_text(seen: Assessment, decisions: Sequence[Decision], graded: Mapping[str, Graded]) -> str:
    """Return the whole reply: canonical JSON, put together from its parts in their order."""
    said = reasons(seen, graded)
    levels = {
        id_: {"reason": said[id_], "level": verdict.level, "coverage": _rounded(verdict.coverage)}
        for id_, verdict in graded.items()
    }
    criteria = ",".join([_criterion(seen, decision) for decision in decisions])
    parts = (
        f'"absences":{canonical_json({gate: list(kinds) for gate, kinds in seen.absences.items()})}',
        f'"criteria":[{criteria}]',
        f'"findings":{canonical_json(_findings(seen))}',
        f'"gates":{canonical_json(_gate_entries(seen))}',
        f'"injection_suspected":{"true" if seen.addressed.is_suspected else "false"}',
        f'"levels":{canonical_json(levels)}',
        f'"reference_problem":{canonical_json(reference_problem(seen.case))}',
    )
    return "{" + ",".join(parts) + "}"


def _criterion(seen: Assessment, decision: Decision) -> str:
    if decision.met != "yes":
        return _unmet(decision.id, decision.met, decision.basis, decision.qualifier)
    spans = _spans(seen, decision.places)
    original = seen.answer.reading.original
    quotes = ",".join([_encode(original[start:end]) for start, end in spans])
    offsets = ",".join([f"[{start},{end}]" for start, end in spans])
    qualifier = "null" if decision.qualifier is None else _encode(decision.qualifier)
    return (
        f'{{"basis":{_encode(decision.basis)},"credit":{round(float(decision.credit), 4)!r},'
        f'"id":{_encode(decision.id)},'
        f'"met":true,"offsets":[{offsets}],"qualifier":{qualifier},"quotes":[{quotes}]}}'
    )


@lru_cache(maxsize=4_096)
def _unmet(id_: str, met: str, basis: str, qualifier: str | None) -> str:
    said: bool | str = False if met == "no" else met
    return canonical_json(
        {"id": id_, "quotes": [], "met": said, "credit": 0.0, "basis": basis, "qualifier": qualifier, "offsets": []}
    )


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
        found.append({"kind": GATE_PLACE, "quotes": [reading.original[low:high]], "note": f"{id_}:{low}:{high}"})
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
        if _ENOUGH.search(seen.answer.reading.original, low, high) is None:
            continue
        spans.append((low, high))
    return list(dict.fromkeys(spans))


def _rounded(coverage: float | None) -> float | None:
    return None if coverage is None else round(coverage, 4)
