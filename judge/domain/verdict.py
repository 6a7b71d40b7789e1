"""What one rater says about one response."""

from dataclasses import dataclass
from typing import Literal

from judge.domain.rubric import GateTier

VerdictStatus = Literal[
    "scored",
    "not_applicable",
    "empty",
    "refused",
    "abstained",
    "too_long",
    "truncated",
    "off_scale",
    "unparsable",
    "timeout",
    "provider_error",
    "over_budget",
    "interrupted",
]
"""``scored`` has a level; ``not_applicable`` is outside every n; all others are unscored, each for its own reason."""
Met = Literal["yes", "no", "na", "abstained"]
Absence = Literal["diagnosis", "act"]
Basis = Literal["judge", "concept", "text", "number", "rule"]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that a rater cites; offsets are characters of the original answer, None where not found."""

    text: str
    start: int | None = None
    end: int | None = None

    @property
    def is_found(self) -> bool:
        """Whether the words stand in the answer."""
        return self.start is not None


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """Whether one criterion is met.

    ``credit`` multiplies ``points``: 0 to 1, or for ``each`` criteria the number of distinct found quotes up to the
    criterion's maximum. A met criterion whose quote is not found keeps ``met`` and has credit 0.
    """

    criterion_id: str
    dimension: str
    met: Met
    points: float
    credit: float
    quotes: tuple[Quote, ...] = ()
    basis: Basis = "judge"
    qualifier: str | None = None
    """``core``, ``critical``, ``inverted``, ``trivial`` where a level rule asks for it."""

    @property
    def has_found_quotes(self) -> bool | None:
        """Whether every quote was found; None where there is no quote."""
        return all(q.is_found for q in self.quotes) if self.quotes else None

    @property
    def lacks_quote(self) -> bool:
        """Whether it is met on words that do not stand in the answer, or on no words where some were due."""
        is_bare = not self.quotes and self.credit == 0
        return self.met == "yes" and (is_bare or self.has_found_quotes is False)


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """One gate that a rater says was set off; without a found quote it does not count as a vote."""

    gate_id: str
    tier: GateTier
    quote: Quote | None = None
    absence: Absence | None = None
    basis: Basis = "judge"
    is_regional: bool = False

    @property
    def counts(self) -> bool:
        """Whether it may count as a vote: its quote stands in the answer, or it names an absence without a quote."""
        if self.quote is not None and self.quote.text:
            return self.quote.is_found
        return self.absence is not None


@dataclass(frozen=True, slots=True)
class LevelVerdict:
    """A rater's level in one dimension, or the reason why there is none."""

    dimension: str
    status: VerdictStatus
    level: float | None
    reason: str
    coverage: float | None = None
    """Share of the points of applicable positives that were met, 0–1; None where no positive applies."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that one judge said about one response in one repeat."""

    response_id: str
    case_id: str
    judge: str
    repeat: int
    levels: tuple[LevelVerdict, ...]
    criteria: tuple[CriterionVerdict, ...] = ()
    gates: tuple[GateVerdict, ...] = ()
    injection_suspected: bool | None = None
    reference_problem: str | None = None
    served_model: str | None = None
    """Who answered, as the provider says; several names, joined by commas, where the calls of one verdict differ."""
    call_keys: tuple[str, ...] = ()

    def level_of(self, dimension: str) -> LevelVerdict | None:
        """Return the level verdict of a dimension, None where this judge was not asked."""
        return next((level for level in self.levels if level.dimension == dimension), None)
