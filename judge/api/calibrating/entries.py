"""Entries of ``means`` in ``calibration.json``, and the frames that they are made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate, FloatArray
from judge.api.calibrating.physicians import DimensionGrades, PhysicianGrades
from judge.api.calibrating.run import RunArrays
from judge.calibration.folds import BoolArray
from judge.calibration.frame import Frame, Target

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What means and rates are to say."""

    seed: int = 0
    target: Target = "cases"
    """Whether they speak of the models on cases of this kind, or of exactly these answers."""
    pass_levels: Mapping[str, float] = field(default_factory=dict)
    """By dimension: the level from which on an answer passes."""


def natural(arrays: RunArrays) -> BoolArray:
    """Return which answers means speak of: neither planted nor blank."""
    return ~arrays.is_planted & ~arrays.is_blank


def frames_of(
    arrays: RunArrays, grades: PhysicianGrades, dimension: str, within: BoolArray
) -> Iterator[tuple[str, Frame]]:
    """Yield each model with its frame in a dimension."""
    own = arrays.dimensions[dimension]
    for model, kept in models_of(arrays, within & own.is_applicable):
        yield model, frame_of(arrays, grades, grades.dimensions[dimension], own.level, kept)


def models_of(arrays: RunArrays, kept: BoolArray) -> Iterator[tuple[str, BoolArray]]:
    """Yield each model with those of its answers that are kept."""
    for model in np.unique(arrays.model):
        yield str(model), kept & (arrays.model == model)


def frame_of(
    arrays: RunArrays, grades: PhysicianGrades, own: DimensionGrades, scores: npt.NDArray[Any], kept: BoolArray
) -> Frame:
    """Return the frame of the answers that are kept."""
    chance = None if grades.probability is None else grades.probability[kept]
    return Frame(scores[kept], own.target[kept], arrays.cases[kept], chance)


def shown(estimate: Estimate, method: str) -> Entry:
    """Return an estimate as JSON types."""
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


def refused(reason: str | None) -> Entry:
    """Return what stands where there is no value."""
    names = ("value", "se", "ci_low", "ci_high", "ci_level", "ci_method", "lambda")
    return {"method": "refused", "variant": "", **dict.fromkeys(names), "undefined": reason, "warnings": []}


def raw_mean(scores: FloatArray) -> float | None:
    """Return the panel's own mean, None where it scored nothing."""
    known = scores[~np.isnan(scores)]
    return float(known.mean()) if len(known) else None


def n_graded(frame: Frame) -> int:
    """Return how many answers physicians graded."""
    return int(frame.is_labelled.sum())


def n_cases(frame: Frame) -> int:
    """Return of how many cases those are."""
    return len(np.unique(frame.cases[frame.is_labelled]))
