"""A calibration set on disk: what physicians see, and apart from it how it was drawn.

``items.jsonl`` holds the blinded answers in random order; ``manifest.json`` (``judge-set/1``) the key to them, chances,
strata, split, repeats, plan and hashes. The folder is frozen: its hashes are checked whenever it is read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from judge.domain.ids import sha256_json, sha256_text
from judge.errors import DataError, StoreError
from judge.store.files import make_folder, sha256_file, write_json, write_text

FORMAT = "judge-set/1"
MANIFEST = "manifest.json"
ITEMS = "items.jsonl"
RUBRIC = "rubric.yaml"
Split = Literal["tune", "test"]


@dataclass(frozen=True, slots=True)
class SetItem:
    """One answer of a set, as the manifest knows it."""

    item: str
    """The blinded name under which physicians grade it."""
    response_id: str
    case_id: str
    model: str
    task: str
    language: str
    stratum: Literal["natural", "planted"]
    inclusion_probability: float
    split: Split
    is_repeated: bool


@dataclass(frozen=True)
class CalibrationSet:
    """A set that was read and found whole."""

    folder: Path
    manifest: Mapping[str, Any]
    items: tuple[SetItem, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of the manifest without its own hash."""
        return str(self.manifest["hash"])


def blinded_name(response_id: str, plan_hash: str, seed: int) -> str:
    """Return the name of an answer that tells nothing of its model."""
    return f"a{sha256_text(f'{plan_hash}|{seed}|{response_id}')[:12]}"


def write_set(folder: Path, items: Sequence[Mapping[str, Any]], rubric: str, manifest: Mapping[str, Any]) -> None:
    """Write a set into a new folder, its manifest last.

    Raises
    ------
    StoreError
        If the folder holds anything: a set is frozen, never added to.
    """
    make_folder(folder)
    if any(folder.iterdir()):
        raise StoreError(f"{folder}: is not empty, and a set is frozen", hint="Choose another folder with --out.")
    write_text(folder / ITEMS, "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items))
    write_text(folder / RUBRIC, rubric)
    document = {**manifest, "files": {name: sha256_file(folder / name) for name in (ITEMS, RUBRIC)}}
    write_json(folder / MANIFEST, {**document, "hash": sha256_json(document)})


def read_set(folder: Path) -> CalibrationSet:
    """Read a set.

    Raises
    ------
    DataError
        If the folder holds no set, or one that was changed after it was drawn.
    """
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(
            f"{folder}: is no calibration set, it holds no {MANIFEST}", hint="See `judge sample`."
        ) from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DataError(f"{path}: is not of format {FORMAT}")
    if document.get("hash") != sha256_json({name: value for name, value in document.items() if name != "hash"}):
        raise DataError(f"{path}: was changed after the set was drawn", hint="Draw a new set with `judge sample`.")
    for name, expected in document["files"].items():
        if not (folder / name).is_file() or sha256_file(folder / name) != expected:
            raise DataError(f"{folder / name}: was changed after the set was drawn, or is missing")
    return CalibrationSet(folder, document, tuple(SetItem(**item) for item in document["items"]))
