"""One file's records → flagged entries → cases."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from judge.dataset.ecg_expert_qa.cross_modal import is_known_key
from judge.dataset.ecg_expert_qa.entry import Entry, RowError
from judge.dataset.ecg_expert_qa.files import SourceFile
from judge.dataset.ecg_expert_qa.merge import FlaggedEntry, Merged, flag_ending, merge_entries
from judge.dataset.ecg_expert_qa.repair import Damage, is_english, repair_value
from judge.dataset.ecg_expert_qa.schemas import KEYS, READERS
from judge.dataset.ecg_expert_qa.tables import Seed, Tables
from judge.dataset.ecg_expert_qa.texts import print_of

ROWS_SHOWN = 5


@dataclass(slots=True)
class FileResult:
    """What came of one file."""

    source: SourceFile
    entries: list[FlaggedEntry] = field(default_factory=list)
    """All entries, the dropped ones among them."""
    merged: Merged = field(default_factory=Merged)
    seeds_missing: tuple[Seed, ...] = ()
    seeds_moved: tuple[tuple[Seed, int], ...] = ()
    unexpected: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.source.known.name


def read_source(source: SourceFile, tables: Tables) -> FileResult:
    """Return the cases of one file; unreadable rows are noted in ``source``."""
    result = FileResult(source)
    if source.fault is not None:
        return result
    reader = _Reader(source, tables)
    result.entries = list(reader.entries())
    _refuse_if_empty(source)
    result.merged = merge_entries(source.known.code, result.entries)
    result.seeds_missing = tuple(seed for seed in reader.seeds if seed.print not in reader.found_at)
    result.seeds_moved = tuple(
        (seed, reader.found_at[seed.print])
        for seed in reader.seeds
        if reader.found_at.get(seed.print, seed.row) != seed.row
    )
    result.unexpected = [f'"{result.name}", {message}' for message in _unexpected(result, reader)]
    return result


class _Reader:
    """Reads the records of one file and remembers what was odd about them."""

    def __init__(self, source: SourceFile, tables: Tables) -> None:
        self._source = source
        self._tables = tables
        self._code = source.known.code
        self._is_english = is_english([words for _, record in source.records for words in _texts(record)])
        self.seeds = tables.seeds_of(self._code)
        self._by_print: dict[str, list[Seed]] = {}
        for seed in self.seeds:
            self._by_print.setdefault(seed.print, []).append(seed)
        self.found_at: dict[str, int] = {}
        self.unknown_keys: dict[str, list[int]] = {}
        self.left: dict[int, str] = {}
        """Row → ideographs that no rule repairs."""

    def entries(self) -> Iterator[FlaggedEntry]:
        """Yield all entries that can be read, flagged."""
        for row, record in self._source.records:
            damage = Damage()
            try:
                found = self._read(row, record, damage)
                seeds = self._seeds(row, record)
            except RowError as error:
                self._source.unreadable[row] = str(error)
                continue
            for key in _unknown_keys(self._code, record, self._tables):
                self.unknown_keys.setdefault(key, []).append(row)
            if damage.left:
                self.left[row] = damage.left[0]
            for entry in found:
                yield self._flagged(entry, damage, seeds)

    def _read(self, row: int, record: Mapping[str, Any], damage: Damage) -> list[Entry]:
        repaired = repair_value(record, self._tables, damage) if self._is_english else record
        return READERS[self._code](row, repaired, self._tables)

    def _seeds(self, row: int, record: Mapping[str, Any]) -> list[Seed]:
        if not self._by_print:
            return []
        raw = READERS[self._code](row, record, self._tables)[0]
        found = self._by_print.get(print_of(raw.question, raw.reference), [])
        for seed in found:
            self.found_at.setdefault(seed.print, row)
        return found

    def _flagged(self, entry: Entry, damage: Damage, seeds: Iterable[Seed]) -> FlaggedEntry:
        one = FlaggedEntry(entry, set(damage.flags))
        for seed in seeds:
            one.flags.add(seed.kind)
            one.reasons += seed.reasons
        if entry.disease in self._tables.diseases:
            one.flags.add("term_repaired")
        flag_ending(one, self._tables.open_words)
        return one


def _refuse_if_empty(source: SourceFile) -> None:
    if source.unreadable and len(source.unreadable) == source.n_rows:
        row = min(source.unreadable)
        source.fault = f"row {row}: {source.unreadable[row]} (and no other row can be read)"


def _unexpected(result: FileResult, reader: _Reader) -> Iterator[str]:
    source = result.source
    if source.differs:
        yield f"not the version that was measured: {'; '.join(source.differs)}"
    if result.seeds_missing:
        rows = _rows(seed.row for seed in result.seeds_missing)
        yield f"{len(result.seeds_missing)} of {len(reader.seeds)} known defects are not in it (measured at {rows})"
    if result.seeds_moved:
        moves = ", ".join(f"{seed.row} → {row}" for seed, row in result.seeds_moved[:ROWS_SHOWN])
        yield f"{len(result.seeds_moved)} known defects stand at another row ({moves})"
    for row in sorted(source.unreadable):
        yield f"row {row}: {source.unreadable[row]}"
    for key, rows_with in reader.unknown_keys.items():
        yield f'{_rows(rows_with)}: the key "{key}" is not known: not read'
    for row, run in reader.left.items():
        yield f"row {row}: {run!r} in an English file, left as it is"
    notes: dict[str, list[int]] = {}
    for found in result.entries:
        for note in found.entry.notes:
            notes.setdefault(note, []).append(found.entry.row)
    for note, rows_with in notes.items():
        yield f"{_rows(rows_with)}: {note}"


def _rows(rows: Iterable[int]) -> str:
    found = list(dict.fromkeys(rows))
    shown = ", ".join(str(row) for row in found[:ROWS_SHOWN])
    more = f" and {len(found) - ROWS_SHOWN} more" if len(found) > ROWS_SHOWN else ""
    return f"row {shown}" if len(found) == 1 else f"rows {shown}{more}"


def _unknown_keys(code: str, record: Mapping[str, Any], tables: Tables) -> Iterator[str]:
    for key in record:
        known = is_known_key(key, tables) if code == "CMD" else key in KEYS[code]
        if not known and key not in tables.local_ids:
            yield key


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
