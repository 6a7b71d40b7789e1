"""Parquet files written row by row in bounded memory, and read back."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from judge.errors import StoreError
from judge.store.columns import column_names, schema
from judge.store.files import aside_of, publish, sha256_file, storing

if TYPE_CHECKING:
    import pyarrow as pa

_ROW_GROUP = 16_384


class TableWriter:
    """Writes one table of a run. The file gets its name in ``close``; leaving the block by an error removes it.

    Row groups are cut by count alone, so that the same rows give the same bytes.
    """

    def __init__(self, folder: Path, table: str) -> None:
        import pyarrow.parquet as pq

        self.path = folder / f"{table}.parquet"
        self.n_rows = 0
        self._names = frozenset(column_names(table))
        self._schema = schema(table)
        self._aside = aside_of(self.path)
        self._rows: list[Mapping[str, Any]] = []
        with storing(self.path):
            self._writer = pq.ParquetWriter(self._aside, self._schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._writer.close()
            self._aside.unlink(missing_ok=True)

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a row, a value by column name; a column left out is null.

        Raises
        ------
        KeyError
            If the row has a column that the table has not.
        """
        if not row.keys() <= self._names:
            unknown = sorted(row.keys() - self._names)
            raise KeyError(f"{self.path.name} has no column {', '.join(unknown)}")
        self._rows.append(row)
        self.n_rows += 1
        if len(self._rows) >= _ROW_GROUP:
            self._flush()

    def close(self) -> str:
        """Give the file its name and return its SHA-256."""
        self._flush()
        with storing(self.path):
            self._writer.close()
        publish(self._aside, self.path)
        return sha256_file(self.path)

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._rows:
            return
        rows, self._rows = self._rows, []
        columns = [(field.name, field.type) for field in self._schema]
        arrays = [pa.array([row.get(name) for row in rows], type=type_) for name, type_ in columns]
        with storing(self.path):
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


def read_table(folder: Path, table: str) -> "pa.Table":
    """Read one table of a finished run.

    Raises
    ------
    StoreError
        If the file is missing or not whole.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / f"{table}.parquet"
    try:
        return pq.read_table(path)
    except FileNotFoundError as error:
        raise StoreError(
            f"{path}: there is no such file", hint="Is this the folder of a run? See `judge grade`."
        ) from error
    except (pa.ArrowInvalid, OSError) as error:
        raise StoreError(
            f"{path}: cannot be read ({error})", hint="Run `judge grade` again: it costs nothing."
        ) from error
