"""Yes or no: macro-F1 against several physicians, sensitivity and specificity, prevalence and bias of a 2 x 2 table."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, Spread, finish
from judge.agreement.intervals import clopper_pearson
from judge.agreement.matrix import Table, prepare
from judge.agreement.sums import SumStatistic, ratio
from judge.agreement.tables import codes_of


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """What a kappa of a 2 x 2 table should be read beside (Byrt et al. 1993; Cicchetti & Feinstein 1990)."""

    prevalence_index: float
    """(both yes - both no) / n, with yes the first level of the table."""
    bias_index: float
    """(first yes second no - first no second yes) / n."""
    pabak: float
    """2 p_o - 1."""
    positive_agreement: float | None
    negative_agreement: float | None


def two_by_two(counts: npt.ArrayLike) -> TwoByTwo:
    """Return prevalence and bias index, PABAK, positive and negative agreement of a 2 x 2 table.

    Parameters
    ----------
    counts
        Shape (2, 2): rows the first rater, columns the second; the first row and column are yes.

    Raises
    ------
    ValueError
        If it is not a 2 x 2 table of counts with a positive sum.

    References
    ----------
    Byrt T, Bishop J, Carlin JB (1993). J Clin Epidemiol 46:423-429. doi:10.1016/0895-4356(93)90018-V.
    Cicchetti DV, Feinstein AR (1990). J Clin Epidemiol 43:551-558. doi:10.1016/0895-4356(90)90159-M.
    Feinstein AR, Cicchetti DV (1990). J Clin Epidemiol 43:543-549. doi:10.1016/0895-4356(90)90158-L.

    Examples
    --------
    Feinstein and Cicchetti (1990), second table: prevalence index .75, bias index .05, PABAK .70 (Byrt et al. 1993).

    >>> found = two_by_two([[80, 10], [5, 5]])
    >>> found.prevalence_index, found.bias_index, round(found.pabak, 2)
    (0.75, 0.05, 0.7)
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.shape != (2, 2) or np.any(table < 0) or table.sum() == 0:
        raise ValueError("a 2 x 2 table holds four counts with a positive sum")
    (a, b), (c, d) = table
    n = a + b + c + d
    return TwoByTwo(
        prevalence_index=float((a - d) / n),
        bias_index=float((b - c) / n),
        pabak=float(2 * (a + d) / n - 1),
        positive_agreement=float(2 * a / (2 * a + b + c)) if 2 * a + b + c else None,
        negative_agreement=float(2 * d / (2 * d + b + c)) if 2 * d + b + c else None,
    )


def macro_f1(levels: npt.ArrayLike, *, scale: npt.ArrayLike | None = None, interval: Interval = BCA) -> Estimate:
    """F1 of one rater against every other label of an item, mean over the levels.

    Each pair of the first rater's label and another rater's label of the same item counts once; F1 of a level is
    2 TP / (2 TP + FP + FN) over these pairs. For two levels this is HealthBench's pairwise macro-F1.

    Parameters
    ----------
    levels
        Shape (n_items, 1 + n_others): the rater to be judged first, then the others; NaN = missing.
    scale
        Declared levels; each must occur for the mean to be defined.
    interval
        Bootstrap, or the influence function for ``analytic``.

    Returns
    -------
    Estimate
        Between 0 and 1; ``detail`` has F1 by level. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``,
        ``fractional_levels``, ``class_never_occurs`` (``detail`` says which).

    Raises
    ------
    ValueError
        If a rating lies off the scale.

    References
    ----------
    Arora RK et al. (2025). HealthBench. arXiv:2505.08775; code: openai/simple-evals, healthbench_meta_eval.py.

    Examples
    --------
    The case in that code's own test: F1 4/7 for yes, 2/5 for no, mean 0.485714.

    >>> table = [[1, 1, 1, 0], [0, 1, 0, np.nan], [1, 0, np.nan, np.nan]]
    >>> round(macro_f1(table, scale=[0, 1], interval=Interval("none")).value, 6)
    0.485714
    """
    array = np.asarray(levels, dtype=np.float64)
    table = prepare(_only_pairs_with_first(array), scale, min_items=1)
    if table.undefined:
        return table.undefined_estimate("macro_f1")
    if table.is_fractional:
        return table.undefined_estimate("macro_f1", "", "fractional_levels")
    statistic = _f1_statistic(table.scale)
    by_level = _f1_by_level(statistic.features(table.levels).sum(axis=0)[None], len(table.scale))[0]
    names = [f"{v:g}" for v in table.scale]
    absent = [name for name, f1 in zip(names, by_level, strict=True) if np.isnan(f1)]
    if absent or len(names) < 2:
        blank = table.undefined_estimate("macro_f1", "", "class_never_occurs")
        return replace(blank, detail={"classes": absent})
    detail = {name: float(f1) for name, f1 in zip(names, by_level, strict=True)}
    label = Label("macro_f1", "", "pairs with each other label of the item; mean of F1 over levels")
    estimate = finish(table, statistic, label, interval, when_undefined="class_never_occurs")
    return replace(estimate, detail={**estimate.detail, "f1": detail})


