"""Encoding damage: UTF-8 that was once read as GBK, with and without a lost byte."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from judge.dataset.ecg_expert_qa.tables import Tables
from judge.dataset.language import is_han

MOST_HAN_IN_ENGLISH = 0.10
"""Share of Han among letters up to which a file is English with damage, not Chinese."""
_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_TWICE = re.compile("(?:[\u00c2\u00c3][\u0080-\u00bf]|\u00e2[\u0080\u20ac][\u0080-\u02ff\u2013-\u2122])")


@dataclass(slots=True)
class Damage:
    """What was found and done in one record."""

    flags: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    """Runs of ideographs in an English file that no rule repairs."""


def is_english(texts: list[str]) -> bool:
    """Whether a file's texts are English, damage aside."""
    han = letters = 0
    for words in texts:
        if words.isascii():
            letters += len(words)
            continue
        letters += sum(ch.isalpha() for ch in words)
        han += sum(is_han(ch) for ch in words)
    return han <= MOST_HAN_IN_ENGLISH * letters


def find_double_utf8(words: str) -> str | None:
    """Return what looks like UTF-8 encoded a second time, None where nothing does."""
    if words.isascii():
        return None
    found = _TWICE.search(words)
    return found.group() if found else None


def repair_text(words: str, tables: Tables, damage: Damage) -> str:
    """Return a text with its damage repaired, or marked where it cannot be."""
    if words.isascii() or not _RUN.search(words):
        return words
    decoded = _RUN.sub(lambda run: _decode(run.group()), words)
    for damaged, repaired in tables.terms.items():
        decoded = decoded.replace(damaged, repaired)
    decoded = _close_quotes(decoded, tables.quote)
    marked = re.sub(f"{tables.comparator}(?=\\w)", f"{tables.comparator_text} ", decoded)
    marked = marked.replace(tables.comparator, tables.comparator_text)
    if decoded != words:
        damage.flags.add("mojibake_fixed")
    if marked != decoded:
        damage.flags.add("suspect_numeric")
    damage.left += _RUN.findall(marked)
    return marked


def repair_value(value: Any, tables: Tables, damage: Damage) -> Any:
    """Return a JSON value with all its texts repaired."""
    if isinstance(value, str):
        return repair_text(value, tables, damage)
    if isinstance(value, list):
        return [repair_value(item, tables, damage) for item in value]
    if isinstance(value, Mapping):
        return {key: repair_value(item, tables, damage) for key, item in value.items()}
    return value


def _decode(run: str) -> str:
    """Return the UTF-8 text whose bytes a run is, read as GBK; what lost its last byte stays as it was."""
    try:
        content = run.encode("gbk")
    except UnicodeEncodeError:
        return run
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start == 0 or error.end != len(content):
            return run
        tail = content[error.start :].decode("gbk", "ignore")
        return content[: error.start].decode("utf-8") + tail if run.endswith(tail) and tail else run


def _close_quotes(words: str, damaged: str) -> str:
    while (position := words.find(damaged)) > 0:
        before = words[:position]
        if before.count("“") <= before.count("”"):
            break
        words = f"{before}”{words[position + len(damaged) :]}"
    return words
