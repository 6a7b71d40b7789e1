"""One attempt: leave from limiter and budget, one request over the wire, the ledger, the books."""

import asyncio
import os
import time
import uuid
from dataclasses import dataclass

from judge.call.backend import Answer, Backend
from judge.call.faults import Fault, Rule, understand
from judge.call.lanes import Lane
from judge.call.ledger import Ledger, LoggedAttempt
from judge.call.limits import Slot
from judge.call.money import Budget, estimate_prompt_tokens
from judge.call.request import Attempt, AttemptStatus, CallRequest, Reply, Usage
from judge.errors import JudgeError

_NOTHING = Usage()
_NOT_SENT = Fault(Rule("stop", "rejected", "provider_error", is_billed=False), "")


@dataclass(slots=True)
class Totals:
    """What the port did in this invocation."""

    n_replayed: int = 0
    n_sent: int = 0
    """Attempts."""
    n_answered: int = 0
    n_failed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """An attempt without a reply."""

    sent: CallRequest
    attempt: Attempt
    fault: Fault


@dataclass(frozen=True, slots=True)
class NotSent:
    """The cap on spending does not allow the attempt, or the judge was parked while the call waited for its turn."""

    is_over_budget: bool = True


@dataclass(frozen=True, slots=True)
class _Send:
    """One request on its way."""

    id: str
    number: int
    slot: Slot
    reserved_tokens: int
    reserved_usd: float | None
    """None where the price is unknown."""
    at: float
    started: float


