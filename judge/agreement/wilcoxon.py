"""Wilcoxon's signed-rank test, with its zeros and its null distribution named."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate, FloatArray
from judge.agreement.matrix import prepare
from judge.agreement.named_options import check_option
from judge.agreement.tables import mean_ranks

Variant = Literal["pratt exact", "pratt asymptotic", "wilcox exact", "wilcox asymptotic"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
EXACT_UP_TO = 400
"""Non-zero differences above which the exact distribution is not tabulated."""


def wilcoxon_signed_rank(levels: npt.ArrayLike, variant: Variant = "pratt exact") -> Estimate:
    """Test whether one rater is systematically higher than the other.

    Zero differences are dropped before ranking (``wilcox``) or ranked and then dropped (``pratt``); ties have mean
    ranks. ``exact`` is the conditional permutation distribution of these very ranks, ``asymptotic`` a normal without
    continuity correction.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing; or shape (n_items,): the differences.
    variant
        Which of the four.

    Returns
    -------
    Estimate
        ``value`` is the smaller of the two signed-rank sums, ``p_value`` two-sided; ``detail`` has both sums.
        Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``all_differences_zero``,
        ``too_many_for_exact`` (more than 400 non-zero differences).

    Raises
    ------
    ValueError
        If there are more than two raters or the variant is unknown.

    References
    ----------
    Wilcoxon F (1945). Biometrics Bull 1:80-83. doi:10.2307/3001968.
    Pratt JW (1959). J Am Stat Assoc 54:655-667. doi:10.1080/01621459.1959.10501526.

    Examples
    --------
    Heights of crossed and self-fertilised maize, the example of SciPy's wilcoxon: 24 and 0.041259765625.

    >>> heights = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]
    >>> found = wilcoxon_signed_rank(heights, "wilcox exact")
    >>> found.value, found.p_value
    (24.0, 0.041259765625)
    """
    check_option("a variant", variant, VARIANTS)
    array = np.asarray(levels, dtype=np.float64)
    if array.ndim == 1:
        array = np.stack([array, np.where(np.isnan(array), np.nan, 0.0)], axis=1)
    if array.ndim == 2 and array.shape[1] > 2:
        raise ValueError("the signed-rank test is for two raters; take pairs of columns")
    table = prepare(array, min_items=1, uses_scale=False)
    reason = table.undefined
    if reason:
        return table.undefined_estimate("wilcoxon_signed_rank", variant, reason)
    difference = table.levels[:, 0] - table.levels[:, 1]
    ranks = _signed_ranks(difference, variant.split()[0])
    if len(ranks.values) == 0:
        return table.undefined_estimate("wilcoxon_signed_rank", variant, "all_differences_zero")
    if variant.endswith("exact") and len(ranks.values) > EXACT_UP_TO:
        return table.undefined_estimate("wilcoxon_signed_rank", variant, "too_many_for_exact")
    p_value = _exact(ranks) if variant.endswith("exact") else _asymptotic(ranks)
    return Estimate(
        statistic="wilcoxon_signed_rank",
        variant=variant,
        value=min(ranks.positive, ranks.negative),
        p_value=p_value,
        method="two-sided; mean ranks for ties; no continuity correction",
        n_items=table.n_items,
        n_ratings=table.n_ratings,
        n_missing=table.n_missing,
        detail={"w_plus": ranks.positive, "w_minus": ranks.negative, "n_zero": ranks.n_zero},
        warnings=table.warnings,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ranks:
    values: FloatArray
    positive: float
    negative: float
    n_zero: int


def _signed_ranks(difference: FloatArray, zeros: str) -> _Ranks:
    size: FloatArray = np.asarray(np.round(np.abs(difference), 12), dtype=np.float64)
    is_zero = size == 0
    ranked = np.zeros(len(size))
    if zeros == "wilcox":
        ranked[~is_zero] = mean_ranks(size[~is_zero])
    else:
        ranked = mean_ranks(size)
    kept = ~is_zero
    positive = float(ranked[kept & (difference > 0)].sum())
    return _Ranks(ranked[kept], positive, float(ranked[kept].sum()) - positive, int(is_zero.sum()))


def _exact(ranks: _Ranks) -> float:
    """Return the two-sided conditional p value: all signs equally likely, ranks as they are (in halves)."""
    doubled = np.rint(2 * ranks.values).astype(np.int64)
    ways = np.zeros(int(doubled.sum()) + 1)
    ways[0] = 1.0
    reach = 0
    for rank in doubled:
        reach += int(rank)
        ways[rank : reach + 1] += ways[: reach + 1 - rank].copy()
        ways[: reach + 1] /= 2
    smaller = round(2 * min(ranks.positive, ranks.negative))
    return min(1.0, 2 * float(ways[: smaller + 1].sum()))


def _asymptotic(ranks: _Ranks) -> float:
    from scipy.special import ndtr

    z = (ranks.positive - ranks.negative) / math.sqrt(float(np.sum(ranks.values**2)))
    return float(2 * ndtr(-abs(z)))
