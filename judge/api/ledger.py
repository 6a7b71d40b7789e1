"""The verb behind ``judge ledger``: what was sent, what came back, what it cost; a copy; deletion."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from judge.call.forgetting import check_known, forget, whole_keys
from judge.call.ledger import open_ledger
from judge.call.upkeep import Summary, Verification, export, summarise, verify
from judge.errors import DataError, JudgeError, StoreError

LEDGER = "ledger.sqlite"
_CALLS = "calls"


@dataclass(frozen=True, slots=True)
class Shown:
    """A result in both forms: a text for people, a document for programs."""

    text: str
    document: Any


def find_ledger(place: Path) -> Path:
    """Return the ledger that a path means: the file itself, the one beside a run folder, or the one in a folder.

    Raises
    ------
    StoreError
        If there is none.
    """
    if not place.exists():
        raise StoreError(f"{place} is not there", hint="Name a ledger.sqlite, or a run folder beside it.")
    if not place.is_dir():
        return place
    for found in (place / LEDGER, place.resolve().parent / LEDGER):
        if found.is_file():
            return found
    raise StoreError(
        f"{place} has no {LEDGER} in it or beside it", hint="Name the file that the run was given with --ledger."
    )


def show_ledger(place: Path, *, run: str | None = None, key: str | None = None) -> Shown:
    """Return what each judge sent, received and cost, or one reply with all that is known of it.

    Raises
    ------
    StoreError
        If there is no ledger, or it cannot be read.
    DataError
        If the ledger holds no reply under the key.
    """
    path = find_ledger(place)
    if key is not None:
        return _show_reply(path, key)
    summary = summarise(path, _plan_hash(place) if run is None else run)
    return Shown(_table(summary), asdict(summary))


def verify_ledger(place: Path) -> Shown:
    """Return how much of a ledger was checked.

    Raises
    ------
    StoreError
        If there is no ledger.
    JudgeError
        If a check fails; the message names each damaged row.
    """
    path = find_ledger(place)
    found = verify(path)
    if found.problems:
        raise _damaged(path, found)
    text = f"{path}: whole. {found.n_replies} replies, {found.n_attempts} attempts."
    return Shown(text, {"path": str(path), **asdict(found)})


def export_ledger(place: Path, to: Path) -> Shown:
    """Write a consistent copy of a ledger, also while a run is using it.

    Raises
    ------
    StoreError
        If there is no ledger, or the copy cannot be written.
    """
    path = find_ledger(place)
    n_bytes = export(path, to)
    return Shown(f"{to}: a copy of {path}, {n_bytes:,} bytes.", {"path": str(path), "to": str(to), "bytes": n_bytes})


def forget_in_ledger(place: Path, *, response_ids: Sequence[str] = (), keys: Sequence[str] = ()) -> Shown:
    """Delete what was received for answers, or under keys (of which the first twelve digits will do).

    Where ``place`` is a run folder, its ``calls.parquet`` says which calls an answer used, those it shares with an
    answer of the same words among them.

    Raises
    ------
    DataError
        If neither an answer nor a key is named, or the ledger knows nothing of one that is; nothing is deleted then.
    StoreError
        If there is no ledger, or it cannot be written.
    """
    if not response_ids and not keys:
        raise DataError("nothing to forget is named", hint="Give --response-id or --key.")
    path = find_ledger(place)
    calls = _calls_of(place, response_ids)
    check_known(path, response_ids, calls)
    of_answers = frozenset().union(*calls.values())
    found = forget(path, keys=whole_keys(path, keys) | of_answers, response_ids=response_ids)
    lines = [f"{path}: {found.n_replies} replies deleted, {found.n_attempts} attempts unlinked (their cost is kept)."]
    if found.n_replies and not found.is_erased:
        lines.append("Another process has the ledger open: the deleted bytes are overwritten when it closes.")
    if place.is_dir():
        lines.append(f"The tables and cards in {place} still hold the verdicts; delete them too if they must go.")
        checks = list(place.glob(f"drift/*/{LEDGER}"))
        if checks:
            lines.append(f"So do the drift checks in {place / 'drift'}: {len(checks)} with a ledger of their own.")
    return Shown("\n".join(lines), {"path": str(path), **asdict(found)})


def _show_reply(path: Path, key: str) -> Shown:
    with open_ledger(path) as ledger:
        reply = ledger.get(key)
    if reply is None:
        raise DataError(f"{path} holds no reply under {key!r}", hint="Keys are in calls.parquet, column call_key.")
    document = {"key": key, **reply.as_document()}
    head = (
        f"served by {reply.served_model}, {_date(reply.at)}, {reply.latency_s:.2f} s, attempt {reply.attempt}, "
        f"{reply.usage.prompt} + {reply.usage.completion} tokens, {_money(reply.cost_usd)}"
    )
    return Shown(f"{head}\n{reply.content}", document)


def _plan_hash(place: Path) -> str | None:
    from judge.store.manifest import read_manifest

    if not place.is_dir() or not (place / "manifest.json").is_file():
        return None
    return str(read_manifest(place)["plan_hash"])


def _calls_of(place: Path, response_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return by answer the calls that a run's table says it used; answers that it does not name are left out."""
    if not response_ids or not (place / f"{_CALLS}.parquet").is_file():
        return {}
    from judge.store.tables import read_table

    table = read_table(place, _CALLS)
    found: dict[str, set[str]] = {}
    for response_id, key in zip(table["response_id"].to_pylist(), table["call_key"].to_pylist(), strict=True):
        if response_id in response_ids:
            found.setdefault(response_id, set()).update([key] if key else [])
    return {response_id: frozenset(keys) for response_id, keys in found.items()}


def _damaged(path: Path, found: Verification) -> JudgeError:
    shown = "\n".join(f"  {problem}" for problem in found.problems[:20])
    more = f"\n  … and {len(found.problems) - 20} more" if len(found.problems) > 20 else ""
    return JudgeError(
        f"{path}: {len(found.problems)} of {found.n_replies} replies or pages are damaged\n{shown}{more}",
        hint="`judge ledger forget --key KEY` removes a damaged reply; the next run asks for it again.",
    )


def _table(summary: Summary) -> str:
    head = f"{summary.path}: {summary.n_replies} replies, {summary.n_bytes / 1e6:.1f} MB"
    rows: list[tuple[str, ...]] = [("judge", "attempts", "ok", "failed", "open", "prompt", "cached", "reply", "cost")]
    for line in summary.lines:
        notes = [f"{line.n_estimated} estimated"] if line.n_estimated else []
        notes += [f"{line.n_unknown} of unknown price"] if line.n_unknown else []
        cost = _money(line.cost_usd) + (f" ({', '.join(notes)})" if notes else "")
        counts = (line.n_attempts, line.n_ok, line.n_failed, line.n_pending)
        tokens = (line.prompt_tokens, line.cached_tokens, line.completion_tokens)
        rows.append((line.judge, *(f"{n:,}" for n in (*counts, *tokens)), cost))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(_cell(cell, i, widths) for i, cell in enumerate(row)).rstrip() for row in rows]
    for model, endpoint, name, becomes in summary.negotiated:
        lines.append(f"{model} at {endpoint or 'its provider'} refuses {name}; sent: {becomes or 'nothing'}")
    return "\n".join([head, *lines])


def _cell(cell: str, column: int, widths: list[int]) -> str:
    return cell.ljust(widths[column]) if column in (0, 8) else cell.rjust(widths[column])


def _money(cost_usd: float | None) -> str:
    return "unknown price" if cost_usd is None else f"${cost_usd:,.4f}"


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(sep=" ", timespec="seconds")
