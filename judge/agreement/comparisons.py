"""Which statistics are computed for which raters: pairs, groups, repeats of one rater."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Literal

import numpy as np

from judge import agreement as stats
from judge.agreement.chance import Coefficient, chance_statistic
from judge.agreement.estimate import Draws, Estimate, FloatArray, Interval
from judge.agreement.inference import Label
from judge.agreement.intraclass import FORMS, icc_statistic
from judge.agreement.kappa import quadratic_statistic, seen_levels, weighted_statistic
from judge.agreement.krippendorff import Metric, alpha_statistic
from judge.agreement.marginal import MCNEMAR_VARIANTS
from judge.agreement.pairs import MakeStatistic, mean_over_pairs
from judge.agreement.raw_agreement import pair_mean
from judge.agreement.shift import bias_statistic
from judge.agreement.study import RaterRole, Slice
from judge.agreement.sums import SumStatistic
from judge.agreement.weights import agreement_weights
from judge.agreement.wilcoxon import VARIANTS

Comparison = Literal["physician-physician", "judge-physician", "judge-judge", "panel-physician", "intra-rater", "all"]


@dataclass(frozen=True, slots=True)
class Result:
    """One element of ``results`` in ``agreement.json``."""

    dimension: str
    group: Mapping[str, str]
    comparison: Comparison
    raters: tuple[str, ...]
    estimate: Estimate
    p_adjusted: float | None = None
    adjustment: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """What was asked for, the same for every slice."""

    interval: Interval
    """Without clusters: each slice has its own cases."""
    epsilons: tuple[float, ...] = (0.0, 0.1, 0.15, 0.2)
    margin: float | None = None
    bias_margin: float | None = None
    draws: Draws = field(default_factory=Draws)

    def interval_of(self, part: Slice) -> Interval:
        """Return the interval with the slice's cases, None where each item is a case of its own."""
        is_shared = len(np.unique(part.cases)) < len(part.cases)
        return replace(self.interval, clusters=part.cases if is_shared else None, draws=self.draws)


def compare(part: Slice, settings: Settings) -> Iterator[Result]:
    """Yield all results of a slice, apart from claims and dangers."""
    physicians, judges, panel = (part.columns(role) for role in ("physician", "judge", "panel"))
    everyone = sorted([*physicians, *judges])
    if len(everyone) < 2 and not (panel and physicians):
        yield from _lonely(part, settings)
        return
    named: tuple[tuple[Comparison, list[tuple[int, int]], list[int]], ...] = (
        ("physician-physician", list(combinations(physicians, 2)), physicians),
        ("judge-physician", list(product(judges, physicians)), []),
        ("judge-judge", list(combinations(judges, 2)), judges),
        ("panel-physician", list(product(panel, physicians)), []),
    )
    known: dict[bytes, list[Estimate]] = {}
    for comparison, pairs, together in named:
        for pair in pairs:
            yield from _results(part, comparison, pair, _once(known, part, pair, settings))
        if len(together) > 2 or (len(together) == 2 and part.repeats.shape[2] > 1):
            yield from _results(part, comparison, together, together_estimates(part, together, settings))
        yield from _means(part, comparison, pairs, settings)
    if len(everyone) > 2:
        yield from _results(part, "all", everyone, together_estimates(part, everyone, settings))
    yield from _repeatability(part, settings)


def _lonely(part: Slice, settings: Settings) -> Iterator[Result]:
    """Yield what one rater, or a dimension without any rating, leaves undefined, and that rater's repeatability."""
    people = [j for j, rater in enumerate(part.raters) if rater.role != "panel"]
    everyone = part.columns("physician", "judge") or people
    is_one_kind = len({part.raters[j].role for j in everyone}) == 1
    of_its_kind: Comparison = "physician-physician" if part.raters[everyone[0]].role == "physician" else "judge-judge"
    comparison: Comparison = of_its_kind if is_one_kind else "all"
    yield from _results(part, comparison, everyone, together_estimates(part, everyone, settings))
    yield from _repeatability(part, settings)


def _once(
    known: dict[bytes, list[Estimate]], part: Slice, pair: tuple[int, int], settings: Settings
) -> Iterator[Estimate]:
    """Yield a pair's statistics, computed once where two raters gave the very same levels (a panel of one judge)."""
    key = part.levels[:, list(pair)].tobytes()
    if key not in known:
        known[key] = list(pair_estimates(part, pair, settings))
    yield from known[key]


def _results(
    part: Slice, comparison: Comparison, columns: Sequence[int], estimates: Iterator[Estimate]
) -> Iterator[Result]:
    for estimate in estimates:
        yield Result(part.dimension, part.group, comparison, part.ids(columns), estimate)


