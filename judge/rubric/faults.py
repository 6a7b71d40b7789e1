"""Faults of a rubric file, each with its line and its way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Fault:
    """One structural fault: where it is, what is wrong, what to do."""

    line: int
    """First line is 1."""
    field: str
    """Dotted path of the field, e.g. ``dimensions.safety.anchors.3``; empty for the file as a whole."""
    message: str
    way_out: str

    def located(self, path: Path) -> str:
        """Return the fault as one line that begins with file and line."""
        where = f"{path}:{self.line}: "
        return (
            f"{where}{self.field}: {self.message} – {self.way_out}"
            if self.field
            else (f"{where}{self.message} – {self.way_out}")
        )


class RubricError(ConfigError):
    """A rubric file with structural faults; ``faults`` holds all of them."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path = path
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.field)))
        count = f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}"
        listed = "".join(f"\n  {fault.located(path)}" for fault in self.faults)
        super().__init__(
            f"{path}: the rubric has {count}{listed}",
            hint="`judge rubric schema` prints the format of a rubric file; `judge rubric check FILE` checks one.",
        )
