"""One call to its end: attempts, negotiation, waits, and what becomes of it."""

import asyncio
import time
from collections import Counter
from random import Random

from judge.call.attempting import Attempting, NotSent, Outcome
from judge.call.lanes import Lane
from judge.call.ledger import Ledger
from judge.call.money import Budget
from judge.call.parking import Leave
from judge.call.request import CallFailure, CallRequest, FailureStatus, Reply
from judge.call.retries import Retries
from judge.call.tries import Tries, is_outage
from judge.errors import BackendError


class Calling:
    """Sees calls through: the one layer of retries."""

    def __init__(
        self, attempting: Attempting, ledger: Ledger, budget: Budget, retries: Retries, random: Random
    ) -> None:
        self._attempting = attempting
        self._ledger = ledger
        self._budget = budget
        self._retries = retries
        self._random = random
        self._held: Counter[str | None] = Counter()

    @property
    def n_held(self) -> int:
        """Responses that wait for a judge that is down."""
        return len(self._held)

    async def obtain(self, lane: Lane, requested: CallRequest) -> Reply | CallFailure:
        """Return a reply that is on disk, or why there is none.

        Raises
        ------
        BackendError
            If the provider refuses key or model.
        StoreError
            If the ledger cannot be written.
        """
        if not lane.judge.is_offline:
            await lane.scout.go()
        try:
            return await self._until_it_ends(lane, requested, Tries(self._retries, self._random))
        finally:
            lane.scout.report()

    async def _until_it_ends(self, lane: Lane, requested: CallRequest, tries: Tries) -> Reply | CallFailure:
        failure: CallFailure | None = None
        while True:
            leave = await self._leave(lane, requested)
            if leave == "none":
                return failure or _failure(requested, "provider_error", _parked_message(lane), tries, is_parked=True)
            refuse_if_known(lane)
            is_probe = leave == "probe"
            outcome = await self._attempting.attempt(lane, requested, tuple(tries.attempts), is_probe=is_probe)
            if isinstance(outcome, Reply):
                lane.parking.succeed()
                return outcome
            if isinstance(outcome, NotSent):
                if outcome.is_over_budget:
                    return _failure(requested, "over_budget", _budget_message(self._budget), tries)
                continue
            if is_probe and is_outage(outcome.fault):
                tries.note_probe(outcome)
                lane.parking.fail(outcome.fault.message)
                continue
            failure = await self._after(lane, requested, outcome, tries)
            if failure is not None and not tries.may_go_another_round(
                outcome.fault, is_down=lane.parking.seems_down(self._retries.attempts)
            ):
                return failure

    async def _leave(self, lane: Lane, requested: CallRequest) -> Leave:
        if not lane.parking.is_parked:
            return "free"
        whose = requested.response_id
        self._held[whose] += 1
        try:
            return await lane.parking.wait()
        finally:
            self._held[whose] -= 1
            if not self._held[whose]:
                del self._held[whose]

    async def _after(self, lane: Lane, requested: CallRequest, outcome: Outcome, tries: Tries) -> CallFailure | None:
        """Learn from a failed attempt and wait as long as it asks for; return the failure if it was the last one."""
        tries.note(outcome)
        fault = outcome.fault
        if is_outage(fault):
            lane.parking.fail(fault.message)
        if tries.may_negotiate(fault) and await self._learns(lane, requested, outcome):
            return None
        delay_s = tries.delay_s(fault)
        if delay_s is not None:
            await asyncio.sleep(delay_s)
            return None
        if fault.rule.handling == "stop":
            raise _refuse(lane, fault.message)
        if fault.rule.failure == "provider_error" and not is_outage(fault):
            lane.parking.fail(fault.message, self._retries.attempts)
        return _failure(requested, fault.rule.failure, fault.message, tries)

    async def _learns(self, lane: Lane, requested: CallRequest, outcome: Outcome) -> bool:
        found = lane.negotiation.learn(outcome.sent, outcome.fault)
        if found is None or lane.negotiation.apply(requested).key == outcome.sent.key:
            return False
        await self._ledger.note_negotiated(lane.judge.model, lane.api_base, found, time.time())
        return True


def refuse_if_known(lane: Lane) -> None:
    """Raise what the provider said, if it refused key or model before.

    Raises
    ------
    BackendError
        If it did.
    """
    if lane.refusal is not None:
        raise BackendError(lane.refusal.message, hint=lane.refusal.hint)


def _refuse(lane: Lane, message: str) -> BackendError:
    lane.refusal = BackendError(
        f"judge {lane.judge.id}: the provider refuses to work: {message}",
        hint=f"Check the model's name {lane.judge.model!r}, its endpoint, and the key in "
        f"{lane.judge.api_key_env or 'the environment'}; `judge doctor` checks without spending.",
    )
    return lane.refusal


def _failure(
    request: CallRequest, status: FailureStatus, message: str, tries: Tries, *, is_parked: bool = False
) -> CallFailure:
    return CallFailure(request.key, status, message, is_parked=is_parked, attempts=tuple(tries.attempts))


def _parked_message(lane: Lane) -> str:
    parked = lane.parking.parked
    if parked is None:
        return "the judge is parked"
    return f"not sent: the judge is down, {parked.n_failures} attempts failed in a row, the last with: {parked.message}"


def _budget_message(budget: Budget) -> str:
    most = "more than is left" if budget.unfit_usd is None else f"up to ${budget.unfit_usd:.4f}, more than is left"
    return f"not sent: ${budget.spent_usd:.4f} of ${budget.max_usd or 0.0:g} are spent, and the call could cost {most}"
