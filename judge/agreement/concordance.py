"""Kendall's coefficient of concordance W of several raters' rankings."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, Spread, finish, with_spread
from judge.agreement.matrix import Table, prepare
from judge.agreement.named_options import check_option
from judge.agreement.sums import SumStatistic, distinct_rows, ratio
from judge.agreement.tables import codes_of, mean_ranks

Ties = Literal["uncorrected", "tie_corrected"]
_CELLS_MAX = 20_000_000


def kendall_w(levels: npt.ArrayLike, ties: Ties = "tie_corrected", *, interval: Interval = BCA) -> Estimate:
    """How alike several raters rank the items.

    W = 12 S / (m² (n³ - n)), corrected for ties 12 S / (m² (n³ - n) - m sum T), with S the sum of squared deviations
    of the items' rank sums, m raters, n items, T = sum (t³ - t) over each rater's tied groups; ties have mean ranks.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing. Only complete items enter.
    ties
        Whether the divisor is corrected for ties; the two differ much on short scales, so the variant is named.
    interval
        Bootstrap (ranks made anew in each resample); ``analytic`` is the influence function.

    Returns
    -------
    Estimate
        Between 0 and 1; ``p_value``: chi-square m (n-1) W on n - 1 degrees of freedom.
        Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``, ``no_variation``.

    References
    ----------
    Kendall MG, Babington Smith B (1939). Ann Math Stat 10:275-287. doi:10.1214/aoms/1177732186.
    Gamer M et al. (2019). R package irr 0.84.1, https://cran.r-project.org/package=irr (the data of the example).

    Examples
    --------
    irr's anxiety ratings, three raters of 20 subjects, corrected for ties: R's kendallW prints 0.5396569.

    >>> rows = ["33345523522615221243", "36462424332333221334", "21443216111233113322"]
    >>> ratings = np.array([[int(c) for c in row] for row in rows]).T
    >>> round(kendall_w(ratings, interval=Interval("none")).value, 7)
    0.5396569
    """
    check_option("a treatment of ties", ties, get_args(Ties))
    table = prepare(levels, need="complete", uses_scale=False)
    if table.undefined:
        return table.undefined_estimate("kendall_w", ties)
    if np.all(np.ptp(table.levels, axis=0) == 0):
        return table.undefined_estimate("kendall_w", ties, "no_variation")
    n, m = table.levels.shape
    label = Label("kendall_w", ties, "mean ranks for ties; chi-square test")

    def test(value: float) -> Spread:
        from scipy.special import chdtrc

        chi_square = m * (n - 1) * value
        return Spread(p_value=float(chdtrc(n - 1, chi_square)), detail={"chi_square": chi_square, "df": n - 1})

    n_cells = len(distinct_rows(table.levels)[2]) * (m * len(np.unique(table.levels))) ** 2
    if n_cells > _CELLS_MAX:
        return _without_interval(table, ties, label, interval, test)
    return finish(table, w_statistic(table.levels, ties), label, interval, analytic=test)


def _without_interval(
    table: Table, ties: Ties, label: Label, interval: Interval, test: Callable[[float], Spread]
) -> Estimate:
    """Return W of ratings with too many levels to resample ranks."""
    n, m = table.levels.shape
    total = np.sum([mean_ranks(table.levels[:, j]) for j in range(m)], axis=0)
    counts = [np.unique(table.levels[:, j], return_counts=True)[1].astype(np.float64) for j in range(m)]
    tied = m * sum(float(np.sum(c**3 - c)) for c in counts) if ties == "tie_corrected" else 0.0
    value = 12 * float(np.sum((total - total.mean()) ** 2)) / (m * m * (n**3 - n) - tied)
    note = "too many distinct levels for a bootstrap of ranks: no interval"
    estimate = Estimate(
        statistic="kendall_w",
        variant=ties,
        value=value,
        ci_level=interval.level,
        method=label.method,
        n_items=n,
        n_ratings=table.n_ratings,
        n_missing=table.n_missing,
        warnings=(*table.warnings, note),
    )
    return with_spread(estimate, test(value))


def w_statistic(levels: FloatArray, ties: Ties) -> SumStatistic:
    """Return W from each rater's margins and all pairs' cross tables, so that resamples are ranked anew."""
    values = np.unique(levels)
    q, m = len(values), levels.shape[1]

    def features(rows: FloatArray) -> FloatArray:
        codes = codes_of(rows, values)
        hot = np.zeros((len(rows), m * q))
        for j in range(m):
            hot[np.arange(len(rows)), j * q + codes[:, j]] = 1.0
        return (hot[:, :, None] * hot[:, None, :]).reshape(len(rows), -1)

    def of_sums(sums: FloatArray) -> FloatArray:
        cross = sums.reshape(-1, m * q, m * q)
        margins = np.diagonal(cross, axis1=1, axis2=2).reshape(-1, m, q)
        n = margins[:, 0].sum(axis=1)
        middle = np.cumsum(margins, axis=2) - margins / 2 - n[:, None, None] / 2
        ranks = middle.reshape(len(sums), m * q)
        deviation = np.einsum("bi,bij,bj->b", ranks, cross, ranks)
        full = m * m * (n**3 - n)
        tied = m * np.sum(margins**3 - margins, axis=(1, 2)) if ties == "tie_corrected" else 0.0
        return ratio(12 * deviation, full - tied, scale=full)[:, None]

    return SumStatistic(features, of_sums, (m * q) ** 2)
