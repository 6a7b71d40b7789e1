"""The port: the only way from a request to a model's reply.

Look in the ledger, wait for limiter and budget, call, write the ledger, return.
"""

import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Literal

from judge.call.attempting import Attempting, Lane, NotSent, Outcome
from judge.call.backend import Backend, LitellmBackend
from judge.call.ledger import Ledger, Negotiated
from judge.call.limits import WINDOW_S, Limiter
from judge.call.money import Budget, tariff_of
from judge.call.negotiation import Negotiation
from judge.call.offline_provider import OfflineProvider
from judge.call.parking import Parked, Parking
from judge.call.request import CallFailure, CallRequest, FailureStatus, Reply, without_credentials
from judge.call.retries import Retries
from judge.call.routing import check_allowed
from judge.call.tries import Tries
from judge.domain.panel import Judge
from judge.errors import BackendError, ConfigError


@dataclass(frozen=True, slots=True)
class PortOptions:
    """What a run asks of its port."""

    run: str = ""
    """The plan hash: money is counted per run, over all its invocations."""
    max_usd: float | None = None
    limits_shared_by: Literal["endpoint", "judge"] = "endpoint"
    local_only: bool = False
    private_hosts: tuple[str, ...] = ()
    retries: Retries = field(default_factory=Retries)
    park_after: int = 3
    """Calls of a judge with all their attempts failed, in a row; so many failed attempts park it."""
    probe_s: float = 2.0
    grace_s: float = 120.0
    """How long calls to a parked judge wait for it before they fail unsent."""


@dataclass(slots=True)
class Totals:
    """What the port did in this invocation."""

    n_replayed: int = 0
    n_sent: int = 0
    """Attempts."""
    n_answered: int = 0
    n_failed: int = 0


