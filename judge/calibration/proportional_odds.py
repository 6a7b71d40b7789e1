"""Proportional-odds regression of physicians' levels on what the panel says."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray

_GRADIENT = 1e-6
RIDGE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalOdds:
    """P(level <= scale[j]) = expit(threshold_j - x beta)."""

    scale: FloatArray
    """Shape (q,): the levels that physicians gave, ascending."""
    thresholds: FloatArray
    """Shape (q - 1,), ascending."""
    coefficients: FloatArray
    """Shape (p,)."""
    deviance: float
    """Minus twice the log-likelihood."""
    has_converged: bool

    def probabilities(self, features: npt.ArrayLike) -> FloatArray:
        """Return the chance of each level, shape (n, q)."""
        x = np.atleast_2d(np.asarray(features, dtype=np.float64))
        return _cells(self.thresholds, x @ self.coefficients)

    def predict(self, features: npt.ArrayLike) -> FloatArray:
        """Return the expected level, shape (n,)."""
        return np.asarray(self.probabilities(features) @ self.scale, dtype=np.float64)


def fit_proportional_odds(
    features: npt.ArrayLike, ratings: npt.ArrayLike, scale: npt.ArrayLike, *, ridge: float = 0.0
) -> ProportionalOdds:
    """Fit by maximum likelihood.

    Parameters
    ----------
    features
        Shape (n, p).
    ratings
        Shape (n, q): weight of each level of the scale for each answer; several physicians of one answer are several
        shares of a row. Levels without any weight are left out of the model.
    scale
        Shape (q,): levels, ascending.
    ridge
        Penalty on the squared coefficients; a small one keeps a separable set finite.

    Raises
    ------
    ValueError
        If fewer than two levels occur.

    References
    ----------
    McCullagh P (1980). J R Stat Soc B 42:109-142. doi:10.1111/j.2517-6161.1980.tb01109.x.
    """
    from scipy.optimize import minimize

    x = np.atleast_2d(np.asarray(features, dtype=np.float64))
    mass = np.asarray(ratings, dtype=np.float64)
    seen = mass.sum(axis=0) > 0
    if int(seen.sum()) < 2:
        raise ValueError("physicians gave one level only: there is nothing to regress")
    mass, levels = mass[:, seen], np.asarray(scale, dtype=np.float64)[seen]
    n_cuts, total = mass.shape[1] - 1, float(mass.sum())
    below = np.clip(np.cumsum(mass.sum(axis=0))[:-1] / total, 1e-4, 1 - 1e-4)
    cuts = np.log(below / (1 - below))
    start = np.concatenate([[cuts[0]], np.log(np.maximum(np.diff(cuts), 1e-2)), np.zeros(x.shape[1])])

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        return _loss(parameters, x, mass, n_cuts, ridge, total)

    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": _GRADIENT, "maxiter": 500})
    thresholds, beta = _unpacked(np.asarray(found.x), n_cuts)
    deviance = 2 * total * (float(found.fun) - ridge * float(beta @ beta))
    converged = bool(found.success) or float(np.max(np.abs(found.jac))) < 100 * _GRADIENT
    return ProportionalOdds(levels, thresholds, beta, deviance, converged)


def _unpacked(parameters: FloatArray, n_cuts: int) -> tuple[FloatArray, FloatArray]:
    """Return thresholds (first one, then log gaps) and coefficients."""
    steps = np.concatenate([parameters[:1], np.exp(np.minimum(parameters[1:n_cuts], 50.0))])
    return np.cumsum(steps), parameters[n_cuts:]


def _cells(thresholds: FloatArray, predictor: FloatArray) -> FloatArray:
    from scipy.special import expit

    n = len(predictor)
    below = expit(thresholds[None, :] - predictor[:, None])
    bounds = np.concatenate([np.zeros((n, 1)), below, np.ones((n, 1))], axis=1)
    return np.asarray(np.diff(bounds, axis=1))


def _loss(
    parameters: FloatArray, x: FloatArray, mass: FloatArray, n_cuts: int, ridge: float, total: float
) -> tuple[float, FloatArray]:
    from scipy.special import expit

    thresholds, beta = _unpacked(parameters, n_cuts)
    predictor = x @ beta
    cells = np.maximum(_cells(thresholds, predictor), 1e-300)
    value = -float(np.sum(mass * np.log(cells))) / total + ridge * float(beta @ beta)
    below = expit(thresholds[None, :] - predictor[:, None])
    density = below * (1 - below)
    pull = mass / cells
    by_cut = density * (pull[:, :-1] - pull[:, 1:])
    to_cut = -by_cut.sum(axis=0) / total
    to_beta = (by_cut.sum(axis=1) @ x) / total + 2 * ridge * beta
    tail_sums = np.cumsum(to_cut[::-1])[::-1]
    gaps = np.exp(np.minimum(parameters[1:n_cuts], 50.0))
    return value, np.concatenate([[tail_sums[0]], tail_sums[1:] * gaps, to_beta])
