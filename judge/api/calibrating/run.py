"""A run as arrays, one row an answer, for calibration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray, IntArray
from judge.api.run import Run
from judge.api.sampling.frame import Codes, codes, is_planted, texts
from judge.calibration.folds import BoolArray
from judge.domain.rubric import Rubric
from judge.store.rows import COMPOSITE

if TYPE_CHECKING:
    import pyarrow as pa

NO_ROW = -1


@dataclass(frozen=True, slots=True, eq=False)
class DimensionArrays:
    """What the panel says in one dimension; each array has one value an answer."""

    row: IntArray
    """Row of ``grades.parquet``, -1 where there is none."""
    level: FloatArray
    level_gated: FloatArray
    coverage: FloatArray
    spread: FloatArray
    is_applicable: BoolArray
    """Whether a level could have been given: scored, or not for want of a quorum."""
    is_gated: BoolArray
    """Whether a gate lowered or set the level."""


@dataclass(frozen=True, slots=True, eq=False)
class RunArrays:
    """The answers of a run in the order of their composites."""

    grades: "pa.Table"
    response_ids: npt.NDArray[Any]
    case_ids: npt.NDArray[Any]
    cases: IntArray
    model: npt.NDArray[Any]
    task: npt.NDArray[Any]
    language: npt.NDArray[Any]
    is_planted: BoolArray
    is_blank: BoolArray
    dimensions: Mapping[str, DimensionArrays]
    composite_row: IntArray
    gates: Mapping[str, BoolArray]
    """By gate id: whether the panel confirmed it or left it pending."""

    @property
    def n(self) -> int:
        """Answers."""
        return len(self.response_ids)

    def places(self) -> dict[str, int]:
        """Return the place of each answer by response id."""
        return {str(response_id): place for place, response_id in enumerate(self.response_ids)}


def arrays_of(run: Run, rubric: Rubric) -> RunArrays:
    """Return a run as arrays."""
    import pyarrow.compute as pc

    grades = run.table("grades").combine_chunks()
    names, status = codes(grades, "dimension"), codes(grades, "status")
    number = {str(name): place for place, name in enumerate(names.names)}
    composite_row = np.flatnonzero(names.place == number[COMPOSITE])
    rows = grades.take(composite_row)
    place = pc.index_in(grades["response_id"], value_set=rows["response_id"].combine_chunks())
    answer = np.array(place.to_numpy(zero_copy_only=False), dtype=np.int64)
    numbers = {name: _floats(grades, name) for name in ("level", "level_gated", "coverage", "spread")}
    n = len(composite_row)
    cases = codes(rows, "case_id")
    return RunArrays(
        grades=grades,
        response_ids=texts(rows, "response_id"),
        case_ids=cases.names[cases.place],
        cases=cases.place,
        model=texts(rows, "model"),
        task=texts(rows, "task"),
        language=texts(rows, "language"),
        is_planted=np.array([is_planted(meta) for meta in rows["meta"].to_numpy(zero_copy_only=False)], dtype=bool),
        is_blank=status.names[status.place[composite_row]] == "empty",
        dimensions={
            dimension.id: _dimension(
                np.flatnonzero(names.place == number.get(dimension.id, -1)), answer, status, numbers, n
            )
            for dimension in rubric.dimensions
        },
        composite_row=composite_row.astype(np.int64),
        gates=_gates(rows, n),
    )


def _dimension(
    own: npt.NDArray[Any], answer: IntArray, status: Codes, numbers: Mapping[str, FloatArray], n: int
) -> DimensionArrays:
    row = np.full(n, NO_ROW, dtype=np.int64)
    row[answer[own]] = own
    has_row = row >= 0
    found = {name: np.where(has_row, values[row], np.nan) for name, values in numbers.items()}
    own_status = np.where(has_row, status.names[status.place[row]], "")
    level, gated = found["level"], found["level_gated"]
    return DimensionArrays(
        row=row,
        level=np.where(own_status == "scored", level, np.nan),
        level_gated=gated,
        coverage=found["coverage"],
        spread=found["spread"],
        is_applicable=((own_status == "scored") & ~np.isnan(level)) | (own_status == "no_quorum"),
        is_gated=~np.isnan(gated) & ~(gated == level),
    )


def _floats(table: "pa.Table", name: str) -> FloatArray:
    return np.array(table[name].to_numpy(zero_copy_only=False), dtype=np.float64)


def _gates(rows: "pa.Table", n: int) -> dict[str, BoolArray]:
    import pyarrow.compute as pc

    found: dict[str, BoolArray] = {}
    for column in ("gates", "gates_pending"):
        lists = rows[column].combine_chunks()
        parents = np.array(pc.list_parent_indices(lists).to_numpy(zero_copy_only=False), dtype=np.int64)
        named = np.array(pc.list_flatten(lists).to_pylist(), dtype=object)
        for gate in set(named.tolist()):
            found.setdefault(gate, np.zeros(n, dtype=bool))[parents[named == gate]] = True
    return found
