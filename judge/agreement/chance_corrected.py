"""Coefficients of the form (p_a - p_e) / (1 - p_e) for several raters with missing ratings.

They share observed agreement p_a (the mean over items with two or more ratings of the weighted share of agreeing
pairs) and differ in what they call chance. Items with one rating count in the margins only.

Standard errors are linearised (delta method over items, Gwet 2008, 2014), intervals Student's t on
items - 1 degrees of freedom with the upper limit capped at 1.

References
----------
Gwet KL (2008). Br J Math Stat Psychol 61:29-48. doi:10.1348/000711006X126600 (AC1 and its variance).
Gwet KL (2014). Handbook of Inter-Rater Reliability, 4th ed. Advanced Analytics. ISBN 978-0970806284.
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
    Fleiss JL (1971). Psychol Bull 76:378-382. doi:10.1037/h0031619.

    Examples
    --------
    Fleiss (1971): how many of six psychiatrists gave each of five diagnoses to 30 patients; kappa .430.

    >>> counts = (
    ...     "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    ...     "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
    ... )
    >>> ratings = [np.repeat(np.arange(1, 6), [int(c) for c in row]) for row in counts.split()]
    >>> round(fleiss_kappa(ratings, scale=range(1, 6), interval=Interval("none")).value, 3)
    0.43
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
    Gwet KL (2019). R package irrCAC 1.0, doi:10.32614/CRAN.package.irrCAC (the value of the example).

    Examples
    --------
    Krippendorff's four observers, a row each, with missing ratings: irrCAC prints 0.76282.

    >>> rows = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
    >>> ratings = np.array([[float(c) if c != "." else np.nan for c in row] for row in rows]).T
    >>> round(conger_kappa(ratings, scale=range(1, 6), interval=Interval("none")).value, 5)
    0.76282
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
    Artstein R, Poesio M (2005). Kappa3 = Alpha (or Beta). University of Essex, NLE Technote; the table and its values:
    https://www.nltk.org/api/nltk.metrics.agreement.html.

    Examples
    --------
    Two coders, 100 utterances, three tags (Artstein and Poesio 2005): pi = 0.79953.

    >>> from judge.agreement.tables import pairs_from_table
    >>> tags = pairs_from_table([[46, 6, 0], [0, 32, 0], [0, 6, 10]])
    >>> round(scott_pi(tags, scale=[1, 2, 3], interval=Interval("none")).value, 5)
    0.79953
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
    Byrt T, Bishop J, Carlin JB (1993). J Clin Epidemiol 46:423-429. doi:10.1016/0895-4356(93)90018-V.
    Artstein R, Poesio M (2005). Kappa3 = Alpha (or Beta). University of Essex, NLE Technote; the table and its values:
    https://www.nltk.org/api/nltk.metrics.agreement.html.

    Examples
    --------
    Two coders, 100 utterances, three tags (Artstein and Poesio 2005): S = 0.82.

    >>> from judge.agreement.tables import pairs_from_table
    >>> tags = pairs_from_table([[46, 6, 0], [0, 32, 0], [0, 6, 10]])
    >>> round(brennan_prediger(tags, scale=[1, 2, 3], interval=Interval("none")).value, 2)
    0.82
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
    Gwet KL (2019). R package irrCAC 1.0, doi:10.32614/CRAN.package.irrCAC (the value of the example).

    Examples
    --------
    Krippendorff's four observers, a row each, with missing ratings: irrCAC prints 0.77544.

    >>> rows = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
    >>> ratings = np.array([[float(c) if c != "." else np.nan for c in row] for row in rows]).T
    >>> round(gwet_ac1(ratings, scale=range(1, 6), interval=Interval("none")).value, 5)
    0.77544
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
    Gwet KL (2014). Handbook of Inter-Rater Reliability, 4th ed. Advanced Analytics. ISBN 978-0970806284.
    Gwet KL (2019). R package irrCAC 1.0, doi:10.32614/CRAN.package.irrCAC (the value of the example).

    Examples
    --------
    Krippendorff's four observers, a row each, quadratic weights: irrCAC prints 0.914 (weighting vignette).

    >>> rows = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
    >>> ratings = np.array([[float(c) if c != "." else np.nan for c in row] for row in rows]).T
    >>> round(gwet_ac2(ratings, "quadratic", scale=range(1, 6), interval=Interval("none")).value, 3)
    0.914
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
    Fleiss JL (1971). Psychol Bull 76:378-382. doi:10.1037/h0031619.
    Gwet KL (2019). R package irrCAC 1.0, doi:10.32614/CRAN.package.irrCAC (the value of the example).

    Examples
    --------
    Krippendorff's four observers, a row each, with missing ratings: irrCAC prints 0.81818.

    >>> rows = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
    >>> ratings = np.array([[float(c) if c != "." else np.nan for c in row] for row in rows]).T
    >>> round(weighted_agreement(ratings, scale=range(1, 6), interval=Interval("none")).value, 5)
    0.81818
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
