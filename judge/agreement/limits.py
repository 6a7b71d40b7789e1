"""Bland and Altman's limits of agreement.

They describe composite means. For whole-number levels the differences form a few steps, so the limits are no quantiles:
the estimate warns, and :func:`judge.agreement.shift.bias` lists the differences.
"""

import math
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import ANALYTIC, Estimate, FloatArray, Interval
from judge.agreement.inference import Spread, with_spread
from judge.agreement.intervals import z_quantile
from judge.agreement.matrix import Table, prepare
from judge.agreement.named_options import check_option

Side = Literal["lower", "upper"]
LimitVariant = Literal["approximate", "exact"]
MULTIPLIER = 1.96
_ORDINAL_UP_TO = 11


def bland_altman(
    levels: npt.ArrayLike,
    side: Side,
    *,
    variant: LimitVariant = "approximate",
    interval: Interval = ANALYTIC,
) -> Estimate:
    """Limit within which about 95 % of the differences between two raters lie: mean -/+ 1.96 SD.

    ``approximate``: var(limit) = s² (1/n + 1.96² / (2 (n-1))) with t on n - 1 degrees of freedom. ``exact``: the 2.5 %
    or 97.5 % normal quantile, by the noncentral t distribution.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing; difference is first minus second.
    side
        ``lower`` or ``upper``.
    variant
        How the limit's own interval is made.
    interval
        Only its level counts.

    Returns
    -------
    Estimate
        In the ratings' units. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``,
        ``no_variation`` (all differences equal).

    Raises
    ------
    ValueError
        If there are more than two raters.

    References
    ----------
    Bland JM, Altman DG (1986). Lancet 327:307-310. doi:10.1016/S0140-6736(86)90837-8.
    Bland JM, Altman DG (1999). Stat Methods Med Res 8:135-160. doi:10.1177/096228029900800204.
    Carkeet A (2015). Optom Vis Sci 92:e71-e80. doi:10.1097/OPX.0000000000000513 (exact).

    Examples
    --------
    Bland and Altman (1986), two peak flow meters: mean -2.1, SD 38.8 l/min, so -2.1 - 1.96 x 38.8. The paper's own
    -79.7 takes 2 SD.

    >>> wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    >>> mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    >>> round(bland_altman(np.array([wright, mini]).T, "lower").value, 1)
    -78.1
    """
    check_option("a side", side, get_args(Side))
    check_option("a variant", variant, get_args(LimitVariant))
    name = f"bland_altman_{side}"
    if np.asarray(levels).ndim == 2 and np.asarray(levels).shape[1] > 2:
        raise ValueError("limits of agreement are between two raters; take pairs of columns")
    table = prepare(levels, uses_scale=False)
    if table.undefined:
        return table.undefined_estimate(name, variant)
    difference = table.levels[:, 0] - table.levels[:, 1]
    sd = float(np.std(difference, ddof=1))
    if sd <= 1e-12:
        return table.undefined_estimate(name, variant, "no_variation")
    sign = -1 if side == "lower" else 1
    mean = float(difference.mean())
    estimate = Estimate(
        statistic=name,
        variant="" if variant == "approximate" else variant,
        value=mean + sign * MULTIPLIER * sd,
        ci_level=interval.level,
        method="mean difference -/+ 1.96 SD",
        n_items=table.n_items,
        n_ratings=table.n_ratings,
        n_missing=table.n_missing,
        detail={"bias": mean, "sd": sd},
        warnings=(*table.warnings, *_ordinal_caution(table)),
    )
    if interval.method == "none":
        return estimate
    spread = _approximate if variant == "approximate" else _exact
    return with_spread(estimate, spread(mean, sd, table.n_items, sign, interval.level))


def _ordinal_caution(table: Table) -> tuple[str, ...]:
    known = table.levels[~np.isnan(table.levels)]
    if np.any(known != np.round(known)) or len(np.unique(known)) > _ORDINAL_UP_TO:
        return ()
    return ("ordinal levels: the differences form a few steps, so these limits are not quantiles",)