class Port:
    """The only caller of ``litellm.acompletion``; use it in an ``async with``, in one event loop.

    Parameters
    ----------
    ledger
        Where replies are kept and looked up.
    judges
        All judges that will be called; limits that they share are the least of what they state.
    options
        What the run asks for.
    offline
        The deterministic judges, where the panel has one.
    random
        For the jitter of retries.
    backend
        Who answers; litellm by default.
    """

    def __init__(
        self,
        ledger: Ledger,
        judges: Sequence[Judge],
        *,
        options: PortOptions = PortOptions(),
        offline: OfflineProvider | None = None,
        random: Random | None = None,
        backend: Backend | None = None,
    ) -> None:
        self._ledger = ledger
        self._options = options
        self._random = random if random is not None else Random()
        self._backend = backend if backend is not None else LitellmBackend(offline)
        self._backend.prepare(judges)
        self.budget = Budget(options.max_usd, spent_usd=ledger.spent(options.run).cost_usd)
        self.totals = Totals()
        self._attempting = Attempting(ledger, self._backend, self.budget, options.run, uuid.uuid4().hex[:12])
        self._in_flight: dict[str, tuple[asyncio.Task[Reply | CallFailure], list[None]]] = {}
        self._lanes = self._build_lanes(judges)

    async def __aenter__(self) -> "Port":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Cancel what is in flight (booked at its reservation) and close the connections."""
        tasks = [task for task, _ in self._in_flight.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._backend.aclose()

    # ------------------------------------------------------------------------------------------------- for the run

    @property
    def parked(self) -> tuple[Parked, ...]:
        """Return the judges that are down now; one that still is at the end of a run makes it exit 4."""
        return tuple(found for lane in self._lanes.values() if (found := lane.parking.parked) is not None)

    def negotiated(self, judge_id: str) -> tuple[Negotiated, ...]:
        """Return what a judge's model was found to refuse, for the manifest."""
        return self._lanes[judge_id].negotiation.known

    def has_known_price(self, judge_id: str) -> bool:
        """Return whether the cost of a judge's calls can be computed."""
        return self._lanes[judge_id].tariff.is_known

    def effective(self, request: CallRequest, judge_id: str) -> CallRequest:
        """Return a request as it is sent, after what is known of the model."""
        return self._lanes[judge_id].negotiation.apply(request)

    # ---------------------------------------------------------------------------------------------------- the call

    async def call(self, judge: Judge, request: CallRequest) -> Reply | CallFailure:
        """Return the reply to a request, from the ledger or from the model.

        A reply is on disk before it is returned. Identical requests in flight are sent once. Cancelled, a request
        that was sent is booked at its reservation.

        Raises
        ------
        BackendError
            If the provider refuses key or model: every further call would fail.
        ConfigError
            If the judge is unknown to the port, or its key is not in the environment.
        StoreError
            If the ledger cannot be read or written.
        """
        lane = self._lane(judge)
        found = self._replay(lane, request)
        if found is not None:
            return found
        if lane.refusal is not None:
            raise BackendError(lane.refusal.message, hint=lane.refusal.hint)
        return await self._join(lane, request)

    async def _join(self, lane: Lane, request: CallRequest) -> Reply | CallFailure:
        key = request.key
        if key not in self._in_flight:
            task = asyncio.create_task(self._obtain(lane, request))
            self._in_flight[key] = (task, [])
            task.add_done_callback(lambda _: self._in_flight.pop(key, None))
        task, waiting = self._in_flight[key]
        waiting.append(None)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if len(waiting) == 1 and not task.done():
                task.cancel()
                with suppress(BaseException):
                    await task
            raise
        finally:
            waiting.pop()

    def _replay(self, lane: Lane, request: CallRequest) -> Reply | None:
        effective = lane.negotiation.apply(request)
        found = self._ledger.get(effective.key)
        if found is None and effective is not request:
            found = self._ledger.get(request.key)
        if found is not None:
            self.totals.n_replayed += 1
        return found

    async def _obtain(self, lane: Lane, requested: CallRequest) -> Reply | CallFailure:
        if not lane.judge.is_offline:
            await lane.scout.go()
        try:
            outcome = await self._until_it_ends(lane, requested)
        finally:
            lane.scout.report()
        self.totals.n_answered += isinstance(outcome, Reply)
        self.totals.n_failed += isinstance(outcome, CallFailure)
        return outcome

    async def _until_it_ends(self, lane: Lane, requested: CallRequest) -> Reply | CallFailure:
        tries, failure = Tries(self._options.retries, self._random), None
        while True:
            leave = await lane.parking.wait()
            if leave == "none":
                return failure or _failure(requested, "provider_error", _parked_message(lane), tries, is_parked=True)
            if lane.refusal is not None:
                raise BackendError(lane.refusal.message, hint=lane.refusal.hint)
            outcome = await self._attempting.attempt(
                lane, requested, tuple(tries.attempts), is_probe=leave == "probe"
            )  # fmt: skip
            if isinstance(outcome, NotSent):
                if outcome.is_over_budget:
                    return _failure(requested, "over_budget", _budget_message(self.budget), tries)
                continue
            self.totals.n_sent += 1
            if isinstance(outcome, Reply):
                lane.parking.succeed()
                return outcome
            tries.note(outcome)
            if outcome.fault.rule.handling == "retry" and outcome.fault.rule.attempt != "rate_limited":
                lane.parking.fail(outcome.fault.message)
            if tries.may_negotiate(outcome.fault) and await self._learns(lane, requested, outcome):
                continue
            delay_s = tries.delay_s(outcome.fault)
            if delay_s is not None:
                await asyncio.sleep(delay_s)
                continue
            failure = self._failed_for_good(lane, requested, outcome, tries)
            if lane.parking.parked is None or not tries.may_go_another_round(outcome.fault):
                return failure  # else the judge is down, not the request at fault: wait with the others

    async def _learns(self, lane: Lane, requested: CallRequest, outcome: Outcome) -> bool:
        found = lane.negotiation.learn(outcome.sent, outcome.fault)
        if found is None or lane.negotiation.apply(requested).key == outcome.sent.key:
            return False
        await self._ledger.note_negotiated(lane.judge.model, lane.api_base, found, time.time())
        return True

    def _refuse(self, lane: Lane, message: str) -> BackendError:
        lane.refusal = BackendError(
            f"judge {lane.judge.id}: the provider refuses to work: {message}",
            hint=f"Check the model's name {lane.judge.model!r}, its endpoint, and the key in "
            f"{lane.judge.api_key_env or 'the environment'}; `judge doctor` checks without spending.",
        )
        return lane.refusal

    def _failed_for_good(self, lane: Lane, request: CallRequest, outcome: Outcome, tries: Tries) -> CallFailure:
        rule, message = outcome.fault.rule, outcome.fault.message
        if rule.handling == "stop":
            raise self._refuse(lane, message)
        if rule.failure == "provider_error" and (rule.handling != "retry" or rule.attempt == "rate_limited"):
            lane.parking.fail(message, self._options.retries.attempts)
        return _failure(request, rule.failure, message, tries)

    # --------------------------------------------------------------------------------------------------- the lanes

    def _lane(self, judge: Judge) -> Lane:
        lane = self._lanes.get(judge.id)
        if lane is None or (lane.judge is not judge and lane.judge != judge):
            raise ConfigError(f"judge {judge.id} is not one of the judges that this port was opened for")
        return lane

    def _build_lanes(self, judges: Sequence[Judge]) -> dict[str, Lane]:
        options = self._options
        groups: dict[str, list[Judge]] = {}
        for judge in judges:
            check_allowed(judge, local_only=options.local_only, private_hosts=options.private_hosts)
            groups.setdefault(endpoint_name(judge, options.limits_shared_by), []).append(judge)
        limiters = {name: _limiter(group) for name, group in groups.items()}
        self._fill(limiters)
        lanes = {}
        for name, group in groups.items():
            for judge in group:
                lanes[judge.id] = self._lane_of(judge, name, limiters[name])
        return lanes

    def _lane_of(self, judge: Judge, name: str, limiter: Limiter) -> Lane:
        tariff, options = tariff_of(judge), self._options
        if options.max_usd is not None and not tariff.is_known:
            raise ConfigError(
                f"judge {judge.id}: a cap on spending is set, and the price of {judge.model} is not known",
                hint="State input_per_mtok and output_per_mtok under price in the panel file, or leave out --max-usd.",
            )
        api_base = without_credentials(judge.api_base)
        negotiation = Negotiation(self._ledger.negotiated(judge.model, api_base))
        parking = Parking(
            judge.id, after=options.park_after * options.retries.attempts, probe_s=options.probe_s, grace_s=options.grace_s
        )  # fmt: skip
        return Lane(judge, name, api_base, limiter, tariff, negotiation, parking)

    def _fill(self, limiters: dict[str, Limiter]) -> None:
        now = time.time()
        for logged in self._ledger.recent(now - WINDOW_S):
            limiter = limiters.get(logged.endpoint)
            if limiter is not None:
                limiter.fill([(now - logged.attempt.sent_at, logged.window_tokens)])


