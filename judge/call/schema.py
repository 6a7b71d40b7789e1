"""Tables of the ledger's file, and which versions of it this program reads."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from judge.errors import StoreError

APPLICATION_ID = 0x4A55_4447
"""``JUDG``: tells our file from any other SQLite file."""
VERSION = 1
BUSY_TIMEOUT_MS = 60_000

_TABLES = """
CREATE TABLE replies (
    key TEXT PRIMARY KEY, at REAL NOT NULL, judge TEXT NOT NULL, model TEXT NOT NULL, api_base TEXT,
    response_id TEXT, sha256 TEXT NOT NULL, value TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX replies_of_response ON replies (response_id) WHERE response_id IS NOT NULL;
CREATE TABLE attempts (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, run TEXT NOT NULL, judge TEXT NOT NULL, endpoint TEXT NOT NULL,
    response_id TEXT, scope TEXT NOT NULL, repeat INTEGER NOT NULL, number INTEGER NOT NULL, status TEXT NOT NULL,
    sent_at REAL NOT NULL, latency_s REAL NOT NULL, prompt_tokens INTEGER, cached_tokens INTEGER,
    completion_tokens INTEGER, reasoning_tokens INTEGER, window_tokens INTEGER NOT NULL, cost_usd REAL,
    is_cost_estimated INTEGER NOT NULL, served_model TEXT, message TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX attempts_in_time ON attempts (sent_at);
CREATE INDEX attempts_of_run ON attempts (run);
CREATE INDEX attempts_of_key ON attempts (key);
CREATE TABLE negotiated (
    model TEXT NOT NULL, api_base TEXT NOT NULL, name TEXT NOT NULL, becomes TEXT NOT NULL, at REAL NOT NULL,
    message TEXT NOT NULL, PRIMARY KEY (model, api_base, name)
) WITHOUT ROWID;
"""

MIGRATIONS: Mapping[int, Callable[[sqlite3.Connection], None]] = {}
"""From a version to the next; a version that is missing here is refused."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a ledger's file as every connection of ours has it.

    Raises
    ------
    StoreError
        If the file cannot be opened.
    """
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False
        )
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    return connection


def prepare(path: Path, migrations: Mapping[int, Callable[[sqlite3.Connection], None]] = MIGRATIONS) -> None:
    """Create the file if it is not there, else check that it is ours and of a version that can be read.

    Raises
    ------
    StoreError
        If the file is not a ledger, or of a version that this program does not know.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}", hint="Name another file with --ledger.") from error
    with closing(connect(path)) as connection:
        try:
            _prepare(path, connection, migrations)
        except sqlite3.Error as error:
            raise _unreadable(path, error) from error


def _prepare(
    path: Path, connection: sqlite3.Connection, migrations: Mapping[int, Callable[[sqlite3.Connection], None]]
) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        _create_or_migrate(path, connection, migrations)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # on a full disk SQLite has rolled back already
            connection.execute("ROLLBACK")
        raise


def _create_or_migrate(
    path: Path, connection: sqlite3.Connection, migrations: Mapping[int, Callable[[sqlite3.Connection], None]]
) -> None:
    if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        return
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError(f"{path} is an SQLite file, but no ledger of judge", hint="Name another file with --ledger.")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    while version != VERSION:
        if version not in migrations:
            raise StoreError(
                f"{path} is a ledger of version {version}; this program reads version {VERSION}",
                hint="Use the release of judge that wrote it, or name another file with --ledger.",
            )
        migrations[version](connection)
        version += 1
        connection.execute(f"PRAGMA user_version = {version}")


def _unreadable(path: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(
        f"{path} cannot be used as a ledger: {error}",
        hint="It must be an SQLite file of judge on a local disk; name another with --ledger.",
    )
