"""What is asked of the reader of answers, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judge.dataset.inputs import InputFile
from judge.domain.case import Case, Response


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """Where answers come from."""

    answers: Path
    """A file (``.jsonl .json .csv .parquet``) or a folder of Parquet files."""
    cases: Path | None = None
    checklists: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our name of a column → the file's."""
    skip_bad: bool = False
    limit: int | None = None
    """How many good answers to keep, from the top; the whole input is read and checked all the same."""


@dataclass(frozen=True, slots=True)
class Item:
    """An answer and what it answers; answers of one case share the object."""

    case: Case
    response: Response


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not graded because something is wrong with it."""

    row: int
    reason: str
    """All that is wrong, with file and column."""
    record: Mapping[str, Any]
    """The record as far as it could be read."""


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """All answers in the order of the input."""

    items: tuple[Item, ...]
    rejected: tuple[Rejected, ...]
    """Empty unless bad rows are skipped."""
    inputs: tuple[InputFile, ...]
    """Answers first, then cases and checklists."""
    warnings: tuple[str, ...] = ()
    """What is allowed and yet may not be meant: a column nearly named like one of ours, checklists of no case."""
    n_beyond_limit: int = 0
    """Good answers that the limit left out."""
