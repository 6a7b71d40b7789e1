"""Columns by their names: renaming, and the message for one that is missing."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from judge.dataset.cases import CASE_COLUMNS
from judge.dataset.cells import unfold
from judge.dataset.problems import Problems
from judge.dataset.rows import Table
from judge.errors import ConfigError, did_you_mean

REQUIRED = ("case_id", "model", "response")
ANSWER_COLUMNS = frozenset({*REQUIRED, "response_id", *CASE_COLUMNS})
SYNONYMS = {
    "case_id": ("case", "item", "id", "item_id", "question_id", "prompt_id", "qid"),
    "model": ("system", "model_name", "llm", "generator"),
    "response": ("answer", "output", "completion", "prediction", "reply", "text"),
    "question": ("prompt", "query", "input"),
}


class Columns:
    """Reads the rows of one table under our names, and remembers which columns there were."""

    def __init__(self, table: Table, renames: Mapping[str, str]) -> None:
        self._renames = dict(renames)
        self._theirs = frozenset(renames.values())
        self._is_flat = table.is_flat
        self._name = table.name
        self.seen: dict[str, None] = {}
        """Their names, in order of appearance."""

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record under our names, with JSON in the cells of a flat table unfolded."""
        self.seen.update(dict.fromkeys(values))
        if self._renames:
            kept = {name: value for name, value in values.items() if name not in self._theirs}
            ours = {name: values[theirs] for name, theirs in self._renames.items() if theirs in values}
            values = {**kept, **ours}
        if self._is_flat:
            return {name: unfold(value, name) for name, value in values.items()}
        return dict(values)

    def has(self, column: str) -> bool:
        """Whether any record so far had one of our columns."""
        return self._renames.get(column, column) in self.seen

    def near_misses(self) -> list[str]:
        """Return a warning for each column that travels as ``meta`` and is nearly named like one of ours."""
        ours = [name for name in ANSWER_COLUMNS if not self.has(name)]
        found = []
        for name in self.seen:
            if name in ANSWER_COLUMNS or name in self._theirs:
                continue
            near = difflib.get_close_matches(name.lower(), ours, n=1, cutoff=0.85)
            if near:
                found.append(f'{self._name}: the column "{name}" is kept as it is; --columns {near[0]}={name} reads it')
        return found

    def report_missing(self, column: str, problems: Problems, *, extra: str = "") -> None:
        """Note that no record has a column that is needed, with the nearest name and the way out."""
        theirs = self._renames.get(column, column)
        taken = {name for ours, name in self._renames.items() if ours != column}
        near = _nearest(theirs, column, [name for name in self.seen if name not in ANSWER_COLUMNS | taken])
        way = (
            f'the nearest is "{near}": name it with --columns {column}={near}'
            if near
            else (f"name another with --columns {column}=COLUMN")
        )
        problems.add_to_file(f'no column "{theirs}"{extra}; {way} (columns: {", ".join(self.seen)})')


def check_renames(renames: Mapping[str, str]) -> None:
    """Stop at a ``--columns`` that names a column we do not have, or reads one column under two names.

    Raises
    ------
    ConfigError
        Naming the pair.
    """
    for ours, theirs in renames.items():
        if ours not in ANSWER_COLUMNS:
            near = did_you_mean(ours, ANSWER_COLUMNS)
            raise ConfigError(
                f'--columns {ours}={theirs}: unknown column "{ours}"{near}',
                hint=f"Write --columns OURS=THEIRS; ours are {', '.join(sorted(ANSWER_COLUMNS))}.",
            )
    twice = _first_repeated(renames.values())
    if twice is not None:
        raise ConfigError(f'--columns: "{twice}" is read under two names')


def _nearest(theirs: str, column: str, names: list[str]) -> str | None:
    by_fold = {name.lower(): name for name in names}
    close = difflib.get_close_matches(theirs.lower(), by_fold, n=1, cutoff=0.6)
    close += [name for name in SYNONYMS.get(column, ()) if name in by_fold]
    close += difflib.get_close_matches(theirs.lower(), by_fold, n=1, cutoff=0.0)
    return by_fold[close[0]] if close else None


def _first_repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
