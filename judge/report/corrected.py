"""The parts of a score card that a calibration adds: corrected means, and what they rest on."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Corrected:
    """A mean, a rate or a difference as physicians would have given it; without a value the reason stands beside it."""

    method: str
    """``ppi++``: the panel corrected by physicians; ``physicians``: their own mean; ``bounds``: their own rate with
    exact bounds; ``refused``: no value."""
    variant: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    raw: float | None
    """The panel's own mean of the same answers; None for a difference."""
    n_graded: int | None
    """Answers that physicians graded."""
    n_cases: int | None
    """Cases of those answers."""
    n_answers: int | None
    """Answers that the mean speaks of: planted and blank ones are left out."""
    reason: str | None
    """Why there is no value, as the calibration says it."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateRate:
    """How often physicians would say that a gate holds on one model's answers."""

    model: str
    gate: str
    corrected: Corrected


@dataclass(frozen=True, slots=True)
class PassRate:
    """How often physicians would say that one model's answers pass in a dimension."""

    model: str
    dimension: str
    level: float
    """An answer passes where the physicians' level is at least this."""
    corrected: Corrected


@dataclass(frozen=True, slots=True)
class SingleGrades:
    """Whether single grades of a dimension are corrected, and how well on answers that the map had not seen."""

    dimension: str
    is_corrected: bool
    method: str | None
    error_raw: float | None
    error_corrected: float | None
    n_answers: int | None
    seen_on: str | None
    """``test`` or ``cross_fitted``."""
    reason: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftNote:
    """What the last drift check found."""

    date: str
    state: Literal["valid", "expired", "not_enough_data"]
    n_answers: int
    n_cases: int


@dataclass(frozen=True, slots=True)
class CalibrationPart:
    """What the corrected numbers of a card rest on."""

    method: str
    date: str
    seed: str
    physicians: tuple[str, ...]
    simulated: tuple[str, ...]
    """Raters among them, adjudicators too, that are no people."""
    target: str
    n_answers: int
    n_cases: int
    n_planted: int
    """Planted answers, which no corrected mean holds."""
    set_hash: str | None
    chances: str
    fitted_on: str
    is_asserted: bool
    """Whether equal chances were asserted instead of drawn."""
    has_means: bool
    """Whether physicians graded answers of this run; else single grades alone are corrected."""
    singles: tuple[SingleGrades, ...]
    rates: tuple[GateRate, ...]
    notes: tuple[str, ...]
    drift: DriftNote | None = None
    """The last check whether the judges are still those of the calibration; None where there was none."""
    passes: tuple[PassRate, ...] = ()
    claim: str | None = None
    """What means and rates speak of, as the calibration says it."""
    is_finite: bool = False
    """Whether they speak of exactly the answers of this run, with the finite-population correction."""
