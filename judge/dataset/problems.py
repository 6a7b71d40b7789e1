"""All that is wrong with the input, gathered before anything is raised."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from judge.errors import DataError


@dataclass(slots=True)
class Problems:
    """The problems of one file, by row; row 0 is the file as a whole."""

    name: str
    by_row: dict[int, list[str]] = field(default_factory=dict)
    is_fatal: bool = False
    """Whether a problem concerns the whole file, so that no row of it can be used."""

    def add(self, row: int, message: str, *, column: str | None = None) -> None:
        """Note a problem of one row."""
        place = f"{self.name}, row {row}" + (f", {column}" if column else "")
        self.by_row.setdefault(row, []).append(f"{place}: {message}")

    def add_to_file(self, message: str) -> None:
        """Note a problem of the whole file."""
        self.is_fatal = True
        self.by_row.setdefault(0, []).append(f"{self.name}: {message}")

    def lines(self) -> list[str]:
        """Return all problems in the order of the rows."""
        return [message for row in sorted(self.by_row) for message in self.by_row[row]]


def refuse(files: Iterable[Problems], *, can_skip: bool) -> None:
    """Raise all problems of all files in one error, if there are any.

    Raises
    ------
    DataError
        If any file has a problem.
    """
    found = [problems for problems in files if problems.by_row]
    if not found:
        return
    lines = [line for problems in found for line in problems.lines()]
    names = ", ".join(dict.fromkeys(problems.name for problems in found))
    count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
    is_fatal = any(problems.is_fatal for problems in found)
    hint = "--skip-bad grades the other rows and writes these to rejected.jsonl." if can_skip and not is_fatal else None
    raise DataError(f"{names}: {count}; nothing is graded", problems=lines, hint=hint)
