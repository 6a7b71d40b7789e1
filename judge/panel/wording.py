"""The fixed words of the judge's prompt, by language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's words."""

    language: str
    words: Mapping[str, Any]

    def __getitem__(self, key: str) -> str:
        """Return one text; a dotted key reaches into a group."""
        found: Any = self.words
        for part in key.split("."):
            found = found[part]
        return str(found)

    def rules(self, group: str) -> tuple[str, ...]:
        """Return the rules of one part of a reply."""
        return tuple(self.words["rules"][group])

    @property
    def instructions(self) -> str:
        """What a tuned program may replace: role and instruction core."""
        return f"{self['role']}\n\n{self['core']}"


def read_table(name: str) -> Any:
    """Return one of this package's YAML tables."""
    text = files("judge.panel").joinpath("tables", name).read_text(encoding="utf-8")
    return yaml.safe_load(text)


@cache
def wording(language: str) -> Wording:
    """Return the words for a language, English where there are none."""
    tables = read_table("wording.yaml")
    known = language if language in tables else FALLBACK
    return Wording(known, tables[known])
