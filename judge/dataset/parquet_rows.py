"""Records of a Parquet file, read in batches."""

import datetime
import decimal
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from judge.dataset.rows import Row
from judge.errors import DataError, StoreError

BATCH_ROWS = 4096


def read_parquet(path: Path) -> Iterator[Row]:
    """Yield the records of a Parquet file.

    Raises
    ------
    DataError
        If the file is not a whole Parquet file.
    StoreError
        If it cannot be opened.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                for values in _records(batch):
                    yield Row(number, values) if isinstance(values, dict) else Row(number, None, values)
                    number += 1
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError) as error:
        raise DataError(
            f"{path}: not a whole Parquet file (readable up to row {number - 1}): {str(error).splitlines()[0]}",
            hint="Was it cut off while it was copied or written? Write it again.",
        ) from error
    except OSError as error:
        fault = f"{path}: {error.strerror or str(error).splitlines()[0]}"
        if error.errno is None:
            raise DataError(fault, hint="The Parquet file is damaged. Write it again.") from error
        raise StoreError(fault) from error


def _records(batch: Any) -> Iterator[dict[str, Any] | str]:
    try:
        rows = batch.to_pylist()
    except UnicodeDecodeError:
        yield from (_record(batch, index) for index in range(batch.num_rows))
        return
    for row in rows:
        yield {name: plain(value) for name, value in row.items()}


def _record(batch: Any, index: int) -> dict[str, Any] | str:
    values = {}
    for name in batch.schema.names:
        try:
            values[name] = plain(batch.column(name)[index].as_py())
        except UnicodeDecodeError as error:
            return f'not UTF-8 in column "{name}", at byte {error.start} of the cell'
    return values


def plain(value: Any) -> Any:
    """Return an Arrow value as JSON types: times as ISO 8601, decimals as numbers, NaN as null, bytes as hex.

    A null inside a struct is a key that the record does not have: Arrow gives every struct the keys of all of them.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
