"""What a judge is tuned on: answers with the levels that physicians gave them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median_low
from typing import Literal

from judge.domain.request import JudgeRequest

TargetSource = Literal["adjudicated", "mean"]


@dataclass(frozen=True, slots=True)
class Graded:
    """One level that one physician gave."""

    response_id: str
    rater: str
    dimension: str
    level: float
    repeat: int = 0
    is_adjudicated: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one physician said of an answer in one dimension, repeats reduced."""

    rater: str
    level: float
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The level that a judge should have given."""

    level: float
    source: TargetSource
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class TuningExample:
    """One answer: what the judge is asked about it, and what physicians said."""

    response_id: str
    case_id: str
    request: JudgeRequest
    targets: Mapping[str, Target]
    """By dimension; those that no physician graded are not there."""
    checks: Mapping[str, float] = field(default_factory=dict)
    """Share of physicians who said yes, by ``criterion:ID`` and ``gate:ID``."""

    @property
    def language(self) -> str:
        """The language of prompt and reasons."""
        return self.request.language


def target_of(grades: Sequence[Graded]) -> Target:
    """Return the target of one answer in one dimension.

    The adjudicated level where there is one (the mean of several), else the mean of the physicians' levels; a physician
    who graded twice counts once, with the lower median of his or her levels.

    Parameters
    ----------
    grades
        All levels of this answer and dimension, at least one.
    """
    said = said_by(grade for grade in grades if not grade.is_adjudicated)
    adjudicated = said_by(grade for grade in grades if grade.is_adjudicated)
    if adjudicated:
        return Target(fmean(one.level for one in adjudicated), "adjudicated", said)
    return Target(fmean(one.level for one in said), "mean", said)


def said_by(grades: Iterable[Graded]) -> tuple[Said, ...]:
    """Return each physician's level with repeats reduced to their lower median, in the order of names."""
    own: dict[str, list[Graded]] = defaultdict(list)
    for grade in grades:
        own[grade.rater].append(grade)
    return tuple(
        Said(
            rater,
            median_low(grade.level for grade in given),
            tuple(grade.comment for grade in given if grade.comment),
        )
        for rater, given in sorted(own.items())
    )


def cases_of(examples: Iterable[TuningExample]) -> tuple[str, ...]:
    """Return the ids of the cases, each once, in order of first appearance."""
    return tuple(dict.fromkeys(example.case_id for example in examples))
