"""Whether each criterion in force is met: the rules of the generic bank, and what stays undecided."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from judge.domain.rubric import Criterion
from judge.offline.assess import Assessment
from judge.offline.lexicon import concepts
from judge.offline.support import AtomVerdict, Support

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one criterion; ``met`` is yes, no, na or abstained."""

    id: str
    dimension: str
    points: float
    met: str
    credit: float = 0.0
    places: tuple[Place, ...] = ()
    basis: str = "rule"
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule finds: ``met`` is True, False, or None for not applicable."""

    met: bool | None
    credit: float = 1.0
    places: tuple[Place, ...] = ()
    basis: str = "rule"
    qualifier: str | None = None


Rule = Callable[[Assessment], Outcome | None]
"""None where the rule cannot tell."""


def decide(seen: Assessment, bank: Mapping[str, Criterion]) -> tuple[Decision, ...]:
    """Decide every criterion in force, in the request's order: the rubric's first, then the checklist's."""
    decisions = []
    for id_ in seen.case.criteria:
        criterion = bank.get(id_)
        if criterion is None:
            continue
        rule = _RULES.get(id_)
        outcome = rule(seen) if rule is not None else None
        if outcome is None:
            decisions.append(_plain(id_, criterion.dimension, criterion.points, "abstained"))
        elif outcome.met is None:
            decisions.append(_plain(id_, criterion.dimension, criterion.points, "na"))
        else:
            decisions.append(_generic(criterion, outcome))
    return (*decisions, *_of_rows(seen)) if seen.rows else tuple(decisions)


def _of_rows(seen: Assessment) -> list[Decision]:
    decisions = []
    for verdict in seen.rows:
        row = verdict.row
        met = "yes" if verdict.is_met else "no"
        places = verdict.places if verdict.is_met else ()
        if verdict.is_met and not places and not row.is_whole:
            met = "no"
        credit = verdict.credit if met == "yes" else 0.0
        qualifier = "core" if row.kind == "core" else None
        decisions.append(Decision(row.id, row.dimension, row.points, met, credit, places, verdict.basis, qualifier))
    return decisions


@lru_cache(maxsize=1_024)
def _plain(id_: str, dimension: str, points: float, met: str) -> Decision:
    return Decision(id_, dimension, points, met)


def _generic(criterion: Criterion, outcome: Outcome) -> Decision:
    if not outcome.met or (criterion.evidence == "quote" and not outcome.places):
        return Decision(criterion.id, criterion.dimension, criterion.points, "no", basis=outcome.basis)
    credit = outcome.credit
    if criterion.is_each:
        most = abs((criterion.max_total or 0) / criterion.points) or float(len(outcome.places))
        credit = min(float(len(set(outcome.places))), most)
    return Decision(
        criterion.id,
        criterion.dimension,
        criterion.points,
        "yes",
        credit,
        outcome.places,
        outcome.basis,
        outcome.qualifier,
    )


# ── diagnostic accuracy ─────────────────────────────────────────────────────────────────────────────────────────────


def key_coverage(support: Support) -> float:
    """Return the share of the key that is credited: core statements, in a yes-or-no question the answer itself."""
    coverage = support.coverage(is_core=True)
    if coverage is None:
        coverage = support.coverage() or 0.0
    if support.is_polarity_right is True:
        return max(coverage, 0.5 + 0.5 * coverage)
    return coverage


def _core(seen: Assessment) -> list[AtomVerdict]:
    return [v for v in seen.support.verdicts if v.atom.is_core] if seen.support is not None else []


def _credited(verdicts: list[AtomVerdict]) -> tuple[Place, ...]:
    found = [(v.start, v.end) for v in verdicts if v.credit and v.start is not None and v.end is not None]
    return tuple(dict.fromkeys(found))


