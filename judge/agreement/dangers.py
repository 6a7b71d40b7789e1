"""Gates and criteria: how often a judge misses what physicians see, and what they must still read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from judge import agreement as stats
from judge.agreement.comparisons import Comparison, Result, Settings
from judge.agreement.estimate import Estimate, FloatArray
from judge.agreement.study import Slice

REVIEW_SHARES = (0.05,)
_RULE = "physicians' majority, a tie counts as yes"


def danger_results(part: Slice, settings: Settings) -> Iterator[Result]:
    """Yield the rates of each judge and of the panel for one gate or criterion."""
    physicians = part.columns("physician")
    if not part.is_yes_no or not physicians:
        return
    truth = majority(part.levels[:, physicians])
    for column in part.columns("judge", "panel"):
        comparison: Comparison = "panel-physician" if part.raters[column].role == "panel" else "judge-physician"
        own = part.levels[:, column]
        table = np.column_stack([own, part.levels[:, physicians]])
        for estimate in _rates(part, own, truth, table, settings):
            notes = (*estimate.warnings, *_cautions(part, estimate.statistic, settings))
            found = replace(estimate, detail={**estimate.detail, "reference": _RULE}, warnings=notes)
            yield Result(part.dimension, part.group, comparison, part.ids([column]), found)


def _cautions(part: Slice, statistic: str, settings: Settings) -> Iterator[str]:
    is_weighted = part.probability is not None and float(np.ptp(part.probability)) > 0
    if statistic in ("sensitivity", "specificity") and is_weighted:
        yield "not weighted, although answers were not drawn alike: read miss_rate and false_alarm_rate"
    if statistic in ("miss_rate", "false_alarm_rate") and settings.interval_of(part).clusters is not None:
        yield "several answers share a case: the exact interval takes them as independent and is too narrow"


def majority(levels: FloatArray) -> FloatArray:
    """Return 1 where at least half of the physicians who answered say yes, 0 where fewer, NaN where nobody did."""
    is_rated = ~np.isnan(levels)
    n = is_rated.sum(axis=1)
    share = np.divide(np.where(is_rated, levels, 0.0).sum(axis=1), n, out=np.full(len(levels), np.nan), where=n > 0)
    return np.where(np.isnan(share), np.nan, (share >= 0.5).astype(np.float64))


def _rates(
    part: Slice, own: FloatArray, truth: FloatArray, table: FloatArray, settings: Settings
) -> Iterator[Estimate]:
    interval = settings.interval_of(part)
    pair = np.column_stack([own, truth])
    yield stats.sensitivity(pair, interval=interval)
    yield stats.specificity(pair, interval=interval)
    yield stats.miss_rate(own, truth, inclusion_probability=part.probability, level=interval.level)
    yield stats.false_alarm_rate(own, truth, inclusion_probability=part.probability, level=interval.level)
    yield stats.macro_f1(table, scale=(0.0, 1.0), interval=interval)


def review_results(gates: Sequence[Slice], settings: Settings) -> Iterator[Result]:
    """Yield the review load of each gate, and over all gates where dangerous means at least one.

    The risk of an answer is the share of judges (or the panel) that flag it, the greatest over gates.
    """
    parts = [part for part in gates if part.dimension.startswith("gate:") and part.columns("physician")]
    for part in parts:
        yield from _loads([part], part.dimension, settings)
    if len(parts) > 1:
        yield from _loads(parts, "*", settings)


def _loads(parts: list[Slice], dimension: str, settings: Settings) -> Iterator[Result]:
    for is_panel in (False, True):
        risk: dict[str, float] = {}
        danger: dict[str, float] = {}
        chance: dict[str, float] = {}
        raters: set[str] = set()
        for part in parts:
            columns = part.columns("panel" if is_panel else "judge")
            raters |= set(part.ids(columns))
            _gather(part, columns, risk, danger, chance)
        items = sorted(set(risk) & set(danger))
        if not raters or not items:
            continue
        for x in REVIEW_SHARES:
            estimate = stats.review_load(
                [risk[item] for item in items],
                [danger[item] for item in items],
                x,
                inclusion_probability=[chance.get(item, 1.0) for item in items],
                level=settings.interval.level,
            )
            comparison: Comparison = "panel-physician" if is_panel else "judge-physician"
            yield Result(dimension, parts[0].group, comparison, tuple(sorted(raters)), estimate)


def _gather(
    part: Slice, columns: list[int], risk: dict[str, float], danger: dict[str, float], chance: dict[str, float]
) -> None:
    """Add a gate's flags and dangers by item, the greatest over gates."""
    if not columns:
        return
    own, truth = part.levels[:, columns], majority(part.levels[:, part.columns("physician")])
    n = (~np.isnan(own)).sum(axis=1)
    share = np.divide(np.nansum(own, axis=1), n, out=np.full(len(own), np.nan), where=n > 0)
    for i, item in enumerate(part.items):
        if not np.isnan(share[i]):
            risk[item] = max(risk.get(item, 0.0), float(share[i]))
        if not np.isnan(truth[i]):
            danger[item] = max(danger.get(item, 0.0), float(truth[i]))
        if part.probability is not None:
            chance[item] = float(part.probability[i])
