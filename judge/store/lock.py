"""One process at a time in a run folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from judge.errors import StoreError
from judge.store.files import storing

_NAME = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run folder; the lock goes with the process, so a crash leaves none behind.

    Raises
    ------
    StoreError
        If another process holds it.
    """
    path = folder / _NAME
    with storing(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"{folder}: is in use by another run",
                hint="Wait until it ends, or choose another folder with --out.",
            ) from error
        yield
    finally:
        os.close(descriptor)
