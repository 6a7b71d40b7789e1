"""Association of two raters: Pearson, Spearman, Kendall's tau-b. It is blind to a constant shift: never agreement."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, Spread, finish, with_spread
from judge.agreement.intervals import fisher_interval
from judge.agreement.kappa import moments
from judge.agreement.matrix import Table, prepare
from judge.agreement.sums import SumStatistic, ratio
from judge.agreement.tables import mean_ranks, pair_features

_CELLS_MAX = 40_000


def pearson_r(levels: npt.ArrayLike, *, interval: Interval = BCA) -> Estimate:
    """Linear association of two raters.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing; any real ratings.
    interval
        ``analytic``: Fisher's z with variance 1/(n-3).

    Returns
    -------
    Estimate
        Between -1 and 1; ``p_value`` by t on n - 2 degrees of freedom. Undefined: ``all_missing``,
        ``too_few_raters``, ``no_overlap``, ``one_item``, ``no_variation``, ``constant_input`` (one rater gave one
        level; ``detail`` says which).

    Raises
    ------
    ValueError
        If there are more than two raters.

    References
    ----------
    Fisher RA (1915). Biometrika 10:507-521. doi:10.1093/biomet/10.4.507.
    Fisher RA (1921). Metron 1:3-32, no DOI (z).
    Efron B, Tibshirani RJ (1993). An Introduction to the Bootstrap. Chapman & Hall. doi:10.1201/9780429246593.

    Examples
    --------
    Efron and Tibshirani (1993), fifteen law schools: 0.776.

    >>> lsat = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594]
    >>> gpa = [3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96]
    >>> round(pearson_r(np.array([lsat, gpa]).T, interval=Interval("none")).value, 3)
    0.776
    """
    table, reason = _prepare(levels)
    if reason:
        return _undefined(table, "pearson_r", reason)
    label = Label("pearson_r", "", "product-moment; Fisher's z; t test")
    statistic = pearson_statistic(table.levels.mean(axis=0))
    spread = _spread(table.n_items, interval.level, lambda _: 1 / (table.n_items - 3), "Fisher z", _t_test)
    return finish(table, statistic, label, interval, analytic=spread, when_undefined="constant_input")


def spearman_rho(levels: npt.ArrayLike, *, interval: Interval = BCA) -> Estimate:
    """Association of two raters' ranks, ties at their mean rank.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing; any real ratings.
    interval
        ``analytic``: Fisher's z with Bonett and Wright's variance (1 + rho²/2)/(n-3). A bootstrap ranks anew in every
        resample.

    Returns
    -------
    Estimate
        Between -1 and 1; ``p_value`` is the t approximation, not the exact one. Undefined as :func:`pearson_r`.

    Raises
    ------
    ValueError
        If there are more than two raters.

    References
    ----------
    Spearman C (1904). Am J Psychol 15:72-101. doi:10.2307/1412159.
    Bonett DG, Wright TA (2000). Psychometrika 65:23-28. doi:10.1007/BF02294183.

    Examples
    --------
    Intelligence and hours of television of ten people, Wikipedia's example (Spearman's rank correlation): -29/165.

    >>> iq = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110]
    >>> hours = [7, 0, 27, 50, 28, 29, 20, 12, 6, 17]
    >>> round(spearman_rho(np.array([iq, hours]).T, interval=Interval("none")).value, 9)
    -0.175757576
    """
    table, reason = _prepare(levels)
    if reason:
        return _undefined(table, "spearman_rho", reason)
    label = Label("spearman_rho", "", "mean ranks for ties; t approximation for the test")
    n = table.n_items
    spread = _spread(n, interval.level, lambda r: (1 + r * r / 2) / (n - 3), "Fisher z (Bonett-Wright)", _t_test)
    return _ranked(table, label, interval, spread, _spearman_of_tables)


def kendall_tau_b(levels: npt.ArrayLike, *, interval: Interval = BCA) -> Estimate:
    """Concordant minus discordant pairs of items, corrected for ties in both raters.

    tau_b = (C - D) / sqrt((n0 - n1)(n0 - n2)), n0 = n (n-1) / 2, n1 and n2 the pairs tied for each rater.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing; any real ratings.
    interval
        ``analytic``: Fisher's z with variance 0.437/(n-4), meant for |tau| below 0.8.

    Returns
    -------
    Estimate
        Between -1 and 1; ``p_value``: normal, variance corrected for ties. Undefined as :func:`pearson_r`.

    Raises
    ------
    ValueError
        If there are more than two raters.

    References
    ----------
    Kendall MG (1945). Biometrika 33:239-251. doi:10.1093/biomet/33.3.239.
    Bonett DG, Wright TA (2000). Psychometrika 65:23-28. doi:10.1007/BF02294183.
    Fieller EC, Hartley HO, Pearson ES (1957). Biometrika 44:470-481. doi:10.1093/biomet/44.3-4.470 (the 0.437).

    Examples
    --------
    Ties in both, the example of SciPy's kendalltau: -0.47140452.

    >>> pairs = np.array([[12, 2, 1, 12, 2], [1, 4, 7, 1, 0]]).T
    >>> round(kendall_tau_b(pairs, interval=Interval("none")).value, 8)
    -0.47140452
    """
    table, reason = _prepare(levels)
    if reason:
        return _undefined(table, "kendall_tau_b", reason)
    label = Label("kendall_tau_b", "", "corrected for ties; asymptotic test")
    n = table.n_items
    p_value = _tau_test(table.levels)
    spread = _spread(n, interval.level, lambda _: 0.437 / (n - 4), "Fisher z (0.437/(n-4))", lambda _r, _n: p_value)
    return _ranked(table, label, interval, spread, _tau_of_tables)


def _prepare(levels: npt.ArrayLike) -> tuple[Table, str | None]:
    if np.asarray(levels).ndim == 2 and np.asarray(levels).shape[1] > 2:
        raise ValueError("a correlation is for two raters; take pairs of columns")
    table = prepare(levels, need="pair", uses_scale=False)
    if table.undefined:
        return table, table.undefined
    constant = np.ptp(table.levels, axis=0) == 0
    if constant.all():
        return table, "no_variation"
    return table, "constant_input" if constant.any() else None


def _undefined(table: Table, name: str, reason: str) -> Estimate:
    estimate = table.undefined_estimate(name, "", reason)
    if reason != "constant_input":
        return estimate
    which = "x" if np.ptp(table.levels[:, 0]) == 0 else "y"
    return replace(estimate, detail={**estimate.detail, "which": which})


def pearson_statistic(centre: FloatArray) -> SumStatistic:
    """Return Pearson's r of columns 0 and 1 from moments about a centre, shape (2,)."""

    def features(levels: FloatArray) -> FloatArray:
        return moments(levels[:, 0] - centre[0], levels[:, 1] - centre[1])

    def values(sums: FloatArray) -> FloatArray:
        n, x, y, xx, yy, xy = sums.T
        var_x, var_y = n * xx - x * x, n * yy - y * y
        is_flat = (var_x <= 1e-12 * n * xx) | (var_y <= 1e-12 * n * yy)
        product = np.where(is_flat, 0.0, np.maximum(var_x, 0) * np.maximum(var_y, 0))
        return ratio(n * xy - x * y, np.sqrt(product), scale=0.0)[:, None]

    return SumStatistic(features, values, 6)


