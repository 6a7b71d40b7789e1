"""Deleting from a ledger what was received for answers: which replies are meant, and their end."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from judge.call.upkeep import opened
from judge.errors import DataError, did_you_mean

LEAST_DIGITS = 12
_PREFIX = re.compile(rf"[0-9a-f]{{{LEAST_DIGITS},64}}")
_SUGGESTED_FROM = 10_000
"""Among so many known ids the nearest to an unknown one is looked up."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted."""

    n_replies: int
    n_attempts: int
    """Attempts whose link to the answer was cut; their tokens and cost stay, or the cap on spending would not hold."""
    is_erased: bool
    """False where no reply was deleted, or another process holds the file open: the bytes go when it closes."""


def whole_keys(path: Path, given: Iterable[str]) -> frozenset[str]:
    """Return the keys that keys or their beginnings mean.

    Raises
    ------
    DataError
        If one is too short, or the ledger holds no such key, or several that begin so.
    """
    with opened(path) as connection:
        return frozenset(_whole_key(connection, path, key.strip()) for key in given)


def _whole_key(connection: sqlite3.Connection, path: Path, key: str) -> str:
    if connection.execute("SELECT 1 FROM replies WHERE key = ?", (key,)).fetchone():
        return key  # also one that damage has made into no key
    if not _PREFIX.fullmatch(key):
        raise DataError(
            f"{key!r} is no key of a call",
            hint=f"A key has 64 hex digits, of which the first {LEAST_DIGITS} will do; see calls.parquet.",
        )
    found = connection.execute(
        "SELECT key FROM replies WHERE key >= ?1 AND key < ?1 || 'g' UNION "
        "SELECT key FROM attempts WHERE key >= ?1 AND key < ?1 || 'g' LIMIT 2",
        (key,),
    ).fetchall()
    if not found:
        raise DataError(f"{path} holds no call under {key!r}", hint="Keys are in calls.parquet, column call_key.")
    if len(found) > 1:
        raise DataError(f"{path} holds several calls whose keys begin with {key!r}", hint="Give more of its digits.")
    return str(found[0][0])


def check_known(path: Path, response_ids: Sequence[str], also_known: Iterable[str] = ()) -> None:
    """Refuse ids of answers about which a ledger holds nothing.

    Raises
    ------
    DataError
        Naming each with the nearest that is known.
    """
    with opened(path) as connection:
        known = dict.fromkeys(also_known)
        query = "SELECT response_id FROM replies UNION SELECT response_id FROM attempts"
        known.update(dict.fromkeys(row[0] for row in connection.execute(query) if row[0] is not None))
    problems = [
        f'"{response_id}"{did_you_mean(response_id, islice(known, _SUGGESTED_FROM))}'
        for response_id in response_ids
        if response_id not in known
    ]
    if problems:
        raise DataError(
            f"{path}: nothing is there of {len(problems)} of {len(response_ids)} answers; nothing was deleted",
            problems=problems,
            hint="Name them as in the column response_id of the run's tables; what was forgotten before is not there.",
        )


def forget(path: Path, *, keys: frozenset[str] = frozenset(), response_ids: Sequence[str] = ()) -> Forgotten:
    """Delete replies, and the link from attempts to the answers they were about; the bytes are overwritten.

    Raises
    ------
    StoreError
        If the ledger cannot be written.
    """
    n_replies = n_attempts = 0
    with opened(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for key in sorted(keys | _keys_of(connection, response_ids)):
            n_replies += connection.execute("DELETE FROM replies WHERE key = ?", (key,)).rowcount
            n_attempts += _unlink(connection, "key", key)
        for response_id in response_ids:
            n_attempts += _unlink(connection, "response_id", response_id)
        connection.execute("COMMIT")
        is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return Forgotten(n_replies, n_attempts, n_replies > 0 and not is_busy)


def _keys_of(connection: sqlite3.Connection, response_ids: Sequence[str]) -> frozenset[str]:
    return frozenset(
        row[0]
        for response_id in response_ids
        for row in connection.execute("SELECT key FROM replies WHERE response_id = ?", (response_id,))
    )


def _unlink(connection: sqlite3.Connection, column: str, value: str) -> int:
    return connection.execute(
        f"UPDATE attempts SET response_id = NULL, message = '' WHERE {column} = ? "
        "AND (response_id IS NOT NULL OR message != '')",
        (value,),
    ).rowcount
