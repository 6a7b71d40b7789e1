"""The table of items by raters: checked, without empty rows and columns, with its scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate, FloatArray, IntArray

Need = Literal["any", "pair", "complete"]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Ratings ready for a statistic, or the reason why there is none."""

    levels: FloatArray
    """Shape (items, raters), NaN = missing."""
    scale: FloatArray
    """Shape (q,), ascending; where ``is_fractional`` the values that occur."""
    items: IntArray
    """Row numbers of the table handed in that were kept."""
    is_declared: bool
    is_fractional: bool
    n_missing: int
    undefined: str | None = None
    detail: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def n_items(self) -> int:
        """Items kept."""
        return int(self.levels.shape[0])

    @property
    def n_raters(self) -> int:
        """Raters kept."""
        return int(self.levels.shape[1])

    @property
    def n_ratings(self) -> int:
        """Ratings in the kept items."""
        return int(np.count_nonzero(~np.isnan(self.levels)))

    def undefined_estimate(self, statistic: str, variant: str = "", reason: str | None = None) -> Estimate:
        """Return the estimate that says why there is no value."""
        return Estimate(
            statistic=statistic,
            variant=variant,
            undefined=reason or self.undefined or "undefined",
            n_items=self.n_items,
            n_ratings=self.n_ratings,
            n_missing=self.n_missing,
            detail=dict(self.detail or {}),
            warnings=self.warnings,
        )


def as_levels(levels: npt.ArrayLike) -> FloatArray:
    """Return the ratings as a float array of items by raters.

    Raises
    ------
    ValueError
        If the array is not two-dimensional or holds an infinity.
    """
    array = np.asarray(levels, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"levels must have two axes (items, raters), not {array.ndim}")
    if np.isinf(array).any():
        raise ValueError("levels must be finite; a missing rating is NaN")
    return array


def as_scale(scale: npt.ArrayLike) -> FloatArray:
    """Return the declared levels, ascending.

    Raises
    ------
    ValueError
        If a level is not finite, comes twice, or the levels are not ascending.
    """
    array = np.asarray(scale, dtype=np.float64)
    if array.ndim != 1 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError("a scale is a list of finite numbers")
    if np.any(np.diff(array) <= 0):
        raise ValueError("a scale's levels must be ascending, each once")
    return array


def prepare(
    levels: npt.ArrayLike,
    scale: npt.ArrayLike | None = None,
    *,
    need: Need = "pair",
    min_items: int = 2,
    uses_scale: bool = True,
) -> Table:
    """Check a table of ratings, drop empty raters and unusable items, and settle its scale.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), NaN = missing.
    scale
        Declared levels. None: the whole numbers from the least to the greatest seen, with a warning.
    need
        ``pair`` keeps items with two ratings, ``complete`` items that all raters rated, ``any`` items with a rating
        (then at least ``min_items`` of them must have two).
    min_items
        Fewer usable items are undefined (``one_item``).
    uses_scale
        Whether the statistic depends on which levels there are, so that it must be said where they were guessed.

    Raises
    ------
    ValueError
        If a rating lies outside the declared scale's range.
    """
    array = as_levels(levels)
    is_rated = ~np.isnan(array)
    n_missing = int(array.size - np.count_nonzero(is_rated))
    raters = np.flatnonzero(is_rated.any(axis=0))
    warnings = _dropped_raters(array.shape[1], raters)
    kept = array[:, raters]
    n_rated = np.count_nonzero(~np.isnan(kept), axis=1)
    needed = {"any": 1, "pair": 2, "complete": max(len(raters), 1)}[need]
    items = np.flatnonzero(n_rated >= needed).astype(np.int64)
    values, is_fractional, is_declared, more = _settle_scale(kept, scale)
    n_usable = int(np.count_nonzero(n_rated[items] >= (2 if need == "any" else needed)))
    reason = _reason(len(raters), bool(is_rated.any()), n_usable, min_items)
    return Table(
        kept[items],
        values,
        items,
        is_declared,
        is_fractional,
        n_missing,
        reason,
        None,
        (*warnings, *more) if uses_scale else warnings,
    )


def _dropped_raters(n_raters: int, kept: IntArray) -> tuple[str, ...]:
    dropped = sorted(set(range(n_raters)) - set(kept.tolist()))
    return tuple(f"rater {j + 1} has no ratings: dropped, {len(kept)} raters left" for j in dropped)


def _reason(n_raters: int, has_ratings: bool, n_usable: int, min_items: int) -> str | None:
    if not has_ratings:
        return "all_missing"
    if n_raters < 2:
        return "too_few_raters"
    if n_usable == 0:
        return "no_overlap"
    return "one_item" if n_usable < min_items else None


def _settle_scale(levels: FloatArray, scale: npt.ArrayLike | None) -> tuple[FloatArray, bool, bool, tuple[str, ...]]:
    """Return the scale, whether a rating lies between its levels, whether it was declared, and warnings."""
    seen = np.unique(levels[~np.isnan(levels)])
    if scale is not None:
        declared = as_scale(scale)
        if seen.size and (seen[0] < declared[0] or seen[-1] > declared[-1]):
            off = [float(v) for v in seen if not declared[0] <= v <= declared[-1]]
            raise ValueError(f"ratings off the declared scale {declared[0]:g}..{declared[-1]:g}: {off}")
        is_fractional = not np.isin(seen, declared).all()
        return (seen if is_fractional else declared), is_fractional, True, ()
    if seen.size == 0:
        return seen, False, False, ()
    if np.any(seen != np.round(seen)):
        return seen, True, False, ()
    note = f"no levels declared: the whole numbers {seen[0]:g} to {seen[-1]:g} were taken"
    return np.arange(seen[0], seen[-1] + 1), False, False, (note,)
