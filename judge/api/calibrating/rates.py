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
            yield {"model": model, "dimension": f"{GATE}{gate}", **_rate(frame, n_cell, n_asked, asked)}


def pass_rates_of(arrays: RunArrays, grades: PhysicianGrades, asked: Asked) -> Iterator[Entry]:
    """Yield one entry a dimension with a pass level and model."""
    for dimension, level in asked.pass_levels.items():
        within = natural(arrays)
        frames = list(frames_of(arrays, grades, dimension, within))
        n_cell = sum(n_graded(frame) for _, frame in frames)
        applies = within & arrays.dimensions[dimension].is_applicable & grades.is_graded
        for model, frame in frames:
            passed = Frame(passes(frame.scores, level), passes(frame.labels, level), frame.cases, frame.probability)
            n_asked = int((applies & (arrays.model == model)).sum())
            entry = {"model": model, "dimension": f"{PASS}{dimension}", "threshold": level}
            yield {**entry, **_rate(passed, n_cell, n_asked, asked)}


def _rate(frame: Frame, n_cell: int, n_asked: int, asked: Asked) -> Entry:
    """Return a rate; refused where physicians said yes or no on a part of the answers they graded: chances unknown."""
    floor = mean_floor(n_cell, n_graded(frame))
    raw: Entry = {"value_raw": raw_mean(frame.scores)}
    reason = floor.reason if floor.means == "refused" else None
    if reason is None and floor.n_graded < LEAST_ANSWERED * n_asked:
        reason = f"answered on {floor.n_graded} of {n_asked} graded answers: which ones was not left to chance"
    if reason is not None:
        return {**raw, **refused(reason), "n_graded": floor.n_graded, "n_cases": n_cases(frame)}
    estimate = corrected_rate(frame, MeanOptions(seed=asked.seed, target=asked.target))
    return {**raw, **shown(estimate, "ppi++" if estimate.variant.startswith("ppi") else "bounds")}
