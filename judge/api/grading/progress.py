"""What a run reports while it goes on."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tally:
    """Where a run stands."""

    n_total: int
    n_done: int = 0
    n_unscored: int = 0
    """Verdicts of a judge on a response without a level."""
    n_calls: int = 0
    cost_usd: float = 0.0
    n_calls_of_unknown_price: int = 0


class Progress(Protocol):
    """Who wants to hear of it."""

    def update(self, tally: Tally) -> None:
        """Hear where the run stands."""

    def say(self, message: str) -> None:
        """Hear something worth telling at once, e.g. that a judge is down."""


class Silence:
    """Nobody wants to hear."""

    def update(self, tally: Tally) -> None:
        """Do nothing."""

    def say(self, message: str) -> None:
        """Do nothing."""
