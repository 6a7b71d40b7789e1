"""Means over cases with a t interval, and differences between two models on common cases."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

LEVEL = 0.95
FEW_CASES = 30
"""Below so many cases a t interval over bounded, skewed levels covers less than it says."""
Why = Literal["no_scored", "one_case", "no_variation", "no_common_case"]


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """A mean of case means with its t interval; where one of them is missing, the reason stands beside it."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_answers: int
    n_cases: int
    undefined: Why | None = None
    """Why there is no value."""
    no_interval: Why | None = None
    """Why there is a value and no interval."""

    @property
    def is_small(self) -> bool:
        """Whether it rests on fewer cases than a t interval is good for."""
        return self.value is not None and self.n_cases < FEW_CASES


CaseMeans = Mapping[str, float]


def case_means(values: Iterable[tuple[str, float]]) -> CaseMeans:
    """Return the mean of each case's values, so that a case with several answers weighs no more than another."""
    grouped: dict[str, list[float]] = {}
    for case_id, value in values:
        if case_id in grouped:
            grouped[case_id].append(value)
        else:
            grouped[case_id] = [value]
    return {case: found[0] if len(found) == 1 else math.fsum(found) / len(found) for case, found in grouped.items()}


def mean_over_cases(values: Iterable[tuple[str, float]], *, lowest: float, highest: float) -> MeanEstimate:
    """Return the mean of case means with its 95 % t interval.

    The interval is mean ± t(0.975; k − 1) · s/√k over k case means, s with k − 1 in the denominator, cut at the ends of
    the scale. Undefined without a value (``no_scored``); without an interval for one case, and where all case means are
    equal, because the interval would then claim to know the mean exactly.

    >>> found = mean_over_cases([("a", 1.0), ("b", 3.0), ("c", 5.0)], lowest=1.0, highest=5.0)
    >>> found.value, found.ci_low, found.ci_high  # 3 ± 4.303 · 2/√3 = 3 ± 4.97, cut at 1 and 5
    (3.0, 1.0, 5.0)
    """
    pairs = list(values)
    return _estimate(case_means(pairs), len(pairs), lowest, highest, nothing="no_scored")


def paired_difference(one: CaseMeans, other: CaseMeans, *, span: float) -> MeanEstimate:
    """Return the mean over common cases of ``one`` minus ``other``, with its 95 % t interval.

    ``span`` is the width of the scale, at which the interval is cut. Undefined without a common case.
    """
    differences = {case_id: one[case_id] - other[case_id] for case_id in one if case_id in other}
    return _estimate(differences, len(differences), -span, span, nothing="no_common_case")


def plain_mean(values: Iterable[tuple[str, float]]) -> float | None:
    """Return the mean of case means alone, None without a value."""
    means = case_means(values)
    return math.fsum(means.values()) / len(means) if means else None


def _estimate(means: CaseMeans, n_answers: int, lowest: float, highest: float, *, nothing: Why) -> MeanEstimate:
    k = len(means)
    if not k:
        return MeanEstimate(None, None, None, n_answers, 0, undefined=nothing)
    mean = math.fsum(means.values()) / k
    if k == 1:
        return MeanEstimate(mean, None, None, n_answers, k, no_interval="one_case")
    squares = math.fsum((value - mean) ** 2 for value in means.values())
    if squares < 1e-18:
        return MeanEstimate(mean, None, None, n_answers, k, no_interval="no_variation")
    half = _t_quantile(k - 1) * math.sqrt(squares / (k - 1) / k)
    return MeanEstimate(mean, max(mean - half, lowest), min(mean + half, highest), n_answers, k)


def _t_quantile(degrees: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + LEVEL / 2))
