"""The case side of a request: read once, used for every answer to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from judge.domain.ids import canonical_json
from judge.domain.request import FORMAT
from judge.errors import ConfigError
from judge.offline.facts import Facts
from judge.offline.features import units
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

    rubric_hash: str
    task: str
    language: str
    case_language: str
    question: Asked
    context: str
    told: Reading
    """Question and context as one text: what the case states."""
    told_low: str
    """Its text in lower case."""
    told_marks: frozenset[str]
    """Marks of all that the case states."""
    facts: Facts
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


def split_request(text: str) -> tuple[str, str]:
    """Return the case side of a request as JSON text, and the answer.

    In canonical JSON the answer stands alone between two keys, and no quotation mark inside it is bare; any other
    request is read and written anew.

    Raises
    ------
    ConfigError
        If the text is no request of this format.
    """
    start = text.find(_ANSWER)
    end = text.find(_AFTER_ANSWER, start + len(_ANSWER) - 1)
    if start >= 0 and end > start and text.endswith("}"):
        answer = text[start + len(_ANSWER) - 1 : end + 1]
        return text[:start] + text[end + 1 :], json.loads(answer)
    document = json.loads(text)
    if not isinstance(document, dict) or "answer" not in document:
        raise ConfigError("the offline judge got something that is no request", hint=_FORMAT_HINT)
    answer = document.pop("answer")
    return canonical_json(document), answer


_ANSWER = ',"answer":"'
_AFTER_ANSWER = '","case":{'
_FORMAT_HINT = f"build it with judge.panel.request.build_request; its format is {FORMAT}"


@lru_cache(maxsize=4_096)
def prepare(text: str) -> CaseSide:
    """Read the case side of a request; cases seen lately are remembered.

    Raises
    ------
    ConfigError
        If it is of another format.
    """
    document = json.loads(text)
    if document.get("format") != FORMAT:
        raise ConfigError(
            f"the offline judge got a request of the format {document.get('format')!r}", hint=_FORMAT_HINT
        )
    case = document["case"]
    question = asked(case["question"])
    context = _context(case.get("context"))
    told = read(f"{context}\n{case['question']}") if context else question.reading
    task = document["task"]
    intervals_count = task not in _INTERVAL_FREE_TASKS
    references = tuple((text, status) for text, status in document["references"])
    keys = tuple(
        key_of(text, question, intervals_count=intervals_count)
        for text, status in references
        if status != "rejected" and text.strip()
    )
    return CaseSide(
        rubric_hash=document["rubric"],
        task=task,
        language=document["language"],
        case_language=case.get("language") or document["language"],
        question=question,
        context=context,
        told=told,
        told_low=told.text.lower(),
        told_marks=frozenset(mark for unit in units(told) for mark in unit.marks)
        if context
        else frozenset(question.marks),
        facts=Facts(told, [key.reading for key in keys]),
        keys=keys,
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
    "says that the ", "says that ", "says the ", "says ", "states that ", "states ", "claims that ", "claims ",
    "calls ", "advises ", "recommends ", "names the ", "names ", "asserts that ", "asserts ", "mentions ",
    "称", "声称", "认为", "指出", "建议", "说明", "给出", "写出",
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