def pair_estimates(part: Slice, pair: tuple[int, int], settings: Settings) -> Iterator[Estimate]:
    """Yield every statistic of two raters, the first one the judge in a pair of judge and physician."""
    levels, interval = part.levels[:, list(pair)], settings.interval_of(part)
    scale = part.scale.values
    yield stats.cohen_kappa(levels, scale=scale, interval=interval)
    if part.is_yes_no:
        yield from _yes_no(levels, interval)
        return
    yield from _nominal(levels, scale, interval)
    yield stats.scott_pi(levels, scale=scale, interval=interval)
    yield stats.stuart_maxwell(levels, scale=scale)
    yield stats.bhapkar(levels, scale=scale)
    yield stats.bowker(levels, scale=scale)
    if len(scale) == 2:
        for variant in MCNEMAR_VARIANTS:
            yield stats.mcnemar(levels, variant, scale=scale)
    if part.scale.is_ordered:
        yield from _ordered(levels, scale, interval)
        yield from _ordered_pair(levels, scale, interval, settings)


def together_estimates(part: Slice, columns: list[int], settings: Settings) -> Iterator[Estimate]:
    """Yield every statistic of several raters at once."""
    levels, interval = part.levels[:, columns], settings.interval_of(part)
    yield from _nominal(levels, part.scale.values, interval)
    if not part.scale.is_ordered or part.is_yes_no:
        return
    yield from _ordered(levels, part.scale.values, interval)
    for component in ("case", "rater", "repeat", "residual"):
        yield stats.variance_component(part.repeats[:, columns], component, interval=interval)
    for k in sorted({1, 3, 5, len(columns)}):
        yield stats.reliability(part.repeats[:, columns], k, interval=interval)
    if part.repeats.shape[2] > 1:
        for k in (1, 3):
            yield stats.reliability(part.repeats[:, columns], k, 3, interval=interval)


def _yes_no(levels: FloatArray, interval: Interval) -> Iterator[Estimate]:
    yield stats.exact_agreement(levels, scale=(0.0, 1.0), interval=interval)
    yield stats.gwet_ac1(levels, scale=(0.0, 1.0), interval=interval)
    for variant in MCNEMAR_VARIANTS:
        yield stats.mcnemar(levels, variant, scale=(0.0, 1.0))


def _nominal(levels: FloatArray, scale: tuple[float, ...], interval: Interval) -> Iterator[Estimate]:
    yield stats.exact_agreement(levels, scale=scale, interval=interval)
    yield stats.krippendorff_alpha(levels, "nominal", scale=scale, interval=interval)
    yield stats.fleiss_kappa(levels, scale=scale, interval=interval)
    yield stats.conger_kappa(levels, scale=scale, interval=interval)
    yield stats.brennan_prediger(levels, scale=scale, interval=interval)
    yield stats.gwet_ac1(levels, scale=scale, interval=interval)


def _ordered(levels: FloatArray, scale: tuple[float, ...], interval: Interval) -> Iterator[Estimate]:
    yield stats.within_one(levels, scale=scale, interval=interval)
    yield stats.mean_absolute_error(levels, interval=interval)
    yield stats.krippendorff_alpha(levels, "ordinal", scale=scale, interval=interval)
    yield stats.krippendorff_alpha(levels, "interval", scale=scale, interval=interval)
    for weights in ("linear", "quadratic"):
        yield stats.gwet_ac2(levels, weights, scale=scale, interval=interval)
    for form in FORMS:
        yield stats.icc(levels, form, interval=interval)
    yield stats.kendall_w(levels, "uncorrected", interval=interval)
    yield stats.kendall_w(levels, "tie_corrected", interval=interval)


def _ordered_pair(
    levels: FloatArray, scale: tuple[float, ...], interval: Interval, settings: Settings
) -> Iterator[Estimate]:
    for weights in ("linear", "quadratic"):
        yield stats.cohen_kappa(levels, weights, scale=scale, interval=interval)
    yield stats.lin_ccc(levels, interval=interval)
    yield stats.pearson_r(levels, interval=interval)
    yield stats.spearman_rho(levels, interval=interval)
    yield stats.kendall_tau_b(levels, interval=interval)
    yield stats.bias(levels, interval=interval)
    yield stats.bland_altman(levels, "lower", interval=interval)
    yield stats.bland_altman(levels, "upper", interval=interval)
    for variant in VARIANTS:
        yield stats.wilcoxon_signed_rank(levels, variant)
    yield stats.tost(levels, settings.bias_margin)


