"""Requests and tokens per minute by a sliding window, and how many calls are in flight at once."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from judge.call.adaptive import Adaptive

WINDOW_S = 60.0
_MARGIN_S = 0.25
_ARRIVAL_S = 0.5
FIRST_ARRIVAL_S = 5.0
"""A request reaches the server later than it leaves us, by so much at most; the first one has to build its way."""
_STORM = 3
"""Refusals without a reply between them, after which everybody waits."""
_LONGEST_PAUSE_S = 8.0


@dataclass(slots=True, eq=False)
class Entry:
    """One request in the window."""

    at: float
    tokens: int


@dataclass(slots=True, eq=False)
class Slot:
    """Leave to send one request; give it back with one of ``Limiter.succeed``, ``fail``, ``unused``."""

    entry: Entry
    epoch: int
    arrival_s: float = _ARRIVAL_S


@dataclass(slots=True)
class Window:
    """The log of the last minute."""

    rpm: int | None = None
    tpm: int | None = None
    _entries: deque[Entry] = field(default_factory=deque)
    _tokens: int = 0

    def wait_s(self, tokens: int, now: float) -> float:
        """Return how long a request of so many tokens must wait from now; 0 where it may go."""
        self._expire(now)
        if self.rpm is not None and len(self._entries) >= self.rpm:
            return self._entries[len(self._entries) - self.rpm].at + WINDOW_S + _MARGIN_S - now
        if self.tpm is not None and self._entries and self._tokens + tokens > self.tpm:
            return self._until_free(self._tokens + tokens - self.tpm, now)
        return 0.0

    def add(self, tokens: int, at: float) -> Entry:
        """Log a request."""
        entry = Entry(at, tokens)
        self._entries.append(entry)
        self._tokens += tokens
        return entry

    def correct(self, entry: Entry, tokens: int) -> None:
        """Replace the tokens reserved at send by the actual ones."""
        if self._entries and entry.at >= self._entries[0].at:
            self._tokens += tokens - entry.tokens
            entry.tokens = tokens

    def arrived(self, entry: Entry, latest: float) -> None:
        """Move a request to the latest moment at which the server can have seen it, now that its end is known."""
        entry.at = max(entry.at, latest)

    def remove(self, entry: Entry) -> None:
        """Take back a request that was not sent."""
        try:
            self._entries.remove(entry)
        except ValueError:
            return
        self._tokens -= entry.tokens

    def _expire(self, now: float) -> None:
        while self._entries and self._entries[0].at <= now - WINDOW_S - _MARGIN_S:
            self._tokens -= self._entries.popleft().tokens

    def _until_free(self, excess: int, now: float) -> float:
        for entry in self._entries:
            excess -= entry.tokens
            if excess <= 0:
                return max(0.0, entry.at + WINDOW_S + _MARGIN_S - now)
        return max(0.0, self._entries[-1].at + WINDOW_S + _MARGIN_S - now)


class Limiter:
    """What one endpoint and key (or one judge) is sent, in the order of asking."""

    def __init__(
        self,
        *,
        rpm: int | None = None,
        tpm: int | None = None,
        max_concurrency: int = 16,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.window = Window(rpm, tpm)
        self.concurrency = Adaptive(max_concurrency)
        self.n_in_flight = 0
        self._clock = clock
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._paused_until = 0.0
        self._pause_s = 0.5
        self._n_refused_in_a_row = 0
        self._n_acquired = 0

    def fill(self, past: Iterable[tuple[float, int]]) -> None:
        """Log requests of earlier invocations: seconds ago, tokens; oldest first.

        Any of them may have been the first of its invocation, and late.
        """
        now = self._clock()
        for ago_s, tokens in past:
            self.window.add(tokens, min(now, now - ago_s + FIRST_ARRIVAL_S))

    async def acquire(self, tokens: int) -> Slot:
        """Wait for leave to send a request that may use so many tokens."""
        async with self._turn:
            while (wait_s := self._wait_s(tokens)) > 0:
                self._changed.clear()
                try:
                    async with asyncio.timeout(wait_s if wait_s != float("inf") else None):
                        await self._changed.wait()
                except TimeoutError:
                    continue
            self.n_in_flight += 1
            self._n_acquired += 1
            arrival_s = FIRST_ARRIVAL_S if self._n_acquired == 1 else _ARRIVAL_S
            return Slot(self.window.add(tokens, self._clock()), self.concurrency.epoch, arrival_s)

    def succeed(self, slot: Slot, *, tokens: int | None, latency_s: float) -> None:
        """Give back the slot of a request that was answered; ``tokens`` as the provider counts them."""
        if tokens is not None:
            self.window.correct(slot.entry, tokens)
        self._arrived(slot)
        self.concurrency.succeed(latency_s)
        self._n_refused_in_a_row = 0
        self._pause_s = 0.5
        self._release()

    def fail(self, slot: Slot, *, is_congestion: bool, retry_after_s: float | None = None) -> None:
        """Give back the slot of a request that was not answered."""
        self._arrived(slot)
        if is_congestion:
            self.concurrency.refuse(slot.epoch)
            self._n_refused_in_a_row += 1
            self._pause(retry_after_s)
        self._release()

    def unused(self, slot: Slot) -> None:
        """Give back the slot of a request that was not sent."""
        self.window.remove(slot.entry)
        self._release()

    def _arrived(self, slot: Slot) -> None:
        self.window.arrived(slot.entry, min(self._clock(), slot.entry.at + slot.arrival_s))

    def _pause(self, retry_after_s: float | None) -> None:
        is_floor = self.concurrency.limit == 1
        if self._n_refused_in_a_row < _STORM or (retry_after_s is None and not is_floor):
            return
        if retry_after_s is None:
            retry_after_s, self._pause_s = self._pause_s, min(_LONGEST_PAUSE_S, self._pause_s * 2)
        self._paused_until = max(self._paused_until, self._clock() + retry_after_s)

    def _wait_s(self, tokens: int) -> float:
        now = self._clock()
        if self._paused_until > now:
            return self._paused_until - now
        if self.n_in_flight >= self.concurrency.limit:
            return float("inf")
        return self.window.wait_s(tokens, now)

    def _release(self) -> None:
        self.n_in_flight -= 1
        self._changed.set()
