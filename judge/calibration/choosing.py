"""Which map: chosen by cross-validation by case; what it gains is told from answers that neither fit nor choice saw."""

from dataclasses import dataclass

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.calibration.folds import folds_by_case
from judge.calibration.grade_map import METHODS, Graded, GradeMap, Method, fit_map

N_FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A map with the cross-validation that chose it."""

    fitted: GradeMap
    errors_by_method: dict[str, float]
    """Cross-validated mean absolute error of each method, in levels."""
    predicted: FloatArray
    """Shape (n,): level of each graded answer by a map that did not see its case (fit and choice both)."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean absolute error before and after, in levels, on answers that the map did not see."""

    n_answers: int
    n_cases: int
    mae_raw: float
    mae_corrected: float
    bias_raw: float
    bias_corrected: float


def choose_map(graded: Graded, rng: np.random.Generator) -> Chosen:
    """Choose between isotonic and proportional odds, fit the choice on all, and predict each case without it.

    Raises
    ------
    ValueError
        If there are fewer than two cases.
    """
    folds = folds_by_case(graded.cases, N_FOLDS, rng)
    predicted = np.full(len(graded.target), np.nan)
    for fold in np.unique(folds):
        inside = graded.take(folds != fold)
        method = _best(_errors(inside, rng)) if len(np.unique(inside.cases)) > 1 else METHODS[0]
        predicted[folds == fold] = fit_map(inside, method).predict(graded.panelled.take(folds == fold))
    errors = _errors(graded, rng)
    return Chosen(fit_map(graded, _best(errors)), {str(name): value for name, value in errors.items()}, predicted)


def gain_of(graded: Graded, predicted: FloatArray) -> Gain:
    """Return what correction does to the error of graded answers, weighted by 1 / inclusion probability."""
    raw, corrected = graded.panelled.level - graded.target, predicted - graded.target
    weights = graded.weights

    def mean(values: FloatArray) -> float:
        return float(np.average(values, weights=weights))

    return Gain(
        len(raw), len(np.unique(graded.cases)), mean(np.abs(raw)), mean(np.abs(corrected)), mean(raw), mean(corrected)
    )


def _best(errors: dict[Method, float]) -> Method:
    """Return the method of least error; the first one named on a tie."""
    return min(METHODS, key=lambda method: errors[method])


def _errors(graded: Graded, rng: np.random.Generator) -> dict[Method, float]:
    folds = folds_by_case(graded.cases, N_FOLDS, rng)
    found: dict[Method, float] = {}
    for method in METHODS:
        predicted = np.full(len(graded.target), np.nan)
        for fold in np.unique(folds):
            fitted = fit_map(graded.take(folds != fold), method)
            predicted[folds == fold] = fitted.predict(graded.panelled.take(folds == fold))
        found[method] = float(np.average(np.abs(predicted - graded.target), weights=graded.weights))
    return found
