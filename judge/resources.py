"""Where rubrics and the demonstration set are: in the installed package, else in the checkout."""

import re
from pathlib import Path

from judge.errors import ConfigError, StoreError, did_you_mean

_PACKAGE = Path(__file__).resolve().parent
_VERSION_FILE = re.compile(r"v(\d+)\.yaml")


def rubrics_dir() -> Path:
    """Return the folder that holds one folder a rubric."""
    return _first_folder(_PACKAGE / "_rubrics", _PACKAGE.parent / "rubrics", what="the rubrics")


def demonstration_dir() -> Path:
    """Return the folder of the demonstration answers and simulated grades."""
    return _first_folder(
        _PACKAGE / "_demonstration", _PACKAGE.parent / "calibration" / "demonstration", what="the demonstration set"
    )


def list_rubrics() -> dict[str, Path]:
    """Return every shipped rubric by id, each with its newest version's file."""
    return {
        folder.name: newest[1]
        for folder in sorted(rubrics_dir().iterdir())
        if folder.is_dir() and (newest := max(_versions(folder), default=None)) is not None
    }


def find_rubric(name_or_path: str) -> Path:
    """Return the file of a rubric, named by id (``open-answer``), by id and version (``open-answer/v1``) or by path.

    Raises
    ------
    ConfigError
        If there is no such rubric.
    """
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"}:
        if path.is_file():
            return path
        raise ConfigError(f"{path}: there is no such rubric file", hint="`judge rubric list` shows the shipped ones.")
    rubric_id, _, version = name_or_path.partition("/")
    shipped = list_rubrics()
    if rubric_id not in shipped:
        raise ConfigError(
            f'no rubric is called "{rubric_id}"{did_you_mean(rubric_id, shipped)}',
            hint=f"Shipped: {', '.join(shipped)}. A file of your own is named by its path, ending in .yaml.",
        )
    if not version:
        return shipped[rubric_id]
    asked = shipped[rubric_id].parent / f"{version}.yaml"
    if not asked.is_file():
        have = ", ".join(path.stem for _, path in sorted(_versions(asked.parent)))
        raise ConfigError(f'rubric "{rubric_id}" has no version "{version}"', hint=f"It has: {have}.")
    return asked


def _versions(folder: Path) -> list[tuple[int, Path]]:
    return [(int(match.group(1)), path) for path in folder.iterdir() if (match := _VERSION_FILE.fullmatch(path.name))]


def _first_folder(*candidates: Path, what: str) -> Path:
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise StoreError(f"{what} cannot be found in this installation", hint="Install clinical-judge again.")
