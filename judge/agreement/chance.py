"""Observed and chance agreement of several raters as sums over items, and their linearised variance.

References
----------
Gwet KL (2008). Br J Math Stat Psychol 61:29-48. doi:10.1348/000711006X126600.
Gwet KL (2014). Handbook of Inter-Rater Reliability, 4th ed. Advanced Analytics. ISBN 978-0970806284.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray, Interval
from judge.agreement.inference import Spread, t_spread
from judge.agreement.matrix import Table
from judge.agreement.sums import SumStatistic, ratio
from judge.agreement.tables import codes_of

Coefficient = Literal["fleiss_kappa", "conger_kappa", "scott_pi", "brennan_prediger", "gwet_ac", "weighted_agreement"]


def chance_statistic(kind: Coefficient, scale: FloatArray, weights: FloatArray, n_raters: int) -> SumStatistic:
    """Return a coefficient of this family as a function of sums over items.

    Features of an item: 1 if it has two ratings or more, its agreement; then 1 and its level shares (pooled margins),
    or for Conger each rater's level.
    """
    is_conger = kind == "conger_kappa"

    def features(levels: FloatArray) -> FloatArray:
        counts = level_counts(levels, scale)
        rated = counts.sum(axis=1)
        agreement = item_agreement(counts, weights)
        head = np.stack([rated >= 2, np.where(rated >= 2, agreement, 0.0)], axis=1).astype(np.float64)
        if is_conger:
            codes = codes_of(levels, scale)
            return np.hstack([head, *[_one_hot(codes[:, j], len(scale)) for j in range(n_raters)]])
        shares = counts / np.maximum(rated, 1)[:, None]
        return np.hstack([head, (rated >= 1).astype(np.float64)[:, None], shares])

    def values(sums: FloatArray) -> FloatArray:
        observed = ratio(sums[:, 1], sums[:, 0])
        if is_conger:
            chance = _conger_chance(sums[:, 2:].reshape(len(sums), n_raters, len(scale)), weights)
        else:
            chance = _pooled_chance(kind, ratio(sums[:, 3:], sums[:, 2:3]), weights)
        return ratio(observed - chance, 1 - chance)[:, None]

    width = 2 + (n_raters * len(scale) if is_conger else 1 + len(scale))
    return SumStatistic(features, values, width)


def level_counts(levels: FloatArray, scale: FloatArray) -> FloatArray:
    """Return how many raters gave each level to each item, shape (n_items, q)."""
    codes = codes_of(levels, scale)
    return np.stack([(codes == c).sum(axis=1) for c in range(len(scale))], axis=1).astype(np.float64)


def item_agreement(counts: FloatArray, weights: FloatArray) -> FloatArray:
    """Return each item's weighted share of agreeing pairs of ratings; 0 for items with fewer than two."""
    rated = counts.sum(axis=1)
    pairs = np.sum(counts * (counts @ weights.T - 1), axis=1)
    share: FloatArray = np.divide(pairs, rated * (rated - 1), out=np.zeros(len(counts)), where=rated >= 2)
    return share


def _one_hot(codes: npt.NDArray[np.int64], q: int) -> FloatArray:
    out = np.zeros((len(codes), q))
    rated = np.flatnonzero(codes >= 0)
    out[rated, codes[rated]] = 1.0
    return out


def _pooled_chance(kind: str, shares: FloatArray, weights: FloatArray) -> FloatArray:
    """Return chance agreement from pooled margins, (B, q) to (B,)."""
    q = len(weights)
    if kind == "weighted_agreement":
        return np.zeros(len(shares))
    if kind == "brennan_prediger":
        return np.full(len(shares), weights.sum() / q**2)
    if kind == "gwet_ac":
        chance: FloatArray = weights.sum() * np.sum(shares * (1 - shares), axis=1) / (q * (q - 1))
        return chance
    pooled: FloatArray = np.einsum("bk,kl,bl->b", shares, weights, shares)
    return pooled


def _conger_chance(counts: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the mean over ordered pairs of different raters of chance agreement, (B, r, q) to (B,)."""
    totals = counts.sum(axis=2, keepdims=True)
    shares = ratio(counts, totals)
    n_raters = counts.shape[1]
    pooled = shares.sum(axis=1)
    all_pairs = np.einsum("bk,kl,bl->b", pooled, weights, pooled)
    same = np.einsum("bgk,kl,bgl->b", shares, weights, shares)
    chance: FloatArray = (all_pairs - same) / (n_raters * (n_raters - 1))
    return chance


def linearised(kind: Coefficient, table: Table, weights: FloatArray, interval: Interval) -> Callable[[float], Spread]:
    """Return the linearised standard error with Student's t on items - 1 degrees of freedom."""

    def spread(value: float) -> Spread:
        terms = _item_terms(kind, table, weights, value)
        n = len(terms)
        se = float(np.sqrt(np.sum((terms - value) ** 2) / (n * (n - 1))))
        return t_spread(value, se, n, interval.level, upper=1.0)

    return spread


def _item_terms(kind: Coefficient, table: Table, weights: FloatArray, value: float) -> FloatArray:
    """Return one term an item whose mean is the coefficient and whose variance is its linearised variance."""
    counts = level_counts(table.levels, table.scale)
    rated = counts.sum(axis=1)
    n, has_pair = len(counts), counts.sum(axis=1) >= 2
    chance, chance_terms = _chance_terms(kind, table, counts / rated[:, None], weights)
    observed = (n / has_pair.sum()) * (item_agreement(counts, weights) - chance * has_pair) / (1 - chance)
    terms: FloatArray = observed - 2 * (1 - value) * (chance_terms - chance) / (1 - chance)
    return terms


def _chance_terms(kind: Coefficient, table: Table, shares: FloatArray, weights: FloatArray) -> tuple[float, FloatArray]:
    """Return chance agreement and, by item, chance plus half its linearised change."""
    q, pooled = len(weights), shares.mean(axis=0)
    if kind == "conger_kappa":
        return _conger_terms(table, weights)
    chance = float(_pooled_chance(kind, pooled[None, :], weights)[0])
    if kind in ("brennan_prediger", "weighted_agreement"):
        return chance, np.full(len(shares), chance)
    if kind == "gwet_ac":
        return chance, weights.sum() / (q * (q - 1)) * (shares @ (1 - pooled))
    return chance, shares @ ((weights + weights.T) / 2 @ pooled)


def _conger_terms(table: Table, weights: FloatArray) -> tuple[float, FloatArray]:
    codes = codes_of(table.levels, table.scale)
    n, n_raters = codes.shape
    hot = np.stack([_one_hot(codes[:, j], len(weights)) for j in range(n_raters)], axis=1)
    rated = (codes >= 0).astype(np.float64)
    chance = float(_conger_chance(hot.sum(axis=0)[None], weights)[0])
    shares = hot.sum(axis=0) / rated.sum(axis=0)[:, None]
    others = (shares.sum(axis=0) - shares) @ weights.T
    moved = (hot - rated[:, :, None] * shares[None]) * (n / rated.sum(axis=0))[None, :, None]
    change = np.einsum("igk,gk->i", moved, others) / (n_raters * (n_raters - 1))
    return chance, chance + change
