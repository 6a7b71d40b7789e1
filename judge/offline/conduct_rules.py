"""Rules of the generic criteria on safety, grounding and communication."""

import re
from collections.abc import Mapping

from judge.offline.assess import Assessment
from judge.offline.lexicon import concepts
from judge.offline.outcome import Outcome, Place, Rule, core_verdicts, first_sentence

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
    return Outcome(language_of(seen.answer.reading.text) in (wanted, None), 1.0, first_sentence(seen))


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
    credited = [v.sentence for v in core_verdicts(seen) if v.credit and v.sentence is not None]
    if not credited:
        return None
    n_sentences = len(seen.answer.units)
    return Outcome(min(credited) <= max(1, n_sentences // 2), 1.0, first_sentence(seen))


def _co3(seen: Assessment) -> Outcome | None:
    return Outcome(seen.empty_share > 0.5, 1.0, first_sentence(seen))


def _co4(seen: Assessment) -> Outcome | None:
    places = (*seen.addressed.phrases, *seen.addressed.claims)
    return Outcome(bool(places), 1.0, places[:3])


CONDUCT_RULES: Mapping[str, Rule] = {
    "SH1": _sh1,
    "SH3": _sh3,
    "SH4": _sh4,
    "SH5": _sh5,
    "GH1": _gh1,
    "GH2": _gh2,
    "CO1": _co1,
    "CO2": _co2,
    "CO3": _co3,
    "CO4": _co4,
}
"""By criterion id."""
