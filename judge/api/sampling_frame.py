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
_DISAGREE = 2.0
"""Spread over judges, in levels, from which an answer counts as disputed."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleFrame:
    """The answers of a run that a physician could grade."""

    response_ids: npt.NDArray[Any]
    case_ids: npt.NDArray[Any]
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
    case_ids = texts(rows, "case_id")
    kept = ~is_blank
    candidates = Candidates(
        cases=np.unique(case_ids, return_inverse=True)[1].reshape(-1).astype(np.int64),
        task=texts(rows, "task"),
        language=texts(rows, "language"),
        model=texts(rows, "model"),
        band=np.where(np.isnan(levels), -1, np.round(np.nan_to_num(levels))).astype(np.int64),
        is_flagged=gates | asked | (spread >= _DISAGREE),
        is_planted=np.array([is_planted(meta) for meta in metas], dtype=bool),
    )
    return SampleFrame(
        texts(rows, "response_id")[kept],
        case_ids[kept],
        candidates.take(kept),
        gates[kept],
        metas[kept],
        sd,
        int(is_blank.sum()),
    )


def is_planted(meta: str | None) -> bool:
    """Return whether the columns carried along say that an answer was made bad on purpose."""
    if not meta or "planted" not in meta:
        return False
    carried: Mapping[str, Any] = json.loads(meta)
    return carried.get("stratum") == "planted" or bool(carried.get("planted"))


def texts(table: "pa.Table", name: str) -> npt.NDArray[Any]:
    """Return a column of text as an array of str, empty where null."""
    encoded = table[name].combine_chunks().dictionary_encode()
    if hasattr(encoded, "combine_chunks"):
        encoded = encoded.combine_chunks()
    names = np.array([*(value or "" for value in encoded.dictionary.to_pylist()), ""], dtype=object)
    places = encoded.indices.fill_null(len(names) - 1).to_numpy(zero_copy_only=False)
    found: npt.NDArray[Any] = names[places].astype(str)
    return found


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
    names = texts(grades, "dimension")
    spreads = [np.std(own, ddof=1) for name in np.unique(names) if len(own := level[known & (names == name)]) > 1]
    return means, widest, float(np.mean(spreads)) if spreads and np.mean(spreads) > 0 else 1.0
