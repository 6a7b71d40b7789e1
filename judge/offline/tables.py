"""The judge's tables: YAML package data, read once a process, and the hash that names them."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "tables"


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return one table by its file name without ending; raises FileNotFoundError."""
    loaded: Mapping[str, Any] = _load(FOLDER / f"{name}.yaml")
    return loaded


@cache
def rows(name: str) -> tuple[Mapping[str, Any], ...]:
    """Return a table that is a list; raises FileNotFoundError."""
    return tuple(_load(FOLDER / f"{name}.yaml"))


@cache
def concept_tables() -> Mapping[str, Mapping[str, Any]]:
    """Return the concept tables by kind."""
    return {path.stem: _load(path) for path in sorted((FOLDER / "concepts").glob("*.yaml"))}


@cache
def rules_hash() -> str:
    """Return the SHA-256 of all tables and of this room's source files: equal hashes give equal replies.

    Nobody has to remember to raise a version: any change of a rule, in data or in code, gives another hash.
    """
    room = FOLDER.parent
    digest = hashlib.sha256()
    for path in sorted((*room.glob("*.py"), *FOLDER.rglob("*.yaml")), key=lambda p: p.relative_to(room).as_posix()):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(path.relative_to(room).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def _load(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), loader)
