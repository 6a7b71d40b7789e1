"""What is known of the dataset's files, from ``tables/ecg_expert_qa.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import yaml

Code = str
Confidence = Literal["sure", "probable", "check"]


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One of the eleven files; version None where its content was not at hand."""

    code: Code
    name: str
    blob: str | None = None
    """First ten hex digits of the git blob id."""
    n_bytes: int | None = None
    rows: int | None = None

    @property
    def is_measured(self) -> bool:
        """Whether its content was at hand when the tables were written."""
        return self.blob is not None


@dataclass(frozen=True, slots=True)
class Seed:
    """A row that is known to be wrong in a certain way, recognised by its print."""

    code: Code
    row: int
    print: str
    kind: str
    """``known_bad``, ``truncated`` or ``unterminated``."""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """What a mistranslated label means."""

    canonical: str
    zh: str | None
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of the loader."""

    files: tuple[KnownFile, ...]
    seeds: tuple[Seed, ...]
    diseases: Mapping[str, Repair]
    same_entity: Mapping[str, str]
    said: Mapping[str, str]
    comparator: str
    comparator_text: str
    quote: str
    terms: Mapping[str, str]
    question_keys: tuple[str, ...]
    answer_keys: tuple[str, ...]
    local_ids: frozenset[str]
    measurements: tuple[str, ...]
    settings: tuple[str, ...]
    units: Mapping[str, str]
    missing_values: frozenset[float]
    questions: Mapping[Code, Mapping[str, str]]
    words: Mapping[str, Mapping[str, str]]
    open_words: frozenset[str]

    def seeds_of(self, code: Code) -> tuple[Seed, ...]:
        """Return the seeds of one file."""
        return tuple(seed for seed in self.seeds if seed.code == code)

    def canonical(self, label: str) -> str:
        """Return the name under which a disease is split."""
        repair = self.diseases.get(label)
        return repair.canonical if repair is not None else self.same_entity.get(label, label)


def load_tables() -> Tables:
    """Return the tables that ship with the package."""
    text = resources.files("judge.dataset").joinpath("tables/ecg_expert_qa.yaml").read_text(encoding="utf-8")
    return tables_from(yaml.safe_load(text))


def tables_from(found: Mapping[str, Any]) -> Tables:
    """Return the tables that a parsed YAML document holds."""
    return Tables(
        files=tuple(
            KnownFile(f["code"], f["name"], f.get("blob"), f.get("bytes"), f.get("rows")) for f in found["files"]
        ),
        seeds=(
            *(Seed(s["code"], s["row"], str(s["print"]), "known_bad", tuple(s["reasons"])) for s in found["known_bad"]),
            *(Seed(s["code"], s["row"], str(s["print"]), s["fate"]) for s in found["cut_answers"]),
        ),
        diseases={name: Repair(r["canonical"], r["zh"], r["confidence"]) for name, r in found["diseases"].items()},
        same_entity=found["same_entity"],
        said=found["said"],
        comparator=found["lost_bytes"]["comparator"],
        comparator_text=found["lost_bytes"]["comparator_text"],
        quote=found["lost_bytes"]["quote"],
        terms={term["damaged"]: term["repaired"] for term in found["terms"]},
        question_keys=tuple(found["keys"]["question"]),
        answer_keys=tuple(found["keys"]["answer"]),
        local_ids=frozenset(found["local_ids"]),
        measurements=tuple(found["measurements"]),
        settings=tuple(found["settings"]),
        units=found["units"],
        missing_values=frozenset(float(value) for value in found["missing_values"]),
        questions=found["questions"],
        words=found["words"],
        open_words=frozenset(found["open_words"]),
    )
