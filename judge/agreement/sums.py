"""Statistics as functions of sums over items, so that a resample is a weighting of distinct rows.

A table of ratings has few distinct rows: 47,211 items of five raters on five levels have some 1,800. A statistic here
has a row of features per item, and its value depends on the sum of these rows alone. A bootstrap resample is then one
vector of multinomial counts times one small matrix, which is the same distribution as drawing items.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray, IntArray

_TABULATE_UP_TO = 4_000_000
_CODE_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class SumStatistic:
    """A statistic (or several that share their sums) of a table of ratings."""

    features: Callable[[FloatArray], FloatArray]
    """(items, raters) to (items, F)."""
    values: Callable[[FloatArray], FloatArray]
    """(B, F) sums to (B, n_out) values, NaN where undefined; raises no numpy warning."""
    width: int
    """F, the number of features."""
    n_out: int = 1


def stack(statistics: Sequence[SumStatistic]) -> SumStatistic:
    """Return one statistic that gives all values of several from the same resamples."""
    cuts = np.cumsum([s.width for s in statistics])[:-1]

    def features(levels: FloatArray) -> FloatArray:
        return np.hstack([s.features(levels) for s in statistics])

    def values(sums: FloatArray) -> FloatArray:
        return np.hstack([s.values(part) for s, part in zip(statistics, np.split(sums, cuts, axis=1), strict=True)])

    return SumStatistic(features, values, sum(s.width for s in statistics), sum(s.n_out for s in statistics))


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """What is resampled: distinct rows with how many items have them, or cases with the sums over their items."""

    sums: FloatArray
    """Shape (G, F)."""
    counts: IntArray
    """Shape (G,): how many items or cases have this row."""

    @property
    def n(self) -> int:
        """Items or cases in all."""
        return int(self.counts.sum())

    @property
    def total(self) -> FloatArray:
        """Sum over all items, shape (F,)."""
        return self.counts.astype(np.float64) @ self.sums


def units_of(
    levels: FloatArray,
    statistic: SumStatistic,
    clusters: npt.NDArray[Any] | None = None,
    *,
    merge: bool = True,
) -> Units:
    """Return the resampling units of a table.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), NaN = missing.
    statistic
        Whose features are summed.
    clusters
        Shape (n_items,): the case of each item; None: each item is drawn by itself.
    merge
        Whether distinct rows with equal features become one unit: fewer draws for one statistic; without it the units
        are the same for all statistics of a table.
    """
    patterns, index, counts = distinct_rows(levels)
    rows = statistic.features(patterns)
    if clusters is not None:
        return _units_of_cases(rows, index, clusters)
    if not merge:
        return Units(rows, counts)
    merged, group = _merge_equal(rows)
    return Units(merged, np.bincount(group, weights=counts, minlength=len(merged)).astype(np.int64))


def _units_of_cases(rows: FloatArray, index: IntArray, clusters: npt.NDArray[Any]) -> Units:
    names, case = np.unique(clusters, return_inverse=True)
    one_each = np.ones(len(names), dtype=np.int64)
    n_cells = len(names) * len(rows)
    if n_cells <= _TABULATE_UP_TO:
        cells = np.bincount(case.reshape(-1) * len(rows) + index, minlength=n_cells)
        return Units(cells.reshape(len(names), len(rows)).astype(np.float64) @ rows, one_each)
    from scipy.sparse import csr_array

    membership = csr_array((np.ones(len(index)), (case.reshape(-1), index)), shape=(len(names), len(rows)))
    return Units(np.asarray(membership @ rows), one_each)


def _merge_equal(rows: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the distinct feature rows and which of them each row is."""
    keys = np.ascontiguousarray(rows + 0.0).view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1])))
    _, first, inverse = np.unique(keys.ravel(), return_index=True, return_inverse=True)
    return rows[first], inverse.reshape(-1)


def distinct_rows(levels: FloatArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Return the distinct rows of a table, the index of each item's row, and how many items have each.

    Rows come in ascending order of their codes, so that the answer does not depend on the items' order.
    """
    codes, values, base = _codes(levels)
    n_raters = levels.shape[1]
    if base**n_raters > _CODE_LIMIT:
        filled = np.where(np.isnan(levels), np.inf, levels)
        rows, index, counts = np.unique(filled, axis=0, return_inverse=True, return_counts=True)
        return np.where(np.isinf(rows), np.nan, rows), index.reshape(-1), counts.astype(np.int64)
    packed = np.zeros(len(levels), dtype=np.int64)
    for j in range(n_raters):
        packed = packed * base + codes[j]
    if base**n_raters <= _TABULATE_UP_TO:
        table = np.bincount(packed, minlength=base**n_raters)
        found = np.flatnonzero(table)
        position = np.zeros(len(table), dtype=np.int64)
        position[found] = np.arange(len(found))
        index, counts = position[packed], table[found]
    else:
        found, index, counts = np.unique(packed, return_inverse=True, return_counts=True)
    digits = np.stack([(found // base ** (n_raters - 1 - j)) % base for j in range(n_raters)], axis=1)
    return values[digits], index.reshape(-1), counts.astype(np.int64)


def _codes(levels: FloatArray) -> tuple[list[IntArray], FloatArray, int]:
    """Return each rater's ratings as codes (0 = missing), the value of each code, and the number of codes."""
    columns = np.ascontiguousarray(levels.T)
    known = columns[~np.isnan(columns)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    if high - low < 1000 and not np.any(known != np.rint(known)):
        values = np.concatenate([[np.nan], np.arange(low, high + 1)])
        shifted = np.where(np.isnan(columns), 0.0, columns - (low - 1))
        return list(shifted.astype(np.int64)), values, len(values)
    distinct = np.unique(known)
    coded = np.searchsorted(distinct, np.where(np.isnan(columns), distinct[0], columns)) + 1
    coded[np.isnan(columns)] = 0
    return list(coded), np.concatenate([[np.nan], distinct]), len(distinct) + 1


def ratio(numerator: FloatArray, denominator: FloatArray, *, scale: FloatArray | float = 1.0) -> FloatArray:
    """Divide, NaN where the denominator is zero up to rounding of numbers as large as ``scale``."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    is_fine = np.abs(denominator) > 1e-12 * np.maximum(np.abs(scale), 1e-300)
    out = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=out, where=is_fine)
    return out
