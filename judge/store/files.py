"""Files that appear under their name only when they are whole."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from judge.errors import StoreError

_CHUNK = 1 << 20
_ROOM = "Free space or choose another folder with --out."
_ROOM_FOR_A_RUN = "Free space or choose another folder with --out; what was done is in the ledger."


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def publish(aside: Path, path: Path, *, hint: str = _ROOM_FOR_A_RUN) -> None:
    """Move a finished file to its name: fsync, rename, fsync of the folder."""
    with storing(path, hint=hint):
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def aside_of(path: Path) -> Path:
    """Return where a file is written until it is whole."""
    return path.with_name(f".{path.name}.part")


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, or leave what was there."""
    aside = aside_of(path)
    with storing(path, hint=_ROOM):
        aside.write_text(text, encoding="utf-8", newline="\n")
    publish(aside, path, hint=_ROOM)


def write_json(path: Path, document: Any) -> None:
    """Write a whole JSON document, indented, without NaN."""
    write_text(path, json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def make_folder(path: Path) -> None:
    """Make a folder and its parents.

    Raises
    ------
    StoreError
        If a file is in its place or in that of a parent, or it cannot be made or written to.
    """
    in_the_way = next((place for place in (path, *path.parents) if place.exists() and not place.is_dir()), None)
    if in_the_way is not None:
        raise StoreError(f"{in_the_way}: is a file, not a folder", hint="Choose another folder with --out.")
    with storing(path, hint=_ROOM):
        path.mkdir(parents=True, exist_ok=True)
    if not os.access(path, os.W_OK | os.X_OK):
        raise StoreError(f"{path}: cannot be written to", hint="Choose another folder with --out.")


@contextmanager
def storing(path: Path, *, hint: str = _ROOM_FOR_A_RUN) -> Iterator[None]:
    """Turn an operating system's error into one that names the file and gives the hint.

    Raises
    ------
    StoreError
        If the block raises OSError.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror or error})",
            hint=hint,
        ) from error
