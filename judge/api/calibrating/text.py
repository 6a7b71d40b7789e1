"""What a person reads of a calibration."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from judge.api.calibrating.passes import PASS
from judge.api.calibrating.physicians import GATE
from judge.calibration.rates import WHOLE


def text_of(document: Mapping[str, Any]) -> str:
    """Return means, differences and decisions as text."""
    means = document["means"]
    levels = [entry for entry in means if not entry["dimension"].startswith((GATE, PASS))]
    parts = [*_levels(levels), *_passes(means), *_gates(means), *_differences(document["differences"])]
    return "\n".join([*_claim(document), *parts, *_decisions(document)])


def _claim(document: Mapping[str, Any]) -> Iterator[str]:
    if document["means"] and document.get("finite_population"):
        yield f"Means, rates and differences speak of {document['claim']}"


def _levels(levels: list[Mapping[str, Any]]) -> Iterator[str]:
    if levels:
        yield "Mean levels that physicians would have given (95 % interval), beside the panel's own"
    wide = max((len(entry["dimension"]) for entry in levels), default=0)
    for entry in levels:
        raw = "–" if entry["value_raw"] is None else f"{entry['value_raw']:.2f}"
        yield f"  {entry['dimension']:<{wide}}  {entry['model']}: panel {raw}, corrected {_value(entry, _level)}"


def _passes(means: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the pass rates, those without a value with the reason: they were asked for by name."""
    rates = [entry for entry in means if entry["dimension"].startswith(PASS)]
    if rates:
        yield "Pass rates: answers whose physicians' level (adjudicated, else the mean of several) is at least as named"
    names = [f"{entry['dimension'].removeprefix(PASS)} ≥ {entry['threshold']:g}" for entry in rates]
    wide = max(map(len, names), default=0)
    for name, entry in zip(names, rates, strict=True):
        left_out = [note for note in entry["warnings"] if note.startswith("answered on") and entry["value"] is not None]
        notes = "".join(f"; {note}" for note in left_out)
        yield f"  {name:<{wide}}  {_rate(entry)}{notes}"


def _gates(means: list[Mapping[str, Any]]) -> Iterator[str]:
    rates = [entry for entry in means if entry["dimension"].startswith(GATE)]
    known = [entry for entry in rates if entry["value"] is not None]
    if rates:
        yield "Rates of gates that physicians would have found"
    for entry in known:
        yield f"  {entry['dimension'].removeprefix(GATE)}  {_rate(entry)}"
    if len(known) < len(rates):
        n = len(rates) - len(known)
        yield f"  {n} of {len(rates)} rates of gates: too few grades, or not asked on every graded answer"


def _rate(entry: Mapping[str, Any]) -> str:
    raw = "–" if entry["value_raw"] is None else _share(entry["value_raw"])
    return f"{entry['model']}: panel {raw}, corrected {_value(entry, _share)}"


def _level(value: float) -> str:
    return f"{value:.2f}"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _value(entry: Mapping[str, Any], write: Callable[[float], str]) -> str:
    if entry["value"] is None:
        return f"– ({entry['undefined']})"
    interval = "no interval" if entry["ci_low"] is None else f"{write(entry['ci_low'])} to {write(entry['ci_high'])}"
    bounds = "every answer graded" if entry["variant"] == WHOLE else f"{entry['variant']} bounds"
    how = {"physicians": ", physicians alone", "bounds": f", {bounds}"}.get(entry["method"], "")
    return f"{write(entry['value'])} ({interval}; {entry['n_graded']} graded, {entry['n_cases']} cases{how})"


def _differences(differences: list[Mapping[str, Any]]) -> Iterator[str]:
    shown = [entry for entry in differences if entry["value"] is not None]
    if shown:
        yield "Differences between models, corrected, on common cases"
    for entry in shown:
        interval = "no interval" if entry["ci_low"] is None else f"{entry['ci_low']:+.2f} to {entry['ci_high']:+.2f}"
        yield f"  {entry['dimension']}: {entry['model']} − {entry['minus']} {entry['value']:+.2f} ({interval})"


def _decisions(document: Mapping[str, Any]) -> Iterator[str]:
    yield "Single grades"
    for name, about in document["coefficients"].items():
        if about["decision"] != "corrected":
            yield f"  {name}: not corrected; {about['reason']}"
            continue
        test, fitted = about["report"]["test"], about["report"]["cross_fitted"]
        shown, where = (test, "test split") if test else (fitted, "cross-fitted")
        yield (
            f"  {name}: {about['map']['method']}; mean absolute error {shown['mae_raw']:.2f} → "
            f"{shown['mae_corrected']:.2f} on {shown['n_answers']} answers ({where})"
        )
    detail = document["weights_detail"]
    yield f"Panel: {detail['rule']} ({detail['reason']})"
