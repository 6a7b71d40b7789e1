"""Krippendorff's alpha for any number of raters and any missing ratings."""

from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Analytic, Label, finish
from judge.agreement.intervals import clopper_pearson
from judge.agreement.krippendorff_variance import linearised_alpha_spread
from judge.agreement.matrix import Table, prepare
from judge.agreement.named_options import check_option
from judge.agreement.sums import SumStatistic, ratio
from judge.agreement.tables import codes_of

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
_CELLS_MAX = 50_000_000


def krippendorff_alpha(
    levels: npt.ArrayLike,
    metric: Metric | FloatArray = "ordinal",
    *,
    scale: npt.ArrayLike | None = None,
    interval: Interval = BCA,
) -> Estimate:
    """Reliability of several raters with missing ratings: one minus observed over expected disagreement.

    alpha = 1 - (n - 1) sum o_ck d²_ck / sum n_c n_k d²_ck over the coincidence matrix o, with n pairable ratings and
    margins n_c. The ordinal metric is d_ck = sum of n_g for g = c..k minus (n_c + n_k) / 2, so it depends on the
    margins of these ratings: two tables' ordinal alphas are not on one scale.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing. Items with one rating are left out.
    metric
        ``nominal``, ``ordinal``, ``interval``, ``ratio``, or a matrix of squared differences in the order of ``scale``.
    scale
        Declared levels, ascending; alpha itself uses only the levels that occur.
    interval
        How the interval is made; analytic is linearised (Gwet 2014) for a fixed metric, the influence
        function for the ordinal one, both with Student's t.

    Returns
    -------
    Estimate
        At most 1; 0 is chance; below 0 systematic disagreement.
        Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``, ``no_variation`` (all pairable
        ratings are one level), ``fractional_levels`` (nominal and ordinal metric).

    Raises
    ------
    ValueError
        If a rating lies off the scale, or a matrix does not fit it; ratio metric with negative levels.

    References
    ----------
    Krippendorff K (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania,
    https://repository.upenn.edu/asc_papers/43.
    Hayes AF, Krippendorff K (2007). Commun Methods Meas 1:77-89. doi:10.1080/19312450709336664.

    Examples
    --------
    Krippendorff (2011), section C: four observers, a row each, twelve units, missing ratings.

    >>> rows = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
    >>> ratings = np.array([[float(c) if c != "." else np.nan for c in row] for row in rows]).T
    >>> metrics = ("nominal", "ordinal", "interval", "ratio")
    >>> [round(krippendorff_alpha(ratings, metric, interval=Interval("none")).value, 3) for metric in metrics]
    [0.743, 0.815, 0.849, 0.797]
    """
    if isinstance(metric, str):
        check_option("a metric that is no matrix", metric, get_args(Metric))
    table = prepare(levels, scale, need="pair", uses_scale=not isinstance(metric, str))
    name = metric if isinstance(metric, str) else "custom"
    if table.undefined:
        return table.undefined_estimate("krippendorff_alpha", name)
    if table.is_fractional and table.is_declared and name in ("nominal", "ordinal"):
        return table.undefined_estimate("krippendorff_alpha", name, "fractional_levels")
    statistic = alpha_statistic(table.levels, metric, table.scale)
    label = Label("krippendorff_alpha", name, "coincidence matrix; items with one rating left out")
    estimate = finish(table, statistic, label, interval, analytic=_spread(table, metric, interval))
    return _with_counts(estimate, table)


def _spread(table: Table, metric: Metric | FloatArray, interval: Interval) -> Analytic | None:
    """Return Gwet's linearised variance where the metric is fixed, None (influence function) for the ordinal one."""
    values = np.unique(table.levels[~np.isnan(table.levels)])
    if not isinstance(metric, str):
        values, distances = table.scale, np.asarray(metric, dtype=np.float64)
    elif metric == "interval":
        distances = np.subtract.outer(values, values) ** 2
    else:
        fixed = _fixed_metric(values, metric)
        if fixed is None:
            return None
        distances = fixed
    if interval.method != "analytic" or table.n_items * len(values) > _CELLS_MAX:
        return None
    return lambda alpha: linearised_alpha_spread(table.levels, values, distances, alpha, interval.level)


def _with_counts(estimate: Estimate, table: Table) -> Estimate:
    """Add how many ratings could be paired, and what perfect agreement allows to say."""
    detail = {**estimate.detail, "n_pairable": table.n_ratings}
    if estimate.value is None or estimate.value < 1 - 1e-12:
        return replace(estimate, detail=detail)
    low = clopper_pearson(table.n_items, table.n_items, estimate.ci_level).low
    note = f"perfect agreement: no interval for alpha; full agreement on at least {low:.1%} of items"
    detail["full_agreement_low"] = low
    return replace(estimate, detail=detail, warnings=(*estimate.warnings, note))


