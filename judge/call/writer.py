"""One thread that writes to the ledger's file: many rows to a commit, off the event loop."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from judge.call.schema import connect
from judge.errors import StoreError

GROUP_ROWS = 64
LINGER_S = 0.005
"""How long a group waits for company; with the commit itself it stays well under 50 ms on a sound disk."""

Write = Callable[[sqlite3.Connection], Any]
_Item = tuple[Write, asyncio.Future[Any] | None]


class Writer:
    """Takes writes from event loops, commits them in groups, and says when each is durable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect(path)
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._failure: StoreError | None = None
        self._thread = threading.Thread(target=self._run, name="judge-ledger", daemon=True)
        self._thread.start()

    def submit(self, write: Write) -> asyncio.Future[Any]:
        """Queue a write; the future is done when it is on disk.

        Raises
        ------
        StoreError
            If an earlier write failed.
        """
        self._refuse_after_failure()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put((write, future))
        return future

    def post(self, write: Write) -> None:
        """Queue a write that nobody waits for; ``close`` still sees it through."""
        self._refuse_after_failure()
        self._queue.put((write, None))

    def close(self) -> None:
        """Write what is queued and end the thread.

        Raises
        ------
        StoreError
            If a write failed.
        """
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        self._connection.close()
        self._refuse_after_failure()

    def _refuse_after_failure(self) -> None:
        if self._failure is not None:
            raise StoreError(self._failure.message, hint=self._failure.hint)

    def _run(self) -> None:
        is_open = True
        while is_open:
            first = self._queue.get()
            if first is None:
                return
            group = [first]
            is_open = self._gather(group)
            self._commit(group)

    def _gather(self, group: list[_Item]) -> bool:
        time.sleep(LINGER_S)  # and not a wait for each row: every waking takes the interpreter from the event loop
        while len(group) < GROUP_ROWS:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return True
            if item is None:
                return False
            group.append(item)
        return True

    def _commit(self, group: list[_Item]) -> None:
        results: list[Any] = []
        if self._failure is None:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                results = [write(self._connection) for write, _ in group]
                self._connection.execute("COMMIT")
            except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear of it)
                self._failure = self._as_failure(error)
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
        _tell(group, results, self._failure)

    def _as_failure(self, error: Exception) -> StoreError:
        return StoreError(
            f"{self._path}: the ledger cannot be written: {error}",
            hint="What was committed before is safe. Make room or free the file, then run the same command again.",
        )


def _tell(group: list[_Item], results: list[Any], failure: StoreError | None) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for number, (_, future) in enumerate(group):
        if future is not None:
            by_loop.setdefault(future.get_loop(), []).append((future, None if failure else results[number]))
    for loop, waiting in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, waiting, failure)


def _resolve(waiting: list[tuple[asyncio.Future[Any], Any]], failure: StoreError | None) -> None:
    for future, result in waiting:
        if future.done():
            continue
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(StoreError(failure.message, hint=failure.hint))
