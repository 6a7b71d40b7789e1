"""Fields of a record: strict for the five files that were measured, tolerant in shape for the other six."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from judge.dataset import cells
from judge.dataset.cells import CellError
from judge.dataset.ecg_expert_qa.entry import RowError
from judge.dataset.json_rows import json_kind

_NUMBERED = re.compile(r"(.*?)[ _-]?(\d+)")


def text_field(record: Mapping[str, Any], key: str) -> str:
    """Return a field that must be a text.

    Raises
    ------
    RowError
        If it is missing, blank or no text.
    """
    if key not in record:
        near = difflib.get_close_matches(key.lower(), [k.lower() for k in record], n=1, cutoff=0.4)
        hint = next((f', did you mean "{k}"?' for k in record if near and k.lower() == near[0]), "")
        raise RowError(f'no key "{key}"{hint} (keys: {", ".join(record) or "none"})')
    return _text(record[key], f'"{key}"')


def first_field(record: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Return the first of several keys that a record has, as a text.

    Raises
    ------
    RowError
        If it has none of them, or not as a text.
    """
    return text_field(record, next((key for key in keys if key in record), keys[0]))


def flat_field(record: Mapping[str, Any], key: str) -> str:
    """Return a field as a text; a list of texts as lines, a mapping as lines with headings.

    Raises
    ------
    RowError
        If it is missing, blank or none of these.
    """
    value = record.get(key)
    if isinstance(value, (list, Mapping)) and value:
        return "\n".join(_lines(value, f'"{key}"'))
    return text_field(record, key)


def question_answer_pairs(
    value: Any, question_keys: Sequence[str], answer_keys: Sequence[str]
) -> list[tuple[str, str]]:
    """Return turns as pairs, whether they came as a list, a mapping of turns, one pair, or numbered keys.

    Raises
    ------
    RowError
        If they came as anything else, naming the turn.
    """
    found = list(_pairs(value, question_keys, answer_keys))
    if not found:
        raise RowError("QA holds no turns")
    pairs = []
    for number, pair in enumerate(found, start=1):
        try:
            pairs.append((first_field(pair, question_keys), first_field(pair, answer_keys)))
        except RowError as error:
            raise RowError(f"QA, turn {number}: {error}") from error
    return pairs


def _pairs(value: Any, question_keys: Sequence[str], answer_keys: Sequence[str]) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        return [pair for item in value for pair in _pairs(item, question_keys, answer_keys)]
    if not isinstance(value, Mapping):
        raise RowError(f"QA holds {json_kind(value)}, not turns of question and answer")
    question = next((key for key in question_keys if key in value), None)
    answer = next((key for key in answer_keys if key in value), None)
    if question is not None or answer is not None:
        return _columns(value, question, answer)
    if value and all(isinstance(item, (Mapping, list)) for item in value.values()):
        return [pair for item in value.values() for pair in _pairs(item, question_keys, answer_keys)]
    numbered = _numbered(value)
    return numbered if numbered else [value]


def _columns(value: Mapping[str, Any], question: str | None, answer: str | None) -> list[Mapping[str, Any]]:
    questions, answers = value.get(question or ""), value.get(answer or "")
    if not isinstance(questions, list) or not isinstance(answers, list):
        return [value]
    if len(questions) != len(answers):
        raise RowError(f"QA holds {len(questions)} questions and {len(answers)} answers")
    return [{question or "": q, answer or "": a} for q, a in zip(questions, answers, strict=True)]


def _numbered(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    turns: dict[int, dict[str, Any]] = {}
    for key, item in value.items():
        match = _NUMBERED.fullmatch(key)
        if match is None or not match.group(1):
            return []
        turns.setdefault(int(match.group(2)), {})[match.group(1)] = item
    return [turns[number] for number in sorted(turns)]


def _lines(value: Any, place: str) -> list[str]:
    if isinstance(value, Mapping):
        return [line for key, item in value.items() for line in _headed(str(key), item, place)]
    if isinstance(value, list):
        return [line for item in value for line in _lines(item, place)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [str(value)]
    return [_text(value, place)]


def _headed(heading: str, item: Any, place: str) -> list[str]:
    lines = _lines(item, place)
    return [f"{heading}: {lines[0]}"] if len(lines) == 1 else [f"{heading}:", *lines]


def _text(value: Any, place: str) -> str:
    try:
        found = cells.text(value)
    except CellError as error:
        raise RowError(f"{place} is {error}" if not isinstance(value, str) else f"{place} holds {error}") from error
    if not found.strip():
        raise RowError(f"{place} is blank")
    return found
