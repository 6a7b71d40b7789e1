"""One question with one answer, as a row of any file is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from judge.domain.case import Turn


class RowError(ValueError):
    """Why a row cannot be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with its reference; a row of LTD and MROD holds several."""

    row: int
    """Zero-based."""
    question: str
    reference: str
    context: str | tuple[Turn, ...] | None
    key: tuple[str, ...]
    """The whole input in normal form; entries of one file with the same key are one case."""
    frame: tuple[str, ...]
    """What must stay on one side of a split."""
    turn: int | None = None
    """One-based, where a row holds several."""
    disease: str | None = None
    ecg: Mapping[str, Any] = field(default_factory=dict)
    local_ids: Mapping[str, Any] = field(default_factory=dict)
    is_prose: bool = True
    """Whether the reference is sentences, so that a missing full stop means something."""
    notes: tuple[str, ...] = ()
    """What was unexpected about the row though it could be read."""

    @property
    def signature(self) -> tuple[Any, ...]:
        """What two exact duplicates have in common, local identifiers aside."""
        return self.question, self.reference, self.context, self.disease