def _means(part: Slice, comparison: Comparison, pairs: list[tuple[int, int]], settings: Settings) -> Iterator[Result]:
    """Yield the means over pairs that set a judge beside the physicians: one row a judge, one for the physicians."""
    if part.is_yes_no:
        return
    groups: dict[int, list[tuple[int, int]]] = {}
    for pair in pairs:
        groups.setdefault(pair[0] if comparison in ("judge-physician", "panel-physician") else -1, []).append(pair)
    for own in groups.values():
        if len(own) < 2:
            continue
        raters = tuple(dict.fromkeys(column for pair in own for column in pair))
        for label, make in _pair_statistics(part):
            if comparison in ("physician-physician", "judge-judge") and label.statistic not in _ONLY_AS_MEANS:
                continue
            estimate = mean_over_pairs(part.levels, own, make, label, settings.interval_of(part))
            named = [list(part.ids(pair)) for pair in estimate.detail.get("pairs", [])]
            found = replace(estimate, detail={**estimate.detail, "pairs": named})
            yield Result(part.dimension, part.group, comparison, part.ids(raters), found)


_ONLY_AS_MEANS = ("cohen_kappa",)
"""Of several raters at once these exist as means over pairs only; the others have a form of their own."""


def _pair_statistics(part: Slice) -> Iterator[tuple[Label, MakeStatistic]]:
    """Yield the headline statistics of two raters that can be averaged over pairs."""
    scale = np.asarray(part.scale.values)
    levels = part.levels[~np.isnan(part.levels)]
    is_whole = bool(np.isin(levels, scale).all())
    how = "mean over pairs of raters"
    if is_whole:
        yield Label("exact_agreement", "", how), lambda _: pair_mean(lambda gap: (gap <= 1e-12).astype(np.float64))
        yield Label("cohen_kappa", "none", how), _kappa("none", scale)
        yield Label("gwet_ac1", "", how), _chance("gwet_ac", scale, "none")
        yield Label("krippendorff_alpha", "nominal", how), _alpha("nominal", scale)
    if not part.scale.is_ordered or part.is_yes_no:
        return
    if is_whole:
        yield Label("cohen_kappa", "linear", how), _kappa("linear", scale)
        yield Label("gwet_ac2", "quadratic", how), _chance("gwet_ac", scale, "quadratic")
        yield Label("krippendorff_alpha", "ordinal", how), _alpha("ordinal", scale)
    yield Label("krippendorff_alpha", "interval", how), _alpha("interval", scale)
    quadratic = "quadratic" if is_whole else "quadratic (values)"
    yield Label("cohen_kappa", quadratic, how), lambda _: quadratic_statistic([(0, 1)])
    if np.all(np.diff(scale) == 1):
        yield Label("within_one", "", how), lambda _: pair_mean(lambda gap: (gap <= 1 + 1e-12).astype(np.float64))
    yield Label("mean_absolute_error", "", how), lambda _: pair_mean(lambda gap: gap)
    yield Label("icc", "ICC(2,1)", how), _one_icc
    yield Label("bias", "", how), lambda _: bias_statistic()


def _kappa(weights: Literal["none", "linear"], scale: FloatArray) -> MakeStatistic:
    return lambda levels: weighted_statistic(*seen_levels(levels, scale, agreement_weights(weights, scale)))


def _chance(kind: Coefficient, scale: FloatArray, weights: Literal["none", "quadratic"]) -> MakeStatistic:
    return lambda _: chance_statistic(kind, scale, agreement_weights(weights, scale), 2)


def _alpha(metric: Metric, scale: FloatArray) -> MakeStatistic:
    return lambda levels: alpha_statistic(levels, metric, scale)


def _one_icc(levels: FloatArray) -> SumStatistic:
    inner, index = icc_statistic(levels), FORMS.index("ICC(2,1)")
    return SumStatistic(inner.features, lambda sums: inner.values(sums)[:, [index]], inner.width)


def _repeatability(part: Slice, settings: Settings) -> Iterator[Result]:
    """Yield how well each rater agrees with itself where it rated items more than once."""
    if part.repeats.shape[2] < 2:
        return
    interval = settings.interval_of(part)
    roles: tuple[RaterRole, ...] = ("physician", "judge")
    for column in part.columns(*roles):
        levels = part.repeats[:, column, :]
        if not ((~np.isnan(levels)).sum(axis=1) >= 2).any():
            continue
        yield from _results(part, "intra-rater", [column], _own_estimates(part, levels, interval))


def _own_estimates(part: Slice, levels: FloatArray, interval: Interval) -> Iterator[Estimate]:
    scale = part.scale.values
    yield stats.exact_agreement(levels, scale=scale, interval=interval)
    yield stats.krippendorff_alpha(levels, "nominal", scale=scale, interval=interval)
    if part.scale.is_ordered and not part.is_yes_no:
        yield stats.within_one(levels, scale=scale, interval=interval)
        yield stats.mean_absolute_error(levels, interval=interval)
        yield stats.krippendorff_alpha(levels, "ordinal", scale=scale, interval=interval)
        yield stats.icc(levels, "ICC(1,1)", interval=interval)
