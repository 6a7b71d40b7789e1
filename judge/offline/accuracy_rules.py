"""Rules of the generic criteria on accuracy, reasoning and knowledge."""

from collections.abc import Callable, Mapping

from judge.offline.assess import Assessment
from judge.offline.lexicon import concepts
from judge.offline.outcome import Outcome, Rule, asks, basis_of, core_verdicts, credited, first_sentence, is_act
from judge.offline.risk_scores import stated_score, stroke_score
from judge.offline.support import AtomVerdict, Support

# ── diagnostic accuracy ─────────────────────────────────────────────────────────────────────────────────────────────


def key_coverage(support: Support) -> float:
    """Return the share of the key that is credited: core statements, in a yes-or-no question the answer itself."""
    coverage = support.coverage(only_core=True)
    if coverage is None:
        coverage = support.coverage() or 0.0
    if support.is_polarity_right is True:
        return max(coverage, 0.5 + 0.5 * coverage)
    return coverage


def _da1(seen: Assessment) -> Outcome | None:
    support = seen.support
    if support is None:
        return None
    if support.core_conflicts:
        return Outcome(False)
    coverage = key_coverage(support)
    places = credited(core_verdicts(seen)) or (first_sentence(seen) if support.is_polarity_right else ())
    return Outcome(coverage >= 0.5, 1.0 if coverage >= 0.7 else 0.5, places[:3], basis_of(seen))


def _da2(seen: Assessment) -> Outcome | None:
    special = [
        v for v in core_verdicts(seen) if v.atom.basis == "number" or (v.atom.concept and _is_specific(v.atom.concept))
    ]
    if seen.support is None:
        return None
    if not special:
        return Outcome(None)
    met = sum(v.credit >= 1.0 for v in special)
    return Outcome(2 * met >= len(special), met / len(special), credited(special)[:3], "concept")


def _is_specific(concept: str | None) -> bool:
    return concept is not None and len(concepts().above.get(concept, ())) > 1


def _da3(seen: Assessment) -> Outcome | None:
    if seen.support is None:
        return None
    further = core_verdicts(seen)[1:]
    if not further:
        return Outcome(None)
    places = credited(further)
    return Outcome(bool(places), 1.0, places, "concept")


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
    core = [
        v for v in core_verdicts(seen) if v.credit and v.sentence in cited and v.start is not None and v.end is not None
    ]
    return Outcome(bool(core), 1.0, credited(core)[:2])


def _cr2(seen: Assessment) -> Outcome | None:
    """Find a credited statement tied by an inference word; only where the key reasons so."""
    if not any(key.reading.has_cue("inference") for key in seen.case.keys):
        return None
    answer = seen.answer.reading
    tied = {answer.tokens.sentence[f.start] for f in answer.found if "inference" in f.term.cues}
    verdicts = [v for v in (seen.support.verdicts if seen.support else ()) if v.credit and v.sentence in tied]
    return Outcome(bool(verdicts), 1.0, credited(verdicts)[:2])


def _cr3(seen: Assessment) -> Outcome | None:
    return (
        None
        if asks(seen, "differential", "distinguish", "differentiate", "compare", "鉴别", "区别", "比较")
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
    if not any(is_act(v.atom.concept) for v in (seen.support.verdicts if seen.support else ())):
        return Outcome(None)
    return _secondary(seen, ("concept",), lambda v: is_act(v.atom.concept), is_any_part=True)


def _ki4(seen: Assessment) -> Outcome | None:
    """Compare a stroke score with the one that the case gives; other scores stay undecided."""
    asked_for = {m.concept for m in seen.case.told.mentions if m.concept.startswith("SC_")}
    asked_for |= {m.concept for key in seen.case.keys for m in key.reading.mentions if m.concept.startswith("SC_")}
    if not asked_for:
        return Outcome(None)
    known = stroke_score(seen.case.told)
    if known is None or not asked_for & {"SC_VASC", "SC_VA"}:
        return None
    for concept, right in (("SC_VASC", known.with_sex), ("SC_VA", known.without_sex)):
        stated = stated_score(seen.answer.reading, concept)
        if stated is not None:
            return Outcome(stated[0] == right, 1.0, (stated[1:],), "number")
    return Outcome(False)


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
    return Outcome(share >= 0.5, min(1.0, share), credited(verdicts)[:3], basis_of(seen))


ACCURACY_RULES: Mapping[str, Rule] = {
    "DA1": _da1,
    "DA2": _da2,
    "DA3": _da3,
    "DA5": _da5,
    "DA6": _da6,
    "CR1": _cr1,
    "CR2": _cr2,
    "CR3": _cr3,
    "CR5": _cr5,
    "KI1": _ki1,
    "KI2": _ki2,
    "KI4": _ki4,
}
"""By criterion id."""
