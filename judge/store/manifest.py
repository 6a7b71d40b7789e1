"""The manifest of a run: what ran, on what, with what result. It is written last."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from judge.errors import StoreError
from judge.store.files import sha256_file, write_json

FORMAT = "judge-run/1"
NAME = "manifest.json"


def write_manifest(folder: Path, document: Mapping[str, Any]) -> None:
    """Write the manifest of a run."""
    write_json(folder / NAME, document)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a run.

    Raises
    ------
    StoreError
        If the folder holds none, or one of another format.
    """
    path = folder / NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StoreError(f"{folder}: is not a finished run, it holds no {NAME}", hint="Run `judge grade`.") from error
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path}: cannot be read ({error})", hint="Run `judge grade` again: it costs nothing."
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StoreError(f"{path}: is not of format {FORMAT}", hint="It was made by another version of judge.")
    return document


def changed_files(folder: Path, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the run's files that are missing or no longer what the manifest recorded."""
    recorded: Mapping[str, str] = manifest.get("files", {})
    return tuple(
        name
        for name, expected in recorded.items()
        if not (folder / name).is_file() or sha256_file(folder / name) != expected
    )
