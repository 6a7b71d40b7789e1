"""The ledger: one SQLite file that holds every paid reply and what became of every attempt."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from judge.call.request import Attempt, CallRequest, Reply, Usage, reply_from_document, without_credentials
from judge.call.schema import connect, prepare
from judge.call.writer import Writer
from judge.domain.ids import canonical_json
from judge.domain.panel import Judge
from judge.errors import StoreError

_COLUMNS = (
    "id, key, run, judge, endpoint, response_id, scope, repeat, number, status, sent_at, latency_s, prompt_tokens, "
    "cached_tokens, completion_tokens, reasoning_tokens, window_tokens, cost_usd, is_cost_estimated, served_model, "
    "message"
)
_REPLACE_ATTEMPT = f"INSERT OR REPLACE INTO attempts ({_COLUMNS}) VALUES ({', '.join('?' * 21)})"


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """An attempt with all that says whose it was; what the ledger keeps of it."""

    attempt: Attempt
    key: str
    run: str
    judge: str
    endpoint: str
    """Who counts it against a rate: the endpoint and the name of the key's variable, or the judge."""
    window_tokens: int
    """Tokens that count against tokens per minute: reserved at send, actual on reply."""
    response_id: str | None = None
    scope: str = "response"
    repeat: int = 0

    def as_row(self) -> tuple[Any, ...]:
        """Return the columns of the table ``attempts``."""
        a, u = self.attempt, self.attempt.usage
        return (
            a.id, self.key, self.run, self.judge, self.endpoint, self.response_id, self.scope, self.repeat, a.number,
            a.status, a.sent_at, a.latency_s, u.prompt, u.cached, u.completion, u.reasoning, self.window_tokens,
            a.cost_usd, int(a.is_cost_estimated), a.served_model, a.message,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What a model at an endpoint takes in place of a parameter."""

    name: str
    becomes: str
    """``""``: nothing; else the name that is sent in its place, or the weaker ``response_format``."""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """Money of a run over all its invocations."""

    cost_usd: float
    n_attempts: int
    n_estimated: int
    n_unknown: int
    """Attempts of unknown price."""


class Ledger:
    """Open it with ``Ledger(path)``; ``close`` it, or use it in a ``with``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        prepare(path)
        self._reader = connect(path)
        self._writer = Writer(path)

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is queued and close the file.

        Raises
        ------
        StoreError
            If something could not be written.
        """
        try:
            self._writer.close()
        finally:
            self._reader.close()

    # ------------------------------------------------------------------------------------------------- replies

    def get(self, key: str) -> Reply | None:
        """Return the reply to a request, None where it was never answered.

        Raises
        ------
        StoreError
            If the file cannot be read or the row is damaged.
        """
        row = self._read("SELECT value FROM replies WHERE key = ?", (key,)).fetchone()
        return None if row is None else self._reply(key, row[0])

    async def put(self, judge: Judge, request: CallRequest, reply: Reply, logged: LoggedAttempt | None = None) -> Reply:
        """Store a reply and the attempt that obtained it; return when both are on disk.

        Where another process stored a reply to the same request first, that one is returned: there is one answer to a
        request.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        value = _as_text(reply.as_document())
        api_base = without_credentials(request.api_base)
        row = (reply.key, reply.at, judge.id, request.model, api_base, request.response_id, sha256_of(value), value)

        def write(connection: sqlite3.Connection) -> str | None:
            if logged is not None:
                connection.execute(_REPLACE_ATTEMPT, logged.as_row())
            done = connection.execute("INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            if done.rowcount:
                return None
            found = connection.execute("SELECT value FROM replies WHERE key = ?", (reply.key,)).fetchone()
            return str(found[0])

        first: str | None = await self._writer.submit(write)
        return reply if first is None else self._reply(reply.key, first)

    # ------------------------------------------------------------------------------------------------ attempts

    def post_attempt(self, logged: LoggedAttempt) -> None:
        """Note what happens to an attempt, without waiting for the disk."""
        row = logged.as_row()
        self._writer.post(lambda connection: connection.execute(_REPLACE_ATTEMPT, row))

    def attempts(self, run: str | None = None) -> Iterator[LoggedAttempt]:
        """Yield the attempts of a run (or of all), in order of time."""
        where, values = ("WHERE run = ?", (run,)) if run is not None else ("", ())
        yield from map(_logged, self._read(f"SELECT {_COLUMNS} FROM attempts {where} ORDER BY sent_at, id", values))

    def recent(self, since: float) -> list[LoggedAttempt]:
        """Return the attempts sent after a time (seconds since the epoch), oldest first."""
        query = f"SELECT {_COLUMNS} FROM attempts WHERE sent_at > ? ORDER BY sent_at, id"
        return [_logged(row) for row in self._read(query, (since,))]

    def spent(self, run: str) -> Spent:
        """Return what a run is booked at over all its invocations."""
        row = self._read(
            "SELECT total(cost_usd), count(*), total(is_cost_estimated), count(*) - count(cost_usd) "
            "FROM attempts WHERE run = ?",
            (run,),
        ).fetchone()
        return Spent(float(row[0]), int(row[1]), int(row[2]), int(row[3]))

    # ---------------------------------------------------------------------------------------------- negotiation

    def negotiated(self, model: str, api_base: str | None) -> tuple[Negotiated, ...]:
        """Return what a model at an endpoint was found to refuse."""
        query = "SELECT name, becomes, message FROM negotiated WHERE model = ? AND api_base = ? ORDER BY name"
        return tuple(Negotiated(*row) for row in self._read(query, (model, api_base or "")))

    async def note_negotiated(self, model: str, api_base: str | None, found: Negotiated, at: float) -> None:
        """Remember what a model at an endpoint refuses."""
        row = (model, api_base or "", found.name, found.becomes, at, found.message)
        await self._writer.submit(
            lambda connection: connection.execute("INSERT OR REPLACE INTO negotiated VALUES (?, ?, ?, ?, ?, ?)", row)
        )

    # -------------------------------------------------------------------------------------------------- reading

    def _read(self, query: str, values: Sequence[Any]) -> sqlite3.Cursor:
        try:
            return self._reader.execute(query, values)
        except sqlite3.Error as error:
            raise StoreError(
                f"{self.path}: the ledger cannot be read: {error}", hint="Run `judge ledger verify` on it."
            ) from error

    def _reply(self, key: str, value: str) -> Reply:
        try:
            return reply_from_document(key, json.loads(value))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{self.path}: the reply under {key[:12]}… is damaged",
                hint=f"`judge ledger verify` finds all such rows; `judge ledger forget --key {key}` removes this one.",
            ) from error


def sha256_of(value: str) -> str:
    """Return the digest that is kept beside a reply's text, so that damage is found."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _as_text(document: dict[str, Any]) -> str:
    text = canonical_json(document)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair in a reply: SQLite takes it as an escape only
        return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text


def _logged(row: Sequence[Any]) -> LoggedAttempt:
    usage = Usage(prompt=row[12], cached=row[13], completion=row[14], reasoning=row[15])
    attempt = Attempt(
        id=row[0], number=row[8], status=row[9], sent_at=row[10], latency_s=row[11], usage=usage, cost_usd=row[17],
        is_cost_estimated=bool(row[18]), served_model=row[19], message=row[20],
    )  # fmt: skip
    return LoggedAttempt(
        attempt=attempt, key=row[1], run=row[2], judge=row[3], endpoint=row[4], window_tokens=row[16],
        response_id=row[5], scope=row[6], repeat=row[7],
    )  # fmt: skip


def open_ledger(path: Path) -> Ledger:
    """Open a ledger that must be there already.

    Raises
    ------
    StoreError
        If it is not there or not readable.
    """
    if not path.is_file():
        raise StoreError(f"{path} is not there", hint="Name the ledger.sqlite beside the run folder, or a run folder.")
    return Ledger(path)
