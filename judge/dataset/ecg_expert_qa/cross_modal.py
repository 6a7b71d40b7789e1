"""CMD: machine reports and measurements, with question and answer in one another's place."""

import re
from collections.abc import Mapping
from typing import Any

from judge.dataset.ecg_expert_qa.entry import Entry, RowError
from judge.dataset.ecg_expert_qa.fields import text_field
from judge.dataset.ecg_expert_qa.sources import local_ids_of
from judge.dataset.ecg_expert_qa.tables import Tables
from judge.dataset.ecg_expert_qa.texts import normal
from judge.dataset.json_rows import json_kind
from judge.dataset.language import detect_language

REPORT_KEY = re.compile(r"report_(\d+)")
ALREADY_IN_ORDER = "Q already holds the question: not swapped"


def read_cross_modal(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
    """Return the one case of a CMD row, question and answer put right.

    Raises
    ------
    RowError
        If neither side ends in a question mark, or a field has the wrong type.
    """
    question, reference, notes = _in_order(text_field(record, "A"), text_field(record, "Q"))
    reports = _reports(record)
    ecg = _measurements(record, tables)
    if not reports and not ecg:
        raise RowError("neither report lines (report_0 …) nor measurements")
    values = tuple(f"{name}={value}" for name, value in ecg.items())
    source = (*map(normal, reports), *values)
    context = _context(question, reports, ecg, tables)
    ids = local_ids_of(record, tables)
    key = (*source, normal(question))
    return [Entry(row, question, reference, context, key, source, ecg=ecg, local_ids=ids, is_prose=False, notes=notes)]


def is_known_key(key: str, tables: Tables) -> bool:
    """Whether a key of a CMD record is read."""
    return key in ("Q", "A", *tables.measurements, *tables.settings) or REPORT_KEY.fullmatch(key) is not None


def _in_order(question_slot: str, answer_slot: str) -> tuple[str, str, tuple[str, ...]]:
    """Return question, reference and notes; ``question_slot`` is the text in ``A``."""
    if _asks(question_slot):
        return question_slot, answer_slot, ()
    if _asks(answer_slot):
        return answer_slot, question_slot, (ALREADY_IN_ORDER,)
    raise RowError('neither "A" (where this file has its question) nor "Q" ends in a question mark')


def _asks(words: str) -> bool:
    return words.rstrip().endswith(("?", "？"))


def _reports(record: Mapping[str, Any]) -> list[str]:
    numbered = sorted((int(m.group(1)), key) for key in record if (m := REPORT_KEY.fullmatch(key)) is not None)
    lines = []
    for _, key in numbered:
        value = record[key]
        if value is None or value == "" or value != value or str(value).strip().lower() == "nan":
            continue
        lines.append(text_field(record, key))
    return lines


def _measurements(record: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in tables.settings:
        value = record.get(key)
        if value is not None and str(value).strip():
            found[key] = str(value).strip()
    for key in tables.measurements:
        number = _number(record.get(key), key)
        if number is not None and number not in tables.missing_values:
            found[key] = int(number) if number.is_integer() else number
    return found


def _number(value: Any, key: str) -> float | None:
    if value is None or (isinstance(value, str) and value.strip().lower() in ("", "nan", "none", "null")):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise RowError(f'"{key}" is {json_kind(value)}, not a number')
    try:
        number = float(value)
    except ValueError as error:
        raise RowError(f'"{key}" is {str(value)[:20]!r}, not a number') from error
    return number if number == number and abs(number) != float("inf") else None


def _context(question: str, reports: list[str], ecg: Mapping[str, Any], tables: Tables) -> str:
    language = "zh" if detect_language(question) == "zh" else "en"
    lines = []
    if reports:
        lines += [f"{tables.words['report'][language]}:", *(f"- {line}" for line in reports)]
    if ecg:
        values = ", ".join(f"{name} {value}{_unit(name, tables)}" for name, value in ecg.items())
        lines.append(f"{tables.words['measurements'][language]}: {values}")
    return "\n".join(lines)


def _unit(name: str, tables: Tables) -> str:
    unit = tables.units.get(name)
    return "" if unit is None else unit if unit == "°" else f" {unit}"