class Attempting:
    """Sends requests, once each."""

    def __init__(self, ledger: Ledger, backend: Backend, budget: Budget, totals: Totals, run: str) -> None:
        self._ledger = ledger
        self._backend = backend
        self._budget = budget
        self._totals = totals
        self._run = run
        self._session = uuid.uuid4().hex[:12]

    async def attempt(
        self, lane: Lane, requested: CallRequest, before: tuple[Attempt, ...], *, is_probe: bool = False
    ) -> Reply | Outcome | NotSent:
        """Send a request as the model takes it; return the reply when it is on disk, else what happened.

        To a judge that is parked only a probe is sent.

        Raises
        ------
        StoreError
            If the ledger cannot be written.
        """
        prompt_tokens = round(estimate_prompt_tokens(requested) * lane.tokens_per_estimate)
        reserved_usd = lane.tariff.reservation(prompt_tokens, requested.max_tokens)
        tokens = 0 if lane.judge.is_offline else prompt_tokens + requested.max_tokens
        slot = await lane.limiter.acquire(tokens)
        if lane.parking.parked is not None and not is_probe:
            lane.limiter.unused(slot)
            return NotSent(is_over_budget=False)
        try:
            is_allowed = await self._budget.reserve(reserved_usd or 0.0)
        except asyncio.CancelledError:
            lane.limiter.unused(slot)
            raise
        if not is_allowed:
            lane.limiter.unused(slot)
            return NotSent()
        request = lane.negotiation.apply(requested)  # now: what is known may have changed while it waited
        self._totals.n_sent += 1
        send = _Send(
            f"{self._session}-{self._totals.n_sent}",
            len(before) + 1,
            slot,
            tokens,
            reserved_usd,
            time.time(),
            time.monotonic(),
        )
        try:
            answer = await self._send(lane, request, send)
        except asyncio.CancelledError:
            self._fail(lane, request, send, "cancelled", None, "cancelled after it was sent")
            raise
        except JudgeError as error:  # nothing was sent: the set-up is wrong
            self._fail(lane, request, send, "rejected", _NOT_SENT, error.message)
            raise
        except Exception as error:  # noqa: BLE001  (the one boundary: every fault of a provider is understood here)
            fault = understand(error, key=os.environ.get(lane.judge.api_key_env or ""))
            failed = self._fail(lane, request, send, fault.rule.attempt, fault, fault.message)
            return Outcome(request, failed, fault)
        return await self._succeed(lane, request, send, answer, before, lane.negotiation.dropped(requested))

    async def _send(self, lane: Lane, request: CallRequest, send: _Send) -> Answer:
        if lane.judge.is_offline:
            return await self._backend.complete(lane.judge, request)
        sent = self._attempt_of(send, "sent", cost_usd=send.reserved_usd, is_estimated=bool(send.reserved_usd))
        self._ledger.post_attempt(self._logged(lane, request, sent, send.reserved_tokens))
        async with asyncio.timeout(request.timeout_s):
            return await self._backend.complete(lane.judge, request)

    async def _succeed(
        self,
        lane: Lane,
        request: CallRequest,
        send: _Send,
        answer: Answer,
        before: tuple[Attempt, ...],
        dropped: tuple[str, ...],
    ) -> Reply:
        usage, latency_s = answer.usage, time.monotonic() - send.started
        cost, is_estimated = self._cost(lane, send, answer)
        lane.limiter.succeed(send.slot, tokens=usage.total, latency_s=latency_s)
        self._budget.settle(send.reserved_usd or 0.0, cost)
        if usage.prompt and not lane.judge.is_offline:
            seen = usage.prompt / max(1, estimate_prompt_tokens(request))
            lane.tokens_per_estimate = max(lane.tokens_per_estimate, seen)
        attempt = self._attempt_of(
            send, "ok", latency_s=latency_s, usage=usage, cost_usd=cost, is_estimated=is_estimated,
            served_model=answer.served_model,
        )  # fmt: skip
        reply = Reply(
            key=request.key, content=answer.content, finish_reason=answer.finish_reason, refusal=answer.refusal,
            usage=usage, cost_usd=cost, is_cost_estimated=is_estimated, served_model=answer.served_model,
            latency_s=attempt.latency_s, at=time.time(), attempts=(*before, attempt), dropped=dropped,
        )  # fmt: skip
        window_tokens = send.reserved_tokens if usage.total is None else usage.total
        return await self._ledger.put(lane.judge, request, reply, self._logged(lane, request, attempt, window_tokens))

    def _cost(self, lane: Lane, send: _Send, answer: Answer) -> tuple[float | None, bool]:
        if lane.tariff.source == "litellm" and answer.cost_usd and answer.usage.total is not None:
            return answer.cost_usd, False  # knows tiers and cache writes
        cost = lane.tariff.cost(answer.usage)
        if cost is None and send.reserved_usd is not None:
            return send.reserved_usd, True
        return cost, False

    def _fail(
        self, lane: Lane, request: CallRequest, send: _Send, status: AttemptStatus, fault: Fault | None, message: str
    ) -> Attempt:
        is_billed = fault is None or fault.rule.is_billed
        cost = send.reserved_usd if is_billed else (None if send.reserved_usd is None else 0.0)
        attempt = self._attempt_of(
            send, status, latency_s=time.monotonic() - send.started, cost_usd=cost,
            is_estimated=is_billed and bool(cost), message=message,
        )  # fmt: skip
        if fault is None:
            lane.limiter.fail(send.slot, is_congestion=False)
        else:
            lane.limiter.fail(send.slot, is_congestion=fault.is_congestion, retry_after_s=fault.retry_after_s)
        self._budget.settle(send.reserved_usd or 0.0, cost)
        self._ledger.post_attempt(self._logged(lane, request, attempt, send.reserved_tokens))
        return attempt

    def _attempt_of(
        self,
        send: _Send,
        status: AttemptStatus,
        *,
        latency_s: float = 0.0,
        usage: Usage = _NOTHING,
        cost_usd: float | None = None,
        is_estimated: bool = False,
        served_model: str | None = None,
        message: str = "",
    ) -> Attempt:
        return Attempt(
            send.id, send.number, status, send.at, round(latency_s, 6), usage, cost_usd, is_estimated, served_model,
            message,
        )  # fmt: skip

    def _logged(self, lane: Lane, request: CallRequest, attempt: Attempt, tokens: int) -> LoggedAttempt:
        return LoggedAttempt(
            attempt=attempt, key=request.key, run=self._run, judge=lane.judge.id, endpoint=lane.endpoint,
            window_tokens=tokens, response_id=request.response_id, scope=request.scope, repeat=request.repeat,
        )  # fmt: skip
