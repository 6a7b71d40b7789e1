"""A judge before and after on the same answers: sums by case, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judge.agreement.bootstrap import interval_of, weights_of
from judge.agreement.estimate import FloatArray, IntArray
from judge.agreement.kappa import concordance_of_moments, moments
from judge.agreement.sums import Units
from judge.tuning.examples import TuningExample
from judge.tuning.scoring import Levels

N_RESAMPLES = 5000
_WIDTH = 15
"""Sums of one dimension: six moments before, six after, two absolute errors, and the number of pairs."""


@dataclass(frozen=True, slots=True)
class Change:
    """One statistic before and after, and the difference with its paired interval."""

    before: float | None
    after: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float
    n_resamples: int
    n_resamples_undefined: int
    note: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """One dimension on all answers: columns before, after, target; NaN where missing."""

    dimension: str
    levels: FloatArray
    """Shape (n_answers, 3)."""
    physicians: FloatArray
    """Shape (n_answers, n_physicians)."""

    @property
    def is_complete(self) -> npt.NDArray[np.bool_]:
        """Which answers have all three levels."""
        complete: npt.NDArray[np.bool_] = np.isnan(self.levels).sum(axis=1) == 0
        return complete

    @property
    def n_unscored(self) -> tuple[int, int]:
        """Answers with a target and without a level, before and after."""
        has_target = ~np.isnan(self.levels[:, 2])
        before, after = (int((has_target & np.isnan(self.levels[:, column])).sum()) for column in (0, 1))
        return before, after

    @property
    def ceiling(self) -> float | None:
        """Mean quadratic kappa of each physician with the mean of the others, None below two."""
        found = [self._against_others(column) for column in range(self.physicians.shape[1])]
        known = [kappa for kappa in found if not np.isnan(kappa)]
        return float(np.mean(known)) if len(known) > 1 else None

    def _against_others(self, column: int) -> float:
        others = np.delete(self.physicians, column, axis=1)
        n = (~np.isnan(others)).sum(axis=1)
        mean = np.where(n > 0, np.nansum(others, axis=1) / np.maximum(n, 1), np.nan)
        return float(concordance_of_moments(moments(self.physicians[:, column], mean).sum(axis=0)[None, :])[0])


def pair_table(
    dimension: str, before: Sequence[Levels], after: Sequence[Levels], examples: Sequence[TuningExample]
) -> PairTable:
    """Return one dimension's table."""
    targets = [example.targets.get(dimension) for example in examples]
    rows = [
        (b.get(dimension), a.get(dimension), None if target is None else target.level)
        for b, a, target in zip(before, after, targets, strict=True)
    ]
    raters = sorted({said.rater for target in targets if target is not None for said in target.said})
    physicians = np.full((len(examples), len(raters)), np.nan)
    for row, target in enumerate(targets):
        for said in target.said if target is not None else ():
            physicians[row, raters.index(said.rater)] = said.level
    return PairTable(dimension, np.array(rows, dtype=np.float64).reshape(-1, 3), physicians)


class Resampled:
    """Sums of several dimensions in the same resamples of cases.

    Parameters
    ----------
    tables
        One a dimension, rows in the same order.
    cases
        Shape (n_answers,): number of each answer's case.
    seed
        Of the resampling.
    """

    def __init__(self, tables: Sequence[PairTable], cases: IntArray, seed: int) -> None:
        sums = np.hstack([_case_sums(table, cases) for table in tables])
        units = Units(sums, np.ones(len(sums), dtype=np.int64))
        drawn = np.concatenate([weights @ units.sums for weights in weights_of(units, N_RESAMPLES, seed)])
        self._whole = [_values(units.total[None, part]) for part in _parts(len(tables))]
        self._drawn = [_values(drawn[:, part]) for part in _parts(len(tables))]

    def kappa(self, places: Sequence[int], level: float) -> Change:
        """Return the change of quadratic kappa, its mean over several dimensions."""
        return self._change(places, slice(0, 2), level)

    def mean_absolute_error(self, places: Sequence[int], level: float) -> Change:
        """Return the change of the mean absolute error, its mean over several dimensions."""
        return self._change(places, slice(2, 4), level)

    def _change(self, places: Sequence[int], columns: slice, level: float) -> Change:
        whole = np.mean([self._whole[place][0, columns] for place in places], axis=0)
        before, after = (None if np.isnan(value) else float(value) for value in whole)
        if before is None or after is None:
            return Change(before, after, None, None, None, level, 0, 0, "undefined: no variation or no pairs")
        drawn = np.mean([self._drawn[place][:, columns] for place in places], axis=0)
        found = interval_of(drawn[:, 1] - drawn[:, 0], after - before, "percentile", level)
        limits = found.low, found.high, level
        return Change(before, after, after - before, *limits, found.n_resamples, found.n_undefined, found.note)


def _parts(n: int) -> list[slice]:
    return [slice(place * _WIDTH, (place + 1) * _WIDTH) for place in range(n)]


def _case_sums(table: PairTable, cases: IntArray) -> FloatArray:
    complete = table.is_complete
    before, after, target = np.where(complete[:, None], table.levels, np.nan).T
    errors = np.nan_to_num(np.abs(np.stack([before - target, after - target], axis=1)))
    rows = np.hstack([moments(before, target), moments(after, target), errors, complete[:, None].astype(np.float64)])
    sums = np.zeros((int(cases.max()) + 1, _WIDTH))
    np.add.at(sums, cases, rows)
    return sums


def _values(sums: FloatArray) -> FloatArray:
    """Return (B, 4): kappa before and after, mean absolute error before and after; NaN where undefined."""
    n = sums[:, -1:]
    errors = np.where(n > 0, sums[:, 12:14] / np.maximum(n, 1), np.nan)
    kappas = [concordance_of_moments(sums[:, part])[:, None] for part in (slice(0, 6), slice(6, 12))]
    return np.hstack([*kappas, errors])
