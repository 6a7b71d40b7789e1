"""A tuned prompt program as a file: instructions and demonstrations by language, bound to a rubric."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydantic

from judge.domain.rubric import Rubric
from judge.errors import ConfigError

FORMAT = "judge-program/1"


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")


class _Tuned(_Strict):
    instructions: str = pydantic.Field(min_length=1)
    demos: list[dict[str, Any]] = pydantic.Field(default_factory=list)


class _ProgramFile(_Strict):
    format: str = pydantic.Field(pattern=f"^{FORMAT}$")
    rubric_hash: str
    by_language: dict[str, _Tuned]
    about: dict[str, Any] = pydantic.Field(default_factory=dict)
    """How it came about: optimiser, seed, hashes; for the reader only."""


def read_program(path: Path, rubric: Rubric) -> Mapping[str, Any]:
    """Read a tuned program: by language its instructions and demonstrations.

    Raises
    ------
    ConfigError
        If the file cannot be read, is no such program, or was tuned for another rubric.
    """
    try:
        file = _ProgramFile.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="`program` is relative to the panel file.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is no tuned program: {error}", hint="Write it with `judge tune`.") from error
    if file.rubric_hash != rubric.hash:
        raise ConfigError(
            f"{path} was tuned for another rubric than {rubric.id} v{rubric.version}",
            hint="Tune it again with this rubric, or remove `program` from the panel file.",
        )
    missing = [language for language in rubric.languages if language not in file.by_language]
    if missing:
        raise ConfigError(f"{path} has no program for {', '.join(missing)}", hint="Tune it again with this rubric.")
    return {language: tuned.model_dump() for language, tuned in file.by_language.items()}


def write_program(path: Path, rubric: Rubric, by_language: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write a tuned program in the form that ``read_program`` reads."""
    document = {"format": FORMAT, "rubric_hash": rubric.hash, "by_language": dict(by_language), "about": dict(about)}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
