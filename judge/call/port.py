"""The port: the only way from a request to a model's reply.

Look in the ledger, wait for limiter and budget, call, write the ledger, return.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from types import TracebackType

from judge.call.attempting import Attempting, Totals
from judge.call.backend import Backend, LitellmBackend
from judge.call.calling import Calling, refuse_if_known
from judge.call.lanes import Lane, build_lanes, endpoint_name
from judge.call.ledger import Ledger, Negotiated
from judge.call.money import Budget
from judge.call.offline_provider import OfflineProvider
from judge.call.options import PortOptions
from judge.call.parking import Parked
from judge.call.request import CallFailure, CallRequest, Reply
from judge.domain.panel import Judge
from judge.errors import ConfigError

__all__ = ["Port", "PortOptions", "Totals", "endpoint_name"]


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
        options: PortOptions | None = None,
        offline: OfflineProvider | None = None,
        random: Random | None = None,
        backend: Backend | None = None,
    ) -> None:
        self._ledger = ledger
        options = options if options is not None else PortOptions()
        self._backend = backend if backend is not None else LitellmBackend(offline)
        self._backend.prepare(judges)
        self.budget = Budget(options.max_usd, spent_usd=ledger.spent(options.run).cost_usd)
        self.totals = Totals()
        attempting = Attempting(ledger, self._backend, self.budget, self.totals, options.run)
        random = random if random is not None else Random()
        self._calling = Calling(attempting, ledger, self.budget, options.retries, random)
        self._in_flight: dict[str, tuple[asyncio.Task[Reply | CallFailure], list[None]]] = {}
        self._lanes = build_lanes(judges, ledger, options)

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
        refuse_if_known(lane)
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

    async def _obtain(self, lane: Lane, request: CallRequest) -> Reply | CallFailure:
        outcome = await self._calling.obtain(lane, request)
        self.totals.n_answered += isinstance(outcome, Reply)
        self.totals.n_failed += isinstance(outcome, CallFailure)
        return outcome

    def _lane(self, judge: Judge) -> Lane:
        lane = self._lanes.get(judge.id)
        if lane is None or (lane.judge is not judge and lane.judge != judge):
            raise ConfigError(f"judge {judge.id} is not one of the judges that this port was opened for")
        return lane
