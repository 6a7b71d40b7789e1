"""The account of an import: what came in, what became of it, what was not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ACCOUNT_FORMAT = "judge-import/1"
COUNTS = ("rows", "cases", "references", "repaired", "dropped", "merged", "flagged", "not_found")


@dataclass(frozen=True, slots=True)
class FileAccount:
    """One line of the table."""

    code: str
    file: str
    status: Literal["read", "not_found"]
    rows: int = 0
    cases: int = 0
    references: int = 0
    repaired: int = 0
    """Rows with a repaired text or label."""
    dropped: int = 0
    """Rows that are truncated, duplicates or unreadable."""
    merged: int = 0
    """Rows that became a further reference of an earlier row's case."""
    flagged: int = 0
    """Rows with a flag that is neither a repair nor a merge."""
    not_found: int = 0
    """Known defects that the file does not hold; 1 for a file that is not there."""
    fates: Mapping[str, int] = field(default_factory=dict)
    """Rows by fate; they add up to ``rows``."""
    flags: Mapping[str, int] = field(default_factory=dict)
    """References by flag."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Rows behind the counts, and the file's identity."""

    def as_json(self) -> dict[str, Any]:
        """Return the account as JSON types."""
        counts = {name: getattr(self, name) for name in COUNTS}
        head = {"code": self.code, "file": self.file, "status": self.status}
        return {**head, **counts, "fates": dict(self.fates), "flags": dict(self.flags), **self.details}


@dataclass(frozen=True, slots=True)
class Account:
    """What an import did."""

    dataset: str
    source: str
    """Folder or file as the user gave it."""
    files: Sequence[FileAccount]
    unexpected: tuple[str, ...] = ()
    """Messages that ``--strict`` turns into an error."""
    notes: tuple[str, ...] = ()
    """Messages that need no action."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def totals(self) -> dict[str, int]:
        """The sums over the files."""
        return {name: sum(getattr(file, name) for file in self.files) for name in COUNTS}

    def as_json(self) -> dict[str, Any]:
        """Return the account as JSON types; the same input gives the same document."""
        return {
            "format": ACCOUNT_FORMAT,
            "dataset": self.dataset,
            "source": self.source,
            "totals": self.totals,
            "files": [file.as_json() for file in self.files],
            "unexpected": list(self.unexpected),
            "notes": list(self.notes),
            **self.extra,
        }
