"""Corrected means of a run: by model and dimension, rates of gates, and differences between models."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate
from judge.api.calibrating_physicians import GATE, DimensionGrades, PhysicianGrades
from judge.api.calibrating_run import RunArrays
from judge.calibration.floors import floor_of
from judge.calibration.folds import BoolArray
from judge.calibration.frame import Frame, MeanOptions, corrected_difference, corrected_mean
from judge.calibration.rates import corrected_rate
from judge.domain.rubric import Rubric

Entry = dict[str, Any]
LEAST_ANSWERED = 0.9


def means_of(arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, seed: int) -> list[Entry]:
    """Return one entry a model and dimension, then one a model and gate."""
    found = []
    for dimension in rubric.dimensions:
        options = MeanOptions(bounds=(dimension.lowest, dimension.highest), seed=seed)
        for model, frame in _frames(arrays, grades, dimension.id):
            found.append(_mean(model, dimension.id, frame, options))
    for gate, own in grades.gates.items():
        calls = arrays.gates.get(gate, np.zeros(arrays.n, dtype=bool)).astype(np.float64)
        for model, kept in _models(arrays, _is_natural(arrays)):
            asked = int((grades.is_graded & kept).sum())
            found.append(_rate(model, f"{GATE}{gate}", _frame(arrays, grades, own, calls, kept), asked, seed))
    return found


def differences_of(arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, seed: int) -> list[Entry]:
    """Return one entry a pair of models and dimension: the first minus the second, on common cases."""
    found = []
    for dimension in rubric.dimensions:
        options = MeanOptions(bounds=(dimension.lowest, dimension.highest), seed=seed)
        frames = list(_frames(arrays, grades, dimension.id))
        for (one, first), (other, second) in combinations(frames, 2):
            entry = {"model": one, "minus": other, "dimension": dimension.id}
            floors = [floor_of(int(frame.is_labelled.sum())) for frame in (first, second)]
            refused = next((floor for floor in floors if floor.means == "refused"), None)
            if refused is not None:
                found.append({**entry, **_refused(refused.reason)})
                continue
            is_corrected = all(floor.means == "corrected" for floor in floors)
            estimate = corrected_difference(first, second, options if is_corrected else replace(options, lam=0.0))
            found.append({**entry, **_shown(estimate, _method(estimate))})
    return found


def _is_natural(arrays: RunArrays) -> BoolArray:
    return ~arrays.is_planted & ~arrays.is_blank


def _frames(arrays: RunArrays, grades: PhysicianGrades, dimension: str) -> Iterator[tuple[str, Frame]]:
    own = arrays.dimensions[dimension]
    for model, kept in _models(arrays, _is_natural(arrays) & own.is_applicable):
        yield model, _frame(arrays, grades, grades.dimensions[dimension], own.level, kept)


def _models(arrays: RunArrays, kept: BoolArray) -> Iterator[tuple[str, BoolArray]]:
    for model in np.unique(arrays.model):
        yield str(model), kept & (arrays.model == model)


def _frame(
    arrays: RunArrays, grades: PhysicianGrades, own: DimensionGrades, scores: npt.NDArray[Any], kept: BoolArray
) -> Frame:
    chance = None if grades.probability is None else grades.probability[kept]
    return Frame(scores[kept], own.target[kept], arrays.cases[kept], chance)


def _mean(model: str, dimension: str, frame: Frame, options: MeanOptions) -> Entry:
    floor = floor_of(int(frame.is_labelled.sum()))
    known = frame.scores[~np.isnan(frame.scores)]
    entry: Entry = {"model": model, "dimension": dimension, "value_raw": float(known.mean()) if len(known) else None}
    if floor.means == "refused":
        return {**entry, **_refused(floor.reason), "n_graded": floor.n_graded, "n_cases": _n_cases(frame)}
    is_corrected = floor.means == "corrected"
    estimate = corrected_mean(frame, options if is_corrected else replace(options, lam=0.0))
    shown = _shown(estimate, _method(estimate))
    notes = [*([floor.reason] if floor.reason else []), *shown["warnings"], *_skew(frame)]
    return {**entry, **shown, "warnings": notes}


def _method(estimate: Estimate) -> str:
    """Return what made the mean: with lambda 0 the judge had no part in it."""
    return "ppi++" if (estimate.detail.get("lambda") or 0.0) > 0 else "physicians"


def _rate(model: str, dimension: str, frame: Frame, n_asked: int, seed: int) -> Entry:
    """Return a rate; refused where physicians said yes or no on a part of the answers they graded: chances unknown."""
    floor = floor_of(int(frame.is_labelled.sum()))
    raw = float(frame.scores.mean()) if len(frame.scores) else None
    entry: Entry = {"model": model, "dimension": dimension, "value_raw": raw}
    reason = floor.reason if floor.means == "refused" else None
    if reason is None and floor.n_graded < LEAST_ANSWERED * n_asked:
        reason = f"answered on {floor.n_graded} of {n_asked} graded answers: which ones was not left to chance"
    if reason is not None:
        return {**entry, **_refused(reason), "n_graded": floor.n_graded, "n_cases": _n_cases(frame)}
    estimate = corrected_rate(frame, MeanOptions(seed=seed))
    return {**entry, **_shown(estimate, "ppi++" if estimate.variant.startswith("ppi") else "bounds")}


def _shown(estimate: Estimate, method: str) -> Entry:
    return {
        "method": method if estimate.is_defined else "refused",
        "variant": estimate.variant,
        "value": estimate.value,
        "se": estimate.se,
        "ci_low": estimate.ci_low,
        "ci_high": estimate.ci_high,
        "ci_level": estimate.ci_level,
        "ci_method": estimate.ci_method,
        "lambda": estimate.detail.get("lambda"),
        "n_graded": int(estimate.detail.get("n_graded", estimate.n_ratings)),
        "n_cases": int(estimate.detail.get("n_cases", 0)),
        "n_answers": estimate.n_items,
        "undefined": estimate.undefined,
        "warnings": list(estimate.warnings),
    }


def _refused(reason: str | None) -> Entry:
    names = ("value", "se", "ci_low", "ci_high", "ci_level", "ci_method", "lambda")
    return {"method": "refused", "variant": "", **dict.fromkeys(names), "undefined": reason, "warnings": []}


def _n_cases(frame: Frame) -> int:
    return len(np.unique(frame.cases[frame.is_labelled]))


def _skew(frame: Frame) -> list[str]:
    """Warn where hardly any label differs from the most frequent one: a t interval then covers less than it says."""
    labels = frame.labels[frame.is_labelled]
    counts = np.unique(labels, return_counts=True)[1]
    n_other = len(labels) - int(counts.max())
    few = n_other < max(5, 0.1 * len(labels)) and n_other < 20
    return (
        [f"only {n_other} of {len(labels)} labels differ from the most frequent one: the interval may be too narrow"]
        if few
        else []
    )
