"""May a judge or the panel stand in for a physician: results and three-way verdicts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judge import agreement as stats
from judge.agreement.alt_test import Score
from judge.agreement.comparisons import Comparison, Result, Settings
from judge.agreement.estimate import Estimate
from judge.agreement.plans import cases_for_delta
from judge.agreement.stand_in import N_RESAMPLES
from judge.agreement.study import Slice

Answer = Literal["yes", "no", "not_enough_data"]
ALPHA = 0.025


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer to one claim; ``n_more_cases`` is the size of a fresh set, not a number to add."""

    dimension: str
    comparison: Comparison
    raters: tuple[str, ...]
    claim: str
    answer: Answer
    reason: str
    n_more_cases: int | None = None


def claim_results(part: Slice, settings: Settings) -> Iterator[Result]:
    """Yield non-inferiority and alternative annotator test of each judge and of the panel in a slice."""
    if part.is_yes_no:
        return
    physicians = part.columns("physician")
    if not physicians:
        return
    for column in part.columns("judge", "panel"):
        comparison: Comparison = "panel-physician" if part.raters[column].role == "panel" else "judge-physician"
        for estimate in _claims(part, column, physicians, settings):
            yield Result(part.dimension, part.group, comparison, part.ids([column]), estimate)


def _claims(part: Slice, column: int, physicians: list[int], settings: Settings) -> Iterator[Estimate]:
    own, others = part.levels[:, column], part.levels[:, physicians]
    interval = settings.interval_of(part)
    if part.scale.is_ordered:
        wide = replace(interval, n_resamples=max(interval.n_resamples, N_RESAMPLES))
        compare = stats.panel_non_inferiority if part.raters[column].role == "panel" else stats.non_inferiority
        estimate = compare(own, others, settings.margin, scale=part.scale.values, interval=wide)
        names = part.ids(physicians)
        yield replace(estimate, detail={**estimate.detail, "physicians": list(names)})
    scores: tuple[Score, ...] = ("accuracy", "neg_rmse") if part.scale.is_ordered else ("accuracy",)
    for score in scores:
        yield stats.alt_test_rho(own, others, score=score, interval=interval)
        for epsilon in settings.epsilons:
            yield stats.alt_test_omega(own, others, epsilon, score=score)


def verdicts_of(results: Sequence[Result]) -> Iterator[Verdict]:
    """Yield a verdict for each claim over all answers (group ``*``), after adjustment for several tests."""
    for result in results:
        if result.group:
            continue
        if result.estimate.statistic == "non_inferiority":
            yield _of_delta(result)
        elif result.estimate.statistic == "alt_test_omega" and not _is_second_score(result, results):
            yield _of_omega(result)


def _is_second_score(result: Result, results: Sequence[Result]) -> bool:
    """Whether it is the accuracy score of an ordered scale, which is reported but not concluded from."""
    if not result.estimate.variant.startswith("accuracy"):
        return False
    return any(
        other.estimate.variant.startswith("neg_rmse") and other.dimension == result.dimension
        for other in results
        if other.estimate.statistic == "alt_test_omega"
    )


def _verdict(result: Result, answer: Answer, reason: str, n_more: int | None = None) -> Verdict:
    claim = f"{result.estimate.statistic} {result.estimate.variant}".strip()
    return Verdict(result.dimension, result.comparison, result.raters, claim, answer, reason, n_more)


def _of_delta(result: Result) -> Verdict:
    found = result.estimate
    if found.value is None or found.ci_low is None or found.ci_high is None:
        return _verdict(result, "not_enough_data", found.undefined or "no interval")
    margin = float(found.detail["margin"])
    se = found.se if found.se is not None else 0.0
    fresh = cases_for_delta(found.value, se, int(found.detail["n_cases"]), margin)
    said = f"difference {found.value:+.3f}, lower limit {found.ci_low:+.3f}, margin {margin:g}"
    who = found.detail["population"]
    if found.ci_high < -margin:
        return _verdict(result, "no", f"{said}: worse by more than the margin, for {who}")
    if found.ci_low <= -margin:
        return _verdict(result, "not_enough_data", f"{said}, for {who}", fresh)
    if result.p_adjusted is not None and result.p_adjusted > ALPHA:
        reason = f"{said}: holds alone, not after {result.adjustment} over all dimensions and judges"
        return _verdict(result, "not_enough_data", reason, fresh)
    return _verdict(result, "yes", f"{said}, for {who}")


def _of_omega(result: Result) -> Verdict:
    found = result.estimate
    if found.value is None:
        return _verdict(result, "not_enough_data", found.undefined or "undefined")
    epsilon = found.variant.partition("@")[2]
    said = f"may replace {found.value:.0%} of the physicians at epsilon {epsilon}"
    if found.detail["passes"]:
        return _verdict(result, "yes", said)
    p_values = [one["p_value"] for one in found.detail["physicians"]]
    against = np.mean([p is not None and p >= 1 - ALPHA for p in p_values])
    if against > 0.5:
        return _verdict(result, "no", f"{said}; surely worse than {against:.0%} of them")
    return _verdict(result, "not_enough_data", said)