def _ranked(
    table: Table,
    label: Label,
    interval: Interval,
    spread: Callable[[float], Spread],
    of_tables: Callable[[FloatArray], FloatArray],
) -> Estimate:
    """Return a rank statistic, resampled by cross tables; ranks are the same as those of the levels' positions."""
    ranked = np.stack([np.unique(table.levels[:, j], return_inverse=True)[1].reshape(-1) for j in (0, 1)], axis=1)
    q = int(ranked.max()) + 1
    if q * q > _CELLS_MAX:
        return _without_tables(table, label, interval, spread)
    scale = np.arange(q, dtype=np.float64)
    coded = Table(
        ranked.astype(np.float64), scale, table.items, False, False, table.n_missing, None, None, table.warnings
    )
    statistic = SumStatistic(
        lambda levels: pair_features(levels, scale), lambda s: of_tables(s.reshape(-1, q, q))[:, None], q * q
    )
    return finish(coded, statistic, label, interval, analytic=spread, when_undefined="constant_input")


def _without_tables(table: Table, label: Label, interval: Interval, spread: Callable[[float], Spread]) -> Estimate:
    """Return a rank statistic of ratings with too many levels for cross tables, with its analytic interval."""
    from scipy.stats import kendalltau

    x, y = table.levels[:, 0], table.levels[:, 1]
    if label.statistic == "kendall_tau_b":
        value = float(kendalltau(x, y).statistic)
    else:
        value = float(np.corrcoef(mean_ranks(x), mean_ranks(y))[0, 1])
    estimate = Estimate(
        statistic=label.statistic,
        value=value,
        ci_level=interval.level,
        method=label.method,
        n_items=table.n_items,
        n_ratings=table.n_ratings,
        n_missing=table.n_missing,
        warnings=table.warnings,
    )
    if interval.method == "none":
        return estimate
    note = ("too many distinct levels for a bootstrap of ranks: analytic interval",) if interval.is_bootstrap else ()
    return with_spread(replace(estimate, warnings=(*estimate.warnings, *note)), spread(value))


