"""One judge's repeats become one opinion before judges are counted."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from judge.domain.panel import Judge
from judge.domain.verdict import LevelVerdict, Verdict, VerdictStatus

_STATUS_ORDER = {status: rank for rank, status in enumerate(get_args(VerdictStatus))}
_USABLE = frozenset({"scored", "not_applicable"})


@dataclass(frozen=True, slots=True)
class JudgeLevel:
    """What one judge, over all its repeats, says in one dimension."""

    judge: str
    status: VerdictStatus
    level: float | None = None
    coverage: float | None = None


def lower_median(values: Sequence[float]) -> float:
    """Return the median of a non-empty sequence; of an even count the lower of the middle two, so a level stays whole.

    >>> lower_median([4, 3, 5, 1])
    3
    """
    return sorted(values)[(len(values) - 1) // 2]


def is_most(count: int, n: int) -> bool:
    """Whether ``count`` is more than half of ``n``."""
    return 2 * count > n


def reduce_levels(judge: str, dimension: str, verdicts: Sequence[Verdict]) -> JudgeLevel:
    """Return one judge's level in one dimension over its repeats.

    Not applicable if more than half of the scored and not-applicable repeats say so; else the lower median of the
    scored ones. Where no repeat is usable the commonest reason stands, on ties the first in the order of
    ``VerdictStatus``. A judge without a verdict counts as interrupted.
    """
    levels = [found for verdict in verdicts if (found := verdict.level_of(dimension)) is not None]
    scored = [level for level in levels if level.status == "scored" and level.level is not None]
    n_na = sum(level.status == "not_applicable" for level in levels)
    if is_most(n_na, len(scored) + n_na):
        return JudgeLevel(judge, "not_applicable")
    if not scored:
        return JudgeLevel(judge, _commonest_fault(levels))
    coverages = [level.coverage for level in scored if level.coverage is not None]
    return JudgeLevel(
        judge,
        "scored",
        lower_median([level.level for level in scored if level.level is not None]),
        statistics.median(coverages) if coverages else None,
    )


def _commonest_fault(levels: Sequence[LevelVerdict]) -> VerdictStatus:
    counts = Counter(level.status for level in levels if level.status not in _USABLE)
    if not counts:
        return "interrupted"
    return min(counts, key=lambda status: (-counts[status], _STATUS_ORDER[status]))


def usable_for_gates(judge: Judge, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the repeats in which the judge answered the question about gates.

    With one call for all dimensions that is any repeat with a level, or in which nothing applies. With finer calls
    gates and the flag ``injection_suspected`` are asked together, so that a repeat without the flag has no answer about
    gates either.
    """
    if judge.granularity != "response":
        return tuple(verdict for verdict in verdicts if verdict.injection_suspected is not None)
    return tuple(verdict for verdict in verdicts if _is_answered(verdict))


def _is_answered(verdict: Verdict) -> bool:
    statuses = {level.status for level in verdict.levels}
    return "scored" in statuses or statuses == {"not_applicable"}
