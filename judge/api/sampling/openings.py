"""How often the test split of a set was opened: a small record beside the set's manifest, apart from the set's hash.

The test split tells something new once: whoever looks at it, changes something and looks again has fitted to it. The
record stops nobody; it makes every look countable.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from judge.domain.ids import sha256_json
from judge.errors import DataError, StoreError
from judge.store.files import write_json
from judge.store.lock import locked

FORMAT = "judge-openings/1"
NAME = "openings.json"
_READ_ONLY = "Looks at the test split are recorded beside the set: copy the set to a folder that can be written to."


@dataclass(frozen=True, slots=True)
class Opening:
    """One look at the test split."""

    date: str
    command: str
    run: str
    """Plan hash of the run."""
    identity: str
    """SHA-256 of the command, the run and the grades: the same again is no new look."""


def record_opening(folder: Path, command: str, *, run: str, about: Mapping[str, object]) -> int:
    """Record that a command opens the test split of a set, and return how often it was opened before.

    Parameters
    ----------
    folder
        The set's.
    command
        As a person reads it.
    run
        Plan hash of the run.
    about
        What else makes the figures what they are: hash of the grades, options. The same command with the same run
        and the same ``about`` is not recorded again, and counts what stood before its first time.

    Raises
    ------
    DataError
        If the record is damaged.
    StoreError
        If it cannot be written, or another process is writing it.
    """
    identity = sha256_json({"command": command, "run": run, "about": dict(about)})
    check_record(folder)
    with locked(folder):
        known = read_openings(folder)
        before = next((place for place, one in enumerate(known) if one.identity == identity), None)
        if before is not None:
            return before
        opening = Opening(datetime.now(UTC).isoformat(timespec="seconds"), command, run, identity)
        write_json(folder / NAME, {"format": FORMAT, "openings": [asdict(one) for one in (*known, opening)]})
    return len(known)


def check_record(folder: Path) -> None:
    """See that a look at the test split can be recorded, before anything is spent on it.

    Raises
    ------
    DataError
        If the record is damaged.
    StoreError
        If the set's folder cannot be written to.
    """
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"{folder}: cannot be written to", hint=_READ_ONLY)
    read_openings(folder)


def read_openings(folder: Path) -> tuple[Opening, ...]:
    """Return all recorded openings, the first one first.

    Raises
    ------
    DataError
        If the record is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        return ()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"is not of format {FORMAT}")
        return tuple(Opening(**one) for one in document["openings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: the record of openings cannot be read ({error})",
            hint="Restore it from a copy: without it nobody knows how often the test split was looked at.",
        ) from error


def no_longer_fresh(n_before: int) -> str | None:
    """Return what is to be said of a test split that was opened before, None the first time.

    >>> no_longer_fresh(2)
    'the test split of this set was opened 2 times before; figures on it are no longer fresh'
    """
    if n_before == 0:
        return None
    times = "1 time" if n_before == 1 else f"{n_before} times"
    return f"the test split of this set was opened {times} before; figures on it are no longer fresh"
