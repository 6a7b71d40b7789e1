"""All that is wrong with the input, gathered before anything is raised."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from judge.errors import DataError

ROWS_NAMED = 5
"""Of how many rows with one and the same problem the numbers are said; the others are counted."""


@dataclass(slots=True)
class Problems:
    """The problems of one file, by row; row 0 is the file as a whole."""

    name: str
    by_row: dict[int, list[str]] = field(default_factory=dict)
    is_fatal: bool = False
    """Whether a problem concerns the whole file, so that no row of it can be used."""
    _alike: dict[str, list[int]] = field(default_factory=dict)
    """By column and message: the rows that have this problem."""

    @property
    def n(self) -> int:
        """How many problems there are, each row's counted."""
        return sum(map(len, self.by_row.values()))

    def add(self, row: int, message: str, *, column: str | None = None) -> None:
        """Note a problem of one row."""
        said = f"{f', {column}' if column else ''}: {message}"
        self.by_row.setdefault(row, []).append(f"{self.name}, row {row}{said}")
        self._alike.setdefault(said, []).append(row)

    def add_to_file(self, message: str) -> None:
        """Note a problem of the whole file."""
        self.is_fatal = True
        self.by_row.setdefault(0, []).append(f"{self.name}: {message}")

    def lines(self) -> list[str]:
        """Return all problems in the order of their first rows; one that many rows have is one line, with a count."""
        alike = sorted(self._alike.items(), key=lambda entry: min(entry[1]))
        return [*self.by_row.get(0, ()), *(f"{self.name}, {_rows(rows)}{said}" for said, rows in alike)]


def _rows(rows: Iterable[int]) -> str:
    """Return the rows in words.

    >>> _rows([3]), _rows([3, 4]), _rows(range(2, 40))
    ('row 3', 'rows 3 and 4', 'rows 2, 3, 4, 5, 6 and 33 more')
    """
    found = sorted(set(rows))
    if len(found) == 1:
        return f"row {found[0]}"
    named = list(map(str, found[:ROWS_NAMED]))
    last = f"{len(found) - ROWS_NAMED} more" if len(found) > ROWS_NAMED else named.pop()
    return f"rows {', '.join(named)} and {last}"


def refuse(files: Iterable[Problems], *, can_skip: bool) -> None:
    """Raise all problems of all files in one error, if there are any.

    ``can_skip``: whether answers would be left if the faulty rows were left out.

    Raises
    ------
    DataError
        If any file has a problem.
    """
    found = [problems for problems in files if problems.by_row]
    if not found:
        return
    lines = [line for problems in found for line in problems.lines()]
    n = sum(problems.n for problems in found)
    names = ", ".join(dict.fromkeys(problems.name for problems in found))
    count = "1 problem" if n == 1 else f"{n} problems"
    is_fatal = any(problems.is_fatal for problems in found)
    hint = "--skip-bad grades the other rows and writes these to rejected.jsonl." if can_skip and not is_fatal else None
    raise DataError(f"{names}: {count}; nothing is graded", problems=lines, hint=hint)