def _approximate(mean: float, sd: float, n: int, sign: int, level: float) -> Spread:
    from scipy.special import stdtrit

    se = sd * math.sqrt(1 / n + MULTIPLIER**2 / (2 * (n - 1)))
    half = float(stdtrit(n - 1, (1 + level) / 2)) * se
    limit = mean + sign * MULTIPLIER * sd
    return Spread(se, limit - half, limit + half, f"t, {n - 1} degrees of freedom")


def _exact(mean: float, sd: float, n: int, sign: int, level: float) -> Spread:
    from scipy.special import nctdtrit

    tail, centre = (1 - level) / 2, z_quantile(0.95) * math.sqrt(n)
    inner, outer = (float(nctdtrit(n - 1, centre, p)) / math.sqrt(n) for p in (tail, 1 - tail))
    ends = sorted((mean + sign * inner * sd, mean + sign * outer * sd))
    return Spread(None, ends[0], ends[1], "noncentral t (Carkeet 2015)")


def bland_altman_repeated(
    cases: npt.ArrayLike, differences: npt.ArrayLike, side: Side, *, interval: Interval = ANALYTIC
) -> Estimate:
    """Limit of agreement where each case was measured several times and its true value may vary.

    One-way analysis of variance of the differences by case; between-case variance (MSB - MSW) / m0 with
    m0 = (N² - sum m_i²) / ((n - 1) N), total variance between + within.

    Parameters
    ----------
    cases
        Shape (N,): the case of each pair.
    differences
        Shape (N,): first rater minus second.
    side
        ``lower`` or ``upper``.
    interval
        Only its level counts; no interval of the limit itself is given.

    Returns
    -------
    Estimate
        In the ratings' units; ``detail`` has the variance components and the naive limit.
        Undefined: ``one_item`` (fewer than two cases), ``no_repeats`` (one pair a case), ``no_variation``.

    References
    ----------
    Bland JM, Altman DG (2007). J Biopharm Stat 17:571-582. doi:10.1080/10543400701329422.

    Examples
    --------
    Worked by hand. Cases A: 0, 2 and B: 4, 6: mean 3, MSW 2, MSB 16, between (16 - 2) / 2 = 7, total SD 3.

    >>> round(bland_altman_repeated(["A", "A", "B", "B"], [0, 2, 4, 6], "upper").value, 2)
    8.88
    """
    check_option("a side", side, get_args(Side))
    name = f"bland_altman_{side}"
    difference = np.asarray(differences, dtype=np.float64)
    _, index, sizes = np.unique(np.asarray(cases), return_inverse=True, return_counts=True)
    reason = "one_item" if len(sizes) < 2 else "no_repeats" if sizes.max() < 2 else None
    if reason is None and np.ptp(difference) <= 1e-12:
        reason = "no_variation"
    if reason:
        return Estimate(statistic=name, variant="repeated", undefined=reason, n_items=len(sizes))
    between, within = _components(difference, index.reshape(-1), sizes.astype(np.float64))
    sign = -1 if side == "lower" else 1
    total = math.sqrt(max(between, 0.0) + within)
    mean, naive = float(difference.mean()), float(np.std(difference, ddof=1))
    return Estimate(
        statistic=name,
        variant="repeated",
        value=mean + sign * MULTIPLIER * total,
        ci_level=interval.level,
        method="one-way components of the differences",
        n_items=len(sizes),
        n_ratings=2 * len(difference),
        detail={
            "bias": mean,
            "variance_between": between,
            "variance_within": within,
            "sd_total": total,
            "naive_limit": mean + sign * MULTIPLIER * naive,
        },
    )


def _components(difference: FloatArray, index: npt.NDArray[np.int64], sizes: FloatArray) -> tuple[float, float]:
    means = np.bincount(index, weights=difference) / sizes
    n_cases, n = len(sizes), len(difference)
    within = float(np.sum((difference - means[index]) ** 2)) / (n - n_cases)
    between_ms = float(np.sum(sizes * (means - difference.mean()) ** 2)) / (n_cases - 1)
    per_case = (n * n - float(np.sum(sizes**2))) / ((n_cases - 1) * n)
    return (between_ms - within) / per_case, within
