"""The case side of a request: read once, used for every answer to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from judge.offline.features import Unit, units
from judge.offline.reading import Reading, read
from judge.offline.statements import Asked, Key, asked, key_of

_INTERVAL_FREE_TASKS = frozenset(("PP",))
"""Tasks whose review intervals are never a criterion."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One criterion of the case's checklist, its words read as statements."""

    id: str
    dimension: str
    kind: str
    points: float
    replaces: str | None
    is_whole: bool
    tests: tuple[Mapping[str, Any], ...]
    key: Key
    text: str


@dataclass(frozen=True, slots=True)
class CaseSide:
    """All that is asked, without the answer."""

    task: str
    language: str
    case_language: str
    question: Asked
    context: Reading
    told: Reading
    """Question and context as one text: what the case states."""
    told_units: tuple[Unit, ...]
    keys: tuple[Key, ...]
    """References that are not rejected."""
    is_dialogue: bool
    """Whether the answer is the next turn of a dialogue, where asking is answering."""
    reference_texts: tuple[tuple[str, str], ...]
    rows: tuple[CheckRow, ...]
    criteria: tuple[str, ...]
    gates: tuple[str, ...]
    dimensions: tuple[str, ...]
    na_allowed: frozenset[str]
    na_required: frozenset[str]
    critical: tuple[str, ...]
    acts_asked: Mapping[str, tuple[str, ...]]
    equivalents: Mapping[str, tuple[str, ...]]


def prepare(document: Mapping[str, Any]) -> CaseSide:
    """Read the case side of a request document; cases seen lately are remembered."""
    return _prepare(json.dumps({k: v for k, v in document.items() if k != "answer"}, ensure_ascii=False))


@lru_cache(maxsize=4_096)
def _prepare(text: str) -> CaseSide:
    document = json.loads(text)
    case = document["case"]
    question = asked(case["question"])
    context = _context(case.get("context"))
    told = read(f"{context}\n{case['question']}" if context else case["question"])
    task = document["task"]
    intervals_count = task not in _INTERVAL_FREE_TASKS
    references = tuple((text, status) for text, status in document["references"])
    return CaseSide(
        task=task,
        language=document["language"],
        case_language=case.get("language") or document["language"],
        question=question,
        context=read(context),
        told=told,
        told_units=tuple(units(told)),
        keys=tuple(
            key_of(text, question, intervals_count=intervals_count)
            for text, status in references
            if status != "rejected" and text.strip()
        ),
        is_dialogue=task == "MROD",
        reference_texts=references,
        rows=tuple(_row(row, document["language"], case.get("language")) for row in document["checklist"]),
        criteria=tuple(document["criteria"]),
        gates=tuple(document["gates"]),
        dimensions=tuple(document["dimensions"]),
        na_allowed=frozenset(document["na_allowed"]),
        na_required=frozenset(document["na_required"]),
        critical=tuple(document["critical"]),
        acts_asked={gate: tuple(acts) for gate, acts in document["acts_asked"].items()},
        equivalents={name: tuple(texts) for name, texts in document["equivalents"].items()},
    )


def _context(context: str | Sequence[Sequence[str]] | None) -> str:
    if context is None or isinstance(context, str):
        return context or ""
    return "\n".join(text for _, text in context)


_REPORTING = (
    "says that the ", "says that ", "says the ", "says ", "states that ", "states ", "claims that ", "claims ", "calls ",
    "advises ", "recommends ", "names the ", "names ", "asserts that ", "asserts ", "mentions ", "称", "声称", "认为", "指出",
    "建议", "说明", "给出", "写出",
)  # fmt: skip


def _row(row: Mapping[str, Any], language: str, case_language: str | None) -> CheckRow:
    text = row["text"].get(case_language) or row["text"].get(language) or next(iter(row["text"].values()))
    return CheckRow(
        id=row["id"],
        dimension=row["dimension"],
        kind=row["kind"],
        points=row["points"],
        replaces=row["replaces"],
        is_whole=row["evidence"] == "whole",
        tests=tuple(row["concepts"]),
        key=key_of(_content(text), asked("")),
        text=text,
    )


def _content(text: str) -> str:
    """Return what a criterion wants said, without "says that"."""
    low = text.lower()
    for opening in _REPORTING:
        if low.startswith(opening):
            return text[len(opening) :]
    return text
