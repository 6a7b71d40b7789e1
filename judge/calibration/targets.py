"""What is corrected towards: one level an answer from all that physicians gave it."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

TargetKind = Literal["adjudicated", "mean of physicians", "one physician"]


@dataclass(frozen=True, slots=True)
class PhysicianLevel:
    """One level as a physician gave it."""

    item: str
    rater: str
    dimension: str
    level: float
    repeat: int = 0
    is_adjudicated: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The level that a corrected grade is held against."""

    level: float
    kind: TargetKind
    raters: tuple[str, ...]
    given: tuple[float, ...]
    """The levels that ``level`` is the mean of, one a rater: repeats reduced, adjudicated ones alone if any."""


def targets_of(levels: Iterable[PhysicianLevel]) -> Mapping[tuple[str, str], Target]:
    """Return the target of every (item, dimension): the adjudicated level, else the mean of the physicians' levels.

    A physician who graded an answer several times counts once, with the lower median of those grades.

    Examples
    --------
    One physician gave 2 and 4, another 4: lower median 2, then (2 + 4) / 2.

    >>> given = [("a", 2, 0), ("a", 4, 1), ("b", 4, 0)]
    >>> levels = [PhysicianLevel("x", rater, "d", level, repeat) for rater, level, repeat in given]
    >>> targets_of(levels)["x", "d"].level
    3.0
    """
    grouped: dict[tuple[str, str], dict[bool, dict[str, list[float]]]] = {}
    for one in levels:
        by_stage = grouped.setdefault((one.item, one.dimension), {})
        by_stage.setdefault(one.is_adjudicated, {}).setdefault(one.rater, []).append(one.level)
    return {key: _target(found) for key, found in grouped.items()}


def _target(by_stage: Mapping[bool, Mapping[str, list[float]]]) -> Target:
    is_adjudicated = True in by_stage
    by_rater = {rater: statistics.median_low(given) for rater, given in sorted(by_stage[is_adjudicated].items())}
    kind: TargetKind = "one physician" if len(by_rater) == 1 else "mean of physicians"
    given = tuple(by_rater.values())
    return Target(statistics.fmean(given), "adjudicated" if is_adjudicated else kind, tuple(by_rater), given)
