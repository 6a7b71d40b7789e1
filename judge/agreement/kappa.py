"""Cohen's kappa for two raters: unweighted, linear, quadratic and with weights of one's own."""

import math
from dataclasses import asdict, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from judge.agreement.classification import two_by_two
from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, Spread, finish
from judge.agreement.intervals import clopper_pearson, normal_interval, two_sided_normal_p
from judge.agreement.matrix import Table, prepare
from judge.agreement.sums import SumStatistic, ratio
from judge.agreement.tables import cross_table, pair_features
from judge.agreement.weights import Weights, agreement_weights, weights_label


def cohen_kappa(
    levels: npt.ArrayLike,
    weights: Weights = "none",
    *,
    scale: npt.ArrayLike | None = None,
    interval: Interval = BCA,
) -> Estimate:
    """Agreement of two raters beyond what their margins give by chance.

    kappa_w = (p_o - p_e) / (1 - p_e) with p_o = sum w_ij p_ij and p_e = sum w_ij p_i. p_.j. The analytic standard error
    is the non-null one of Fleiss, Cohen and Everitt; the p value tests kappa = 0 with their null standard error.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing. Items with one rating are left out.
    weights
        ``none``, ``linear``, ``quadratic`` (on the values of the declared scale), ``ordinal`` (Gwet's) or a matrix of
        agreement weights in the order of ``scale``.
    scale
        Declared levels, ascending.
    interval
        How the interval is made.

    Returns
    -------
    Estimate
        Between -1 and 1. Of two levels ``detail`` has prevalence and bias index, PABAK, positive and negative
        agreement, the higher level being yes.
        Quadratic kappa of ratings between the levels is computed on the values (variant ``quadratic (values)``); it
        then equals Lin's coefficient with 1/n moments.
        Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``, ``fractional_levels`` (other
        weights than quadratic), ``no_variation`` (both raters gave one and the same level). Where one rater gave a
        single level and the other varies it is 0.0 with a warning.

    Raises
    ------
    ValueError
        If there are not two raters, or a rating lies off the scale.

    References
    ----------
    Cohen J (1960). Educ Psychol Meas 20:37-46. doi:10.1177/001316446002000104.
    Cohen J (1968). Psychol Bull 70:213-220. doi:10.1037/h0026256.
    Fleiss JL, Cohen J, Everitt BS (1969). Psychol Bull 72:323-327. doi:10.1037/h0028106.
    Feinstein AR, Cicchetti DV (1990). J Clin Epidemiol 43:543-549. doi:10.1016/0895-4356(90)90158-L.

    Examples
    --------
    Feinstein and Cicchetti (1990), second table: 80 and 5 agreed, 10 and 5 not; kappa .32. Below it four answers of
    91 couples (vcd's SexualFun, Agresti 1990): 0.2374 with linear weights, standard error 0.0783.

    >>> from judge.agreement.tables import pairs_from_table
    >>> round(cohen_kappa(pairs_from_table([[80, 10], [5, 5]]), interval=Interval("none")).value, 2)
    0.32
    >>> couples = pairs_from_table([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]])
    >>> found = cohen_kappa(couples, "linear", interval=Interval("analytic"))
    >>> round(found.value, 4), round(found.se, 4)
    (0.2374, 0.0783)
    """
    table = prepare(levels, scale, need="pair")
    _need_two_columns(levels)
    name = weights_label(weights)
    if table.undefined:
        return table.undefined_estimate("cohen_kappa", name)
    is_quadratic = isinstance(weights, str) and weights == "quadratic"
    if table.is_fractional:
        if not is_quadratic:
            return table.undefined_estimate("cohen_kappa", name, "fractional_levels")
        name = "quadratic (values)"
    seen, matrix = seen_levels(table.levels, table.scale, agreement_weights(weights, table.scale))
    statistic = quadratic_statistic([(0, 1)]) if is_quadratic else weighted_statistic(seen, matrix)
    counts = cross_table(table.levels, seen)
    label = Label("cohen_kappa", name, "Fleiss-Cohen-Everitt 1969 standard error")
    estimate = finish(table, statistic, label, interval, analytic=lambda k: _fce(counts, matrix, k, interval.level))
    return _with_warnings(estimate, table, counts)


def _need_two_columns(levels: npt.ArrayLike) -> None:
    if np.asarray(levels).shape[1] > 2:
        raise ValueError("Cohen's kappa is for two raters; take pairs of columns, or conger_kappa for several")


