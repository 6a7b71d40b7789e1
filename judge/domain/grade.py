"""What the panel makes of the verdicts of one response."""

from dataclasses import dataclass
from typing import Literal

GradeStatus = Literal["scored", "not_applicable", "empty", "no_quorum"]


@dataclass(frozen=True, slots=True)
class Grade:
    """The panel's level in one dimension. ``level`` is before gates; ``level_gated`` after."""

    response_id: str
    dimension: str
    status: GradeStatus
    level: float | None
    level_gated: float | None
    level_missing_low: float | None
    """The level if every unscored judge had given the lowest; equals ``level`` where none is missing."""
    level_missing_high: float | None
    n_verdicts: int
    """Judges that scored."""
    n_unscored: int
    spread: float | None
    """Greatest minus least level over judges."""
    coverage: float | None
    flags: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    """Gates whose ceiling this dimension took."""
    needs_human: bool = False


@dataclass(frozen=True, slots=True)
class Composite:
    """The weighted score of one response, 0–100, with what gates do to it."""

    response_id: str
    status: GradeStatus
    score: float | None
    score_uncapped: float | None
    cap: float | None
    weight_scored: float
    """Share of the applicable weight that was scored, 0–1."""
    score_low: float | None
    score_high: float | None
    core_mean: float | None = None
    n_core: int = 0
    flags: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    gates_pending: tuple[str, ...] = ()
    worst_severity: int = 0
    """0 without an applied gate, else 2 or 3; regional practice counts as 0."""
    worst_tier: str | None = None
    needs_human: bool = False


@dataclass(frozen=True, slots=True)
class GradedResponse:
    """All grades of one response."""

    grades: tuple[Grade, ...]
    composite: Composite