def _da1(seen: Assessment) -> Outcome | None:
    support = seen.support
    if support is None:
        return None
    if support.core_conflicts:
        return Outcome(False)
    coverage = key_coverage(support)
    places = _credited(_core(seen)) or (_first_sentence(seen) if support.is_polarity_right else ())
    return Outcome(coverage >= 0.5, 1.0 if coverage >= 0.7 else 0.5, places[:3], _basis(seen))


def _da2(seen: Assessment) -> Outcome | None:
    special = [v for v in _core(seen) if v.atom.basis == "number" or (v.atom.concept and _is_specific(v.atom.concept))]
    if seen.support is None:
        return None
    if not special:
        return Outcome(None)
    met = sum(v.credit >= 1.0 for v in special)
    return Outcome(2 * met >= len(special), met / len(special), _credited(special)[:3], "concept")


def _is_specific(concept: str) -> bool:
    return len(concepts().above.get(concept, ())) > 1


def _da3(seen: Assessment) -> Outcome | None:
    if seen.support is None:
        return None
    further = _core(seen)[1:]
    return Outcome(bool(_credited(further)), 1.0, _credited(further), "concept") if further else Outcome(None)


def _da5(seen: Assessment) -> Outcome | None:
    if seen.support is None and not seen.rows:
        return None
    places = tuple((c.start, c.end) for c in seen.conflicts)
    is_core = seen.support is not None and bool(seen.support.core_conflicts)
    return Outcome(bool(places), 1.0, tuple(dict.fromkeys(places))[:5], "concept", "core" if is_core else None)


def _da6(seen: Assessment) -> Outcome | None:
    clashes = [f for f in seen.findings if f.kind == "contradiction" and is_core_clash(seen, f.concepts)]
    if not clashes:
        return Outcome(False)
    return Outcome(True, 1.0, tuple(place for f in clashes[:2] for place in f.places), "concept", "core")


def is_core_clash(seen: Assessment, named: tuple[str, ...]) -> bool:
    """Whether a contradiction inside the answer touches what the case is about."""
    case = seen.case
    texts = (
        case.question.reading,
        *(key.reading for key in case.keys),
        case.told,
        *(row.key.reading for row in case.rows),
    )
    return not named or any(c in text.by_concept for c in named for text in texts) or not case.keys


# ── reasoning, knowledge ────────────────────────────────────────────────────────────────────────────────────────────


def _cr1(seen: Assessment) -> Outcome | None:
    """Find a core concept and a lead or value in one sentence; only where the key itself cites some."""
    if not _key_cites(seen):
        return None
    answer = seen.answer.reading
    cited = {answer.tokens.sentence[at] for at in answer.leads} | {
        answer.tokens.sentence[v.start] for v in answer.values
    }
    core = [v for v in _core(seen) if v.credit and v.sentence in cited and v.start is not None and v.end is not None]
    return Outcome(bool(core), 1.0, _credited(core)[:2])


def _cr2(seen: Assessment) -> Outcome | None:
    """Find a credited statement tied by an inference word; only where the key reasons so."""
    if not any(key.reading.has_cue("inference") for key in seen.case.keys):
        return None
    answer = seen.answer.reading
    tied = {answer.tokens.sentence[f.start] for f in answer.found if "inference" in f.term.cues}
    verdicts = [v for v in (seen.support.verdicts if seen.support else ()) if v.credit and v.sentence in tied]
    return Outcome(bool(verdicts), 1.0, _credited(verdicts)[:2])


def _cr3(seen: Assessment) -> Outcome | None:
    return (
        None
        if _asks(seen, "differential", "distinguish", "differentiate", "compare", "鉴别", "区别", "比较")
        else Outcome(None)
    )


def _cr5(seen: Assessment) -> Outcome | None:
    found = seen.answer.reading.has_cue("uncertain")
    tests = [
        m for m in seen.answer.reading.mentions if m.concept in ("ACT_ECHO", "ACT_SERIAL", "TROP") and m.is_asserted
    ]
    places = ((found.start, found.end),) if found else tuple((m.start, m.end) for m in tests[:1])
    return Outcome(bool(places), 1.0, places)


