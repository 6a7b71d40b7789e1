"""What tuning did on the test split, by dimension: gain, no gain, or not enough data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judge.tuning.examples import TuningExample
from judge.tuning.paired import Change, PairTable, Resampled, pair_table
from judge.tuning.scoring import Levels

Answer = Literal["gain", "no gain", "not enough data"]
ALL = "*"
FEWEST_ANSWERS = 30
FEWEST_CASES = 10


@dataclass(frozen=True, slots=True)
class DimensionOutcome:
    """What tuning did in one dimension (``*``: the mean over the dimensions that were tuned)."""

    dimension: str
    is_tuned: bool
    n_answers: int
    """With a target, and a level both before and after; for ``*`` the fewest of a dimension."""
    n_cases: int
    n_unscored_before: int
    n_unscored_after: int
    kappa: Change
    mean_absolute_error: Change
    ceiling: float | None
    """Mean quadratic kappa of each physician with the mean of the others, on the same answers."""
    n_physicians: int
    answer: Answer
    reason: str


def compare_on_test(
    before: Sequence[Levels],
    after: Sequence[Levels],
    examples: Sequence[TuningExample],
    tuned: Sequence[str],
    untuned: Sequence[str] = (),
    *,
    seed: int,
) -> tuple[DimensionOutcome, ...]:
    """Compare the judge before and after tuning, ``*`` first.

    The interval of a dimension is widened for their number (Bonferroni), that of ``*`` is at 95 %. ``gain`` is said
    where the lower limit of kappa's difference lies above 0 and no more answers are without a level than before;
    ``not enough data`` below 30 answers or 10 cases, or where kappa is undefined; else ``no gain``.

    Parameters
    ----------
    before, after
        The judge's levels of each answer.
    examples
        The answers of the test split, at least one.
    tuned
        Dimensions that the program was tuned on; ``*`` is their mean.
    untuned
        Other dimensions with a target.
    seed
        Of the resampling.
    """
    tables = [pair_table(name, before, after, examples) for name in (*tuned, *untuned)]
    cases = np.unique([example.case_id for example in examples], return_inverse=True)[1].reshape(-1)
    resampled = Resampled(tables, cases, seed)
    level = 1 - 0.05 / len(tuned)
    own = []
    for place, table in enumerate(tables):
        changes = resampled.kappa([place], level), resampled.mean_absolute_error([place], level)
        n_cases = len(np.unique(cases[table.is_complete]))
        own.append(_outcome(table, n_cases, changes, is_tuned=table.dimension in tuned))
    places = range(len(tuned))
    changes = resampled.kappa(places, 0.95), resampled.mean_absolute_error(places, 0.95)
    return (_overall(own[: len(tuned)], changes), *own)


def _outcome(table: PairTable, n_cases: int, changes: tuple[Change, Change], *, is_tuned: bool) -> DimensionOutcome:
    n_answers = int(table.is_complete.sum())
    answer, reason = _decide(changes[0], n_answers, n_cases, table.n_unscored)
    return DimensionOutcome(
        table.dimension,
        is_tuned,
        n_answers,
        n_cases,
        *table.n_unscored,
        *changes,
        table.ceiling,
        table.physicians.shape[1],
        answer,
        reason,
    )


def _overall(own: Sequence[DimensionOutcome], changes: tuple[Change, Change]) -> DimensionOutcome:
    n_answers, n_cases = min(one.n_answers for one in own), min(one.n_cases for one in own)
    unscored = sum(one.n_unscored_before for one in own), sum(one.n_unscored_after for one in own)
    answer, reason = _decide(changes[0], n_answers, n_cases, unscored)
    ceilings = [one.ceiling for one in own]
    known = [ceiling for ceiling in ceilings if ceiling is not None]
    mean = float(np.mean(known)) if len(known) == len(ceilings) else None
    n_physicians = max(one.n_physicians for one in own)
    return DimensionOutcome(ALL, True, n_answers, n_cases, *unscored, *changes, mean, n_physicians, answer, reason)


def _decide(kappa: Change, n_answers: int, n_cases: int, unscored: tuple[int, int]) -> tuple[Answer, str]:
    if n_answers < FEWEST_ANSWERS or n_cases < FEWEST_CASES:
        needed = f"{FEWEST_ANSWERS} answers of {FEWEST_CASES} cases are needed"
        return "not enough data", f"{n_answers} answers of {n_cases} cases; {needed}"
    if kappa.difference is None:
        return "not enough data", "kappa is undefined"
    if kappa.difference == 0:
        return "no gain", "agreement is the same"
    if kappa.ci_low is None or kappa.ci_high is None:
        return "not enough data", kappa.note or "there is no interval"
    if kappa.ci_low <= 0:
        return "no gain", "agreement fell" if kappa.ci_high < 0 else "the interval of the difference holds 0"
    if unscored[1] > unscored[0]:
        return "no gain", f"{unscored[1]} answers without a level, {unscored[0]} before"
    return "gain", "the interval of the difference lies above 0"
