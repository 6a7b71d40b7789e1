"""How near a judge's levels come to the physicians': for one answer, and for a set of answers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from judge.agreement import Interval, cohen_kappa
from judge.domain.verdict import Verdict
from judge.tuning.examples import TuningExample

Levels = Mapping[str, float | None]
"""A judge's level by dimension, None where it gave none."""
_GREATEST_WEIGHT = 3.0


def levels_of(verdict: Verdict) -> dict[str, float | None]:
    """Return the levels of a verdict; unscored and not applicable are None."""
    return {level.dimension: level.level if level.status == "scored" else None for level in verdict.levels}


@dataclass(frozen=True, slots=True)
class Scoring:
    """Scores one answer between 0 and 1, for an optimiser that sees one answer at a time.

    An answer's score is the mean over its dimensions of 1 - w d² / r², not below 0: d the distance to the target, r the
    length of the scale, w a weight that makes levels that physicians gave seldom count as much as frequent ones (1/3 to
    3), so that one level for all answers does not pay. An answer without a level scores 0 there.
    """

    ranges: Mapping[str, float]
    """By dimension that is tuned: highest minus lowest level."""
    weights: Mapping[tuple[str, int], float]
    """By dimension and rounded target."""

    def score(self, levels: Levels, example: TuningExample) -> float:
        """Return the score of one answer; 1 where no dimension that is tuned has a target."""
        losses = [self._loss(levels.get(name), name, example) for name in self.ranges if name in example.targets]
        return 1.0 - fmean(losses) if losses else 1.0

    def _loss(self, level: float | None, dimension: str, example: TuningExample) -> float:
        if level is None:
            return 1.0
        target = example.targets[dimension].level
        weight = self.weights.get((dimension, round(target)), _GREATEST_WEIGHT)
        distance = (level - target) / self.ranges[dimension]
        return min(1.0, weight * distance * distance)


def scoring_of(examples: Sequence[TuningExample], scales: Mapping[str, Sequence[float]]) -> Scoring:
    """Return the scoring whose weights come from the targets of these examples.

    Parameters
    ----------
    examples
        The tune split.
    scales
        Levels by dimension; only these dimensions are scored.
    """
    weights: dict[tuple[str, int], float] = {}
    for dimension in scales:
        counts = Counter(round(e.targets[dimension].level) for e in examples if dimension in e.targets)
        total = sum(counts.values())
        for level, n in counts.items():
            even = total / (len(counts) * n)
            weights[dimension, level] = min(_GREATEST_WEIGHT, max(1 / _GREATEST_WEIGHT, even))
    return Scoring({name: max(scale) - min(scale) for name, scale in scales.items()}, weights)


@dataclass(frozen=True, slots=True)
class SetScore:
    """How well one program does on a set of answers."""

    kappas: Mapping[str, float]
    """Quadratic kappa by dimension; a judge that gives one level only has 0."""
    collapsed: tuple[str, ...]
    """Dimensions in which the judge gave one level to all, and physicians did not."""
    n_unscored: int
    """Levels that are missing."""
    n: int

    @property
    def kappa(self) -> float:
        """Mean over the dimensions, 0 where there is none."""
        return fmean(self.kappas.values()) if self.kappas else 0.0


def score_set(
    given: Sequence[Levels], examples: Sequence[TuningExample], scales: Mapping[str, Sequence[float]]
) -> SetScore:
    """Score a program on a set of answers."""
    kappas: dict[str, float] = {}
    collapsed: list[str] = []
    n_unscored = n = 0
    for dimension, scale in scales.items():
        pairs = [(g.get(dimension), e.targets[dimension].level) for g, e in zip(given, examples, strict=True)
                 if dimension in e.targets]  # fmt: skip
        scored = np.asarray([(level, target) for level, target in pairs if level is not None], dtype=np.float64)
        n, n_unscored = n + len(pairs), n_unscored + len(pairs) - len(scored)
        if len(scored) < 2 or np.ptp(scored[:, 1]) == 0:
            continue
        estimate = cohen_kappa(scored, "quadratic", scale=list(scale), interval=Interval("none"))
        kappas[dimension] = estimate.value or 0.0
        if np.ptp(scored[:, 0]) == 0:
            collapsed.append(dimension)
    return SetScore(kappas, tuple(collapsed), n_unscored, n)
