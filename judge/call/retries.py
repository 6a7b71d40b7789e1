"""How often a failed call is tried again, and how long it waits in between."""

from dataclasses import dataclass
from random import Random

from judge.call.faults import Fault


@dataclass(frozen=True, slots=True)
class Retries:
    """Bounds of the one layer of retries."""

    attempts: int = 5
    """Attempts of a call in all, refusals for rate not among them."""
    rate_limited: int = 12
    """Refusals for rate (429) that a call bears."""
    base_s: float = 1.0
    cap_s: float = 30.0
    longest_wait_s: float = 600.0
    """A provider that asks to wait longer is not waited for."""
    rounds: int = 2
    """How often all of that is done for a call that fails because the judge is down, and comes up again in time."""

    def delay_s(self, n_failed: int, fault: Fault, random: Random) -> float | None:
        """Return how long to wait after the n-th failure; None where the call has failed for good.

        Full jitter: uniform between 0 and the doubled base. A ``Retry-After`` is the least, and jitter comes on top.
        """
        if fault.retry_after_s is not None:
            if fault.retry_after_s > self.longest_wait_s:
                return None
            return fault.retry_after_s + random.uniform(0.0, min(self.base_s, 1.0))
        return random.uniform(0.0, min(self.cap_s, self.base_s * 2.0 ** (n_failed - 1)))
