"""How often a failed call is tried again, and when a judge that is down is left alone for a while."""

import time
from collections.abc import Callable
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

    def delay_s(self, n_failed: int, fault: Fault, random: Random) -> float | None:
        """Return how long to wait after the n-th failure; None where the call has failed for good.

        Full jitter: uniform between 0 and the doubled base. A ``Retry-After`` is the least, and jitter comes on top.
        """
        if fault.retry_after_s is not None:
            if fault.retry_after_s > self.longest_wait_s:
                return None
            return fault.retry_after_s + random.uniform(0.0, min(self.base_s, 1.0))
        return random.uniform(0.0, min(self.cap_s, self.base_s * 2.0 ** (n_failed - 1)))


@dataclass(frozen=True, slots=True)
class Parked:
    """A judge that is down."""

    judge: str
    n_failures: int
    message: str
    since_s: float
    """Seconds since it was parked."""


class Parking:
    """Counts a judge's calls that failed for good in a row; parks it, and lets one call through now and then."""

    def __init__(
        self,
        judge: str,
        *,
        after: int = 3,
        probe_s: float = 15.0,
        longest_probe_s: float = 240.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._judge = judge
        self._after = after
        self._first_probe_s = self._probe_s = probe_s
        self._longest_probe_s = longest_probe_s
        self._clock = clock
        self._n_failures = 0
        self._message = ""
        self._since: float | None = None
        self._next_probe = 0.0

    @property
    def parked(self) -> Parked | None:
        """Return since when and why the judge is parked, None where it is not."""
        if self._since is None:
            return None
        return Parked(self._judge, self._n_failures, self._message, self._clock() - self._since)

    def may_send(self) -> bool:
        """Whether a call may go out; while the judge is parked, one per interval does."""
        if self._since is None:
            return True
        now = self._clock()
        if now < self._next_probe:
            return False
        self._next_probe = now + self._probe_s
        self._probe_s = min(self._longest_probe_s, self._probe_s * 2)
        return True

    def succeed(self) -> None:
        """Note a reply: the judge is up."""
        self._n_failures = 0
        self._since = None
        self._probe_s = self._first_probe_s

    def fail(self, message: str) -> None:
        """Note a call that failed for good."""
        self._n_failures += 1
        self._message = message
        if self._since is None and self._n_failures >= self._after:
            now = self._clock()
            self._since = now
            self._next_probe = now + self._probe_s
