"""Entries → cases: exact duplicates dropped, answers to the same input merged, every row given one fate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from judge.dataset.ecg_expert_qa.entry import Entry
from judge.dataset.ecg_expert_qa.tables import Tables
from judge.dataset.ecg_expert_qa.texts import ends_open, is_terminated, polarity, short_hash

Fate = Literal["opens_case", "merged", "dropped_truncated", "dropped_duplicate", "unreadable"]
FATES: tuple[Fate, ...] = ("opens_case", "merged", "dropped_truncated", "dropped_duplicate", "unreadable")
FLAGS = (
    "mojibake_fixed",
    "suspect_numeric",
    "unterminated",
    "truncated",
    "duplicate_exact",
    "merged",
    "polarity_conflict",
    "term_repaired",
    "known_bad",
)
REPAIRED = frozenset({"mojibake_fixed", "term_repaired"})
FLAGGED = frozenset({"suspect_numeric", "unterminated", "polarity_conflict", "known_bad"})
POLAR_TASKS = frozenset({"PRTK"})


@dataclass(slots=True)
class FlaggedEntry:
    """An entry with what is known to be wrong with it."""

    entry: Entry
    flags: set[str]
    reasons: tuple[str, ...] = ()
    """Why a known-bad reference is wrong (keys of the table)."""

    @property
    def status(self) -> str:
        """The reference's status."""
        return "rejected" if "known_bad" in self.flags else "unverified"


@dataclass(slots=True)
class CaseGroup:
    """Entries of one case, one for each reference, in row order."""

    case_id: str
    code: str
    entries: list[FlaggedEntry]
    n_duplicates: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        """Disease labels in row order, one for each reference."""
        return tuple(found.entry.disease for found in self.entries if found.entry.disease is not None)

    @property
    def flags(self) -> tuple[str, ...]:
        """All flags of the case, in the order of the list."""
        return in_order(flag for found in self.entries for flag in found.flags)


@dataclass(slots=True)
class Merged:
    """The cases of one file and what became of its entries."""

    groups: list[CaseGroup] = field(default_factory=list)
    entry_fates: list[tuple[int, Fate]] = field(default_factory=list)
    merged_into: list[tuple[int, str]] = field(default_factory=list)
    """(row, case id)."""
    duplicates_of: list[tuple[int, str]] = field(default_factory=list)


def in_order(flags: Iterable[str]) -> tuple[str, ...]:
    """Return flags each once, in the order of the list."""
    found = set(flags)
    return tuple(flag for flag in FLAGS if flag in found)


def flag_ending(found: FlaggedEntry, open_words: frozenset[str]) -> None:
    """Flag an answer that stops in the middle of a sentence, or only lacks its full stop."""
    entry = found.entry
    if not entry.is_prose or is_terminated(entry.reference) or found.flags & {"truncated", "unterminated"}:
        return
    found.flags.add("truncated" if ends_open(entry.reference, open_words) else "unterminated")


def merge_entries(code: str, entries: Sequence[FlaggedEntry]) -> Merged:
    """Return the cases of one file."""
    merged = Merged()
    by_key: dict[tuple[str, ...], CaseGroup] = {}
    signatures: dict[tuple[Any, ...], FlaggedEntry] = {}
    for found in entries:
        entry = found.entry
        if "truncated" in found.flags:
            merged.entry_fates.append((entry.row, "dropped_truncated"))
            continue
        group = by_key.get(entry.key)
        twin = signatures.get((entry.key, entry.signature))
        if group is not None and twin is not None:
            group.n_duplicates += 1
            twin.flags.add("duplicate_exact")
            merged.entry_fates.append((entry.row, "dropped_duplicate"))
            merged.duplicates_of.append((entry.row, group.case_id))
            continue
        signatures[entry.key, entry.signature] = found
        if group is None:
            group = by_key[entry.key] = CaseGroup(_case_id(code, entry), code, [found])
            merged.groups.append(group)
            merged.entry_fates.append((entry.row, "opens_case"))
        else:
            found.flags.add("merged")
            group.entries.append(found)
            merged.entry_fates.append((entry.row, "merged"))
            merged.merged_into.append((entry.row, group.case_id))
    if code in POLAR_TASKS:
        _flag_conflicts(merged.groups)
    return merged


def row_fates(merged: Merged, unreadable: Iterable[int]) -> dict[int, Fate]:
    """Return the one fate of every row; a row of several turns has the first of ``FATES`` that any turn has."""
    fates: dict[int, Fate] = dict.fromkeys(unreadable, "unreadable")
    for row, fate in merged.entry_fates:
        if row not in fates or FATES.index(fate) < FATES.index(fates[row]):
            fates[row] = fate
    return fates


def meta_of(group: CaseGroup, source: str, tables: Tables) -> dict[str, Any]:
    """Return a case's ``meta`` as the cases file holds it."""
    first = group.entries[0].entry
    meta: dict[str, Any] = {
        "source_file": source,
        "source_rows": [found.entry.row for found in group.entries],
        "reference_status": [found.status for found in group.entries],
        "flags": [list(in_order(found.flags)) for found in group.entries],
        "case_flags": list(group.flags),
        "n_duplicates": group.n_duplicates,
        "critical_source": "derived",
        "frame_id": f"{group.code}-{short_hash(first.frame)}",
    }
    labels = group.labels
    if labels:
        meta["disease"] = labels[0] if len(set(labels)) == 1 else list(labels)
        canonical = [tables.canonical(label) for label in labels]
        meta["disease_canonical"] = canonical[0] if len(set(labels)) == 1 else canonical
    if any(found.reasons for found in group.entries):
        meta["known_bad"] = [list(found.reasons) for found in group.entries]
    if group.code in POLAR_TASKS:
        polarities = {polarity(found.entry.reference) for found in group.entries}
        meta["polarity"] = polarities.pop() if len(polarities) == 1 else None
    if first.ecg:
        meta["ecg"] = dict(first.ecg)
    local_ids = _local_ids(group)
    if local_ids:
        meta["local_ids"] = local_ids
    return meta


def _local_ids(group: CaseGroup) -> Mapping[str, list[Any]]:
    names = sorted({name for found in group.entries for name in found.entry.local_ids})
    return {name: [found.entry.local_ids.get(name) for found in group.entries] for name in names}


def _flag_conflicts(groups: Iterable[CaseGroup]) -> None:
    for group in groups:
        if {"yes", "no"} <= {polarity(found.entry.reference) for found in group.entries}:
            for found in group.entries:
                found.flags.add("polarity_conflict")


def _case_id(code: str, entry: Entry) -> str:
    return f"{code}-{entry.row}" if entry.turn is None else f"{code}-{entry.row}-{entry.turn}"
