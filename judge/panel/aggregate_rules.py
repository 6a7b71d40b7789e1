"""The rules by which judges' levels become one: median, mean, majority, weighted."""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from judge.domain.panel import Aggregation
from judge.panel.repeats import lower_median


@dataclass(frozen=True, slots=True)
class Pooled:
    """A panel's level, and whether a tie had to be settled by rule."""

    level: float
    is_tie: bool = False


@dataclass(frozen=True, slots=True)
class Ballot:
    """One judge's level with its weight; the weight matters to ``weighted`` alone."""

    level: float
    weight: float = 1.0


def pool(rule: Aggregation, ballots: Sequence[Ballot]) -> Pooled | None:
    """Return the panel's level; None where nobody scored, or nobody who scored has a weight.

    ``median``: an even count gives the mean of the middle two. ``majority``: the level given most often; where several
    lead, the lower median of those that lead. ``weighted``: the mean with the judges' weights.

    >>> pool("majority", [Ballot(2), Ballot(4), Ballot(4), Ballot(2)])
    Pooled(level=2, is_tie=True)
    """
    if not ballots:
        return None
    levels = [ballot.level for ballot in ballots]
    if rule == "median":
        return Pooled(statistics.median(levels))
    if rule == "mean":
        return Pooled(math.fsum(levels) / len(levels))
    if rule == "majority":
        return _majority(levels)
    total = math.fsum(ballot.weight for ballot in ballots)
    if total <= 0:
        return None
    return Pooled(math.fsum(ballot.level * ballot.weight for ballot in ballots) / total)


def _majority(levels: Sequence[float]) -> Pooled:
    counts = Counter(levels)
    most = max(counts.values())
    leading = [level for level, count in counts.items() if count == most]
    return Pooled(lower_median(leading), is_tie=len(leading) > 1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and greatest level that the missing judges could have led to."""

    low: float
    high: float


def missing_bounds(
    rule: Aggregation, ballots: Sequence[Ballot], missing_weights: Sequence[float], scale: Sequence[float]
) -> Bounds:
    """Return the worst and best level of a panel if every missing judge had scored.

    All missing judges are given one and the same level, for each level of the scale in turn. For median and means the
    extremes are at the ends of the scale; under ``majority`` a level between them can do more harm.
    """
    if not missing_weights:
        pooled = pool(rule, ballots)
        return Bounds(min(scale), max(scale)) if pooled is None else Bounds(pooled.level, pooled.level)
    filled = [
        pooled.level
        for level in scale
        if (pooled := pool(rule, [*ballots, *(Ballot(level, weight) for weight in missing_weights)])) is not None
    ]
    return Bounds(min(filled), max(filled)) if filled else Bounds(min(scale), max(scale))
