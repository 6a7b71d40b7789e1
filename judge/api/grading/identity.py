"""A run folder belongs to one plan."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from judge.api.grading.plan import Plan
from judge.errors import ConfigError, StoreError
from judge.store.files import write_json

NAME = "plan.json"
_WORDS = {
    "inputs": "the input files",
    "columns": "--columns",
    "skip_bad": "--skip-bad",
    "rubric": "the rubric",
    "prompt": "the prompt program",
    "panel": "the panel",
    "repeats": "the judges' repeats",
    "seed": "--seed",
    "only": "which answers are graded",
}


def claim_folder(plan: Plan) -> None:
    """Write the plan's identity into its folder, or see that the folder already belongs to this very plan.

    Raises
    ------
    ConfigError
        If the folder holds another plan; the message names what differs.
    StoreError
        If the folder holds something that is no run.
    """
    path = plan.folder / NAME
    if path.exists():
        held = _read(path)
        differing = [words for key, words in _WORDS.items() if held.get(key) != plan.identity.get(key)]
        if differing:
            raise ConfigError(
                f"{plan.folder}: holds a run of another plan; what differs: {', '.join(differing)}",
                hint="Choose another folder with --out, or leave --out away: each plan has a folder of its own.",
            )
        return
    others = [entry.name for entry in plan.folder.iterdir() if not entry.name.startswith(".")]
    if others:
        raise StoreError(
            f"{plan.folder}: holds other files ({', '.join(sorted(others)[:3])}) and no {NAME}",
            hint="Choose an empty or new folder with --out.",
        )
    write_json(path, plan.identity)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({error})", hint="Choose another folder with --out.") from error
    return held if isinstance(held, dict) else {}
