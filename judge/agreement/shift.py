"""Is one rater more lenient than the other."""

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, Spread, finish, t_spread
from judge.agreement.matrix import Table, prepare
from judge.agreement.sums import SumStatistic, ratio


def bias(levels: npt.ArrayLike, *, interval: Interval = BCA) -> Estimate:
    """Mean signed difference, first rater minus second, in levels.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing; any real ratings.
    interval
        ``analytic``: Student's t on n - 1 degrees of freedom.

    Returns
    -------
    Estimate
        In levels, positive where the first rater is more lenient; ``p_value`` is the paired t test of 0.
        Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``.

    Raises
    ------
    ValueError
        If there are more than two raters.

    References
    ----------
    Bland JM, Altman DG (1986). Lancet 327:307-310. doi:10.1016/S0140-6736(86)90837-8.

    Examples
    --------
    Bland and Altman (1986), 17 subjects, two peak flow meters: -2.1 l/min, interval -22.0 to 17.8.

    >>> wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    >>> mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    >>> found = bias(np.array([wright, mini]).T, interval=Interval("analytic"))
    >>> f"{found.value:.1f}, {found.ci_low:.1f} to {found.ci_high:.1f}"
    '-2.1, -22.0 to 17.8'
    """
    if np.asarray(levels).ndim == 2 and np.asarray(levels).shape[1] > 2:
        raise ValueError("bias is between two raters; take pairs of columns")
    table = prepare(levels, min_items=1, uses_scale=False)
    if table.undefined:
        return table.undefined_estimate("bias")
    label = Label("bias", "", "mean of first minus second; paired t test")
    return finish(table, bias_statistic(), label, interval, analytic=lambda value: _spread(table, value, interval))


def bias_statistic() -> SumStatistic:
    """Return the mean of column 0 minus column 1 over items that have both."""

    def features(levels: FloatArray) -> FloatArray:
        difference = levels[:, 0] - levels[:, 1]
        is_pair = ~np.isnan(difference)
        return np.stack([is_pair * 1.0, np.where(is_pair, difference, 0.0)], axis=1)

    return SumStatistic(features, lambda sums: ratio(sums[:, 1], sums[:, 0])[:, None], 2)


def _spread(table: Table, value: float, interval: Interval) -> Spread:
    difference = table.levels[:, 0] - table.levels[:, 1]
    n = len(difference)
    if n < 2:
        return Spread(warnings=("one item: no interval",))
    sd = float(np.std(difference, ddof=1))
    counts = {f"{v:g}": int(c) for v, c in zip(*np.unique(difference, return_counts=True), strict=True)}
    spread = t_spread(value, sd / np.sqrt(n), n, interval.level)
    detail = {"sd": sd, "differences": counts if len(counts) <= 21 else None}
    return Spread(spread.se, spread.low, spread.high, spread.method, spread.p_value, detail)
