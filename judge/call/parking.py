"""A judge that is down is left alone for a while, and asked now and then whether it is up again."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Leave = Literal["free", "probe", "none"]


@dataclass(frozen=True, slots=True)
class Parked:
    """A judge that is down."""

    judge: str
    n_failures: int
    message: str
    since_s: float
    """Seconds since it was parked."""


class Parking:
    """Counts a judge's attempts that failed in a row, over all calls, and parks it.

    While it is parked, one call per interval goes out as a probe. The others wait for it, but not longer than
    ``grace_s`` after the judge was parked: a short outage costs nothing, and a long one ends.

    Parameters
    ----------
    judge
        Its id.
    after
        Failed attempts in a row that park it.
    probe_s
        Seconds until the first probe; doubled after each, up to ``longest_probe_s``.
    grace_s
        How long calls wait for a judge that has answered before.
    stranger_grace_s
        How long they wait for one that never has, which is more often a wrong address than an outage.
    """

    def __init__(
        self,
        judge: str,
        *,
        after: int = 15,
        probe_s: float = 2.0,
        longest_probe_s: float = 240.0,
        grace_s: float = 120.0,
        stranger_grace_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._judge = judge
        self._after = after
        self._first_probe_s = self._probe_s = probe_s
        self._longest_probe_s = longest_probe_s
        self._grace_s = min(grace_s, stranger_grace_s)
        self._known_grace_s = grace_s
        self._clock = clock
        self._n_failures = 0
        self._message = ""
        self._since: float | None = None
        self._next_probe = 0.0
        self._changed = asyncio.Event()

    @property
    def is_parked(self) -> bool:
        """Whether the judge is taken to be down."""
        return self._since is not None

    def seems_down(self, n_own: int) -> bool:
        """Whether the judge is parked, or more failed in a row than the attempts of one call: others fail as well."""
        return self.is_parked or self._n_failures > n_own

    @property
    def parked(self) -> Parked | None:
        """Return since when and why the judge is parked, None where it is not."""
        if self._since is None:
            return None
        return Parked(self._judge, self._n_failures, self._message, self._clock() - self._since)

    def may_send(self) -> bool:
        """Whether a call may go out now; while the judge is parked, one per interval does."""
        if self._since is None:
            return True
        now = self._clock()
        if now < self._next_probe:
            return False
        self._next_probe = now + self._probe_s
        self._probe_s = min(self._longest_probe_s, self._probe_s * 2)
        return True

    async def wait(self) -> Leave:
        """Wait until a call may go out: freely, or as a probe; ``none`` where the judge stays down for too long."""
        while not self.may_send():
            wait_s = self._wait_s()
            if wait_s <= 0:
                return "none"
            self._changed.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                continue
        return "free" if self._since is None else "probe"

    def succeed(self) -> None:
        """Note a reply: the judge is up."""
        self._grace_s = self._known_grace_s
        self._n_failures = 0
        self._since = None
        self._probe_s = self._first_probe_s
        self._changed.set()

    def fail(self, message: str, weight: int = 1) -> None:
        """Note a failed attempt; one that ends a call at once weighs as all attempts of a call."""
        self._n_failures += weight
        self._message = message
        if self._since is None and self._n_failures >= self._after:
            now = self._clock()
            self._since = now
            self._next_probe = now + self._probe_s

    def _wait_s(self) -> float:
        if self._since is None:
            return 0.0
        now = self._clock()
        left = self._since + self._grace_s - now
        return min(left, max(0.001, self._next_probe - now))
