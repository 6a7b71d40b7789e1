"""The lines of the account, one a file."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from judge.dataset.account import FileAccount
from judge.dataset.ecg_expert_qa.merge import FATES, FLAGGED, FLAGS, REPAIRED, FlaggedEntry, row_fates
from judge.dataset.ecg_expert_qa.reading import FileResult
from judge.dataset.ecg_expert_qa.tables import KnownFile


def account_of_missing(file: KnownFile) -> FileAccount:
    """Return the line of a file that is not in the folder."""
    return FileAccount(file.code, file.name, "not_found", not_found=1)


def account_of_file(result: FileResult) -> FileAccount:
    """Return the line of a file that was read."""
    source, merged = result.source, result.merged
    fates = row_fates(merged, source.unreadable)
    n_fates = Counter(fates.values())
    dropped = ("dropped_truncated", "dropped_duplicate", "unreadable")
    n_flags = Counter(flag for found in result.entries for flag in found.flags)
    return FileAccount(
        code=source.known.code,
        file=source.known.name,
        status="read",
        rows=len(fates),
        cases=len(merged.groups),
        references=sum(len(group.entries) for group in merged.groups),
        repaired=len(_rows_with(result.entries, REPAIRED)),
        dropped=sum(n_fates[fate] for fate in FATES if fate in dropped),
        merged=n_fates["merged"],
        flagged=len(_rows_with(result.entries, FLAGGED)),
        not_found=len(result.seeds_missing),
        fates={fate: n_fates[fate] for fate in FATES},
        flags={flag: n_flags[flag] for flag in FLAGS if n_flags[flag]},
        details=_details(result, fates),
    )


def _details(result: FileResult, fates: dict[int, Any]) -> dict[str, Any]:
    source, merged = result.source, result.merged
    return {
        "sha256": source.version.sha256,
        "git_blob": source.version.blob,
        "bytes": source.version.n_bytes,
        "is_measured_version": not source.differs if source.known.is_measured else None,
        "differs": list(source.differs),
        "dropped_rows": {
            "truncated": sorted(row for row, fate in fates.items() if fate == "dropped_truncated"),
            "duplicate": [[row, case_id] for row, case_id in merged.duplicates_of],
            "unreadable": [[row, source.unreadable[row]] for row in sorted(source.unreadable)],
        },
        "dropped_turns": [
            [found.entry.row, found.entry.turn]
            for found in result.entries
            if found.entry.turn is not None and "truncated" in found.flags
        ],
        "merged_rows": [[row, case_id] for row, case_id in merged.merged_into],
        "flagged_rows": {flag: rows for flag in FLAGS if (rows := sorted(_rows_with(result.entries, {flag})))},
        "known_defects_not_found": [[seed.kind, seed.row] for seed in result.seeds_missing],
    }


def _rows_with(entries: Iterable[FlaggedEntry], flags: Iterable[str]) -> set[int]:
    wanted = set(flags)
    return {found.entry.row for found in entries if found.flags & wanted}
