"""Corrected columns into a run: grades, calibration and manifest are written aside, then named, the manifest last."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.api.calibrating.binding import NAME
from judge.api.calibrating.maps import Corrected
from judge.api.calibrating.run import RunArrays
from judge.api.run import Run
from judge.domain.ids import sha256_json
from judge.store.columns import schema
from judge.store.files import aside_of, publish, sha256_file, storing, write_json
from judge.store.manifest import write_manifest

if TYPE_CHECKING:
    import pyarrow as pa

_GRADES = "grades.parquet"
_ROW_GROUP = 16_384


def write_back(
    run: Run, arrays: RunArrays, corrected: Mapping[str, Corrected], scores: FloatArray, document: Mapping[str, Any]
) -> Run:
    """Write corrected columns, ``calibration.json`` and the manifest of a run; the raw columns stay as they were."""
    table = _with_columns(arrays, corrected, scores)
    path, calibration = run.folder / _GRADES, run.folder / NAME
    aside = aside_of(path)
    _write_table(aside, path, table)
    write_json(aside_of(calibration), document)
    publish(aside, path)
    publish(aside_of(calibration), calibration)
    files = {**run.manifest["files"], _GRADES: sha256_file(path), NAME: sha256_file(calibration)}
    entry = {
        "sha256": files[NAME],
        "method": document["method"],
        "date": document["date"],
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "binding": sha256_json(document["binding"]),
        "decisions": {name: about["decision"] for name, about in document["coefficients"].items()},
    }
    manifest = {**run.manifest, "files": files, "calibrations": [entry]}
    write_manifest(run.folder, manifest)
    return Run(run.folder, manifest, run.warnings, run.stopped)


def _with_columns(arrays: RunArrays, corrected: Mapping[str, Corrected], scores: FloatArray) -> "pa.Table":
    import pyarrow as pa

    n = arrays.grades.num_rows
    columns = {
        name: np.full(n, np.nan)
        for name in ("level_calibrated", "level_calibrated_low", "level_calibrated_high", "score_calibrated")
    }
    for dimension, found in corrected.items():
        row = arrays.dimensions[dimension].row
        has_row = row >= 0
        for name, values in (("", found.level), ("_low", found.low), ("_high", found.high)):
            columns[f"level_calibrated{name}"][row[has_row]] = values[has_row]
    columns["score_calibrated"][arrays.composite_row] = scores
    table = arrays.grades
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(values, mask=np.isnan(values)))
    return table.cast(schema("grades"))


def _write_table(aside: Path, path: Path, table: "pa.Table") -> None:
    import pyarrow.parquet as pq

    with storing(path):
        pq.write_table(table, aside, compression="zstd", row_group_size=_ROW_GROUP)
