"""Ctrl-C and SIGTERM: the first stops cleanly, the second at once."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from judge.errors import Interrupted, JudgeError

_GRACE_S = 3.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
EXIT_CODE = 130


class Stop:
    """A request to stop, and the tasks that wait for a reply meanwhile."""

    def __init__(self) -> None:
        self.is_requested = False
        self.cause: JudgeError | None = None
        self._asking: set[asyncio.Task[object]] = set()

    def request(self, cause: JudgeError) -> None:
        """Ask nothing more; give replies under way a few seconds, then let go of them."""
        if self.is_requested:
            return
        self.is_requested = True
        self.cause = cause
        asyncio.get_running_loop().call_later(_GRACE_S, self._let_go)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Mark the current task as one that waits for a reply."""
        task = asyncio.current_task()
        if task is None:
            yield
            return
        self._asking.add(task)
        try:
            yield
        finally:
            self._asking.discard(task)

    def _let_go(self) -> None:
        for task in tuple(self._asking):
            task.cancel()


@contextmanager
def on_signals(stop: Stop) -> Iterator[None]:
    """Let the signals of the running loop's process request a stop; outside the main thread they are left alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if stop.is_requested:
            os._exit(EXIT_CODE)
        stop.request(
            Interrupted("interrupted; what was done is kept", hint="The same command again goes on from here.")
        )

    for number in _SIGNALS:
        loop.add_signal_handler(number, heard)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
