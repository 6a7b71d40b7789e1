"""What a user asks of `judge grade`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge.domain.panel import Panel

DEFAULT_RUBRIC = "ecg-clinical-reasoning"


@dataclass(frozen=True, slots=True)
class GradeOptions:
    """The arguments of a grading run; the command line and `judge.grade` fill the same fields."""

    answers: Path
    cases: Path | None = None
    checklists: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our column name → the file's."""
    rubric: str = DEFAULT_RUBRIC
    panel: Path | Panel | None = None
    judges: tuple[str, ...] = ()
    """Models named one by one; only without ``panel``."""
    out: Path | None = None
    name: str | None = None
    """What the default run folder's name starts with; the stem of the answers' file where None."""
    ledger: Path | None = None
    max_usd: float | None = None
    limit: int | None = None
    with_baselines: bool = False
    skip_bad: bool = False
    seed: int = 0
    only: tuple[str, ...] = ()
    """Response ids of the answers to grade; all where empty. It makes another plan."""
