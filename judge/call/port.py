"""The port: the only way from a request to a model's reply.

Look in the ledger, wait for limiter and budget, call, write the ledger, return.
"""

import asyncio
from collections.abc import Sequence
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

_InFlight = tuple[asyncio.Task[Reply | CallFailure], set[object]]
"""The work on one request, and those who wait for it."""


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
        self._in_flight: dict[str, _InFlight] = {}
        self._is_closing = False
        self._lanes = build_lanes(judges, ledger, options)

    async def __aenter__(self) -> "Port":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Cancel what is in flight (booked at its reservation) and close the connections."""
        self._is_closing = True
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

    @property
    def n_held(self) -> int:
        """Responses that wait for a judge that is down."""
        return self._calling.n_held

    def negotiated(self, judge_id: str) -> tuple[Negotiated, ...]:
        """Return what a judge's model was found to refuse, for the manifest."""
        return self._lanes[judge_id].negotiation.known

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
        while True:
            task, waiting = self._task_for(lane, request)
            waiting.add(marker := object())
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                if self._was_let_go_by_others(task):
                    continue
                if len(waiting) == 1 and not task.done():
                    task.cancel()
                    await asyncio.wait([task])
                raise
            finally:
                waiting.discard(marker)

    def _task_for(self, lane: Lane, request: CallRequest) -> "_InFlight":
        key = request.key
        found = self._in_flight.get(key)
        if found is None:
            found = asyncio.create_task(self._obtain(lane, request)), set()
            self._in_flight[key] = found
            found[0].add_done_callback(lambda task: self._ended(key, task))
        return found

    def _ended(self, key: str, task: "asyncio.Task[Reply | CallFailure]") -> None:
        self._in_flight.pop(key, None)
        if not task.cancelled():
            task.exception()  # looked at here, for those who waited may be gone, and asyncio would complain

    def _was_let_go_by_others(self, task: "asyncio.Task[Reply | CallFailure]") -> bool:
        """Return whether it is not we who are cancelled: we came when the last waiter before us was giving up."""
        current = asyncio.current_task()
        return task.cancelled() and not self._is_closing and current is not None and not current.cancelling()

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
