"""The folder: which of the eleven files are there, which version, and what is wrong with them as files."""

import difflib
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judge.dataset.ecg_expert_qa.repair import find_double_utf8
from judge.dataset.ecg_expert_qa.tables import KnownFile
from judge.dataset.json_rows import read_array
from judge.dataset.rows import Row
from judge.errors import DataError, StoreError

ACCOUNT_NAME = "import.json"
LFS_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class Version:
    """The bytes of a file."""

    sha256: str
    blob: str
    """Git's id of the content, 40 hex digits."""
    n_bytes: int


@dataclass(slots=True)
class SourceFile:
    """One of the eleven files as found."""

    known: KnownFile
    version: Version
    records: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    """(zero-based row, record)."""
    unreadable: dict[int, str] = field(default_factory=dict)
    """Zero-based row → why."""
    fault: str | None = None
    """Why the file as a whole cannot be used."""

    @property
    def n_rows(self) -> int:
        """Rows, readable or not."""
        return len({*self.unreadable, *(row for row, _ in self.records)})

    @property
    def differs(self) -> tuple[str, ...]:
        """What is unlike the version that was measured; empty where it is that version, or none was."""
        known, version = self.known, self.version
        if known.blob is None or version.blob.startswith(known.blob):
            return ()
        found = [f"git blob {version.blob[:10]}, not {known.blob}"]
        if known.n_bytes != version.n_bytes:
            found.append(f"{version.n_bytes} bytes, not {known.n_bytes}")
        if known.rows != self.n_rows:
            found.append(f"{self.n_rows} rows, not {known.rows}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds of the dataset."""

    files: tuple[SourceFile, ...]
    missing: tuple[KnownFile, ...]
    renamed: tuple[str, ...]
    """One message for each file that looks like a missing one under another name."""
    foreign: tuple[str, ...]
    """One message for each JSON file that is none of the eleven."""


def read_folder(folder: Path, known: Sequence[KnownFile]) -> Folder:
    """Return the files of a folder, each read as far as it can be.

    Raises
    ------
    DataError
        If there is no such folder, or it holds none of the files.
    StoreError
        If it cannot be read.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "no such folder"
        raise DataError(f"{folder}: {what}", hint="Give the folder that holds the dataset's JSON files.")
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}") from error
    here = {file.name for file in known} & set(names)
    missing = tuple(file for file in known if file.name not in here)
    others = [name for name in names if name not in here and not f".{name}".endswith(f".{ACCOUNT_NAME}")]
    renamed = _renamed(folder, others, missing)
    foreign = [name for name in others if name.endswith(".json") and name not in renamed]
    if not here:
        raise DataError(
            f"{folder}: none of the dataset's files is here",
            hint="Their names have to be those of the repository: " + "; ".join(f'"{f.name}"' for f in known),
            problems=list(renamed.values()),
        )
    return Folder(
        files=tuple(read_file(folder / file.name, file) for file in known if file.name in here),
        missing=missing,
        renamed=tuple(renamed.values()),
        foreign=tuple(f'"{name}" is none of the dataset\'s files: not read' for name in foreign),
    )


def read_file(path: Path, known: KnownFile) -> SourceFile:
    """Return one file's records, or what is wrong with it.

    Raises
    ------
    StoreError
        If it cannot be opened.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    file = SourceFile(known, version_of(content))
    file.fault = _fault_of_bytes(content)
    if file.fault is None:
        try:
            rows = list(read_array(path, first=0))
        except DataError as error:
            file.fault = error.message.removeprefix(f"{path}: ")
        else:
            _take(rows, file)
    return file


def version_of(content: bytes) -> Version:
    """Return what identifies a content."""
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    return Version(hashlib.sha256(content).hexdigest(), blob, len(content))


def _fault_of_bytes(content: bytes) -> str | None:
    if not content.strip():
        return "the file is empty"
    if content.startswith(LFS_POINTER):
        return "a Git LFS pointer, not the file itself (git lfs pull)"
    beginning = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if beginning.startswith(b"<"):
        return "row 0: a web page or XML, not JSON (a download that went wrong?)"
    return None


def _take(rows: list[Row], file: SourceFile) -> None:
    if rows and rows[-1].is_fatal:
        file.fault = f"row {rows[-1].number}: {rows[-1].fault}"
        return
    for row in rows:
        twice = None if row.values is None else _double_utf8(row.values)
        if twice is not None:
            file.fault = f"row {row.number}: encoded twice: {twice!r} is UTF-8 that was read as Windows-1252"
            return
        if row.values is None:
            file.unreadable[row.number] = _json_in_text(row) or row.fault or "unreadable"
        else:
            file.records.append((row.number, row.values))
    if not rows:
        file.fault = "an empty array: no rows"
    elif not file.records:
        first = next(iter(file.unreadable.items()))
        file.fault = f"row {first[0]}: {first[1]} (and so in every row)"


def _double_utf8(value: Any) -> str | None:
    if isinstance(value, str):
        return find_double_utf8(value)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return next((found for item in value if (found := _double_utf8(item)) is not None), None)
    return None


def _json_in_text(row: Row) -> str | None:
    is_object_in_text = row.raw.startswith(('"{', '"['))
    return "encoded twice: JSON inside a JSON text, not an object" if is_object_in_text else None


def _renamed(folder: Path, names: Sequence[str], missing: Sequence[KnownFile]) -> dict[str, str]:
    """Return a message for each file that is a missing one by content, or nearly so by name."""
    found: dict[str, str] = {}
    by_fold = {_fold(file.name): file for file in missing}
    for name in names:
        same = _same_content(folder / name, missing)
        if same is not None:
            found[name] = f'"{name}" is {same.code} under another name: rename it to "{same.name}"'
            continue
        near = difflib.get_close_matches(_fold(name), by_fold, n=1, cutoff=0.6)
        if near and name.lower().endswith((".json", ".txt", ".htm", ".html", ".download")):
            file = by_fold[near[0]]
            found[name] = f'"{name}" is not read; if it is {file.code}, rename it to "{file.name}"'
    return found


def _same_content(path: Path, missing: Sequence[KnownFile]) -> KnownFile | None:
    sizes = {file.n_bytes: file for file in missing if file.is_measured}
    file = sizes.get(path.stat().st_size)
    if file is None or file.blob is None:
        return None
    return file if version_of(path.read_bytes()).blob.startswith(file.blob) else None


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower().removesuffix(".json")).strip()
