"""Agreement in plain terms: how often the same level, how often within one, how far apart on average."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, Spread, finish, t_spread
from judge.agreement.intervals import clopper_pearson, wilson
from judge.agreement.matrix import Table, prepare
from judge.agreement.named_options import check_option
from judge.agreement.sums import SumStatistic, ratio

ProportionMethod = Literal["wilson", "clopper_pearson"]


def exact_agreement(
    levels: npt.ArrayLike,
    *,
    scale: npt.ArrayLike | None = None,
    interval: Interval = BCA,
    proportion: ProportionMethod = "wilson",
) -> Estimate:
    """Share of pairs of ratings of an item that are the same level, mean over items.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing. Items with one rating are left out.
    scale
        Declared levels.
    interval
        ``analytic``: for two raters Wilson's or Clopper and Pearson's interval, else t over items.
    proportion
        Which of the two.

    Returns
    -------
    Estimate
        Between 0 and 1. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``fractional_levels``.

    References
    ----------
    Wilson EB (1927). J Am Stat Assoc 22:209-212. doi:10.1080/01621459.1927.10502953.
    Feinstein AR, Cicchetti DV (1990). J Clin Epidemiol 43:543-549. doi:10.1016/0895-4356(90)90158-L.

    Examples
    --------
    Feinstein and Cicchetti (1990), second table: 80 + 5 of 100 pairs agree.

    >>> from judge.agreement.tables import pairs_from_table
    >>> exact_agreement(pairs_from_table([[80, 10], [5, 5]]), interval=Interval("none")).value
    0.85
    """
    check_option("an interval of a proportion", proportion, get_args(ProportionMethod))
    table = prepare(levels, scale, min_items=1, uses_scale=False)
    reason = table.undefined or ("fractional_levels" if table.is_fractional and table.is_declared else None)
    if reason:
        return table.undefined_estimate("exact_agreement", "", reason)
    statistic = pair_mean(lambda gap: (gap <= 1e-12).astype(np.float64))
    label = Label("exact_agreement", "", "mean over items of the share of equal pairs")
    return finish(table, statistic, label, interval, analytic=_proportion(table, statistic, interval, proportion))


def within_one(
    levels: npt.ArrayLike,
    *,
    scale: npt.ArrayLike | None = None,
    interval: Interval = BCA,
    proportion: ProportionMethod = "wilson",
) -> Estimate:
    """Share of pairs of ratings of an item that are at most one level apart, mean over items.

    One level is one step of the declared scale; for ratings between the levels it is a difference of 1.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing. Items with one rating are left out.
    scale
        Declared levels.
    interval
        ``analytic``: for two raters Wilson's or Clopper and Pearson's interval, else t over items.
    proportion
        Which of the two.

    Returns
    -------
    Estimate
        Between 0 and 1. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``.

    References
    ----------
    Wilson EB (1927). J Am Stat Assoc 22:209-212. doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    Worked by hand. Differences 0, 1, 2.

    >>> round(within_one([[1, 1], [2, 3], [1, 3]], scale=[1, 2, 3], interval=Interval("none")).value, 4)
    0.6667
    """
    check_option("an interval of a proportion", proportion, get_args(ProportionMethod))
    table = prepare(levels, scale, min_items=1, uses_scale=False)
    if table.undefined:
        return table.undefined_estimate("within_one")
    step_table = table if table.is_fractional else _as_steps(table)
    statistic = pair_mean(lambda gap: (gap <= 1 + 1e-12).astype(np.float64))
    label = Label("within_one", "", "mean over items of the share of pairs at most one level apart")
    spread = _proportion(step_table, statistic, interval, proportion)
    return finish(step_table, statistic, label, interval, analytic=spread)


def mean_absolute_error(levels: npt.ArrayLike, *, interval: Interval = BCA) -> Estimate:
    """Mean absolute difference of pairs of ratings of an item, mean over items, in levels.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing; any real ratings.
    interval
        ``analytic``: t over items.

    Returns
    -------
    Estimate
        At least 0. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``.

    References
    ----------
    Willmott CJ, Matsuura K (2005). Clim Res 30:79-82. doi:10.3354/cr030079.

    Examples
    --------
    The example of scikit-learn's mean_absolute_error: 0.5.

    >>> pairs = np.array([[3, -0.5, 2, 7], [2.5, 0.0, 2, 8]]).T
    >>> mean_absolute_error(pairs, interval=Interval("none")).value
    0.5
    """
    table = prepare(levels, min_items=1, uses_scale=False)
    if table.undefined:
        return table.undefined_estimate("mean_absolute_error")
    statistic = pair_mean(lambda gap: gap)
    label = Label("mean_absolute_error", "", "mean over items of the mean absolute difference of pairs")
    return finish(table, statistic, label, interval, analytic=_t_over_items(table, statistic, interval))


def _as_steps(table: Table) -> Table:
    from judge.agreement.tables import codes_of

    codes = codes_of(table.levels, table.scale).astype(np.float64)
    steps = np.where(codes < 0, np.nan, codes)
    scale = np.arange(len(table.scale), dtype=np.float64)
    return Table(steps, scale, table.items, True, False, table.n_missing, None, table.detail, table.warnings)


def pair_mean(score: Callable[[FloatArray], FloatArray]) -> SumStatistic:
    """Return the mean over items of the mean over pairs of ratings of a score of their absolute difference."""

    def features(levels: FloatArray) -> FloatArray:
        total, n_pairs = np.zeros(len(levels)), np.zeros(len(levels))
        for i in range(levels.shape[1]):
            for j in range(i):
                gap = np.abs(levels[:, i] - levels[:, j])
                is_pair = ~np.isnan(gap)
                total += np.where(is_pair, score(np.where(is_pair, gap, 0.0)), 0.0)
                n_pairs += is_pair
        mean = np.divide(total, n_pairs, out=np.zeros(len(levels)), where=n_pairs > 0)
        return np.stack([n_pairs > 0, mean], axis=1).astype(np.float64)

    return SumStatistic(features, lambda sums: ratio(sums[:, 1], sums[:, 0])[:, None], 2)


def _proportion(
    table: Table, statistic: SumStatistic, interval: Interval, method: ProportionMethod
) -> Callable[[float], Spread]:
    if table.n_raters != 2:
        return _t_over_items(table, statistic, interval)

    def spread(value: float) -> Spread:
        if interval.method != "analytic":
            return Spread()
        limits = (wilson if method == "wilson" else clopper_pearson)(
            round(value * table.n_items), table.n_items, interval.level
        )
        return Spread(None, limits.low, limits.high, limits.method)

    return spread


def _t_over_items(table: Table, statistic: SumStatistic, interval: Interval) -> Callable[[float], Spread]:
    def spread(value: float) -> Spread:
        if interval.method != "analytic":
            return Spread()
        by_item = statistic.features(table.levels)[:, 1]
        if len(by_item) < 2:
            return Spread(warnings=("one item: no interval",))
        se = float(np.std(by_item, ddof=1) / np.sqrt(len(by_item)))
        found = t_spread(value, se, len(by_item), interval.level)
        return Spread(found.se, found.low, found.high, found.method)

    return spread
