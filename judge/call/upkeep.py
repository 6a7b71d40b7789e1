"""What is done with a ledger between runs: look, check, copy."""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from judge.call.ledger import sha256_of
from judge.call.request import reply_from_document
from judge.call.schema import connect, prepare
from judge.errors import StoreError

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Line:
    """What one judge sent and received."""

    judge: str
    endpoint: str
    n_attempts: int
    n_ok: int
    n_failed: int
    n_pending: int
    """Sent, and the end was never noted: in flight now, or cut off by a crash; booked at the reservation."""
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_usd: float
    n_estimated: int
    n_unknown: int
    first_at: float
    last_at: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a ledger holds."""

    path: str
    n_replies: int
    n_bytes: int
    lines: tuple[Line, ...]
    negotiated: tuple[tuple[str, str, str, str], ...]
    """(model, endpoint, what it refuses, what is sent in its place)."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a ledger is whole."""

    n_replies: int
    n_attempts: int
    problems: tuple[str, ...]


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger's file, with whatever SQLite says turned into an error that names it.

    Raises
    ------
    StoreError
        If it is not there or cannot be used.
    """
    if not path.is_file():
        raise StoreError(f"{path} is not there", hint="Name a ledger.sqlite, or the run folder beside it.")
    prepare(path)
    with closing(connect(path)) as connection:
        try:
            yield connection
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}", hint="Run `judge ledger verify` on it.") from error


def summarise(path: Path, run: str | None = None) -> Summary:
    """Return what each judge sent, received and cost, of one run or of all.

    Raises
    ------
    StoreError
        If the ledger is not there or cannot be read.
    """
    where, values = ("WHERE run = ?", (run,)) if run is not None else ("", ())
    with opened(path) as connection:
        rows = connection.execute(
            "SELECT judge, endpoint, count(*), sum(status = 'ok'), sum(status NOT IN ('ok', 'sent')), "
            "sum(status = 'sent'), coalesce(sum(prompt_tokens), 0), coalesce(sum(cached_tokens), 0), "
            "coalesce(sum(completion_tokens), 0), total(cost_usd), sum(is_cost_estimated), "
            "count(*) - count(cost_usd), min(sent_at), max(sent_at) "
            f"FROM attempts {where} GROUP BY judge, endpoint ORDER BY judge, endpoint",
            values,
        ).fetchall()
        n_replies = connection.execute("SELECT count(*) FROM replies").fetchone()[0]
        query = "SELECT model, api_base, name, becomes FROM negotiated ORDER BY 1, 2, 3"
        negotiated = tuple(connection.execute(query).fetchall())
    lines = tuple(Line(*row) for row in rows)
    return Summary(str(path), int(n_replies), path.stat().st_size, lines, negotiated)


def verify(path: Path) -> Verification:
    """Check the file and every reply in it: SQLite's own check, keys, digests, and whether each can be read.

    Raises
    ------
    StoreError
        If the ledger is not there, or is no ledger.
    """
    with opened(path) as connection:
        checks = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        problems = [f"file: {text}" for text in checks if text != "ok"]
        n = 0
        for key, digest, value in connection.execute("SELECT key, sha256, value FROM replies ORDER BY key"):
            n += 1
            fault = _fault(key, digest, value)
            if fault is not None:
                problems.append(f"reply {key}: {fault}")
        n_attempts = connection.execute("SELECT count(*) FROM attempts").fetchone()[0]
    return Verification(n, int(n_attempts), tuple(problems))


def _fault(key: str, digest: str, value: str) -> str | None:
    if not _KEY.fullmatch(key):
        return "its key is not a SHA-256"
    if sha256_of(value) != digest:
        return "its text is not the one that was stored"
    try:
        reply_from_document(key, json.loads(value))
    except (ValueError, KeyError, TypeError) as error:
        return f"it cannot be read ({error})"
    return None


def export(path: Path, to: Path) -> int:
    """Write a consistent copy, also while a run writes to the ledger; return its size in bytes.

    Raises
    ------
    StoreError
        If the ledger cannot be read, the copy exists already or cannot be written.
    """
    if to.exists():
        raise StoreError(f"{to} is there already", hint="Name a file that does not exist yet.")
    aside = to.with_name(f".{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        aside.touch(mode=0o600)
        with opened(path) as source, closing(connect(aside)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.rename(to)
    except OSError as error:
        raise StoreError(f"{to}: {error.strerror}", hint="Name a file in a folder that can be written.") from error
    finally:
        aside.unlink(missing_ok=True)
    return to.stat().st_size