def _key_cites(seen: Assessment) -> bool:
    return any(key.reading.leads or key.reading.values for key in seen.case.keys)


def _ki1(seen: Assessment) -> Outcome | None:
    return _secondary(seen, ("text", "number", "concept"), lambda _: True)


def _ki2(seen: Assessment) -> Outcome | None:
    if not any(_is_act(v.atom.concept) for v in (seen.support.verdicts if seen.support else ())):
        return Outcome(None)
    return _secondary(seen, ("concept",), lambda v: _is_act(v.atom.concept), is_any_part=True)


def _ki4(seen: Assessment) -> Outcome | None:
    return None if any(m.concept.startswith("SC_") for m in seen.case.told.mentions) else Outcome(None)


def _is_act(concept: str | None) -> bool:
    return concept is not None and concepts().kind[concept] in ("act", "drug")


def _secondary(
    seen: Assessment, bases: tuple[str, ...], chosen: Callable[[AtomVerdict], bool], *, is_any_part: bool = False
) -> Outcome | None:
    support = seen.support
    if support is None:
        return None
    verdicts = [
        v for v in support.verdicts if (is_any_part or not v.atom.is_core) and v.atom.basis in bases and chosen(v)
    ]
    if not verdicts:
        return None
    total = sum(v.atom.weight for v in verdicts)
    share = sum(v.atom.weight * v.credit for v in verdicts) / total
    return Outcome(share >= 0.5, min(1.0, share), _credited(verdicts)[:3], _basis(seen))


# ── safety, grounding, communication ────────────────────────────────────────────────────────────────────────────────


def _sh1(seen: Assessment) -> Outcome | None:
    if not is_urgent(seen):
        return Outcome(None)
    answer = seen.answer.reading
    urgent = answer.has_cue("urgent")
    admitted = next((m for m in answer.by_concept.get("ACT_ADMIT", ()) if m.stance not in ("avoid", "stop")), None)
    places = ((urgent.start, urgent.end),) if urgent else ((admitted.start, admitted.end),) if admitted else ()
    return Outcome(bool(places), 1.0, places)


def is_urgent(seen: Assessment) -> bool:
    """Whether the case cannot wait: a critical gate, or an urgent word in the key."""
    return bool(seen.case.critical) or any(key.reading.has_cue("urgent") for key in seen.case.keys)


def _sh3(seen: Assessment) -> Outcome | None:
    """Return advice, in answers to patients, where question or key speaks of it."""
    told = seen.case.told.has_cue("return_advice") or any(k.reading.has_cue("return_advice") for k in seen.case.keys)
    if not told and not is_urgent(seen):
        return Outcome(None)
    answer = seen.answer.reading
    advice = answer.has_cue("return_advice")
    admitted = next((m for m in answer.by_concept.get("ACT_ADMIT", ()) if m.stance in ("do", "continue")), None)
    places = ((advice.start, advice.end),) if advice else ((admitted.start, admitted.end),) if admitted else ()
    return Outcome(bool(places), 1.0, places)


def _sh4(seen: Assessment) -> Outcome | None:
    acts = tuple(h.place for h in seen.hits if h.tier == "commission" and h.place and not h.is_regional)
    return Outcome(bool(acts), 1.0, acts)


def _sh5(seen: Assessment) -> Outcome | None:
    places = tuple(h.place for h in seen.hits if h.tier == "omission" and h.place)
    return Outcome(bool(places), 1.0, places, qualifier="critical" if places else None)


def _gh1(seen: Assessment) -> Outcome | None:
    pairs = copied_values(seen)
    if not pairs:
        return Outcome(None)
    right = tuple(place for place, is_right in pairs if is_right)
    return Outcome(len(right) == len(pairs), 1.0, right, "number")