def _only_pairs_with_first(array: FloatArray) -> FloatArray:
    """Return the table with the labels of items that the first rater did not label blanked."""
    if array.ndim != 2 or array.shape[1] < 2:
        return array
    return np.where(np.isnan(array[:, :1]), np.nan, array)


def _f1_statistic(scale: FloatArray) -> SumStatistic:
    q = len(scale)

    def features(levels: FloatArray) -> FloatArray:
        codes = codes_of(levels, scale)
        counts = np.zeros((len(levels), 3, q))
        for j in range(1, codes.shape[1]):
            paired = np.flatnonzero((codes[:, 0] >= 0) & (codes[:, j] >= 0))
            own, other = codes[paired, 0], codes[paired, j]
            counts[paired, 0, own] += own == other
            counts[paired, 1, own] += 1
            counts[paired, 2, other] += 1
        return counts.reshape(len(levels), 3 * q)

    def values(sums: FloatArray) -> FloatArray:
        mean: FloatArray = _f1_by_level(sums, q).mean(axis=1)[:, None]
        return mean

    return SumStatistic(features, values, 3 * q)


def _f1_by_level(sums: FloatArray, q: int) -> FloatArray:
    hits, own, other = np.moveaxis(sums.reshape(len(sums), 3, q), 1, 0)
    return ratio(2 * hits, own + other)


def sensitivity(levels: npt.ArrayLike, *, interval: Interval = BCA) -> Estimate:
    """Share of the second rater's yes that the first also calls yes.

    Parameters
    ----------
    levels
        Shape (n_items, 2) of 1 and 0, the rater tested first, the reference second; NaN = missing.
    interval
        ``analytic``: Clopper and Pearson's exact interval, for a simple random sample of independent answers.

    Returns
    -------
    Estimate
        Between 0 and 1. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``no_positives``.

    Raises
    ------
    ValueError
        If a level is neither 0 nor 1.

    References
    ----------
    Altman DG, Bland JM (1994). BMJ 308:1552. doi:10.1136/bmj.308.6943.1552.

    Examples
    --------
    Altman and Bland (1994), liver scans: 231 of 258 abnormal ones, 0.90.

    >>> from judge.agreement.tables import pairs_from_table
    >>> scans = pairs_from_table([[54, 27], [32, 231]], scale=[0, 1])
    >>> round(sensitivity(scans, interval=Interval("none")).value, 2)
    0.9
    """
    return _share(levels, "sensitivity", 1, interval)


def specificity(levels: npt.ArrayLike, *, interval: Interval = BCA) -> Estimate:
    """Share of the second rater's no that the first also calls no.

    Parameters
    ----------
    levels
        Shape (n_items, 2) of 1 and 0, the rater tested first, the reference second; NaN = missing.
    interval
        ``analytic``: Clopper and Pearson's exact interval, for a simple random sample of independent answers.

    Returns
    -------
    Estimate
        Between 0 and 1. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``no_negatives``.

    Raises
    ------
    ValueError
        If a level is neither 0 nor 1.

    References
    ----------
    Altman DG, Bland JM (1994). BMJ 308:1552. doi:10.1136/bmj.308.6943.1552.

    Examples
    --------
    Altman and Bland (1994), liver scans: 54 of 86 normal ones, 0.63.

    >>> from judge.agreement.tables import pairs_from_table
    >>> scans = pairs_from_table([[54, 27], [32, 231]], scale=[0, 1])
    >>> round(specificity(scans, interval=Interval("none")).value, 2)
    0.63
    """
    return _share(levels, "specificity", 0, interval)


def _share(
    levels: npt.ArrayLike, name: Literal["sensitivity", "specificity"], truth: int, interval: Interval
) -> Estimate:
    table = prepare(levels, [0.0, 1.0], min_items=1)
    if table.is_fractional:
        raise ValueError("levels must be 0 or 1")
    if table.undefined:
        return table.undefined_estimate(name)
    is_wanted = table.levels[:, 1] == truth
    if not is_wanted.any():
        return table.undefined_estimate(name, "", "no_positives" if truth else "no_negatives")
    n_hits, n = int(np.sum(table.levels[is_wanted, 0] == truth)), int(is_wanted.sum())

    def features(rows: FloatArray) -> FloatArray:
        wanted = rows[:, 1] == truth
        return np.stack([wanted, wanted & (rows[:, 0] == truth)], axis=1).astype(np.float64)

    statistic = SumStatistic(features, lambda sums: ratio(sums[:, 1], sums[:, 0])[:, None], 2)
    label = Label(name, "", "share among the reference's " + ("positives" if truth else "negatives"))
    return finish(table, statistic, label, interval, analytic=_exact_share(table, n_hits, n, interval))


def _exact_share(table: Table, n_hits: int, n: int, interval: Interval) -> Callable[[float], Spread]:
    def spread(_: float) -> Spread:
        limits = clopper_pearson(n_hits, n, interval.level)
        detail = {"n_hits": n_hits, "n_reference": n, "n_items": table.n_items}
        return Spread(None, limits.low, limits.high, limits.method, None, detail)

    return spread
