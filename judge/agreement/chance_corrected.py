"""Coefficients of the form (p_a - p_e) / (1 - p_e) for several raters with missing ratings.

They share observed agreement p_a (the mean over items with two or more ratings of the weighted share of agreeing
pairs) and differ in what they call chance. Items with one rating count in the margins only.

Standard errors are linearised (delta method over items, Gwet 2008; 2014, chapters 5 and 6), intervals Student's t on
items - 1 degrees of freedom with the upper limit capped at 1.

References
----------
Gwet KL (2008). Br J Math Stat Psychol 61:29-48. doi:10.1348/000711006X126600 (AC1 and its variance).
Gwet KL (2014). Handbook of Inter-Rater Reliability, 4th ed. Advanced Analytics.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from judge.agreement.chance import Coefficient, chance_statistic, linearised
from judge.agreement.estimate import BCA, Estimate, Interval
from judge.agreement.inference import Label, finish
from judge.agreement.intervals import clopper_pearson
from judge.agreement.matrix import Table, prepare
from judge.agreement.weights import Weights, agreement_weights, weights_label


def fleiss_kappa(
    levels: npt.ArrayLike, weights: Weights = "none", *, scale: npt.ArrayLike | None = None, interval: Interval = BCA
) -> Estimate:
    """Agreement of interchangeable raters beyond the chance given by the pooled margins.

    p_e = sum w_kl pi_k pi_l with pi_k the mean over items of the share of ratings in level k. With two raters and no
    missing ratings it equals Scott's pi.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing.
    weights
        ``none``, ``linear``, ``quadratic``, ``ordinal`` (Gwet's) or a matrix of agreement weights.
    scale
        Declared levels, ascending.
    interval
        How the interval is made; analytic is linearised with Student's t.

    Returns
    -------
    Estimate
        At most 1. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``,
        ``fractional_levels``, ``no_variation`` (one level only).

    Raises
    ------
    ValueError
        If a rating lies off the scale, or the weights do not fit it.

    References
    ----------
    Fleiss JL (1971). Psychol Bull 76:378-382. doi:10.1037/h0031619. Its worked example of 30 patients, six
    psychiatrists and five diagnoses gives 0.430.

    Examples
    --------
    Two of three raters agree on each of two items: p_a = 1/3, p_e = 1/2, kappa = (1/3 - 1/2) / (1/2).

    >>> round(fleiss_kappa([[1, 1, 2], [2, 2, 1]], scale=[1, 2], interval=Interval("none")).value, 4)
    -0.3333
    """
    return _coefficient("fleiss_kappa", "fleiss_kappa", levels, weights, scale, interval)


def conger_kappa(
    levels: npt.ArrayLike, weights: Weights = "none", *, scale: npt.ArrayLike | None = None, interval: Interval = BCA
) -> Estimate:
    """Agreement of fixed raters beyond the chance given by each rater's own margins; Cohen's kappa for two.

    p_e is the mean over ordered pairs of different raters of sum w_kl p_gk p_hl.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing.
    weights
        ``none``, ``linear``, ``quadratic``, ``ordinal`` (Gwet's) or a matrix of agreement weights.
    scale
        Declared levels, ascending.
    interval
        How the interval is made; analytic is linearised with Student's t.

    Returns
    -------
    Estimate
        At most 1; undefined as :func:`fleiss_kappa`.

    Raises
    ------
    ValueError
        If a rating lies off the scale, or the weights do not fit it.

    References
    ----------
    Conger AJ (1980). Psychol Bull 88:322-328. doi:10.1037/0033-2909.88.2.322.

    Examples
    --------
    Two raters: Cohen's kappa of Feinstein and Cicchetti's (1990) second table, 0.318.

    >>> from judge.agreement.tables import pairs_from_table
    >>> round(conger_kappa(pairs_from_table([[80, 10], [5, 5]]), scale=[1, 2], interval=Interval("none")).value, 3)
    0.318
    """
    return _coefficient("conger_kappa", "conger_kappa", levels, weights, scale, interval)


def scott_pi(
    levels: npt.ArrayLike, weights: Weights = "none", *, scale: npt.ArrayLike | None = None, interval: Interval = BCA
) -> Estimate:
    """Agreement of two raters beyond the chance given by their pooled margins.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing.
    weights
        ``none``, ``linear``, ``quadratic``, ``ordinal`` (Gwet's) or a matrix of agreement weights.
    scale
        Declared levels, ascending.
    interval
        How the interval is made; analytic is linearised with Student's t.

    Returns
    -------
    Estimate
        At most 1; undefined as :func:`fleiss_kappa`.

    Raises
    ------
    ValueError
        If there are more than two raters, a rating lies off the scale, or the weights do not fit it.

    References
    ----------
    Scott WA (1955). Public Opin Q 19:321-325. doi:10.1086/266577.

    Examples
    --------
    Margins .875 and .125, p_e = .78125, p_a = .85 (Feinstein and Cicchetti's second table).

    >>> from judge.agreement.tables import pairs_from_table
    >>> round(scott_pi(pairs_from_table([[80, 10], [5, 5]]), scale=[1, 2], interval=Interval("none")).value, 4)
    0.3143
    """
    if np.asarray(levels).ndim == 2 and np.asarray(levels).shape[1] > 2:
        raise ValueError("Scott's pi is for two raters; fleiss_kappa is its form for several")
    return _coefficient("scott_pi", "scott_pi", levels, weights, scale, interval)


def brennan_prediger(
    levels: npt.ArrayLike, weights: Weights = "none", *, scale: npt.ArrayLike | None = None, interval: Interval = BCA
) -> Estimate:
    """Agreement beyond uniform chance over the declared levels: p_e = sum of all weights / q²; PABAK for 2 levels.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing.
    weights
        ``none``, ``linear``, ``quadratic``, ``ordinal`` (Gwet's) or a matrix of agreement weights.
    scale
        Declared levels, ascending: the value depends on how many there are.
    interval
        How the interval is made; analytic is linearised with Student's t.

    Returns
    -------
    Estimate
        At most 1. Undefined as :func:`fleiss_kappa`, but where all ratings are one level it is 1.0 with a warning if
        the levels were declared.

    Raises
    ------
    ValueError
        If a rating lies off the scale, or the weights do not fit it.

    References
    ----------
    Brennan RL, Prediger DJ (1981). Educ Psychol Meas 41:687-699. doi:10.1177/001316448104100307.
    Byrt T, Bishop J, Carlin JB (1993). J Clin Epidemiol 46:423-429. doi:10.1016/0895-4356(93)90018-V (PABAK).

    Examples
    --------
    85 of 100 agree on two levels: 2 x 0.85 - 1.

    >>> from judge.agreement.tables import pairs_from_table
    >>> round(brennan_prediger(pairs_from_table([[80, 10], [5, 5]]), scale=[1, 2], interval=Interval("none")).value, 2)
    0.7
    """
    return _coefficient("brennan_prediger", "brennan_prediger", levels, weights, scale, interval)


def gwet_ac1(levels: npt.ArrayLike, *, scale: npt.ArrayLike | None = None, interval: Interval = BCA) -> Estimate:
    """Agreement beyond the chance of ratings on hard items, p_e = sum pi_k (1 - pi_k) / (q - 1).

    It stays high where one level holds most ratings, also when raters do not tell items apart: print it beside kappa.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing.
    scale
        Declared levels, ascending.
    interval
        How the interval is made; analytic is linearised with Student's t.

    Returns
    -------
    Estimate
        At most 1. Undefined as :func:`fleiss_kappa`, but where all ratings are one level it is 1.0 with a warning if
        the levels were declared.

    Raises
    ------
    ValueError
        If a rating lies off the scale.

    References
    ----------
    Gwet KL (2008). Br J Math Stat Psychol 61:29-48. doi:10.1348/000711006X126600.

    Examples
    --------
    Feinstein and Cicchetti's (1990) second table: pi = .875, p_e = 2 x .875 x .125 = .21875, (.85 - p_e) / (1 - p_e).

    >>> from judge.agreement.tables import pairs_from_table
    >>> round(gwet_ac1(pairs_from_table([[80, 10], [5, 5]]), scale=[1, 2], interval=Interval("none")).value, 3)
    0.808
    """
    return _coefficient("gwet_ac", "gwet_ac1", levels, "none", scale, interval)


def gwet_ac2(
    levels: npt.ArrayLike,
    weights: Weights = "quadratic",
    *,
    scale: npt.ArrayLike | None = None,
    interval: Interval = BCA,
) -> Estimate:
    """Weighted form of AC1: p_e = (sum of all weights) sum pi_k (1 - pi_k) / (q (q - 1)).

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing.
    weights
        ``linear``, ``quadratic``, ``ordinal`` (Gwet's) or a matrix of agreement weights.
    scale
        Declared levels, ascending.
    interval
        How the interval is made; analytic is linearised with Student's t.

    Returns
    -------
    Estimate
        At most 1; undefined as :func:`gwet_ac1`.

    Raises
    ------
    ValueError
        If a rating lies off the scale, or the weights do not fit it.

    References
    ----------
    Gwet KL (2014). Handbook of Inter-Rater Reliability, 4th ed. Advanced Analytics. Chapter 6.

    Examples
    --------
    With identity weights it is AC1 (see there).

    >>> from judge.agreement.tables import pairs_from_table
    >>> pairs = pairs_from_table([[80, 10], [5, 5]])
    >>> round(gwet_ac2(pairs, np.eye(2), scale=[1, 2], interval=Interval("none")).value, 3)
    0.808
    """
    return _coefficient("gwet_ac", "gwet_ac2", levels, weights, scale, interval)


def weighted_agreement(
    levels: npt.ArrayLike, weights: Weights = "none", *, scale: npt.ArrayLike | None = None, interval: Interval = BCA
) -> Estimate:
    """Mean over items of the (weighted) share of agreeing pairs of ratings, without any correction for chance.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing. Items with one rating are left out.
    weights
        ``none``, ``linear``, ``quadratic``, ``ordinal`` (Gwet's) or a matrix of agreement weights.
    scale
        Declared levels, ascending.
    interval
        How the interval is made; analytic is linearised with Student's t.

    Returns
    -------
    Estimate
        Between 0 and 1. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``,
        ``fractional_levels``.

    Raises
    ------
    ValueError
        If a rating lies off the scale, or the weights do not fit it.

    References
    ----------
    Fleiss JL (1971). Psychol Bull 76:378-382. doi:10.1037/h0031619, eq. 3 (weights none).

    Examples
    --------
    One of three pairs agrees on each item.

    >>> round(weighted_agreement([[1, 1, 2], [2, 2, 1]], scale=[1, 2], interval=Interval("none")).value, 4)
    0.3333
    """
    return _coefficient("weighted_agreement", "weighted_agreement", levels, weights, scale, interval)


def _coefficient(
    kind: Coefficient,
    name: str,
    levels: npt.ArrayLike,
    weights: Weights,
    scale: npt.ArrayLike | None,
    interval: Interval,
) -> Estimate:
    table = prepare(levels, scale, need="any")
    variant = "" if name == "gwet_ac1" else weights_label(weights)
    if table.undefined:
        return table.undefined_estimate(name, variant)
    if table.is_fractional:
        return table.undefined_estimate(name, variant, "fractional_levels")
    if len(table.scale) == 1:
        return table.undefined_estimate(name, variant, "no_variation")
    matrix = agreement_weights(weights, table.scale)
    if kind in ("gwet_ac", "brennan_prediger") and not table.is_declared and _is_constant(table):
        return table.undefined_estimate(name, variant, "no_variation")
    statistic = chance_statistic(kind, table.scale, matrix, table.n_raters)
    label = Label(name, variant, "linearised standard error; items with one rating count in the margins")
    spread = linearised(kind, table, matrix, interval)
    return _with_identical_warning(finish(table, statistic, label, interval, analytic=spread), table)


def _is_constant(table: Table) -> bool:
    known = table.levels[~np.isnan(table.levels)]
    return bool(np.all(known == known[0]))


def _with_identical_warning(estimate: Estimate, table: Table) -> Estimate:
    if estimate.value is None or not _is_constant(table):
        return estimate
    low = clopper_pearson(table.n_items, table.n_items, estimate.ci_level).low
    note = f"all ratings are one level: no interval; full agreement on at least {low:.1%} of items"
    return replace(estimate, warnings=(*estimate.warnings, note), detail={**estimate.detail, "full_agreement_low": low})
