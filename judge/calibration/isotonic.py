"""Isotonic regression of physicians' levels on the judge's: never decreasing, ties in the judge's level pooled."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class IsotonicMap:
    """A step-free monotone map: linear between the judge's levels seen, flat beyond them."""

    levels: FloatArray
    """Shape (k,): distinct judge's levels, ascending."""
    values: FloatArray
    """Shape (k,): fitted physicians' level of each, never descending."""

    def predict(self, levels: npt.ArrayLike) -> FloatArray:
        """Return the fitted level of each judge's level, NaN for NaN."""
        x = np.asarray(levels, dtype=np.float64)
        found = np.interp(x, self.levels, self.values)
        return np.where(np.isnan(x), np.nan, found)


def fit_isotonic(levels: npt.ArrayLike, targets: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> IsotonicMap:
    """Fit by pooling adjacent violators, after equal judge's levels are pooled into their weighted mean.

    Without pooling of ties the fit would depend on the order of rows.

    Parameters
    ----------
    levels
        Shape (n,): the judge's levels.
    targets
        Shape (n,): the physicians' levels.
    weights
        Shape (n,): e.g. 1 / inclusion probability; equal where None.

    Raises
    ------
    ValueError
        If there is nothing to fit, or anything is not finite.

    References
    ----------
    Barlow RE, Bartholomew DJ, Bremner JM, Brunk HD (1972). Statistical Inference under Order Restrictions. Wiley.

    Examples
    --------
    Levels 2 and 3 violate the order: (3 + 2) / 2 for both.

    >>> fit_isotonic([1, 2, 3], [1, 3, 2]).values.tolist()
    [1.0, 2.5, 2.5]
    """
    from scipy.optimize import isotonic_regression

    x, y = np.asarray(levels, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(x) == 0 or not (np.isfinite(x).all() and np.isfinite(y).all() and np.isfinite(w).all()):
        raise ValueError("isotonic regression takes one or more finite levels and targets")
    seen, place = np.unique(x, return_inverse=True)
    place = place.reshape(-1)
    mass = np.bincount(place, weights=w)
    means = np.bincount(place, weights=w * y) / mass
    return IsotonicMap(seen, np.asarray(isotonic_regression(means, weights=mass).x, dtype=np.float64))
