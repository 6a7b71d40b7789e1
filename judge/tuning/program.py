"""A candidate program: what tuning may change, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judge.domain.ids import sha256_json


@dataclass(frozen=True, slots=True)
class LanguageProgram:
    """Instructions and demonstrations in one language."""

    instructions: str
    demos: Sequence[Mapping[str, Any]] = ()

    def as_document(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {"instructions": self.instructions, "demos": [dict(demo) for demo in self.demos]}


@dataclass(frozen=True, slots=True)
class Program:
    """A judge's program by language; state only."""

    by_language: Mapping[str, LanguageProgram]

    @property
    def hash(self) -> str:
        """SHA-256 of the state."""
        return sha256_json(self.as_document())

    def as_document(self) -> dict[str, Any]:
        """Return it as ``judge.panel.tuned`` writes it."""
        return {language: program.as_document() for language, program in self.by_language.items()}

    def changed(self, language: str, program: LanguageProgram) -> "Program":
        """Return the program with one language replaced."""
        return Program({**self.by_language, language: program})


def program_of(document: Mapping[str, Any]) -> Program:
    """Return the program of a document as ``read_program`` gives it."""
    return Program({language: _of_language(one) for language, one in document.items()})


def _of_language(document: Mapping[str, Any]) -> LanguageProgram:
    return LanguageProgram(str(document["instructions"]), tuple(dict(demo) for demo in document.get("demos", ())))
