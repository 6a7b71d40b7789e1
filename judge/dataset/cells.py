"""What one cell of an answers or cases table may hold, and the fault where it holds something else.

A cell that is missing, null or the empty text is *absent*. In flat tables (CSV, text columns of Parquet) a cell of
``reference``, ``context``, ``critical``, ``checklist``, ``reference_status`` or ``meta`` that parses as a JSON array or
object is read as that.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, get_args

from judge.dataset.json_rows import json_kind
from judge.dataset.strict_json import JsonError, parse_json
from judge.domain.case import CriticalSource, ReferenceStatus, Turn
from judge.domain.language import primary_subtag
from judge.domain.rubric import Rubric
from judge.errors import did_you_mean

JSON_COLUMNS = frozenset({"reference", "context", "critical", "checklist", "reference_status", "meta"})
NO_TASK = "default"
"""The task of an answer without one; a rubric that has no other has no tasks."""
STATUSES: tuple[str, ...] = get_args(ReferenceStatus)
CRITICAL_SOURCES: tuple[str, ...] = get_args(CriticalSource)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")


class CellError(ValueError):
    """Why a cell cannot be read."""


def is_absent(value: Any) -> bool:
    """Whether a cell holds nothing."""
    return value is None or value == ""


def unfold(value: Any, column: str) -> Any:
    """Return the JSON array or object that a cell of a flat table holds as text, else the cell as it is."""
    if column not in JSON_COLUMNS or not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        found = parse_json(value)
    except JsonError:
        return value
    return found if isinstance(found, (list, dict)) else value


def text(value: Any) -> str:
    """Return a text without NUL and lone surrogates.

    Raises
    ------
    CellError
        If it is no text, or holds a character that cannot be stored.
    """
    if not isinstance(value, str):
        raise CellError(f"{json_kind(value)}, not a text")
    if "\0" in value:
        raise CellError(f"a NUL character at position {value.index(chr(0)) + 1}")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            code = f"\\u{ord(value[error.start]):04x}"
            raise CellError(f"a lone surrogate ({code}) at character {error.start + 1}: half a character") from error
    return value


def identifier(value: Any) -> str:
    """Return an id; whole numbers are read as texts.

    Raises
    ------
    CellError
        If it is neither, or blank.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        raise CellError(f"the number {value}, not a text or a whole number")
    found = text(value)
    if not found.strip():
        raise CellError("blank")
    return found


def references(value: Any) -> tuple[str, ...]:
    """Return one acceptable answer or a list of them.

    Raises
    ------
    CellError
        If it is neither, or one of them is blank.
    """
    if isinstance(value, str):
        return (text(value),) if value.strip() else ()
    if not isinstance(value, list):
        raise CellError(f"{json_kind(value)}, not a text or a list of texts")
    return tuple(_filled(item, f"entry {position}") for position, item in enumerate(value, start=1))


def context(value: Any) -> str | tuple[Turn, ...] | None:
    """Return the context as a text or as turns.

    Raises
    ------
    CellError
        If it is neither.
    """
    if isinstance(value, str):
        return text(value) if value.strip() else None
    if not isinstance(value, list):
        raise CellError(f"{json_kind(value)}, not a text or a list of turns {{role, text}}")
    return tuple(_turn(item, position) for position, item in enumerate(value, start=1)) or None


def critical(value: Any, rubric: Rubric) -> tuple[str, ...]:
    """Return a list of gate ids of the rubric, each once.

    Raises
    ------
    CellError
        If it is no list, or names a gate that the rubric does not have.
    """
    if not isinstance(value, list):
        raise CellError(f'{json_kind(value)}, not a list of gate ids such as ["G01"]')
    known = [gate.id for gate in rubric.gates]
    for gate in value:
        if not isinstance(gate, str):
            raise CellError(f"holds {json_kind(gate)}, not only gate ids")
        if gate not in known:
            raise CellError(f'unknown gate "{gate}" of {rubric.id}{did_you_mean(gate, known)}')
    return tuple(dict.fromkeys(value))


def task(value: Any, rubric: Rubric) -> str:
    """Return a task of the rubric.

    Raises
    ------
    CellError
        If the rubric has no such task.
    """
    found = text(value)
    if found not in rubric.tasks:
        raise CellError(unknown_task(found, rubric))
    return found


def unknown_task(found: str, rubric: Rubric) -> str:
    """Return what is wrong with a task that a rubric does not have, and the way out."""
    if tuple(rubric.tasks) == (NO_TASK,):
        return (
            f"the rubric {rubric.id} has no tasks: all questions are graded alike; remove the column, or leave its "
            "cells empty, or name with --rubric the one that the tasks are of"
        )
    near = did_you_mean(found, rubric.tasks) or did_you_mean(found.upper(), rubric.tasks)
    return f'unknown task "{found}"{near} (tasks of {rubric.id}: {", ".join(rubric.tasks)})'


def language(value: Any) -> str:
    """Return the primary subtag of a language tag.

    Raises
    ------
    CellError
        If it is no BCP 47 tag.
    """
    found = text(value).strip()
    if not _LANGUAGE.fullmatch(found):
        raise CellError(f'"{found}" is no language tag (BCP 47) such as en, zh or zh-Hans')
    return primary_subtag(found)


def statuses(value: Any) -> tuple[str, ...]:
    """Return the status of each reference, or one status for all of them.

    Raises
    ------
    CellError
        If a status is not known.
    """
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list):
        raise CellError(f"{json_kind(value)}, not a status or a list of them")
    for status in found:
        if status not in STATUSES:
            near = did_you_mean(str(status), STATUSES)
            raise CellError(f'unknown status "{status}"{near} (known: {", ".join(STATUSES)})')
    return tuple(found)


def critical_source(value: Any) -> str:
    """Return who said what is critical.

    Raises
    ------
    CellError
        If it is not ``given`` or ``derived``.
    """
    if value not in CRITICAL_SOURCES:
        raise CellError(f'"{value}" is not one of {", ".join(CRITICAL_SOURCES)}')
    return str(value)


def kept(value: Any) -> Any:
    """Return a value of an unknown column, which travels as JSON.

    Raises
    ------
    CellError
        If it holds something that JSON in UTF-8 cannot.
    """
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [kept(item) for item in value]
    if isinstance(value, Mapping):
        return {text(key): kept(item) for key, item in value.items()}
    return value


def storable(value: Any) -> Any:
    """Return a value with every half character replaced, so that a faulty record can be written down."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def _filled(value: Any, place: str) -> str:
    try:
        found = text(value)
    except CellError as fault:
        raise CellError(f"{place}: {fault}") from fault
    if not found.strip():
        raise CellError(f"{place}: blank")
    return found


def _turn(value: Any, position: int) -> Turn:
    if not isinstance(value, Mapping):
        raise CellError(f"turn {position}: {json_kind(value)}, not an object {{role, text}}")
    missing = [key for key in ("role", "text") if key not in value]
    extra = [str(key) for key in value if key not in ("role", "text")]
    if missing or extra:
        wrong = f"no {missing[0]}" if missing else f'unknown key "{extra[0]}"'
        raise CellError(f"turn {position}: {wrong}; a turn is {{role, text}}")
    return Turn(_filled(value["role"], f"turn {position}, role"), _filled(value["text"], f"turn {position}, text"))
