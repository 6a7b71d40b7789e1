"""Partial pooling: groups (tasks, languages) keep as much of their own offset as their numbers support."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray


def shrunken_offsets(residuals: FloatArray, groups: npt.ArrayLike, weights: FloatArray) -> Mapping[str, float]:
    """Return the offset of each group: its mean residual times tau² / (tau² + s² / n).

    s² is the variance within groups, tau² that between them by the method of moments, 0 at least, from unweighted
    residuals' counts; group means are weighted. One group has no offset.

    References
    ----------
    Searle SR, Casella G, McCulloch CE (1992). Variance Components. Wiley. Section 3.6.

    Examples
    --------
    Means 1 and -1 of two each, within-group variance 2: tau² = (4 - 2) / 2 = 1, and 1 / (1 + 2 / 2) of them is kept.

    >>> found = shrunken_offsets(np.array([0.0, 2.0, -2.0, 0.0]), ["a", "a", "b", "b"], np.ones(4))
    >>> found["a"], found["b"]
    (0.5, -0.5)
    """
    names, place = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    place = place.reshape(-1)
    n_groups, n = len(names), len(residuals)
    if n_groups < 2 or n <= n_groups:
        return {}
    sizes = np.bincount(place).astype(np.float64)
    mass = np.bincount(place, weights=weights)
    means = np.bincount(place, weights=weights * residuals) / mass
    centre = float(np.average(means, weights=sizes))
    within = float(np.sum((residuals - means[place]) ** 2)) / (n - n_groups)
    between = float(sizes @ (means - centre) ** 2) - (n_groups - 1) * within
    tau2 = max(0.0, between / (n - float(sizes @ sizes) / n))
    if tau2 == 0:
        return {}
    kept = tau2 / (tau2 + within / sizes)
    return {str(name): float(value) for name, value in zip(names, kept * means, strict=True)}


def offset_of(offsets: Mapping[str, float], groups: npt.ArrayLike) -> FloatArray:
    """Return the offset of each answer's group, 0 for a group that was not fitted."""
    texts = np.asarray(groups).astype(str)
    if not offsets:
        return np.zeros(len(texts))
    names, place = np.unique(texts, return_inverse=True)
    return np.array([offsets.get(str(name), 0.0) for name in names])[place.reshape(-1)]
