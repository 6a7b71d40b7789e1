"""Corrected single grades of a run: a map and an interval per dimension, gates never undone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.api.calibrating.physicians import PhysicianGrades
from judge.api.calibrating.run import DimensionArrays, RunArrays
from judge.calibration.choosing import Chosen, choose_map, gain_of
from judge.calibration.conformal import ConformalBand, fit_band, intervals
from judge.calibration.floors import CORRECTED_FROM, REFUSED_BELOW, floor_of
from judge.calibration.folds import BoolArray
from judge.calibration.grade_map import Graded, GradeMap, Panelled, document_of, map_from
from judge.domain.rubric import Rubric

ALPHA = 0.1
"""Intervals of single grades hold at least 90 %."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedDimension:
    """What is done to the single grades of one dimension."""

    decision: str
    """``corrected`` or ``none``."""
    reason: str | None
    languages: tuple[str, ...] = ()
    """Languages with enough graded answers; the others get no corrected grade."""
    fitted: GradeMap | None = None
    band: ConformalBand | None = None
    is_whole: bool = False
    most_weight: float = 1.0
    """Greatest 1 / inclusion probability among graded answers: that of a new answer is taken to be no more."""
    report: Mapping[str, Any] = field(default_factory=dict)
    held_out: Mapping[int, float] = field(default_factory=dict)
    """By place: the level of a graded answer by a map that did not see its case."""

    def document(self) -> dict[str, Any]:
        """Return it as JSON types."""
        document: dict[str, Any] = {
            "decision": self.decision,
            "reason": self.reason,
            "languages": list(self.languages),
            "report": dict(self.report),
        }
        if self.fitted is not None and self.band is not None:
            document["map"] = document_of(self.fitted)
            document["interval"] = {
                "level": 1 - self.band.alpha,
                "errors": self.band.errors.tolist(),
                "mass": self.band.mass.tolist(),
                "is_whole": self.is_whole,
                "most_weight": self.most_weight,
            }
        return document


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """Corrected levels of one dimension, one value an answer, NaN where there is none."""

    level: FloatArray
    low: FloatArray
    high: FloatArray


def fit_dimension(
    dimension: str, arrays: RunArrays, grades: PhysicianGrades, scale: FloatArray, rng: np.random.Generator
) -> FittedDimension:
    """Fit map and interval of one dimension: on the tune split where there is one, and test it on the rest."""
    own, given = arrays.dimensions[dimension], grades.dimensions[dimension]
    usable = ~np.isnan(given.target) & ~np.isnan(own.level)
    counts = {str(name): int((usable & (arrays.language == name)).sum()) for name in np.unique(arrays.language)}
    languages = tuple(name for name, n in counts.items() if floor_of(n).has_grades)
    if not languages:
        most = max(counts.values(), default=0)
        reason = (
            f"at most {most} answers in a language are graded and scored by the panel, fewer than {CORRECTED_FROM}: "
            "no corrected grades"
        )
        return FittedDimension("none", reason, report={"n_graded_by_language": counts})
    inside = usable if grades.is_tune is None else usable & grades.is_tune
    places = np.flatnonzero(inside)
    if len(np.unique(arrays.cases[places])) < REFUSED_BELOW:
        reason = f"the tune split has grades of fewer than {REFUSED_BELOW} cases: no corrected grades"
        return FittedDimension("none", reason, report={"n_graded_by_language": counts})

    def pick(chosen_places: Any) -> Graded:
        chance = np.ones(len(chosen_places)) if grades.probability is None else grades.probability[chosen_places]
        return Graded(
            panelled_of(arrays, own).take(chosen_places),
            given.target[chosen_places],
            given.given[chosen_places],
            arrays.cases[chosen_places],
            1 / chance,
            scale,
        )

    graded = pick(places)
    test = np.flatnonzero(usable & ~inside)
    chosen = choose_map(graded, rng, is_nested=len(test) == 0)
    band = fit_band(chosen.predicted - graded.target, graded.cases, graded.weights, rng, alpha=ALPHA)
    report = _report(counts, given.kinds, graded, chosen, band, pick(test) if len(test) else None)
    return FittedDimension(
        "corrected",
        None,
        languages,
        chosen.fitted,
        band,
        bool(np.isin(graded.target, scale).all()),
        float(graded.weights.max()),
        report,
        dict(zip(places.tolist(), chosen.predicted.tolist(), strict=True)),
    )


