"""Self-written files in the shapes of ECG-Expert-QA; no text of the dataset."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from judge.dataset.ecg_expert_qa import Imported, import_folder, load_tables
from judge.domain.case import Case

NAMES = {file.code: file.name for file in load_tables().files}


def write_files(folder: Path, **rows: Any) -> Path:
    """Write one file a code; a text is written as it is, anything else as JSON."""
    folder.mkdir(exist_ok=True)
    for code, content in rows.items():
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (folder / NAMES[code]).write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, *, strict: bool = False, derive: Callable[[Case], tuple[str, ...]] = lambda _: ()) -> Imported:
    return import_folder(folder, derive_critical=derive, strict=strict)


def loaded(folder: Path, **rows: Any) -> Imported:
    return load(write_files(folder, **rows))


def line(imported: Imported, code: str) -> Any:
    return next(file for file in imported.account.files if file.code == code)


def garble(text: str) -> str:
    """Return a text as it looks after its UTF-8 bytes were read as GBK."""
    return text.encode("utf-8").decode("gbk")


QA = [
    {"Q": "Which wave shows atrial activation?", "A": "The P wave."},
    {"Q": "Which wave shows ventricular recovery?", "A": "The T wave."},
]
