"""Verbs on rubrics: list, show, check, schema."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.errors import ConfigError, JudgeError, did_you_mean
from judge.resources import find_rubric
from judge.resources import list_rubrics as shipped_rubrics

if TYPE_CHECKING:
    from judge.domain.rubric import Rubric
    from judge.rubric import Finding


@dataclass(frozen=True, slots=True)
class CheckedRubric:
    """What the lint says about a rubric file."""

    path: Path
    findings: "tuple[Finding, ...]"

    @property
    def n_errors(self) -> int:
        """How many findings forbid the use of the file."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def n_warnings(self) -> int:
        """How many findings deserve a look."""
        return len(self.findings) - self.n_errors

    def raise_if_failed(self) -> None:
        """Raise if the file has errors.

        Raises
        ------
        JudgeError
            If there is any error; warnings pass.
        """
        if self.n_errors:
            raise JudgeError(
                f"{self.path}: {self.n_errors} error{'' if self.n_errors == 1 else 's'}",
                hint="Mend the lines named above; `judge rubric schema` prints the format.",
            )


def list_rubrics() -> "tuple[Rubric, ...]":
    """Return the newest version of every shipped rubric, by id.

    Raises
    ------
    ConfigError
        If a shipped file has faults.
    """
    from judge.rubric import load_rubric

    return tuple(load_rubric(path) for path in shipped_rubrics().values())


def show_rubric(name_or_path: str) -> "Rubric":
    """Return a rubric by id (``open-answer``), id and version (``open-answer/v1``) or path.

    Raises
    ------
    ConfigError
        If there is no such rubric, or its file has faults.
    """
    from judge.rubric import load_rubric

    return load_rubric(find_rubric(name_or_path))


def rubric_in_words(rubric: "Rubric", language: str | None = None) -> str:
    """Return the rubric as text to read, in one of its languages (default: its first).

    Raises
    ------
    ConfigError
        If the rubric does not have the language.
    """
    from judge.domain.language import primary_subtag
    from judge.rubric.describe import rubric_text

    asked = rubric.languages[0] if language is None else primary_subtag(language)
    if asked not in rubric.languages:
        near = did_you_mean(asked, rubric.languages)
        raise ConfigError(
            f'the rubric "{rubric.id}" has no language "{language}"{near}',
            hint=f"It has: {', '.join(rubric.languages)}.",
        )
    return rubric_text(rubric, asked)


def rubric_as_document(rubric: "Rubric") -> dict[str, Any]:
    """Return the rubric as JSON types."""
    from judge.rubric.describe import rubric_document

    return rubric_document(rubric)


def check_rubric(name_or_path: str | Path) -> CheckedRubric:
    """Check structure and wording of a rubric, and that the offline lexicon knows the ids of its gate hints.

    The rubric is named as for ``show_rubric``.

    Raises
    ------
    ConfigError
        If there is no such rubric, or the file cannot be read.
    """
    from judge.offline.lexicon import known_concepts, known_sets
    from judge.rubric import lint_rubric

    file = Path(name_or_path) if Path(name_or_path).is_file() else find_rubric(str(name_or_path))
    return CheckedRubric(file, lint_rubric(file, concepts=known_concepts(), sets=known_sets()))


def rubric_schema() -> dict[str, Any]:
    """Return the JSON Schema of a rubric file."""
    from judge.rubric import json_schema

    return json_schema()
