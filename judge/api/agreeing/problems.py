"""Problems of ratings files: each once, with all the rows that have it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NUMBERED = re.compile(r"(row|line) (\d+)")
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one row."""

    place: str
    text: str

    def __str__(self) -> str:
        """Return it with its row."""
        return f"{self.place}: {self.text}"


def collapsed(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Return each problem once, in order of its first row.

    >>> collapsed([Problem("row 2", "role is empty"), Problem("row 3", "role is empty"), Problem("row 4", "no level")])
    ('role is empty (rows 2-3)', 'row 4: no level')
    """
    places: dict[str, list[str]] = {}
    for problem in problems:
        places.setdefault(problem.text, []).append(problem.place)
    return tuple(
        f"{found[0]}: {text}" if len(set(found)) == 1 else f"{text} ({_places(found)})"
        for text, found in places.items()
    )


def n_places(problems: Iterable[Problem]) -> int:
    """Return how many rows have a problem."""
    return len({problem.place for problem in problems})


def _places(found: Sequence[str]) -> str:
    """Return rows as ranges, ``rows 2-61, 70``; other places by name."""
    matches = [_NUMBERED.fullmatch(place) for place in found]
    kinds = {match.group(1) for match in matches if match}
    if None in matches or len(kinds) != 1:
        return _shortened(list(dict.fromkeys(found)))
    numbers = sorted({int(match.group(2)) for match in matches if match})
    return f"{kinds.pop()}s {_shortened(_ranges(numbers))}"


def _ranges(numbers: Sequence[int]) -> list[str]:
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return [str(first) if first == last else f"{first}-{last}" for first, last in ranges]


def _shortened(parts: Sequence[str]) -> str:
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return ", ".join(parts[:_SHOWN]) + more
