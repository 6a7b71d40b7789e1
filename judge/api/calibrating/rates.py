"""Corrected rates of a run: how often physicians would say that a gate holds, and how often that an answer passes.

Both go the same way: PPI++ where enough labels are discordant, exact or stratified bounds or those of the effective
size where they are few (:mod:`judge.calibration.rates`).
"""

from collections.abc import Iterator

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.api.calibrating.entries import (
    Asked,
    Entry,
    frame_of,
    frames_of,
    models_of,
    n_cases,
    n_graded,
    natural,
    raw_mean,
    refused,
    shown,
)
from judge.api.calibrating.passes import PASS, passes
from judge.api.calibrating.physicians import GATE, PhysicianGrades
from judge.api.calibrating.run import RunArrays
from judge.calibration.floors import mean_floor
from judge.calibration.frame import Frame, MeanOptions
from judge.calibration.rates import corrected_rate

LEAST_ANSWERED = 0.9


def gate_rates_of(arrays: RunArrays, grades: PhysicianGrades, asked: Asked) -> Iterator[Entry]:
    """Yield one entry a gate that physicians were asked about and model."""
    within = natural(arrays)
    for gate, own in grades.gates.items():
        calls: FloatArray = arrays.gates.get(gate, np.zeros(arrays.n, dtype=bool)).astype(np.float64)
        n_cell = int((within & ~np.isnan(own.target)).sum())
        for model, kept in models_of(arrays, within):
            n_asked = int((grades.is_graded & kept).sum())
            frame = frame_of(arrays, grades, own, calls, kept)
            said = _chosen(n_graded(frame), n_asked)
            yield {"model": model, "dimension": f"{GATE}{gate}", **_rate(frame, n_cell, said, asked)}


def pass_rates_of(arrays: RunArrays, grades: PhysicianGrades, asked: Asked) -> Iterator[Entry]:
    """Yield one entry a dimension with a pass level and model: of the answers that the mean of the dimension is of.

    Where physicians left the dimension out on some of the answers that they graded, that is a warning and no refusal:
    gates are asked where the panel flags something, dimensions are not.
    """
    for dimension, level in asked.pass_levels.items():
        within = natural(arrays)
        frames = list(frames_of(arrays, grades, dimension, within))
        n_cell = sum(n_graded(frame) for _, frame in frames)
        applies = within & arrays.dimensions[dimension].is_applicable & grades.is_graded
        for model, frame in frames:
            passed = Frame(passes(frame.scores, level), passes(frame.labels, level), frame.cases, frame.probability)
            n_asked = int((applies & (arrays.model == model)).sum())
            entry = {"model": model, "dimension": f"{PASS}{dimension}", "threshold": level}
            found = _rate(passed, n_cell, None, asked)
            said = [note for note in [_chosen(n_graded(passed), n_asked)] if note is not None]
            yield {**entry, **found, "warnings": [*said, *found["warnings"]]}


def _chosen(n_answered: int, n_asked: int) -> str | None:
    """Return what is to be said where physicians answered on a part of the answers they graded: chances unknown."""
    if n_answered >= LEAST_ANSWERED * n_asked:
        return None
    return f"answered on {n_answered} of {n_asked} graded answers: which ones was not left to chance"


def _rate(frame: Frame, n_cell: int, refusal: str | None, asked: Asked) -> Entry:
    floor = mean_floor(n_cell, n_graded(frame))
    raw: Entry = {"value_raw": raw_mean(frame.scores)}
    reason = floor.reason if floor.means == "refused" else refusal
    if reason is not None:
        return {**raw, **refused(reason), "n_graded": floor.n_graded, "n_cases": n_cases(frame)}
    estimate = corrected_rate(frame, MeanOptions(seed=asked.seed, target=asked.target))
    return {**raw, **shown(estimate, "ppi++" if estimate.variant.startswith("ppi") else "bounds")}
