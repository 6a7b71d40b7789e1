"""The answers of a run that may be drawn for grading, as arrays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from judge.api.run import Run
from judge.calibration.sampling import Candidates
from judge.errors import DataError
from judge.store.rows import COMPOSITE

if TYPE_CHECKING:
    import pyarrow as pa

SPLIT_COLUMNS = ("disease_canonical", "disease", "frame_id")
"""Columns carried along whose equal values keep answers on one side of the split."""
_NOT_PLANTED = '"planted": ""'
_NOTHING_PLANTED = frozenset({"", "0", "false", "n", "no", "none", "natural"})
_DISAGREE = 2.0
"""Spread over judges, in levels, from which an answer counts as disputed."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleFrame:
    """The answers of a run that a physician could grade."""

    rows: "pa.Table"
    """Their composites in ``grades.parquet``."""
    candidates: Candidates
    has_gate: npt.NDArray[np.bool_]
    meta: npt.NDArray[Any]
    """JSON text of the columns carried along, or None."""
    sd: float
    """Of the panel's levels within dimensions; 1 where there are too few."""
    n_blank: int
    """Blank answers, which are not drawn."""


def frame_of(run: Run) -> SampleFrame:
    """Return the frame of a run.

    Raises
    ------
    DataError
        If the run holds no answer that can be graded.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    grades = run.table("grades")
    is_composite = pc.equal(grades["dimension"], COMPOSITE)
    rows = grades.filter(is_composite)
    is_blank = texts(rows, "status") == "empty"
    if not len(is_blank) or is_blank.all():
        raise DataError(f"{run.folder}: holds no answer that a physician could grade")
    levels, spread, sd = _panel_levels(grades.filter(pc.invert(is_composite)), rows)
    gates = _lengths(rows, "gates") + _lengths(rows, "gates_pending") > 0
    asked = np.array(rows["needs_human"].fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)
    metas = rows["meta"].to_numpy(zero_copy_only=False)
    kept = ~is_blank
    candidates = Candidates(
        cases=codes(rows, "case_id").place,
        task=codes(rows, "task").place,
        language=codes(rows, "language").place,
        model=codes(rows, "model").place,
        band=np.where(np.isnan(levels), -1, np.round(np.nan_to_num(levels))).astype(np.int64),
        is_flagged=gates | asked | (spread >= _DISAGREE),
        is_planted=np.array([is_planted(meta) for meta in metas], dtype=bool),
    )
    return SampleFrame(
        rows.filter(pa.array(kept)),
        candidates.take(kept),
        gates[kept],
        metas[kept],
        sd,
        int(is_blank.sum()),
    )


def is_planted(meta: str | None) -> bool:
    """Return whether the columns carried along say that an answer was made bad on purpose."""
    if not meta or "planted" not in meta or (_NOT_PLANTED in meta and meta.count("planted") == 1):
        return False
    carried: Mapping[str, Any] = json.loads(meta)
    said = str(carried.get("planted") or "").strip().casefold()
    return carried.get("stratum") == "planted" or said not in _NOTHING_PLANTED


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """A column of text as numbers: ``names`` ascending, ``place`` the one of each row; null is the empty text."""

    names: npt.NDArray[Any]
    place: npt.NDArray[np.int64]


def codes(table: "pa.Table", name: str) -> Codes:
    """Return a column of text as numbers."""
    encoded = table[name].combine_chunks().dictionary_encode()
    found = [value or "" for value in encoded.dictionary.to_pylist()]
    names, rank = np.unique(np.array([*found, ""], dtype=object).astype(str), return_inverse=True)
    indices = encoded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
    return Codes(names, np.asarray(rank.reshape(-1)[indices], dtype=np.int64))


def texts(table: "pa.Table", name: str) -> npt.NDArray[Any]:
    """Return a column of text as an array of str, empty where null."""
    found = codes(table, name)
    return np.asarray(found.names[found.place])


def _lengths(table: "pa.Table", name: str) -> npt.NDArray[np.int64]:
    import pyarrow.compute as pc

    return np.array(pc.list_value_length(table[name]).fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)


def _panel_levels(
    grades: "pa.Table", composites: "pa.Table"
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """Return of each answer the mean level over dimensions and the greatest spread, and the SD within dimensions."""
    import pyarrow.compute as pc

    place = pc.index_in(grades["response_id"], value_set=composites["response_id"].combine_chunks())
    where = np.array(place.to_numpy(zero_copy_only=False), dtype=np.int64)
    level = np.array(grades["level"].to_numpy(zero_copy_only=False), dtype=np.float64)
    spread = np.nan_to_num(np.array(grades["spread"].to_numpy(zero_copy_only=False), dtype=np.float64))
    known, n = ~np.isnan(level), composites.num_rows
    counts = np.bincount(where[known], minlength=n)
    sums = np.bincount(where[known], weights=level[known], minlength=n)
    means = np.divide(sums, counts, out=np.full(n, np.nan), where=counts > 0)
    widest = np.zeros(n)
    np.maximum.at(widest, where, spread)
    dimension = codes(grades, "dimension")
    parts = [level[known & (dimension.place == number)] for number in range(len(dimension.names))]
    spreads = [np.std(part, ddof=1) for part in parts if len(part) > 1]
    return means, widest, float(np.mean(spreads)) if spreads and np.mean(spreads) > 0 else 1.0
