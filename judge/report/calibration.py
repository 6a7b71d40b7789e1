"""A calibration onto a card: corrected means, differences and rates beside the raw ones, and what they rest on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from judge.report.corrected import CalibrationPart, Corrected, DriftNote, GateRate, PassRate, SingleGrades
from judge.report.parts import Card, Difference, Group, Score
from judge.report.text import visible

_GATE = "gate:"
_PASS = "pass:"
_LIMIT = 400
_SAID_ELSEWHERE = ("planted answers", "one physician graded", "simulated raters", "calibrated on another run")
Found = Mapping[tuple[str, ...], Corrected]
Entry = Mapping[str, Any]


def with_calibration(card: Card, document: Mapping[str, Any] | None) -> Card:
    """Return a card with the corrected numbers of ``calibration.json``, as it is without one."""
    if document is None:
        return card
    means = _found(document.get("means"), ("model", "dimension"))
    spoken = _found(document.get("means_by_language"), ("language", "model", "dimension"))
    pairs = _found(document.get("differences"), ("model", "minus", "dimension"))
    return replace(
        card,
        scores=tuple(_with_mean(score, means) for score in card.scores),
        differences=tuple(_with_difference(difference, pairs) for difference in card.differences),
        groups=tuple(_with_language(group, spoken) for group in card.groups),
        calibration=_part(document, card),
    )


def _found(entries: Iterable[Entry] | None, names: tuple[str, ...]) -> Found:
    return {tuple(visible(entry[name]) for name in names): _corrected(entry) for entry in entries or ()}


def _corrected(entry: Entry) -> Corrected:
    undefined = entry.get("undefined")
    return Corrected(
        method=visible(entry["method"]),
        variant=visible(entry.get("variant") or ""),
        value=entry["value"],
        ci_low=entry.get("ci_low"),
        ci_high=entry.get("ci_high"),
        raw=entry.get("value_raw"),
        n_graded=entry.get("n_graded"),
        n_cases=entry.get("n_cases"),
        n_answers=entry.get("n_answers"),
        reason=None if undefined is None else visible(undefined, _LIMIT),
        notes=tuple(visible(note, _LIMIT) for note in entry.get("warnings") or ()),
    )


def _with_mean(score: Score, means: Found) -> Score:
    return replace(score, corrected=means.get((score.model, visible(score.dimension))))


def _with_language(group: Group, spoken: Found) -> Group:
    if group.kind != "language":
        return group
    scores = tuple(
        replace(score, corrected=spoken.get((group.value, group.model, visible(score.dimension))))
        for score in group.scores
    )
    return replace(group, scores=scores)


def _with_difference(difference: Difference, pairs: Found) -> Difference:
    """Return a difference with the corrected one, turned round where the calibration has the pair the other way."""
    one, other, dimension = difference.model, difference.other, visible(difference.dimension)
    found = pairs.get((one, other, dimension))
    if found is None and (turned := pairs.get((other, one, dimension))) is not None:
        found = replace(
            turned, value=_minus(turned.value), ci_low=_minus(turned.ci_high), ci_high=_minus(turned.ci_low)
        )
    return replace(difference, corrected=found)


def _minus(value: float | None) -> float | None:
    return None if value is None else 0.0 - value


def _part(document: Mapping[str, Any], card: Card) -> CalibrationPart:
    physicians, split = document["physicians"], document["split"]
    return CalibrationPart(
        method=visible(document["method"]),
        date=visible(document["date"]),
        seed=visible(document["seed"]),
        physicians=tuple(visible(rater) for rater in physicians["raters"]),
        simulated=tuple(visible(rater) for rater in physicians["simulated"]),
        target=visible(physicians["target"], _LIMIT),
        n_answers=physicians["n_answers"],
        n_cases=physicians["n_cases"],
        n_planted=physicians["n_planted_left_out"],
        set_hash=None if split["set"] is None else visible(split["set"]),
        chances=visible(split["chances"], _LIMIT),
        fitted_on=visible(split["fitted_on"], _LIMIT),
        is_asserted=split["set"] is None,
        has_means=bool(document.get("means")),
        singles=tuple(
            _single(scale.id, document["coefficients"][scale.id])
            for scale in card.scales
            if scale.id in document["coefficients"]
        ),
        rates=_rates(document.get("means") or (), card),
        passes=_passes(document.get("means") or (), card),
        claim=None if document.get("claim") is None else visible(document["claim"], _LIMIT),
        is_finite=bool(document.get("finite_population")),
        notes=tuple(
            visible(note, _LIMIT) for note in document.get("warnings") or () if _is_news(note, document["coefficients"])
        ),
        drift=_drift(document.get("drift")),
    )


def _drift(check: Mapping[str, Any] | None) -> DriftNote | None:
    if check is None:
        return None
    return DriftNote(visible(check["date"]), check["state"], check["n_answers"], check["n_cases"])


def _is_news(note: str, dimensions: Iterable[str]) -> bool:
    """Return whether a card does not say it in another place."""
    return not any(part in note for part in _SAID_ELSEWHERE) and not note.startswith(
        tuple(f"{dimension}: " for dimension in dimensions)
    )


def _single(dimension: str, about: Mapping[str, Any]) -> SingleGrades:
    is_corrected = about["decision"] == "corrected"
    report = about.get("report") or {}
    where = next((name for name in ("test", "cross_fitted") if is_corrected and report.get(name)), None)
    shown = report[where] if where else {}
    reason = about.get("reason")
    return SingleGrades(
        dimension=dimension,
        is_corrected=is_corrected,
        method=visible(about["map"]["method"]) if is_corrected else None,
        error_raw=shown.get("mae_raw"),
        error_corrected=shown.get("mae_corrected"),
        n_answers=shown.get("n_answers"),
        seen_on=where,
        reason=None if reason is None else visible(reason, _LIMIT),
        notes=tuple(visible(note, _LIMIT) for note in report.get("warnings") or ()),
    )


def _rates(means: Iterable[Entry], card: Card) -> tuple[GateRate, ...]:
    """Return the rates of gates, by gate in the order of the calibration, then by model in that of the card."""
    found = {
        (str(entry["dimension"]).removeprefix(_GATE), visible(entry["model"])): _corrected(entry)
        for entry in means
        if str(entry["dimension"]).startswith(_GATE)
    }
    gates = dict.fromkeys(gate for gate, _ in found)
    return tuple(
        GateRate(model.name, visible(gate), found[gate, model.name])
        for gate in gates
        for model in card.models
        if (gate, model.name) in found
    )


def _passes(means: Iterable[Entry], card: Card) -> tuple[PassRate, ...]:
    """Return the pass rates, by dimension and then by model in the order of the card."""
    found = {
        (str(entry["dimension"]).removeprefix(_PASS), visible(entry["model"])): (entry["threshold"], _corrected(entry))
        for entry in means
        if str(entry["dimension"]).startswith(_PASS)
    }
    return tuple(
        PassRate(model.name, scale.id, *found[scale.id, model.name])
        for scale in card.scales
        for model in card.models
        if (scale.id, model.name) in found
    )