def _spearman_of_tables(tables: FloatArray) -> FloatArray:
    rows, columns, n = tables.sum(axis=2), tables.sum(axis=1), tables.sum(axis=(1, 2))
    middle = [np.cumsum(m, axis=1) - m / 2 - n[:, None] / 2 for m in (rows, columns)]
    cross = np.einsum("bi,bij,bj->b", middle[0], tables, middle[1])
    spread = [np.sum(m * r**2, axis=1) for m, r in zip((rows, columns), middle, strict=True)]
    product = np.where((spread[0] <= 1e-9) | (spread[1] <= 1e-9), 0.0, spread[0] * spread[1])
    return ratio(cross, np.sqrt(product))


def _tau_of_tables(tables: FloatArray) -> FloatArray:
    n = tables.sum(axis=(1, 2))
    below = np.cumsum(np.cumsum(tables[:, ::-1, ::-1], axis=1), axis=2)[:, ::-1, ::-1]
    after = np.zeros_like(tables)
    after[:, :-1, :-1] = below[:, 1:, 1:]
    left = np.cumsum(np.cumsum(tables[:, ::-1, :], axis=1), axis=2)[:, ::-1, :]
    before = np.zeros_like(tables)
    before[:, :-1, 1:] = left[:, 1:, :-1]
    balance = np.sum(tables * (after - before), axis=(1, 2))
    pairs = n * n - n
    ties = [np.sum(m * m - m, axis=1) for m in (tables.sum(axis=2), tables.sum(axis=1))]
    product = np.maximum(pairs - ties[0], 0) * np.maximum(pairs - ties[1], 0)
    return ratio(2 * balance, np.sqrt(product))


def _spread(
    n: int,
    level: float,
    variance: Callable[[float], float],
    name: str,
    test: Callable[[float, int], float | None],
) -> Callable[[float], Spread]:
    def spread(r: float) -> Spread:
        p_value = test(r, n)
        if n <= 4 or abs(r) >= 1 - 1e-12:
            return Spread(p_value=p_value, warnings=("too few items, or a perfect association: no interval",))
        se_z = math.sqrt(variance(r))
        low, high = fisher_interval(r, se_z, level)
        return Spread(se_z * (1 - r * r), low, high, name, p_value)

    return spread


def _t_test(r: float, n: int) -> float | None:
    from scipy.special import stdtr

    if n <= 2:
        return None
    if abs(r) >= 1 - 1e-15:
        return 0.0
    return float(2 * stdtr(n - 2, -abs(r) * math.sqrt((n - 2) / (1 - r * r))))


def _tau_test(levels: FloatArray) -> float | None:
    """Return the asymptotic p value with the variance for ties in both raters (Kendall 1970)."""
    from scipy.special import ndtr

    n = len(levels)
    counts = [np.unique(levels[:, j], return_counts=True)[1].astype(np.float64) for j in (0, 1)]
    order = [np.unique(levels[:, j], return_inverse=True)[1].reshape(-1) for j in (0, 1)]
    q = max(len(c) for c in counts)
    table = np.bincount(order[0] * q + order[1], minlength=q * q).reshape(1, q, q).astype(np.float64)
    pairs = [float(np.sum(c * (c - 1))) for c in counts]
    balance = float(_tau_of_tables(table)[0]) * math.sqrt((n * n - n - pairs[0]) * (n * n - n - pairs[1])) / 2
    triples = [float(np.sum(c * (c - 1) * (c - 2))) for c in counts]
    fives = [float(np.sum(c * (c - 1) * (2 * c + 5))) for c in counts]
    variance = (n * (n - 1) * (2 * n + 5) - fives[0] - fives[1]) / 18 + pairs[0] * pairs[1] / (2 * n * (n - 1))
    if n > 2:
        variance += triples[0] * triples[1] / (9 * n * (n - 1) * (n - 2))
    return float(2 * ndtr(-abs(balance) / math.sqrt(variance))) if variance > 0 else None