def endpoint_name(judge: Judge, shared_by: Literal["endpoint", "judge"]) -> str:
    """Return under which name a judge's requests are counted: its endpoint and key, or itself."""
    if judge.is_offline or shared_by == "judge":
        return f"judge {judge.id}"
    return f"{without_credentials(judge.api_base) or judge.model.partition('/')[0]} {judge.api_key_env or ''}".strip()


def _failure(
    request: CallRequest, status: FailureStatus, message: str, tries: Tries, *, is_parked: bool = False
) -> CallFailure:
    return CallFailure(request.key, status, message, is_parked=is_parked, attempts=tuple(tries.attempts))


def _limiter(group: list[Judge]) -> Limiter:
    rpm = [judge.rpm for judge in group if judge.rpm is not None]
    tpm = [judge.tpm for judge in group if judge.tpm is not None]
    return Limiter(
        rpm=min(rpm, default=None),
        tpm=min(tpm, default=None),
        max_concurrency=min(judge.max_concurrency for judge in group),
    )


def _parked_message(lane: Lane) -> str:
    parked = lane.parking.parked
    if parked is None:
        return "the judge is parked"
    return f"not sent: the judge is down, {parked.n_failures} attempts failed in a row, the last with: {parked.message}"


def _budget_message(budget: Budget) -> str:
    return (
        f"not sent: ${budget.spent_usd:.4f} of ${budget.max_usd or 0.0:.2f} are spent, and the call could cost more "
        "than is left"
    )
