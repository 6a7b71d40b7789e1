"""The eleven schemas: a record of each file → its questions with their references."""

from collections.abc import Callable, Mapping
from typing import Any

from judge.dataset.ecg_expert_qa.cross_modal import read_cross_modal
from judge.dataset.ecg_expert_qa.dialogue import read_correction, read_dialogue, read_long_text
from judge.dataset.ecg_expert_qa.entry import Entry, RowError
from judge.dataset.ecg_expert_qa.fields import flat_field, text_field
from judge.dataset.ecg_expert_qa.sources import fixed_question, local_ids_of
from judge.dataset.ecg_expert_qa.tables import Tables
from judge.dataset.ecg_expert_qa.texts import frame_of, normal
from judge.dataset.json_rows import json_kind

Reader = Callable[[int, Mapping[str, Any], Tables], list[Entry]]
KEYWORD_SEPARATORS = ",;、，；\n"


def _plain(question_key: str, answer_key: str) -> Reader:
    def read(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
        question, answer = text_field(record, question_key), text_field(record, answer_key)
        key = (normal(question),)
        return [Entry(row, question, answer, None, key, key, local_ids=local_ids_of(record, tables))]

    return read


def _disease(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
    label, question, answer = (text_field(record, key) for key in ("Disease", "Q", "A"))
    frame = (frame_of(question, [label]),)
    ids = local_ids_of(record, tables)
    return [Entry(row, question, answer, None, (normal(question),), frame, disease=label, local_ids=ids)]


def _prognosis(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
    advice, question, answer = (text_field(record, key) for key in ("medical_advice", "Q", "A"))
    key = (normal(advice), normal(question))
    ids = local_ids_of(record, tables)
    return [Entry(row, question, answer, advice, key, (normal(question),), local_ids=ids)]


def _entities(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
    source = flat_field(record, "result")
    if "keywords" not in record:
        text_field(record, "keywords")
    entities = split_keywords(record["keywords"])
    key = (normal(source),)
    question = fixed_question(tables, "MEE", source)
    ids = local_ids_of(record, tables)
    return [Entry(row, question, "; ".join(entities), source, key, key, local_ids=ids, is_prose=False)]


def _risk(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
    source, assessment = flat_field(record, "result"), flat_field(record, "RA")
    key = (normal(source),)
    question = fixed_question(tables, "GRA", source)
    return [Entry(row, question, assessment, source, key, key, local_ids=local_ids_of(record, tables))]


def split_keywords(value: Any) -> list[str]:
    """Return keywords, each once, from a list or from a text with ``, ; 、 ，`` between them.

    Raises
    ------
    RowError
        If there are none, or one of them is no text.
    """
    if isinstance(value, str):
        for separator in KEYWORD_SEPARATORS:
            value = value.replace(separator, ";")
        value = value.split(";")
    if not isinstance(value, list):
        raise RowError(f'"keywords" is {json_kind(value)}, not a text or a list of texts')
    for keyword in value:
        if not isinstance(keyword, str):
            raise RowError(f'"keywords" holds {json_kind(keyword)}, not only texts')
    found = list(dict.fromkeys(keyword.strip() for keyword in value if keyword.strip()))
    if not found:
        raise RowError('"keywords" is blank')
    return found


READERS: Mapping[str, Reader] = {
    "EBK": _plain("Q", "A"),
    "CK": _plain("Q", "A"),
    "CD": _disease,
    "PP": _prognosis,
    "PRTK": _plain("Question", "Answer"),
    "CMD": read_cross_modal,
    "LTD": read_long_text,
    "MROD": read_dialogue,
    "MC": read_correction,
    "MEE": _entities,
    "GRA": _risk,
}
KEYS: Mapping[str, frozenset[str]] = {
    "EBK": frozenset({"Q", "A"}),
    "CK": frozenset({"Q", "A"}),
    "CD": frozenset({"Disease", "Q", "A"}),
    "PP": frozenset({"medical_advice", "Q", "A"}),
    "PRTK": frozenset({"Question", "Answer"}),
    "LTD": frozenset({"result", "QA"}),
    "MROD": frozenset({"result", "QA"}),
    "MC": frozenset({"result", "Conversation"}),
    "MEE": frozenset({"result", "keywords"}),
    "GRA": frozenset({"result", "RA"}),
}
"""Keys that are read, local identifiers aside; for CMD see ``cross_modal``."""
