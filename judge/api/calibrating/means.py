"""Corrected means of a run, by model and dimension, and differences between models."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from judge.agreement.estimate import Estimate
from judge.api.calibrating.entries import (
    Asked,
    Entry,
    frames_of,
    n_cases,
    n_graded,
    natural,
    raw_mean,
    refused,
    shown,
)
from judge.api.calibrating.physicians import PhysicianGrades
from judge.api.calibrating.rates import gate_rates_of, pass_rates_of
from judge.api.calibrating.run import RunArrays
from judge.calibration.floors import mean_floor
from judge.calibration.folds import BoolArray
from judge.calibration.frame import Frame, MeanOptions, corrected_difference, corrected_mean
from judge.domain.rubric import Dimension, Rubric


def means_of(arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, asked: Asked) -> list[Entry]:
    """Return one entry a model and dimension, then one a model and pass rate, then one a model and gate."""
    within = natural(arrays)
    found = [entry for d in rubric.dimensions for entry in _means(arrays, grades, d, asked, within)]
    return [*found, *pass_rates_of(arrays, grades, asked), *gate_rates_of(arrays, grades, asked)]


def means_by_language_of(arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, asked: Asked) -> list[Entry]:
    """Return one entry a language, model and dimension; none where the run has one language."""
    languages, within = np.unique(arrays.language), natural(arrays)
    if len(languages) < 2:
        return []
    return [
        {"language": str(language), **entry}
        for language in languages
        for dimension in rubric.dimensions
        for entry in _means(arrays, grades, dimension, asked, within & (arrays.language == language))
    ]


def differences_of(arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, asked: Asked) -> list[Entry]:
    """Return one entry a pair of models and dimension: the first minus the second, on common cases."""
    found = []
    for dimension in rubric.dimensions:
        options = _options(dimension, asked)
        frames = list(frames_of(arrays, grades, dimension.id, natural(arrays)))
        n_cell = sum(n_graded(frame) for _, frame in frames)
        for (one, first), (other, second) in combinations(frames, 2):
            entry = {"model": one, "minus": other, "dimension": dimension.id}
            floor = mean_floor(n_cell, min(n_graded(first), n_graded(second)))
            if floor.means == "refused":
                found.append({**entry, **refused(floor.reason)})
                continue
            chosen = options if floor.means == "corrected" else replace(options, lam=0.0)
            estimate = corrected_difference(first, second, chosen)
            found.append({**entry, **shown(estimate, _method(estimate))})
    return found


def _options(dimension: Dimension, asked: Asked) -> MeanOptions:
    return MeanOptions(bounds=(dimension.lowest, dimension.highest), seed=asked.seed, target=asked.target)


def _means(
    arrays: RunArrays, grades: PhysicianGrades, dimension: Dimension, asked: Asked, within: BoolArray
) -> Iterator[Entry]:
    frames = list(frames_of(arrays, grades, dimension.id, within))
    n_cell = sum(n_graded(frame) for _, frame in frames)
    for model, frame in frames:
        yield {"model": model, "dimension": dimension.id, **_mean(frame, n_cell, _options(dimension, asked))}


def _mean(frame: Frame, n_cell: int, options: MeanOptions) -> Entry:
    floor = mean_floor(n_cell, n_graded(frame))
    raw: Entry = {"value_raw": raw_mean(frame.scores)}
    if floor.means == "refused":
        return {**raw, **refused(floor.reason), "n_graded": floor.n_graded, "n_cases": n_cases(frame)}
    estimate = corrected_mean(frame, options if floor.means == "corrected" else replace(options, lam=0.0))
    entry = shown(estimate, _method(estimate))
    notes = [*([floor.reason] if floor.reason else []), *entry["warnings"], *_skew(frame)]
    return {**raw, **entry, "warnings": notes}


def _method(estimate: Estimate) -> str:
    """Return what made the mean: with lambda 0 the judge had no part in it."""
    return "ppi++" if (estimate.detail.get("lambda") or 0.0) > 0 else "physicians"


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