def alpha_statistic(levels: FloatArray, metric: Metric | FloatArray, scale: FloatArray) -> SumStatistic:
    """Return alpha as a function of sums over items.

    Parameters
    ----------
    levels
        Only the set of levels and their middle are taken from it.
    metric
        As in :func:`krippendorff_alpha`.
    scale
        Declared levels; for a matrix as metric their order.
    """
    if isinstance(metric, str) and metric == "interval":
        return _interval_statistic(float(np.nanmean(levels)))
    if not isinstance(metric, str):
        if np.shape(metric) != (len(scale), len(scale)):
            raise ValueError(f"a metric for {len(scale)} levels needs the shape ({len(scale)}, {len(scale)})")
        return _coincidence_statistic(scale, np.asarray(metric, dtype=np.float64))
    values = np.unique(levels[~np.isnan(levels)])
    return _coincidence_statistic(values, _fixed_metric(values, metric))


def _fixed_metric(values: FloatArray, metric: str) -> FloatArray | None:
    """Return squared differences that do not depend on the margins, None for the ordinal metric."""
    if metric == "nominal":
        return 1.0 - np.eye(len(values))
    if metric == "ratio":
        if values[0] < 0:
            raise ValueError("the ratio metric needs levels of at least 0")
        total = np.add.outer(values, values)
        return np.divide(np.subtract.outer(values, values), total, out=np.zeros_like(total), where=total > 0) ** 2
    return None


def coincidences(levels: FloatArray, values: FloatArray) -> FloatArray:
    """Return each item's coincidences, shape (n_items, q, q): ordered pairs of its ratings over ratings - 1."""
    codes = codes_of(levels, values)
    counts = np.stack([(codes == c).sum(axis=1) for c in range(len(values))], axis=1).astype(np.float64)
    rated = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(len(values))
    pairs[:, diagonal, diagonal] -= counts
    scaled: FloatArray = pairs / np.maximum(rated - 1, 1)[:, None, None]
    return scaled


def _coincidence_statistic(values: FloatArray, fixed: FloatArray | None) -> SumStatistic:
    q = len(values)
    upper = np.triu_indices(q)

    def features(levels: FloatArray) -> FloatArray:
        return coincidences(levels, values)[:, upper[0], upper[1]]

    def alphas(sums: FloatArray) -> FloatArray:
        full = np.zeros((len(sums), q, q))
        full[:, upper[0], upper[1]] = sums
        full[:, upper[1], upper[0]] = sums
        margins = full.sum(axis=2)
        n = margins.sum(axis=1)
        distance = _ordinal_metric(margins) if fixed is None else fixed[None, :, :]
        observed = (n - 1) * np.sum(full * distance, axis=(1, 2))
        expected = np.sum(margins[:, :, None] * margins[:, None, :] * distance, axis=(1, 2))
        size = n**4 if fixed is None else n * n * max(float(fixed.max()), 1e-300)
        return (1 - ratio(observed, expected, scale=size))[:, None]

    return SumStatistic(features, alphas, len(upper[0]))


def _ordinal_metric(margins: FloatArray) -> FloatArray:
    """Return squared ordinal differences of each of (B, q) margins: the gap between the levels' mid-ranks."""
    middle = np.cumsum(margins, axis=1) - margins / 2
    gaps: FloatArray = (middle[:, :, None] - middle[:, None, :]) ** 2
    return gaps


def _interval_statistic(centre: float) -> SumStatistic:
    """Return interval alpha from n, x, x² and the within-item squared differences; any real ratings."""

    def features(levels: FloatArray) -> FloatArray:
        x = levels - centre
        rated = np.count_nonzero(~np.isnan(x), axis=1)
        pairable = rated >= 2
        filled = np.where(np.isnan(x) | ~pairable[:, None], 0.0, x)
        total, square = filled.sum(axis=1), (filled**2).sum(axis=1)
        within = 2 * (rated * square - total**2) / np.maximum(rated - 1, 1)
        return np.stack([rated * pairable * 1.0, total, square, np.where(pairable, within, 0.0)], axis=1)

    def alphas(sums: FloatArray) -> FloatArray:
        n, total, square, within = sums.T
        expected = 2 * (n * square - total**2)
        return (1 - ratio((n - 1) * within, expected, scale=n * square))[:, None]

    return SumStatistic(features, alphas, 4)
