"""Cross tables of two raters."""

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray, IntArray


def codes_of(levels: FloatArray, scale: FloatArray) -> IntArray:
    """Return the index of each level in the scale, -1 where missing."""
    filled = np.where(np.isnan(levels), scale[0], levels)
    return np.where(np.isnan(levels), -1, np.searchsorted(scale, filled)).astype(np.int64)


def pair_features(levels: FloatArray, scale: FloatArray) -> FloatArray:
    """Return the cell of the cross table that each item falls in, shape (n_items, q * q), zeros where unpaired."""
    q = len(scale)
    codes = codes_of(levels, scale)
    cell = np.where((codes >= 0).all(axis=1), codes[:, 0] * q + codes[:, 1], -1)
    out = np.zeros((len(levels), q * q))
    paired = np.flatnonzero(cell >= 0)
    out[paired, cell[paired]] = 1.0
    return out


def cross_table(levels: FloatArray, scale: FloatArray) -> FloatArray:
    """Return the counts of two raters' levels, shape (q, q), rows the first rater."""
    q = len(scale)
    codes = codes_of(levels[:, [0, 1]], scale)
    paired = codes[(codes >= 0).all(axis=1)]
    return np.bincount(paired[:, 0] * q + paired[:, 1], minlength=q * q).reshape(q, q).astype(np.float64)


def pairs_from_table(counts: npt.ArrayLike, scale: npt.ArrayLike | None = None) -> FloatArray:
    """Return the pairs of levels behind a cross table, shape (n_items, 2).

    Parameters
    ----------
    counts
        Shape (q, q), whole numbers, rows the first rater.
    scale
        Values of the levels; None: 1 to q.

    Examples
    --------
    >>> pairs_from_table([[1, 0], [1, 0]]).tolist()
    [[1.0, 1.0], [2.0, 1.0]]
    """
    table = np.asarray(counts, dtype=np.int64)
    values = np.arange(1, len(table) + 1, dtype=np.float64) if scale is None else np.asarray(scale, dtype=np.float64)
    cells = np.repeat(np.arange(table.size), table.ravel())
    return np.stack([values[cells // len(table)], values[cells % len(table)]], axis=1)


def mean_ranks(values: FloatArray) -> FloatArray:
    """Return ranks from 1, ties at their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place.reshape(-1)], dtype=np.float64)
