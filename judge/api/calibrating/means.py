"""Corrected means of a run: by model and dimension, rates of gates, and differences between models."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate
from judge.api.calibrating.physicians import GATE, DimensionGrades, PhysicianGrades
from judge.api.calibrating.run import RunArrays
from judge.calibration.floors import mean_floor
from judge.calibration.folds import BoolArray
from judge.calibration.frame import Frame, MeanOptions, corrected_difference, corrected_mean
from judge.calibration.rates import corrected_rate
from judge.domain.rubric import Dimension, Rubric

Entry = dict[str, Any]
LEAST_ANSWERED = 0.9


def means_of(arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, seed: int) -> list[Entry]:
    """Return one entry a model and dimension, then one a model and gate."""
    natural = _is_natural(arrays)
    found = [entry for d in rubric.dimensions for entry in _means(arrays, grades, d, seed, natural)]
    for gate, own in grades.gates.items():
        calls = arrays.gates.get(gate, np.zeros(arrays.n, dtype=bool)).astype(np.float64)
        n_cell = int((natural & ~np.isnan(own.target)).sum())
        for model, kept in _models(arrays, natural):
            asked = int((grades.is_graded & kept).sum())
            frame = _frame(arrays, grades, own, calls, kept)
            found.append({"model": model, "dimension": f"{GATE}{gate}", **_rate(frame, n_cell, asked, seed)})
    return found


def means_by_language_of(arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, seed: int) -> list[Entry]:
    """Return one entry a language, model and dimension; none where the run has one language."""
    languages, natural = np.unique(arrays.language), _is_natural(arrays)
    if len(languages) < 2:
        return []
    return [
        {"language": str(language), **entry}
        for language in languages
        for dimension in rubric.dimensions
        for entry in _means(arrays, grades, dimension, seed, natural & (arrays.language == language))
    ]


def differences_of(arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, seed: int) -> list[Entry]:
    """Return one entry a pair of models and dimension: the first minus the second, on common cases."""
    found = []
    for dimension in rubric.dimensions:
        options = MeanOptions(bounds=(dimension.lowest, dimension.highest), seed=seed)
        frames = list(_frames(arrays, grades, dimension.id, _is_natural(arrays)))
        n_cell = sum(_n_graded(frame) for _, frame in frames)
        for (one, first), (other, second) in combinations(frames, 2):
            entry = {"model": one, "minus": other, "dimension": dimension.id}
            floor = mean_floor(n_cell, min(_n_graded(first), _n_graded(second)))
            if floor.means == "refused":
                found.append({**entry, **_refused(floor.reason)})
                continue
            chosen = options if floor.means == "corrected" else replace(options, lam=0.0)
            estimate = corrected_difference(first, second, chosen)
            found.append({**entry, **_shown(estimate, _method(estimate))})
    return found


def _means(
    arrays: RunArrays, grades: PhysicianGrades, dimension: Dimension, seed: int, within: BoolArray
) -> Iterator[Entry]:
    options = MeanOptions(bounds=(dimension.lowest, dimension.highest), seed=seed)
    frames = list(_frames(arrays, grades, dimension.id, within))
    n_cell = sum(_n_graded(frame) for _, frame in frames)
    for model, frame in frames:
        yield {"model": model, "dimension": dimension.id, **_mean(frame, n_cell, options)}


def _is_natural(arrays: RunArrays) -> BoolArray:
    return ~arrays.is_planted & ~arrays.is_blank


def _frames(
    arrays: RunArrays, grades: PhysicianGrades, dimension: str, within: BoolArray
) -> Iterator[tuple[str, Frame]]:
    own = arrays.dimensions[dimension]
    for model, kept in _models(arrays, within & own.is_applicable):
        yield model, _frame(arrays, grades, grades.dimensions[dimension], own.level, kept)


def _models(arrays: RunArrays, kept: BoolArray) -> Iterator[tuple[str, BoolArray]]:
    for model in np.unique(arrays.model):
        yield str(model), kept & (arrays.model == model)


def _frame(
    arrays: RunArrays, grades: PhysicianGrades, own: DimensionGrades, scores: npt.NDArray[Any], kept: BoolArray
) -> Frame:
    chance = None if grades.probability is None else grades.probability[kept]
    return Frame(scores[kept], own.target[kept], arrays.cases[kept], chance)


def _mean(frame: Frame, n_cell: int, options: MeanOptions) -> Entry:
    floor = mean_floor(n_cell, _n_graded(frame))
    known = frame.scores[~np.isnan(frame.scores)]
    raw: Entry = {"value_raw": float(known.mean()) if len(known) else None}
    if floor.means == "refused":
        return {**raw, **_refused(floor.reason), "n_graded": floor.n_graded, "n_cases": _n_cases(frame)}
    estimate = corrected_mean(frame, options if floor.means == "corrected" else replace(options, lam=0.0))
    shown = _shown(estimate, _method(estimate))
    notes = [*([floor.reason] if floor.reason else []), *shown["warnings"], *_skew(frame)]
    return {**raw, **shown, "warnings": notes}


def _method(estimate: Estimate) -> str:
    """Return what made the mean: with lambda 0 the judge had no part in it."""
    return "ppi++" if (estimate.detail.get("lambda") or 0.0) > 0 else "physicians"


def _rate(frame: Frame, n_cell: int, n_asked: int, seed: int) -> Entry:
    """Return a rate; refused where physicians said yes or no on a part of the answers they graded: chances unknown."""
    floor = mean_floor(n_cell, _n_graded(frame))
    raw: Entry = {"value_raw": float(frame.scores.mean()) if len(frame.scores) else None}
    reason = floor.reason if floor.means == "refused" else None
    if reason is None and floor.n_graded < LEAST_ANSWERED * n_asked:
        reason = f"answered on {floor.n_graded} of {n_asked} graded answers: which ones was not left to chance"
    if reason is not None:
        return {**raw, **_refused(reason), "n_graded": floor.n_graded, "n_cases": _n_cases(frame)}
    estimate = corrected_rate(frame, MeanOptions(seed=seed))
    return {**raw, **_shown(estimate, "ppi++" if estimate.variant.startswith("ppi") else "bounds")}


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


def _n_graded(frame: Frame) -> int:
    return int(frame.is_labelled.sum())


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
