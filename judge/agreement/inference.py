"""From a table and a statistic to an estimate: the value, then the interval that was asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.bootstrap import influence_se, interval_of, jackknife, point, resample
from judge.agreement.estimate import Estimate, FloatArray, Interval
from judge.agreement.matrix import Table
from judge.agreement.sums import SumStatistic, Units, units_of

SMALL_N = 100
SKEWED_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard error and an interval from a formula."""

    se: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    p_value: float | None = None
    detail: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()


Analytic = Callable[[float], Spread]
"""From the value to its spread."""


@dataclass(frozen=True, slots=True)
class Label:
    """What an estimate is called."""

    statistic: str
    variant: str = ""
    method: str = ""


def finish(
    table: Table,
    statistic: SumStatistic,
    label: Label,
    interval: Interval,
    *,
    analytic: Analytic | None = None,
    index: int = 0,
    when_undefined: str = "no_variation",
) -> Estimate:
    """Return the estimate of one output of a statistic on a usable table.

    Parameters
    ----------
    table
        Usable (``undefined`` is None).
    statistic
        Its output number ``index`` is wanted.
    label
        Names for the result.
    interval
        Bootstrap, analytic or none.
    analytic
        Formula for the spread; None: influence function with Student's t.
    index
        Which output.
    when_undefined
        Reason where the value is 0/0.
    """
    units = units_of(table.levels, statistic, clusters_of(table, interval), merge=interval.draws is None)
    theta = float(point(statistic, units)[index])
    if np.isnan(theta):
        return replace(table.undefined_estimate(label.statistic, label.variant, when_undefined), method=label.method)
    estimate = Estimate(
        statistic=label.statistic,
        variant=label.variant,
        value=theta,
        ci_level=interval.level,
        method=label.method,
        n_items=table.n_items,
        n_ratings=table.n_ratings,
        n_missing=table.n_missing,
        detail=dict(table.detail or {}),
        warnings=(*table.warnings, *skew_warning(table), *_clustered_warning(table, interval)),
    )
    if interval.method == "none":
        return estimate
    if interval.is_bootstrap:
        estimate = with_bootstrap(estimate, statistic, units, interval, index)
        return _with_test(estimate, analytic(theta)) if analytic is not None else estimate
    spread = analytic(theta) if analytic is not None else influence_spread(theta, statistic, units, interval, index)
    return with_spread(estimate, spread)


def _clustered_warning(table: Table, interval: Interval) -> tuple[str, ...]:
    clusters = clusters_of(table, interval)
    if interval.method != "analytic" or clusters is None or len(np.unique(clusters)) == len(clusters):
        return ()
    return ("several items share a case and the formula takes them as independent: prefer the bootstrap",)


def clusters_of(table: Table, interval: Interval) -> npt.NDArray[Any] | None:
    """Return the cases of the kept items, None where each item is its own case."""
    return None if interval.clusters is None else np.asarray(interval.clusters)[table.items]


def with_spread(estimate: Estimate, spread: Spread) -> Estimate:
    """Return the estimate with an analytic standard error, interval and p value."""
    is_degenerate = spread.se is not None and spread.se <= 1e-12
    extra = ("standard error 0 by formula: degenerate, no interval",) if is_degenerate else ()
    low, high = (None, None) if is_degenerate else (spread.low, spread.high)
    return replace(
        estimate,
        se=0.0 if is_degenerate else spread.se,
        ci_low=low,
        ci_high=high,
        ci_method=spread.method if low is not None else None,
        p_value=spread.p_value,
        detail={**estimate.detail, **(spread.detail or {})},
        warnings=(*estimate.warnings, *spread.warnings, *extra),
    )


def _with_test(estimate: Estimate, spread: Spread) -> Estimate:
    """Return a bootstrap estimate with what the formula adds beside the interval: p value and detail."""
    detail = {**estimate.detail, **(spread.detail or {})}
    return replace(estimate, p_value=spread.p_value, detail=detail, warnings=(*estimate.warnings, *spread.warnings))


def with_bootstrap(
    estimate: Estimate, statistic: SumStatistic, units: Units, interval: Interval, index: int = 0
) -> Estimate:
    """Return the estimate with a bootstrap standard error and interval."""
    if units.n < 2 or estimate.value is None:
        return replace(estimate, warnings=(*estimate.warnings, "one case: no bootstrap interval"))
    values = resample(statistic, units, interval.n_resamples, interval.seed, interval.draws)[:, index]
    left_out = jackknife(statistic, units)[:, index] if interval.method == "bca" else None
    return with_resamples(
        estimate, values, interval, None if left_out is None else (left_out, units.counts.astype(np.float64))
    )


def with_resamples(
    estimate: Estimate, values: FloatArray, interval: Interval, left_out: tuple[FloatArray, FloatArray] | None
) -> Estimate:
    """Return the estimate with the interval that its values in resamples give."""
    if estimate.value is None:
        return estimate
    method: Literal["percentile", "bca"] = "bca" if interval.method == "bca" else "percentile"
    found = interval_of(values, estimate.value, method, interval.level, left_out)
    detail = dict(estimate.detail)
    if found.acceleration is not None:
        detail |= {"bca_z0": found.z0, "bca_acceleration": found.acceleration}
    return replace(
        estimate,
        se=found.se,
        ci_low=found.low,
        ci_high=found.high,
        ci_method=found.method if found.low is not None else None,
        n_resamples=found.n_resamples,
        n_resamples_undefined=found.n_undefined,
        detail=detail,
        warnings=(*estimate.warnings, *((found.note,) if found.note else ())),
    )


def influence_spread(
    theta: float, statistic: SumStatistic, units: Units, interval: Interval, index: int = 0, *, upper: float = np.inf
) -> Spread:
    """Return the spread from the influence function, with Student's t on cases - 1 degrees of freedom."""
    se = influence_se(statistic, units, index)
    if se is None:
        return Spread(warnings=("the influence function is undefined here: no interval",))
    return t_spread(theta, se, units.n, interval.level, upper=upper)


def t_spread(theta: float, se: float, n: int, level: float, *, upper: float = np.inf) -> Spread:
    """Return a t interval on n - 1 degrees of freedom, its upper limit capped, with the test of zero."""
    from scipy.special import stdtr, stdtrit

    if se <= 1e-12:
        return Spread(se=0.0)
    half = float(stdtrit(n - 1, (1 + level) / 2)) * se
    p_value = float(2 * stdtr(n - 1, -abs(theta) / se))
    return Spread(se, theta - half, min(upper, theta + half), f"t, {n - 1} degrees of freedom", p_value)


def skew_warning(table: Table) -> tuple[str, ...]:
    """Warn where intervals of agreement fall short: few items and one level that holds more than 80 %."""
    known = table.levels[~np.isnan(table.levels)]
    if table.n_items >= SMALL_N or known.size == 0:
        return ()
    share = float(np.unique(known, return_counts=True)[1].max()) / known.size
    if share <= SKEWED_SHARE:
        return ()
    return (
        f"{table.n_items} items and one level holds {share:.0%} of the ratings: the interval covers less than it says",
    )
