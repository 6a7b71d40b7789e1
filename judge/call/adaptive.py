"""How many requests at once an endpoint takes: more while it answers, fewer when it refuses or slows down."""

import math
from dataclasses import dataclass
from statistics import median

_MILDEST, _HARDEST = 0.95, 0.5
_PATIENCE = 8
"""Rounds of replies at a limit that was refused once, before it is tried again."""
_SLOW = 2.5
"""A median latency so many times the best one means that requests queue at the provider."""
_SLOW_FLOOR_S = 1.0
"""Below it, waiting costs nothing and our own loop may be the cause."""
_FORGET = 1.02
_LEAST_ROUND = 16


@dataclass(slots=True)
class Adaptive:
    """Additive increase, multiplicative decrease of a limit on concurrency, between 1 and ``ceiling``."""

    ceiling: int
    limit: int = 0
    epoch: int = 0
    """Number of decreases; a refusal of a request from an older epoch says nothing about the present limit."""
    _refused_at: int | None = None
    _n_ok: int = 0
    _n_ok_epoch: int = 0
    _n_refused_epoch: int = 0
    _latencies: list[float] | None = None
    _best_s: float | None = None

    def __post_init__(self) -> None:
        self.limit = self.limit or self.ceiling
        self._latencies = []

    def succeed(self, latency_s: float) -> None:
        """Note a reply."""
        self._n_ok += 1
        self._n_ok_epoch += 1
        if self._is_slow(latency_s):
            self._decrease(_MILDEST)
        elif self._n_ok >= self._round():
            self._n_ok = 0
            self.limit = min(self.ceiling, self.limit + 1)

    def refuse(self, epoch: int) -> None:
        """Note a 429 or a time-out of a request sent in an epoch."""
        self._n_refused_epoch += 1
        if epoch != self.epoch:
            return
        share = self._n_ok_epoch / (self._n_ok_epoch + self._n_refused_epoch)
        self._decrease(min(_MILDEST, max(_HARDEST, share)))

    def _round(self) -> int:
        is_near = self._refused_at is not None and self.limit >= self._refused_at - 1
        return self.limit * (_PATIENCE if is_near else 1)

    def _decrease(self, factor: float) -> None:
        self._refused_at = self.limit
        self.limit = max(1, min(self.limit - 1, math.floor(self.limit * factor)))
        self.epoch += 1
        self._n_ok = self._n_ok_epoch = self._n_refused_epoch = 0
        self._latencies = []

    def _is_slow(self, latency_s: float) -> bool:
        if self._latencies is None or self.limit == 1:
            return False
        self._latencies.append(latency_s)
        if len(self._latencies) < max(_LEAST_ROUND, self.limit):
            return False
        middle = median(self._latencies)
        self._latencies = []
        best = middle if self._best_s is None else min(middle, self._best_s * _FORGET)
        self._best_s = best
        return middle > _SLOW_FLOOR_S and middle > _SLOW * best
