"""Ordered work on one asyncio loop: many at once, results in the order of the input, memory bounded."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from typing import Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")


_LOOK_S = 0.1
"""How often it is looked at whether jobs are held up, while none ends."""


def _none() -> int:
    return 0


async def in_order(
    jobs: Iterable[J],
    work: Callable[[J], Awaitable[R]],
    *,
    n_active: int,
    n_waiting: int = 4096,
    n_held: Callable[[], int] = _none,
) -> AsyncGenerator[R, None]:
    """Yield the result of each job in the order of the jobs.

    Parameters
    ----------
    jobs
        Read one by one as there is room.
    work
        What to do with a job. The first exception ends the whole at once: what still runs is cancelled and awaited.
    n_active
        Jobs that run at once.
    n_waiting
        Finished or running jobs that are held back for an earlier one at the most.
    n_held
        How many of those that run are held up by something that may last, such as a judge that is down: they leave
        their room to others.
    """
    window = _Window(jobs, work, n_active, n_waiting, n_held)
    try:
        while window.fill():
            async for result in window.take():
                yield result
    finally:
        await window.cancel()


class _Window(Generic[J, R]):
    """The jobs that were started and whose results were not yet taken."""

    def __init__(
        self,
        jobs: Iterable[J],
        work: Callable[[J], Awaitable[R]],
        n_active: int,
        n_waiting: int,
        n_held: Callable[[], int],
    ) -> None:
        self._jobs = iter(jobs)
        self._work = work
        self._n_active = n_active
        self._n_waiting = n_waiting
        self._n_held = n_held
        self._queue: deque[asyncio.Task[R]] = deque()
        self._wake = asyncio.Event()
        self._n_running = 0
        self._failure: BaseException | None = None

    def fill(self) -> bool:
        """Start jobs while there is room; return whether anything is left to wait for."""
        n_active = self._n_active + self._n_held()
        while self._n_running < n_active and len(self._queue) < self._n_waiting:
            try:
                job = next(self._jobs)
            except StopIteration:
                break
            task = asyncio.create_task(self._run(job))
            task.add_done_callback(self._ended)
            self._n_running += 1
            self._queue.append(task)
        return bool(self._queue)

    async def take(self) -> AsyncIterator[R]:
        """Wait until some job has ended (or for a moment), then yield the finished ones at the head of the order."""
        self._wake.clear()
        if not self._queue[0].done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._wake.wait()
        if self._failure is not None:
            raise self._failure
        while self._queue and self._queue[0].done():
            yield self._queue.popleft().result()

    async def cancel(self) -> None:
        """Cancel what still runs and wait for it."""
        running = [task for task in self._queue if not task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, job: J) -> R:
        try:
            return await self._work(job)
        finally:
            self._n_running -= 1  # here, not in the callback, which runs after the result may have been taken

    def _ended(self, task: asyncio.Task[R]) -> None:
        error = None if task.cancelled() else task.exception()  # always looked at, or asyncio complains at the end
        if self._failure is None:
            self._failure = error
        self._wake.set()
