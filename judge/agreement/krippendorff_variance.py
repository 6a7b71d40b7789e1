"""Linearised variance of Krippendorff's alpha with a metric that does not depend on the margins (Gwet 2014)."""

import numpy as np

from judge.agreement.chance import level_counts
from judge.agreement.estimate import FloatArray
from judge.agreement.inference import Spread, t_spread


def linearised_alpha_spread(
    levels: FloatArray, values: FloatArray, distances: FloatArray, alpha: float, level: float
) -> Spread:
    """Return standard error and t interval of alpha.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), every item with two ratings or more.
    values
        Levels that occur, shape (q,).
    distances
        Squared differences of the metric, shape (q, q).
    alpha
        The coefficient.
    level
        E.g. 0.95.
    """
    weights = 1 - distances / distances.max()
    counts = level_counts(levels, values)
    terms = _terms(counts, weights)
    n = len(terms)
    se = float(np.std(terms, ddof=1) / np.sqrt(n))
    return t_spread(alpha, se, n, level, upper=1.0)


def _terms(counts: FloatArray, weights: FloatArray) -> FloatArray:
    """Return one term an item whose mean is alpha without its small-sample term (1 over the number of ratings)."""
    rated = counts.sum(axis=1)
    mean_rated = rated.mean()
    excess = (rated - mean_rated) / mean_rated
    agreement = np.sum(counts * (counts @ weights.T - 1), axis=1) / (mean_rated * (rated - 1))
    per_rating = 1 / rated.sum()
    observed = agreement - ((1 - per_rating) * agreement.mean() + per_rating) * excess
    pooled = (counts / mean_rated).mean(axis=0)
    chance = float(pooled @ weights @ pooled)
    large_sample_alpha = (agreement.mean() - chance) / (1 - chance)
    by_item = counts @ ((weights + weights.T) / 2 @ pooled) / mean_rated - chance * excess
    terms: FloatArray = (observed - chance - 2 * (1 - large_sample_alpha) * (by_item - chance)) / (1 - chance)
    return terms
