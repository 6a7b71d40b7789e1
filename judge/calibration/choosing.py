"""Which map: chosen by cross-validation by case; what it gains is told from answers that neither fit nor choice saw."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.calibration.folds import folds_by_case
from judge.calibration.grade_map import METHODS, Graded, GradeMap, Method, fit_map

N_FOLDS = 5
N_INNER_FOLDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A map with the cross-validation that chose it."""

    fitted: GradeMap
    errors_by_method: dict[str, float]
    """Cross-validated mean absolute error of each method, in levels."""
    predicted: FloatArray
    """Shape (n,): level of each graded answer by a map that did not see its case."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean absolute error before and after, in levels, on answers that the map did not see."""

    n_answers: int
    n_cases: int
    mae_raw: float
    mae_corrected: float
    bias_raw: float
    bias_corrected: float


def choose_map(graded: Graded, rng: np.random.Generator, *, is_nested: bool) -> Chosen:
    """Choose between isotonic and proportional odds, fit the choice on all, and predict each case without it.

    Parameters
    ----------
    graded
        What may be fitted to.
    rng
        Makes the folds.
    is_nested
        Whether the choice too is made without the case that is predicted. Needed where no other answers are kept to
        tell the gain; with a test split the predictions of the chosen method suffice.

    Raises
    ------
    ValueError
        If there are fewer than two cases.
    """
    predictions = _predictions(graded, N_FOLDS, rng)
    errors = _errors(graded, predictions)
    method = _best(errors)
    predicted = _nested(graded, rng) if is_nested else predictions[method]
    return Chosen(fit_map(graded, method), {str(name): value for name, value in errors.items()}, predicted)


def _nested(graded: Graded, rng: np.random.Generator) -> FloatArray:
    folds = folds_by_case(graded.cases, N_FOLDS, rng)
    predicted = np.full(len(graded.target), np.nan)
    for fold in np.unique(folds):
        inside = graded.take(folds != fold)
        has_cases = len(np.unique(inside.cases)) > 1
        method = _best(_errors(inside, _predictions(inside, N_INNER_FOLDS, rng))) if has_cases else METHODS[0]
        predicted[folds == fold] = fit_map(inside, method).predict(graded.panelled.take(folds == fold))
    return predicted


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


def _errors(graded: Graded, predictions: dict[Method, FloatArray]) -> dict[Method, float]:
    return {
        method: float(np.average(np.abs(predicted - graded.target), weights=graded.weights))
        for method, predicted in predictions.items()
    }


def _predictions(graded: Graded, n_folds: int, rng: np.random.Generator) -> dict[Method, FloatArray]:
    """Return each method's predictions of each case by a map that did not see it."""
    folds = folds_by_case(graded.cases, n_folds, rng)
    found = {method: np.full(len(graded.target), np.nan) for method in METHODS}
    for method, fold in product(METHODS, np.unique(folds)):
        fitted = fit_map(graded.take(folds != fold), method)
        found[method][folds == fold] = fitted.predict(graded.panelled.take(folds == fold))
    return found