def _report(
    counts: Mapping[str, int],
    kinds: Mapping[str, int],
    graded: Graded,
    chosen: Chosen,
    band: ConformalBand,
    held: Graded | None,
) -> dict[str, Any]:
    report: dict[str, Any] = {
        "n_graded_by_language": counts,
        "target": dict(kinds),
        "cross_validated_error": chosen.errors_by_method,
        "cross_fitted": asdict(gain_of(graded, chosen.predicted)),
        "test": None if held is None else _tested(held, chosen, band),
        "warnings": [],
    }
    shown = report["test"] or report["cross_fitted"]
    if shown["mae_corrected"] >= shown["mae_raw"]:
        report["warnings"] = ["corrected grades are no nearer to the physicians' than raw ones on answers not seen"]
    return report


def _tested(held: Graded, chosen: Chosen, band: ConformalBand) -> dict[str, Any]:
    """Return what map and interval do on the test split."""
    level = chosen.fitted.predict(held.panelled)
    found = intervals(band, level, held.weights, held.scale, is_whole=False)
    is_inside = (found.low <= held.target) & (held.target <= found.high)
    return {**asdict(gain_of(held, level)), "interval_holds": float(np.average(is_inside, weights=held.weights))}


def panelled_of(arrays: RunArrays, own: DimensionArrays) -> Panelled:
    """Return what the panel says of all answers in a dimension."""
    return Panelled(own.level, own.coverage, own.spread, arrays.task, arrays.language)


def apply_dimension(dimension: str, found: FittedDimension, arrays: RunArrays) -> Corrected:
    """Return corrected levels: within the scale, graded cases by maps that did not see them, gates never undone."""
    own, n = arrays.dimensions[dimension], arrays.n
    nothing = Corrected(*(np.full(n, np.nan) for _ in range(3)))
    if found.fitted is None or found.band is None:
        return nothing
    level = found.fitted.predict(panelled_of(arrays, own))
    for place, value in found.held_out.items():
        level[place] = value
    level = np.where(np.isin(arrays.language, found.languages), level, np.nan)
    band = intervals(found.band, level, np.full(n, found.most_weight), found.fitted.scale, is_whole=found.is_whole)
    low, high = np.minimum(band.low, level), np.maximum(band.high, level)
    return Corrected(*(_under_gate(values, own) for values in (level, low, high)))


def _under_gate(values: FloatArray, own: DimensionArrays) -> FloatArray:
    return np.asarray(np.where(own.is_gated, np.minimum(values, own.level_gated), values))


def corrected_scores(arrays: RunArrays, rubric: Rubric, corrected: Mapping[str, Corrected]) -> FloatArray:
    """Return the composite from corrected levels, 0–100: only where every dimension that was scored has one.

    Never above the cap of an applied gate, and with a gate applied never above the raw score.
    """
    tasks, place = np.unique(arrays.task, return_inverse=True)
    total, weight = np.zeros(arrays.n), np.zeros(arrays.n)
    is_whole = np.ones(arrays.n, dtype=bool)
    for dimension in rubric.dimensions:
        own = arrays.dimensions[dimension.id]
        shares = np.array([rubric.variant(str(task) or None).weights.get(dimension.id, 0.0) for task in tasks])
        mine = shares[place.reshape(-1)]
        level = np.where(np.isnan(own.level), own.level_gated, corrected[dimension.id].level)
        counts = ~np.isnan(own.level_gated) & (mine > 0)
        is_whole &= ~(counts & np.isnan(level))
        value = 100 * (level - dimension.lowest) / (dimension.highest - dimension.lowest)
        total += np.where(counts, mine * np.nan_to_num(value), 0.0)
        weight += np.where(counts, mine, 0.0)
    rows = arrays.grades.take(arrays.composite_row)
    raw, cap = (np.array(rows[name].to_numpy(zero_copy_only=False), dtype=np.float64) for name in ("score", "cap"))
    score = np.divide(total, weight, out=np.full(arrays.n, np.nan), where=weight > 0)
    score = np.fmin(score, cap)
    score = np.where(_has_gate(arrays), np.minimum(score, raw), score)
    return np.asarray(np.where(is_whole & ~np.isnan(raw), score, np.nan))


def _has_gate(arrays: RunArrays) -> BoolArray:
    import pyarrow.compute as pc

    lengths = pc.list_value_length(arrays.grades.take(arrays.composite_row)["gates"]).fill_null(0)
    return np.array(lengths.to_numpy(zero_copy_only=False), dtype=np.int64) > 0


def fitted_from(document: Mapping[str, Any]) -> FittedDimension:
    """Return what a calibration file says of one dimension."""
    if document["decision"] != "corrected":
        return FittedDimension("none", document["reason"])
    interval = document["interval"]
    band = ConformalBand(np.array(interval["errors"]), np.array(interval["mass"]), 1 - interval["level"])
    return FittedDimension(
        "corrected",
        None,
        tuple(document["languages"]),
        map_from(document["map"]),
        band,
        bool(interval["is_whole"]),
        float(interval["most_weight"]),
    )
