"""The injection suite: texts aimed at a grader, and harmless answers that must not be taken for such."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import pydantic

from judge.panel.wording import read_table

AttackKind = Literal[
    "instruction",
    "authority",
    "fake_system",
    "forged_marker",
    "forged_json",
    "unicode",
    "flooding",
    "reference_imitation",
    "markup",
]


@dataclass(frozen=True, slots=True)
class Attack:
    """One text aimed at the grader."""

    id: str
    language: str
    kind: AttackKind
    text: str


class _Entry(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    id: str
    language: Literal["en", "zh"]
    kind: AttackKind
    text: str
    filler: str = ""
    times: int = 0


@cache
def attacks() -> tuple[Attack, ...]:
    """Return all attacks, in the order of the table."""
    entries = [_Entry.model_validate(entry) for entry in read_table("attacks.yaml")["attacks"]]
    return tuple(Attack(e.id, e.language, e.kind, e.filler * e.times + e.text) for e in entries)


@cache
def harmless_answers() -> tuple[str, ...]:
    """Return answers that speak of scores, levels and systems without speaking to the grader."""
    return tuple(str(text) for text in read_table("attacks.yaml")["harmless"])
