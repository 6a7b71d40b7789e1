"""A port in a thread of its own, for optimisers that block: same ledger, same limits, same budget."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Any, TypeVar

from judge.call.ledger import Ledger
from judge.call.port import Port, PortOptions
from judge.domain.panel import Judge

T = TypeVar("T")


class Wire:
    """Use it in a ``with``; every method may be called from any thread but the port's own.

    Parameters
    ----------
    ledger
        Where replies are kept and looked up.
    judges
        All that will be called: the judge that is tuned, and who writes proposals.
    options
        The run's; its cap is the cap of the whole tuning.
    """

    def __init__(self, ledger: Ledger, judges: Sequence[Judge], options: PortOptions) -> None:
        self._ledger, self._judges, self._options = ledger, tuple(judges), options
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="judge-port", daemon=True)
        self.port: Port

    def __enter__(self) -> "Wire":
        self._thread.start()
        try:
            self.port = self.run(self._open())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.run(self.port.aclose())
        finally:
            self._end()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the port's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def let_go_in(self, grace_s: float) -> None:
        """Give what is in flight so long, then cancel it; returns at once, and may be called by a signal's handler."""
        self.loop.call_soon_threadsafe(lambda: self.loop.create_task(_let_go(grace_s)))

    async def _open(self) -> Port:
        return Port(self._ledger, self._judges, options=self._options)

    def _end(self) -> None:
        self.run(_let_go())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


async def _let_go(grace_s: float = 0.0) -> None:
    """Cancel what other threads still wait for, or they would wait for ever."""
    await asyncio.sleep(grace_s)
    waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
