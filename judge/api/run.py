"""A finished (or stopped) run on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.errors import JudgeError
from judge.store.manifest import read_manifest
from judge.store.tables import read_table

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Run:
    """A run folder with its manifest; tables are read when they are asked for."""

    folder: Path
    manifest: Mapping[str, Any] = field(repr=False)
    warnings: tuple[str, ...] = ()
    stopped: JudgeError | None = field(default=None, compare=False)
    """Why the run ended before its time, None where it did not."""

    @property
    def is_complete(self) -> bool:
        """Whether everything planned was asked."""
        return bool(self.manifest["complete"])

    def table(self, name: str) -> "pa.Table":
        """Return one of the run's tables: ``grades``, ``verdicts``, ``criteria``, ``calls``, ``baselines``."""
        return read_table(self.folder, name)

    def raise_if_stopped(self) -> None:
        """Raise what stopped the run, if anything did."""
        if self.stopped is not None:
            raise self.stopped


def open_run(folder: str | Path | Run) -> Run:
    """Return the run of a folder.

    Raises
    ------
    StoreError
        If the folder holds no run.
    """
    if isinstance(folder, Run):
        return folder
    path = Path(folder)
    return Run(folder=path, manifest=read_manifest(path))