def _with_warnings(estimate: Estimate, table: Table, counts: FloatArray) -> Estimate:
    if not estimate.is_defined:
        return estimate
    margins = [counts.sum(axis=1), counts.sum(axis=0)]
    warnings = list(estimate.warnings)
    if any(np.count_nonzero(m) == 1 for m in margins):
        warnings.append("one rater used a single level: kappa is 0 by construction and its standard error says nothing")
        estimate = replace(estimate, ci_low=None, ci_high=None, ci_method=None)
    detail = {**estimate.detail, "observed_agreement": float(np.trace(counts) / counts.sum())}
    if counts.shape == (2, 2):
        detail |= asdict(two_by_two(counts[::-1, ::-1]))
    if estimate.value is not None and abs(estimate.value - 1) < 1e-12:
        low = clopper_pearson(table.n_items, table.n_items, estimate.ci_level).low
        detail["full_agreement_low"] = low
        warnings.append(f"perfect agreement: no interval for kappa; full agreement on at least {low:.1%} of items")
    return replace(estimate, detail=detail, warnings=tuple(warnings))


def seen_levels(levels: FloatArray, scale: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the levels that occur and their weights: those that do not occur leave kappa as it is."""
    at = np.flatnonzero(np.isin(scale, levels))
    return scale[at], weights[np.ix_(at, at)]


def weighted_statistic(scale: FloatArray, weights: FloatArray) -> SumStatistic:
    """Return kappa with these agreement weights from the cells of the cross table of columns 0 and 1."""
    q = len(scale)

    def features(levels: FloatArray) -> FloatArray:
        return pair_features(levels[:, [0, 1]], scale)

    def values(sums: FloatArray) -> FloatArray:
        return kappa_of_tables(sums.reshape(-1, q, q), weights)[:, None]

    return SumStatistic(features, values, q * q)


def kappa_of_tables(tables: FloatArray, weights: FloatArray) -> FloatArray:
    """Return kappa of each of (B, q, q) cross tables, NaN where chance agreement is 1."""
    n = tables.sum(axis=(1, 2))
    cost = 1 - weights
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    observed = np.einsum("bij,ij->b", tables, cost) * n
    expected = np.einsum("bi,ij,bj->b", rows, cost, columns)
    return 1 - ratio(observed, expected, scale=n * n)


def quadratic_statistic(pairs: list[tuple[int, int]]) -> SumStatistic:
    """Return quadratic kappa of pairs of raters from six moments a pair: n, x, y, x², y², xy.

    kappa_q = 2 s_xy / (s_xx + s_yy + (mean x - mean y)²) with 1/n moments, whatever the spacing of the levels and
    whichever of them occur (Fleiss & Cohen 1973; Lin 1989). Whole-number levels make the sums exact.
    """

    def features(levels: FloatArray) -> FloatArray:
        return np.hstack([moments(levels[:, i], levels[:, j]) for i, j in pairs])

    def values(sums: FloatArray) -> FloatArray:
        return concordance_of_moments(sums.reshape(len(sums), len(pairs), 6))

    return SumStatistic(features, values, 6 * len(pairs), len(pairs))


def moments(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return 1, x, y, x², y², xy of each item, zeros where one of the two is missing; shape (n_items, 6)."""
    is_pair = ~(np.isnan(x) | np.isnan(y))
    u, v = np.where(is_pair, x, 0.0), np.where(is_pair, y, 0.0)
    return np.stack([is_pair.astype(np.float64), u, v, u * u, v * v, u * v], axis=1)


def concordance_of_moments(sums: FloatArray) -> FloatArray:
    """Return 2 s_xy / (s_xx + s_yy + (mean difference)²) from sums of moments on the last axis."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    numerator = 2 * (n * xy - x * y)
    denominator = n * (xx + yy) - 2 * x * y
    return ratio(numerator, denominator, scale=n * (xx + yy))


def _fce(counts: FloatArray, weights: FloatArray, kappa: float, level: float) -> Spread:
    """Return the non-null interval and the test of zero of Fleiss, Cohen and Everitt (1969)."""
    n = counts.sum()
    p = counts / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    variance = fce_variance(p, weights, kappa) / n
    expected = float(rows @ weights @ columns)
    w_sum = (weights @ columns)[:, None] + (weights.T @ rows)[None, :]
    null = float(np.outer(rows, columns).ravel() @ ((weights - w_sum) ** 2).ravel()) - expected**2
    se, se_null = math.sqrt(max(variance, 0.0)), math.sqrt(max(null, 0.0) / n) / (1 - expected)
    low, high = normal_interval(kappa, se, level)
    z = kappa / se_null if se_null > 0 else None
    detail = {"chance_agreement": expected, "se_null": se_null, "z_null": z}
    p_value = None if z is None else two_sided_normal_p(z)
    return Spread(se, low, high, "normal, Fleiss-Cohen-Everitt", p_value, detail)


def fce_variance(p: FloatArray, weights: FloatArray, kappa: float) -> float:
    """Return n times the large-sample variance of weighted kappa for cell probabilities ``p`` (Fleiss et al. 1969)."""
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    expected = float(rows @ weights @ columns)
    w_sum = (weights @ columns)[:, None] + (weights.T @ rows)[None, :]
    inner = float(np.sum(p * (weights - w_sum * (1 - kappa)) ** 2))
    return (inner - (kappa - expected * (1 - kappa)) ** 2) / (1 - expected) ** 2


def light_kappa(
    levels: npt.ArrayLike,
    weights: Weights = "none",
    *,
    scale: npt.ArrayLike | None = None,
    interval: Interval = BCA,
) -> Estimate:
    """Mean of Cohen's kappa over all pairs of raters, resampled together.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing; each pair uses the items both rated.
    weights
        As in :func:`cohen_kappa`.
    scale
        Declared levels, ascending.
    interval
        Bootstrap of items (all pairs drawn together), or the influence function for ``analytic``.

    Returns
    -------
    Estimate
        Between -1 and 1; ``detail`` has each pair's kappa by column numbers, None where undefined (left out of the
        mean). Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``, ``fractional_levels``,
        ``no_variation``.

    Raises
    ------
    ValueError
        If a rating lies off the scale, or the weights do not fit it.

    References
    ----------
    Light RJ (1971). Psychol Bull 76:365-377. doi:10.1037/h0031643.
    Gamer M et al. (2019). R package irr 0.84.1, https://cran.r-project.org/package=irr (the data of the example).

    Examples
    --------
    The first three raters of irr's 30 diagnoses, a row each: irr prints 0.555.

    >>> rows = [
    ...     "422521311511212311215221121215",
    ...     "423521311542242311235421421235",
    ...     "423523334544244311435444421435",
    ... ]
    >>> ratings = np.array([[int(c) for c in row] for row in rows]).T
    >>> round(light_kappa(ratings, scale=range(1, 6), interval=Interval("none")).value, 3)
    0.555
    """
    table = prepare(levels, scale, need="pair")
    name = weights_label(weights)
    if table.undefined:
        return table.undefined_estimate("cohen_kappa", name)
    is_quadratic = isinstance(weights, str) and weights == "quadratic"
    if table.is_fractional and not is_quadratic:
        return table.undefined_estimate("cohen_kappa", name, "fractional_levels")
    pairs = list(combinations(range(table.n_raters), 2))
    each = pairs_statistic(pairs, weights, table.scale)
    mean = SumStatistic(each.features, lambda sums: mean_of_defined(each.values(sums))[:, None], each.width)
    label = Label("cohen_kappa", "quadratic (values)" if table.is_fractional else name, "mean over pairs of raters")
    estimate = finish(table, mean, label, interval)
    by_pair = each.values(each.features(table.levels).sum(axis=0)[None])[0]
    detail = {f"{i}-{j}": None if np.isnan(v) else float(v) for (i, j), v in zip(pairs, by_pair, strict=True)}
    return replace(estimate, detail={**estimate.detail, "pairs": detail})


def pairs_statistic(pairs: list[tuple[int, int]], weights: Weights, scale: FloatArray) -> SumStatistic:
    """Return kappa of each of these pairs of columns, one output a pair, from shared resamples."""
    if isinstance(weights, str) and weights == "quadratic":
        return quadratic_statistic(pairs)
    matrix = agreement_weights(weights, scale)
    q = len(scale)

    def features(levels: FloatArray) -> FloatArray:
        return np.hstack([pair_features(levels[:, [i, j]], scale) for i, j in pairs])

    def values(sums: FloatArray) -> FloatArray:
        tables = sums.reshape(len(sums) * len(pairs), q, q)
        return kappa_of_tables(tables, matrix).reshape(len(sums), len(pairs))

    return SumStatistic(features, values, q * q * len(pairs), len(pairs))


def mean_of_defined(values: FloatArray) -> FloatArray:
    """Return the mean of each row over what is not NaN, NaN where nothing is."""
    is_defined = ~np.isnan(values)
    return ratio(np.where(is_defined, values, 0.0).sum(axis=1), is_defined.sum(axis=1).astype(np.float64))
