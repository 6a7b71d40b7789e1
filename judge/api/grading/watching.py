"""Tells while a run goes on which judges are down and which came back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from judge.api.grading.progress import Progress
from judge.call.port import Port

_EVERY_S = 1.0


@asynccontextmanager
async def watching(port: Port, progress: Progress, *, every_s: float = _EVERY_S) -> AsyncIterator[None]:
    """Look at the port every second while the block runs, and say what has changed."""
    watcher = asyncio.create_task(_watch(port, progress, every_s))
    try:
        yield
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher


async def _watch(port: Port, progress: Progress, every_s: float) -> None:
    down: dict[str, str] = {}
    while True:
        await asyncio.sleep(every_s)
        now = {parked.judge: parked.message for parked in port.parked}
        for judge in now.keys() - down.keys():
            progress.say(f"judge {judge} is down ({now[judge]}); it is tried again now and then, the others go on")
        for judge in down.keys() - now.keys():
            progress.say(f"judge {judge} answers again")
        down = now
