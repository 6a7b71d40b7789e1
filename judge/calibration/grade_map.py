"""Corrected single grades: a map from what the panel says to the physicians' level, never decreasing in the level."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray, IntArray
from judge.calibration.isotonic import IsotonicMap, fit_isotonic
from judge.calibration.pooling import offset_of, shrunken_offsets
from judge.calibration.proportional_odds import RIDGE, ProportionalOdds, fit_proportional_odds

Method = Literal["isotonic", "proportional_odds"]
METHODS: tuple[Method, ...] = ("isotonic", "proportional_odds")
_FLAT = 1e-9
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Panelled:
    """What the panel says of n answers in one dimension."""

    level: FloatArray
    """NaN where the panel could not score."""
    coverage: FloatArray
    spread: FloatArray
    task: npt.NDArray[Any]
    language: npt.NDArray[Any]

    def take(self, places: npt.NDArray[Any]) -> "Panelled":
        """Return the answers at these places."""
        return Panelled(
            self.level[places], self.coverage[places], self.spread[places], self.task[places], self.language[places]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Graded:
    """Answers that physicians graded and the panel scored."""

    panelled: Panelled
    target: FloatArray
    """Shape (n,): physicians' level."""
    given: FloatArray
    """Shape (n, q): share of the physicians who gave each level of the scale."""
    cases: IntArray
    weights: FloatArray
    """Shape (n,): 1 / inclusion probability."""
    scale: FloatArray

    def take(self, places: npt.NDArray[Any]) -> "Graded":
        """Return the answers at these places."""
        return replace(
            self,
            panelled=self.panelled.take(places),
            target=self.target[places],
            given=self.given[places],
            cases=self.cases[places],
            weights=self.weights[places],
        )


@dataclass(frozen=True, slots=True, eq=False)
class GradeMap:
    """A fitted map with offsets of tasks and languages."""

    method: Method
    scale: FloatArray
    isotonic: IsotonicMap | None = None
    odds: ProportionalOdds | None = None
    features: tuple[str, ...] = ()
    """Of the proportional odds: ``level``, ``coverage``, ``spread``."""
    centre: Mapping[str, float] = field(default_factory=dict)
    width: Mapping[str, float] = field(default_factory=dict)
    language: Mapping[str, float] = field(default_factory=dict)
    """Offset of each language, in levels."""
    task: Mapping[str, float] = field(default_factory=dict)

    def predict(self, panelled: Panelled) -> FloatArray:
        """Return the corrected level of each answer within the scale, NaN where the panel could not score."""
        offsets = offset_of(self.language, panelled.language) + offset_of(self.task, panelled.task)
        found = np.clip(self.base(panelled) + offsets, self.scale[0], self.scale[-1])
        return np.asarray(np.where(np.isnan(panelled.level), np.nan, found), dtype=np.float64)

    def base(self, panelled: Panelled) -> FloatArray:
        """Return the level before the offsets of task and language."""
        if self.isotonic is not None:
            return self.isotonic.predict(panelled.level)
        odds = self.odds
        if odds is None:
            raise ValueError("a map is isotonic or proportional odds")
        return odds.predict(_standardised(panelled, self.features, self.centre, self.width))


def fit_map(graded: Graded, method: Method) -> GradeMap:
    """Fit a map and its partially pooled offsets of languages, then tasks.

    Raises
    ------
    ValueError
        If there is nothing to fit.
    """
    base = _fit_isotonic(graded) if method == "isotonic" else _fit_odds(graded)
    left = graded.target - base.base(graded.panelled)
    languages, tasks = graded.panelled.language, graded.panelled.task
    language = shrunken_offsets(left, languages, graded.weights)
    left = left - offset_of(language, languages)
    task = shrunken_offsets(left, tasks, graded.weights)
    return replace(base, language=language, task=task)


def _fit_isotonic(graded: Graded) -> GradeMap:
    return GradeMap(
        "isotonic", graded.scale, isotonic=fit_isotonic(graded.panelled.level, graded.target, graded.weights)
    )


def _fit_odds(graded: Graded) -> GradeMap:
    """Fit proportional odds on level, coverage and spread; without the level if its coefficient is negative."""
    varying = [name for name in ("level", "coverage", "spread") if _varies(getattr(graded.panelled, name))]
    fitted = _odds_on(graded, tuple(varying))
    if fitted.odds is not None and "level" in varying and fitted.odds.coefficients[varying.index("level")] < 0:
        return _odds_on(graded, tuple(name for name in varying if name != "level"))
    return fitted


def _odds_on(graded: Graded, features: tuple[str, ...]) -> GradeMap:
    centre = {name: float(np.nanmean(getattr(graded.panelled, name))) for name in features}
    width = {name: float(np.nanstd(getattr(graded.panelled, name))) for name in features}
    x = _standardised(graded.panelled, features, centre, width)
    mass = graded.given * (graded.weights / graded.weights.mean())[:, None]
    if int((mass.sum(axis=0) > 0).sum()) < 2:
        return _fit_isotonic(graded)
    odds = fit_proportional_odds(x, mass, graded.scale, ridge=_RIDGE if features else RIDGE)
    return GradeMap("proportional_odds", graded.scale, odds=odds, features=features, centre=centre, width=width)


def _varies(values: FloatArray) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0 and float(np.ptp(known)) > _FLAT


def _standardised(
    panelled: Panelled, features: tuple[str, ...], centre: Mapping[str, float], width: Mapping[str, float]
) -> FloatArray:
    """Return (value - mean) / SD of each feature, 0 where it is missing, shape (n, p)."""
    columns = [(getattr(panelled, name) - centre[name]) / width[name] for name in features]
    if not columns:
        return np.zeros((len(panelled.level), 0))
    return np.asarray(np.nan_to_num(np.column_stack(columns), nan=0.0), dtype=np.float64)


def document_of(fitted: GradeMap) -> dict[str, Any]:
    """Return a map as JSON types."""
    document: dict[str, Any] = {
        "method": fitted.method,
        "scale": fitted.scale.tolist(),
        "language": dict(fitted.language),
        "task": dict(fitted.task),
    }
    if fitted.isotonic is not None:
        document |= {"levels": fitted.isotonic.levels.tolist(), "values": fitted.isotonic.values.tolist()}
    if fitted.odds is not None:
        document |= {
            "features": list(fitted.features),
            "centre": dict(fitted.centre),
            "width": dict(fitted.width),
            "odds_levels": fitted.odds.scale.tolist(),
            "thresholds": fitted.odds.thresholds.tolist(),
            "coefficients": fitted.odds.coefficients.tolist(),
            "deviance": fitted.odds.deviance,
        }
    return document


def map_from(document: Mapping[str, Any]) -> GradeMap:
    """Return the map that a document was made from.

    Raises
    ------
    KeyError, ValueError
        If the document is none.
    """
    method: Method = "isotonic" if document["method"] == "isotonic" else "proportional_odds"
    common = GradeMap(
        method, np.array(document["scale"]), language=dict(document["language"]), task=dict(document["task"])
    )
    if method == "isotonic":
        return replace(common, isotonic=IsotonicMap(np.array(document["levels"]), np.array(document["values"])))
    odds = ProportionalOdds(
        np.array(document["odds_levels"]),
        np.array(document["thresholds"]),
        np.array(document["coefficients"]),
        float(document["deviance"]),
        has_converged=True,
    )
    return replace(
        common,
        odds=odds,
        features=tuple(document["features"]),
        centre=dict(document["centre"]),
        width=dict(document["width"]),
    )
