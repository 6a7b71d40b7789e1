"""What an agreement was made of: files with their hashes, taken when they were read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from judge.errors import StoreError
from judge.store.files import sha256_file

InputKind = Literal["ratings", "run", "physicians"]


@dataclass(frozen=True, slots=True)
class InputHash:
    """A file as it was read."""

    path: str
    """Its name, without folders."""
    kind: InputKind
    """``run``: a table of the run's folder; ``physicians``: their file; ``ratings``: a table of all raters."""
    sha256: str


def hash_input(path: Path, kind: InputKind) -> InputHash:
    """Return a file's name and hash.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    try:
        return InputHash(path.name, kind, sha256_file(path))
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error})", hint="It was read a moment ago: is it moved?") from error