def copied_values(seen: Assessment) -> list[tuple[Place, bool]]:
    """Return the answer's measurements of what the case measures, and whether they equal it up to rounding."""
    told: dict[str, list[float]] = {}
    for value in seen.case.told.values:
        if value.quantity and value.op in ("=", "~"):
            told.setdefault(value.quantity, []).extend((value.low, value.high))
    found = []
    for value in seen.answer.reading.values[:500]:
        numbers = told.get(value.quantity or "")
        if numbers and value.op in ("=", "~") and value.low == value.high:
            is_right = any(abs(value.low - n) <= max(0.02 * abs(n), 0.5) for n in numbers)
            found.append(((value.start, value.end), is_right))
    return found


def _gh2(seen: Assessment) -> Outcome | None:
    """Find assertions of what the case denies."""
    if not seen.case.context:
        return Outcome(False)
    places, is_core = [], False
    for mention in seen.answer.reading.mentions[:500]:
        kind = concepts().kind[mention.concept]
        if kind in ("act", "drug", "score", "right") or not mention.is_firm or mention.is_implied or mention.is_general:
            continue
        if seen.facts.denies(mention.concept):
            places.append((mention.start, mention.end))
            is_core |= kind in ("ischaemia", "rhythm", "conduction", "repolarisation")
    return Outcome(bool(places), 1.0, tuple(places), "concept", "inverted" if is_core else None)


def _co1(seen: Assessment) -> Outcome | None:
    wanted = "zh" if seen.case.case_language.startswith("zh") else "en"
    return Outcome(language_of(seen.answer.reading.text) in (wanted, None), 1.0, _first_sentence(seen))


def language_of(text: str) -> str | None:
    """Return zh or en by the share of script, None for a text without letters."""
    if text.isascii():
        return "en" if any(c.isalpha() for c in text[:200]) or any(c.isalpha() for c in text) else None
    n_han = len(_HAN.findall(text))
    n_latin = len(_LATIN.findall(text))
    if not n_han and not n_latin:
        return None
    return "zh" if n_han * 3 >= n_latin else "en"


_HAN = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile("[A-Za-z]")


def _co2(seen: Assessment) -> Outcome | None:
    """See whether the answer to a plain question stands in the first half."""
    credited = [v.sentence for v in _core(seen) if v.credit and v.sentence is not None]
    if not credited:
        return None
    n_sentences = len(seen.answer.units)
    return Outcome(min(credited) <= max(1, n_sentences // 2), 1.0, _first_sentence(seen))


def _co3(seen: Assessment) -> Outcome | None:
    return Outcome(seen.empty_share > 0.5, 1.0, _first_sentence(seen))


def _co4(seen: Assessment) -> Outcome | None:
    places = (*seen.addressed.phrases, *seen.addressed.claims)
    return Outcome(bool(places), 1.0, places[:3])


def _first_sentence(seen: Assessment) -> tuple[Place, ...]:
    bounds = seen.answer.reading.tokens.bounds
    return (bounds[0],) if bounds else ()


def _basis(seen: Assessment) -> str:
    verdicts = seen.support.verdicts if seen.support is not None else ()
    return "concept" if any(v.credit and v.atom.basis == "concept" for v in verdicts) else "text"


def _asks(seen: Assessment, *words: str) -> bool:
    low = seen.case.told.text.lower()
    return any(word in low for word in words)


_RULES: Mapping[str, Rule] = {
    "DA1": _da1, "DA2": _da2, "DA3": _da3, "DA5": _da5, "DA6": _da6,
    "CR1": _cr1, "CR2": _cr2, "CR3": _cr3, "CR5": _cr5,
    "KI1": _ki1, "KI2": _ki2, "KI4": _ki4,
    "SH1": _sh1, "SH3": _sh3, "SH4": _sh4, "SH5": _sh5,
    "GH1": _gh1, "GH2": _gh2,
    "CO1": _co1, "CO2": _co2, "CO3": _co3, "CO4": _co4,
}  # fmt: skip
