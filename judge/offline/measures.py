"""Numbers that do not follow from one another, and infarcts whose leads look elsewhere."""

import math

from judge.offline.check_words import IN_SENTENCE, sentence_keys
from judge.offline.finding import Finding
from judge.offline.leads import territories, territory_of
from judge.offline.numbers import Value
from judge.offline.reading import Reading


def number_errors(answer: Reading) -> tuple[Finding, ...]:
    """Return numbers of an answer that do not fit one another: rate and RR, QTc and QT."""
    own: dict[str, Value] = {}
    for value in answer.values[:500]:
        if value.quantity and value.low == value.high and value.op in ("=", "~"):
            own.setdefault(value.quantity, value)
    found = []
    rate, rr = own.get("rate"), own.get("rr")
    if rate is not None and rr is not None and rr.low > 0:
        expected = 60_000 / rr.low
        if abs(expected - rate.low) > max(5.0, 0.05 * expected):
            found.append(_number_error(rate, rr, f"RR {rr.low:g} ms is {expected:.0f}/min"))
    qt, qtc = own.get("qt"), own.get("qtc")
    if qt is not None and qtc is not None and (rr is not None or rate is not None):
        rr_s = rr.low / 1000 if rr is not None else 60 / rate.low if rate is not None and rate.low > 0 else 0.0
        if rr_s > 0 and not _is_corrected(answer, qt.low, qtc.low, rr_s):
            found.append(_number_error(qtc, qt, "QTc does not follow from QT and rate"))
    return tuple(found)


def corrected_qt(qt_ms: float, rr_s: float) -> dict[str, float]:
    """Return QTc in ms by formula (Bazett, Fridericia, Framingham, Hodges)."""
    return {
        "bazett": qt_ms / math.sqrt(rr_s),
        "fridericia": qt_ms / rr_s ** (1 / 3),
        "framingham": qt_ms + 154 * (1 - rr_s),
        "hodges": qt_ms + 1.75 * (60 / rr_s - 60),
    }


def _is_corrected(answer: Reading, qt_ms: float, qtc_ms: float, rr_s: float) -> bool:
    by_name = corrected_qt(qt_ms, rr_s)
    low = answer.text.lower()
    named = [name for name in by_name if name in low] or ["bazett", "fridericia"]
    return any(abs(by_name[name] - qtc_ms) <= 10 for name in named)


def _number_error(one: Value, two: Value, note: str) -> Finding:
    return Finding("num_error", ((one.start, one.end), (two.start, two.end)), note)


_RECIPROCAL = frozenset(("reciprocal", "mirror", "opposite", "对", "镜"))


def territory_mismatches(answer: Reading) -> tuple[Finding, ...]:
    """Return infarcts whose listed leads share none with their territory."""
    found = []
    for m in answer.mentions[:500]:
        name = territory_of(m.concept)
        if name is None or not m.leads or not m.is_firm or set(sentence_keys(answer, m)) & _RECIPROCAL:
            continue
        leads, reciprocal = territories()[name]
        named = set(m.leads)
        beside = answer.in_sentence[m.sentence][:IN_SENTENCE]
        others = {t for x in beside if x.clause == m.clause for t in (territory_of(x.concept),) if t} - {name}
        if not named & (leads | reciprocal) and not others:
            found.append(
                Finding(
                    "territory_mismatch", ((m.start, m.end),), f"{m.concept} {' '.join(sorted(named))}", (m.concept,)
                )
            )
    return tuple(found)
