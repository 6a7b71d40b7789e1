"""What a person reads of a calibration."""

from collections.abc import Iterator, Mapping
from typing import Any

from judge.api.calibrating.physicians import GATE


def text_of(document: Mapping[str, Any]) -> str:
    """Return means, differences and decisions as text."""
    return "\n".join([*_means(document["means"]), *_differences(document["differences"]), *_decisions(document)])


def _means(means: list[Mapping[str, Any]]) -> Iterator[str]:
    if not means:
        return
    wide = max(len(entry["dimension"]) for entry in means)
    yield "Mean levels that physicians would have given (95 % interval), beside the panel's own"
    rates = [entry for entry in means if entry["dimension"].startswith(GATE)]
    refused = [entry for entry in rates if entry["value"] is None]
    for entry in [one for one in means if one not in refused]:
        raw = "–" if entry["value_raw"] is None else f"{entry['value_raw']:.2f}"
        yield f"  {entry['dimension']:<{wide}}  {entry['model']}: panel {raw}, corrected {_value(entry)}"
    if refused:
        yield f"  {len(refused)} of {len(rates)} rates of gates: too few grades, or not asked on every graded answer"


def _value(entry: Mapping[str, Any]) -> str:
    if entry["value"] is None:
        return f"– ({entry['undefined']})"
    interval = "no interval" if entry["ci_low"] is None else f"{entry['ci_low']:.2f} to {entry['ci_high']:.2f}"
    how = {"physicians": ", physicians alone", "bounds": f", {entry['variant']} bounds"}.get(entry["method"], "")
    return f"{entry['value']:.2f} ({interval}; {entry['n_graded']} graded, {entry['n_cases']} cases{how})"


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
