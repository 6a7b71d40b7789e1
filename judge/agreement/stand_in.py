"""Is a judge's agreement with physicians no worse than the physicians' among themselves, up to a stated margin.

Delta = mean kappa(judge, physician) - mean kappa(physician, physician). Like is compared with like: one judge with one
physician, or a panel's mean with the mean of the other physicians. The bootstrap of cases speaks of these physicians;
leaving physicians out, and drawing cases and physicians, speaks of physicians in general.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.bootstrap import BootstrapInterval, interval_of, jackknife, jackknife_se, point, weights_of
from judge.agreement.estimate import Estimate, FloatArray, Interval
from judge.agreement.inference import clusters_of, with_resamples
from judge.agreement.intervals import normal_interval
from judge.agreement.kappa import mean_of_defined, pairs_statistic
from judge.agreement.matrix import Table, as_levels, prepare
from judge.agreement.named_options import check_option
from judge.agreement.sums import SumStatistic, Units, units_of
from judge.agreement.weights import WeightName

N_RESAMPLES = 10_000
WARN_BELOW_CASES = 300
DELTA_INTERVAL = Interval("bca", n_resamples=N_RESAMPLES)


@dataclass(frozen=True, slots=True)
class _Design:
    """Which pairs of columns are the judge's and which the physicians' ceiling, and whose pair each is."""

    judge_pairs: list[tuple[int, int]]
    ceiling_pairs: list[tuple[int, int]]
    judge_owner: list[int]
    """Physician (from 0) of each judge pair."""
    ceiling_owners: list[tuple[int, int]]
    """Physicians of each ceiling pair; the same twice where one is compared with the mean of the rest."""


def non_inferiority(
    judge: npt.ArrayLike,
    physicians: npt.ArrayLike,
    margin: float | None,
    *,
    weights: WeightName = "quadratic",
    scale: npt.ArrayLike | None = None,
    interval: Interval = DELTA_INTERVAL,
) -> Estimate:
    """Delta of one judge against single physicians.

    Parameters
    ----------
    judge
        Shape (n_items,): the judge's levels, NaN = missing.
    physicians
        Shape (n_items, n_physicians): theirs, NaN = missing.
    margin
        Greatest loss of agreement that is accepted, above 0, stated before the ratings were seen. None is undefined
        (``no_margin_stated``; Delta stands in ``detail``).
    weights
        Weights of kappa.
    scale
        Declared levels, ascending.
    interval
        Two-sided level; its lower end at 0.95 is the one-sided 97.5 % limit. ``analytic``: case jackknife and normal.

    Returns
    -------
    Estimate
        ``value`` is Delta, ``p_value`` one-sided for Delta <= -margin; non-inferior where the lower limit is above
        -margin. ``detail``: kappa of each pair, jackknife standard error, Delta without each physician, and the
        interval from drawing cases and physicians. Undefined: ``no_margin_stated``, ``too_few_raters`` (fewer than
        two physicians), ``all_missing``, ``no_overlap``, ``one_item``, ``fractional_levels``, ``no_variation``.

    Raises
    ------
    ValueError
        If the margin is not above 0, the shapes do not fit, or a rating lies off the scale.

    References
    ----------
    Piaggio G et al. (2012). JAMA 308:2594-2604. doi:10.1001/jama.2012.87802.
    Efron B (1987). J Am Stat Assoc 82:171-185. doi:10.1080/01621459.1987.10478410 (BCa).

    Examples
    --------
    Worked by hand. A judge that equals one of two physicians: kappas 1 and 0.8 with them, 0.8 between them, so Delta is
    0.9 - 0.8.

    >>> one = [1, 2, 3, 4, 5]
    >>> two = [2, 3, 4, 5, 6]
    >>> pair = np.array([one, two]).T
    >>> round(non_inferiority(one, pair, 0.1, scale=range(1, 7), interval=Interval("none")).value, 2)
    0.1
    """
    check_option("weights of kappa", weights, get_args(WeightName))
    table = as_levels(physicians)
    own = np.asarray(judge, dtype=np.float64)
    if own.shape != (len(table),):
        raise ValueError(f"the judge's levels have the shape {own.shape}, expected ({len(table)},)")
    k = table.shape[1]
    among = list(combinations(range(k), 2))
    design = _Design([(0, 1 + j) for j in range(k)], [(1 + i, 1 + j) for i, j in among], list(range(k)), among)
    return _estimate(np.column_stack([own, table]), design, k, margin, (weights, scale, interval))


def panel_non_inferiority(
    panel: npt.ArrayLike,
    physicians: npt.ArrayLike,
    margin: float | None,
    *,
    scale: npt.ArrayLike | None = None,
    interval: Interval = DELTA_INTERVAL,
) -> Estimate:
    """Delta of a panel's mean or median against the mean of the other physicians, each with the one left out.

    A mean of several judges has less noise than one physician, so it is compared with a mean of physicians: quadratic
    kappa on the values of (panel, physician j) against that of (mean of the other physicians, physician j).

    Parameters
    ----------
    panel
        Shape (n_items,): the panel's grade, NaN = missing.
    physicians
        Shape (n_items, n_physicians), NaN = missing.
    margin
        As in :func:`non_inferiority`.
    scale
        Declared levels, ascending.
    interval
        As in :func:`non_inferiority`.

    Returns
    -------
    Estimate
        As :func:`non_inferiority`, variant ``cohen_kappa quadratic@margin``; with two physicians it warns that the
        other side is a single physician.

    Raises
    ------
    ValueError
        As :func:`non_inferiority`.

    References
    ----------
    Piaggio G et al. (2012). JAMA 308:2594-2604. doi:10.1001/jama.2012.87802.
    Efron B (1987). J Am Stat Assoc 82:171-185. doi:10.1080/01621459.1987.10478410 (BCa).

    Examples
    --------
    Worked by hand. Two physicians: each one's mean of the others is the other, so Delta is that of one judge.

    >>> pair = np.array([[1, 2, 3, 4, 5], [2, 3, 4, 5, 6]]).T
    >>> round(panel_non_inferiority(pair[:, 0], pair, 0.1, scale=range(1, 7), interval=Interval("none")).value, 2)
    0.1
    """
    table = as_levels(physicians)
    own = np.asarray(panel, dtype=np.float64)
    if own.shape != (len(table),):
        raise ValueError(f"the panel's grades have the shape {own.shape}, expected ({len(table)},)")
    k = table.shape[1]
    others = np.column_stack([_mean_of_others(table, j) for j in range(k)]) if k > 1 else np.empty((len(table), 0))
    design = _Design(
        [(0, 1 + j) for j in range(k)],
        [(1 + k + j, 1 + j) for j in range(others.shape[1])],
        list(range(k)),
        [(j, j) for j in range(k)],
    )
    estimate = _estimate(np.column_stack([own, table, others]), design, k, margin, ("quadratic", scale, interval))
    if k != 2:
        return estimate
    note = "two physicians: the panel's mean is compared with single physicians, which favours the panel"
    return replace(estimate, warnings=(*estimate.warnings, note))


def _mean_of_others(physicians: FloatArray, left_out: int) -> FloatArray:
    rest = np.delete(physicians, left_out, axis=1)
    is_rated = ~np.isnan(rest)
    n = is_rated.sum(axis=1)
    total = np.where(is_rated, rest, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, n, out=np.full(len(rest), np.nan), where=n > 0))


def _estimate(
    matrix: FloatArray,
    design: _Design,
    k: int,
    margin: float | None,
    options: tuple[WeightName, npt.ArrayLike | None, Interval],
) -> Estimate:
    weights, scale, interval = options
    if margin is not None and not margin > 0:
        raise ValueError(f"a margin of non-inferiority is above 0, not {margin}")
    variant = f"cohen_kappa {weights}" + ("" if margin is None else f"@{margin:g}")
    base = prepare(matrix[:, : k + 1], scale, need="pair")
    reason = base.undefined or _design_reason(matrix, k)
    if reason is None and base.is_fractional and weights != "quadratic":
        reason = "fractional_levels"
    if reason:
        return base.undefined_estimate("non_inferiority", variant, reason)
    table = replace(base, levels=matrix[base.items])
    pairs = pairs_statistic(design.judge_pairs + design.ceiling_pairs, weights, base.scale)
    delta = _delta_statistic(pairs, len(design.judge_pairs))
    units = units_of(table.levels, delta, clusters_of(base, interval))
    theta = float(point(delta, units)[0])
    if np.isnan(theta):
        return base.undefined_estimate("non_inferiority", variant, "no_variation")
    estimate = _blank(table, base, theta, variant, interval)
    estimate = replace(estimate, detail=_pair_detail(pairs, units, design, k))
    if margin is None:
        detail = {**estimate.detail, "delta": theta}
        return replace(estimate, value=None, undefined="no_margin_stated", detail=detail)
    if interval.method == "none":
        return estimate
    return _with_interval(estimate, (pairs, delta, units), design, margin, interval)


def _design_reason(matrix: FloatArray, k: int) -> str | None:
    if np.isnan(matrix[:, 0]).all():
        return "all_missing"
    n_active = int((~np.isnan(matrix[:, 1 : k + 1])).any(axis=0).sum())
    return "too_few_raters" if n_active < 2 else None


def _blank(table: Table, base: Table, theta: float, variant: str, interval: Interval) -> Estimate:
    return Estimate(
        statistic="non_inferiority",
        variant=variant,
        value=theta,
        ci_level=interval.level,
        method="mean kappa with physicians minus mean kappa among physicians",
        n_items=table.n_items,
        n_ratings=base.n_ratings,
        n_missing=base.n_missing,
        warnings=base.warnings,
    )


def _delta_statistic(pairs: SumStatistic, n_judge: int) -> SumStatistic:
    def values(sums: FloatArray) -> FloatArray:
        kappas = pairs.values(sums)
        return (mean_of_defined(kappas[:, :n_judge]) - mean_of_defined(kappas[:, n_judge:]))[:, None]

    return SumStatistic(pairs.features, values, pairs.width)


def _pair_detail(pairs: SumStatistic, units: Units, design: _Design, k: int) -> dict[str, Any]:
    kappas = [None if np.isnan(v) else float(v) for v in point(pairs, units)]
    n_judge = len(design.judge_pairs)
    deltas = _left_out(point(pairs, units), design, k)
    return {
        "judge_physician": kappas[:n_judge],
        "physician_physician": kappas[n_judge:],
        "physician_pairs": [list(owners) for owners in design.ceiling_owners],
        "without_physician": deltas,
        "population": f"these {k} physicians",
    }


def _left_out(kappas: FloatArray, design: _Design, k: int) -> list[float | None]:
    """Return Delta without each physician, None where fewer than two are left."""
    n_judge = len(design.judge_pairs)
    found: list[float | None] = []
    for physician in range(k):
        own = [i for i, owner in enumerate(design.judge_owner) if owner != physician]
        ceiling = [n_judge + i for i, owners in enumerate(design.ceiling_owners) if physician not in owners]
        parts = [kappas[own], kappas[ceiling]]
        means = [part[~np.isnan(part)].mean() if (~np.isnan(part)).any() else np.nan for part in parts]
        value = float(means[0] - means[1])
        found.append(None if k < 3 or np.isnan(value) else value)
    return found


def _with_interval(
    estimate: Estimate,
    parts: tuple[SumStatistic, SumStatistic, Units],
    design: _Design,
    margin: float,
    interval: Interval,
) -> Estimate:
    pairs, delta, units = parts
    left_out = jackknife(delta, units)[:, 0]
    se = jackknife_se(left_out, units.counts.astype(np.float64))
    detail = {**estimate.detail, "margin": margin, "se_jackknife": se, "n_cases": units.n}
    notes: tuple[str, ...] = ()
    if units.n < WARN_BELOW_CASES:
        notes = (f"{units.n} cases: below {WARN_BELOW_CASES} this test is a little too ready to say yes",)
    estimate = replace(estimate, detail=detail, warnings=(*estimate.warnings, *notes))
    if interval.method == "analytic":
        return _analytic(estimate, se, margin, interval)
    n_judge = len(design.judge_pairs)
    blocks = [pairs.values(w @ units.sums) for w in weights_of(units, interval.n_resamples, interval.seed)]
    kappas = np.concatenate(blocks)
    values = mean_of_defined(kappas[:, :n_judge]) - mean_of_defined(kappas[:, n_judge:])
    found = with_resamples(estimate, values, interval, (left_out, units.counts.astype(np.float64)))
    two_way = two_way_interval(kappas, design, estimate.value or 0.0, interval)
    detail = {
        **found.detail,
        "two_way_low": two_way.low,
        "two_way_high": two_way.high,
        "two_way_note": "cases and physicians drawn, two different physicians or more a draw; few carry little",
    }
    return replace(found, detail=detail, p_value=_p_value(values, found, margin))


def _analytic(estimate: Estimate, se: float | None, margin: float, interval: Interval) -> Estimate:
    from scipy.special import ndtr

    if se is None or se <= 1e-12 or estimate.value is None:
        return replace(estimate, warnings=(*estimate.warnings, "the case jackknife is undefined here: no interval"))
    low, high = normal_interval(estimate.value, se, interval.level)
    p_value = float(ndtr(-(estimate.value + margin) / se))
    return replace(estimate, se=se, ci_low=low, ci_high=high, ci_method="normal, case jackknife", p_value=p_value)


def _p_value(values: FloatArray, estimate: Estimate, margin: float) -> float | None:
    """Return the level at which the one-sided bootstrap limit just reaches -margin."""
    from scipy.special import ndtr, ndtri

    if estimate.ci_low is None:
        return None
    defined = values[~np.isnan(values)]
    share = (1 + int(np.count_nonzero(defined <= -margin))) / (1 + len(defined))
    if "bca_z0" not in estimate.detail or share >= 1:
        return min(share, 1.0)
    z0, a = float(estimate.detail["bca_z0"]), float(estimate.detail["bca_acceleration"])
    u = float(ndtri(share)) - z0
    return float(ndtr(u / (1 + a * u) - z0)) if 1 + a * u > 0 else 0.0


def two_way_interval(kappas: FloatArray, design: _Design, theta: float, interval: Interval) -> BootstrapInterval:
    """Return the percentile interval of Delta from drawing cases and physicians.

    Parameters
    ----------
    kappas
        Shape (B, pairs): kappas in resamples of cases.
    design
        Whose pair each is.
    theta
        Delta.
    interval
        Level and seed; physicians are drawn with a child of the seed.
    """
    n_judge, k = len(design.judge_pairs), len(design.judge_owner)
    rng = np.random.default_rng(np.random.SeedSequence(interval.seed).spawn(1)[0].spawn(1)[0])
    drawn = rng.integers(0, k, size=(len(kappas), k))
    while (same := np.all(drawn == drawn[:, :1], axis=1)).any():
        drawn[same] = rng.integers(0, k, size=(int(same.sum()), k))
    times = np.stack([(drawn == j).sum(axis=1) for j in range(k)], axis=1).astype(np.float64)
    own = _weighted_mean(kappas[:, :n_judge], times[:, design.judge_owner])
    weights = [times[:, i] * (times[:, j] if i != j else 1.0) for i, j in design.ceiling_owners]
    ceiling = _weighted_mean(kappas[:, n_judge:], np.stack(weights, axis=1))
    return interval_of(own - ceiling, theta, "percentile", interval.level)


def _weighted_mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    usable = np.where(np.isnan(values), 0.0, weights)
    total = usable.sum(axis=1)
    mean = np.sum(np.where(np.isnan(values), 0.0, values) * usable, axis=1)
    return np.asarray(np.divide(mean, total, out=np.full(len(values), np.nan), where=total > 0))
