"""The mean of a two-rater statistic over several pairs of raters, all pairs resampled together."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from judge.agreement.estimate import Estimate, FloatArray, Interval
from judge.agreement.inference import Label, finish
from judge.agreement.kappa import mean_of_defined
from judge.agreement.matrix import Table
from judge.agreement.sums import SumStatistic, stack

MakeStatistic = Callable[[FloatArray], SumStatistic]
"""From a table of two columns to the statistic."""


def mean_over_pairs(
    levels: FloatArray,
    pairs: Sequence[tuple[int, int]],
    make: MakeStatistic,
    label: Label,
    interval: Interval,
) -> Estimate:
    """Return the mean over pairs, each on the items that both raters rated.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), NaN = missing.
    pairs
        Columns of each pair; pairs without a value are left out of the mean and named in ``detail``.
    make
        Makes the two-rater statistic.
    label
        Names of the result.
    interval
        Bootstrap, or the influence function for ``analytic``.

    Returns
    -------
    Estimate
        Undefined: ``no_overlap`` where no pair shares two items, ``no_variation`` where no pair has a value.
    """
    used = [pair for pair in pairs if _n_shared(levels, pair) >= 2]
    columns = sorted({column for pair in used for column in pair})
    is_item = (~np.isnan(levels[:, columns])).sum(axis=1) >= 2 if used else np.zeros(len(levels), dtype=bool)
    items = np.flatnonzero(is_item)
    table = Table(levels[items], np.empty(0), items, True, False, int(np.isnan(levels).sum()))
    if not used:
        return table.undefined_estimate(label.statistic, label.variant, "no_overlap")
    each = stack([_of_pair(levels, pair, make) for pair in used])
    mean = SumStatistic(each.features, lambda sums: mean_of_defined(each.values(sums))[:, None], each.width)
    estimate = finish(table, mean, label, interval)
    by_pair = each.values(each.features(table.levels).sum(axis=0)[None])[0]
    detail = {
        "pairs": [list(pair) for pair in used],
        "values": [None if np.isnan(value) else float(value) for value in by_pair],
        "n_pairs_without_overlap": len(pairs) - len(used),
    }
    return replace(estimate, detail={**estimate.detail, **detail})


def _n_shared(levels: FloatArray, pair: tuple[int, int]) -> int:
    return int((~np.isnan(levels[:, list(pair)])).all(axis=1).sum())


def _of_pair(levels: FloatArray, pair: tuple[int, int], make: MakeStatistic) -> SumStatistic:
    chosen = list(pair)
    shared = levels[:, chosen]
    inner = make(shared[np.flatnonzero((~np.isnan(shared)).all(axis=1))])

    def features(rows: FloatArray) -> FloatArray:
        both = rows[:, chosen]
        is_pair = (~np.isnan(both)).all(axis=1)
        out = np.zeros((len(rows), inner.width))
        if is_pair.any():
            out[is_pair] = inner.features(both[is_pair])
        return out

    return SumStatistic(features, inner.values, inner.width, inner.n_out)
