"""LTD, MROD and MC: long texts and conversations.

The input of a case is all that its prompt shows. LTD shows ``result`` and a question; MROD shows the turns before as
well, MC shows all turns before the one that is the reference. So an entry's key holds these too: two patients with the
same report and different conversations are two cases.
"""

from collections.abc import Mapping
from typing import Any

from judge.dataset.ecg_expert_qa.entry import Entry, RowError
from judge.dataset.ecg_expert_qa.fields import flat_field, question_answer_pairs, text_field
from judge.dataset.ecg_expert_qa.sources import fixed_question, local_ids_of
from judge.dataset.ecg_expert_qa.tables import Tables
from judge.dataset.ecg_expert_qa.texts import normal
from judge.dataset.json_rows import json_kind
from judge.domain.case import Turn

ASSISTANT_ROLES = frozenset({"assistant", "doctor", "physician", "model", "ai", "gpt", "bot", "助手", "医生"})
ASKER, ANSWERER, REPORT = "patient", "doctor", "report"
LEAK_CHARACTERS = 40
"""From this length on a reference that stands inside an earlier turn is a leak, not a common phrase."""


def read_long_text(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
    """Return the questions of an LTD row, each on the whole text.

    Raises
    ------
    RowError
        If a key is missing or has another shape.
    """
    result, pairs, ids = _shared(record, tables)
    frame = (normal(result),)
    return [
        Entry(row, question, answer, result, (*frame, normal(question)), frame, turn=number, local_ids=ids)
        for number, (question, answer) in enumerate(pairs, start=1)
    ]


def read_dialogue(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
    """Return the turns of an MROD row, each with the turns before it.

    Raises
    ------
    RowError
        If a key is missing or has another shape.
    """
    result, pairs, ids = _shared(record, tables)
    history = [Turn(REPORT, result)]
    frame = (normal(result),)
    entries = []
    for number, (question, answer) in enumerate(pairs, start=1):
        key = (*(normal(turn.text) for turn in history), normal(question))
        entries.append(Entry(row, question, answer, tuple(history), key, frame, turn=number, local_ids=ids))
        history += [Turn(ASKER, question), Turn(ANSWERER, answer)]
    return entries


def read_correction(row: int, record: Mapping[str, Any], tables: Tables) -> list[Entry]:
    """Return the one case of an MC row: the last assistant turn is the reference and never part of the prompt.

    Raises
    ------
    RowError
        If there is no such turn, or its text already stands in an earlier one.
    """
    result = flat_field(record, "result")
    phases = _phases(record)
    last = [position for position, turn in enumerate(phases[-1]) if turn.role.lower() in ASSISTANT_ROLES]
    if not last:
        roles = ", ".join(sorted({turn.role for turn in phases[-1]}))
        raise RowError(f"Conversation: no assistant turn in the last phase (roles: {roles})")
    reference = phases[-1][last[-1]].text
    before = tuple([turn for phase in phases[:-1] for turn in phase] + phases[-1][: last[-1]])
    if not before:
        raise RowError("Conversation: no turn before the last assistant turn")
    _refuse_leak(reference, before)
    key = (normal(result), *(normal(turn.text) for turn in before))
    question = fixed_question(tables, "MC", before[0].text)
    ids = local_ids_of(record, tables)
    return [Entry(row, question, reference, before, key, (normal(result),), local_ids=ids)]


def _shared(record: Mapping[str, Any], tables: Tables) -> tuple[str, list[tuple[str, str]], dict[str, Any]]:
    result = flat_field(record, "result")
    if "QA" not in record:
        text_field(record, "QA")
    pairs = question_answer_pairs(record["QA"], tables.question_keys, tables.answer_keys)
    return result, pairs, local_ids_of(record, tables)


def _phases(record: Mapping[str, Any]) -> list[list[Turn]]:
    conversation = record.get("Conversation")
    if conversation is None:
        text_field(record, "Conversation")
    if isinstance(conversation, Mapping):
        found = [_turns(phase, str(name)) for name, phase in conversation.items()]
    elif isinstance(conversation, list):
        found = [_turns(conversation, "turns")]
    else:
        raise RowError(f"Conversation is {json_kind(conversation)}, not phases of turns")
    phases = [phase for phase in found if phase]
    if not phases:
        raise RowError("Conversation holds no turns")
    return phases


def _turns(phase: Any, name: str) -> list[Turn]:
    if not isinstance(phase, list):
        raise RowError(f'Conversation, phase "{name}": {json_kind(phase)}, not a list of {{role: text}}')
    turns: list[Turn] = []
    for number, item in enumerate(phase, start=1):
        place = f'Conversation, phase "{name}", turn {number}'
        if not isinstance(item, Mapping) or not item:
            raise RowError(f"{place}: {json_kind(item)}, not {{role: text}}")
        turns += _roles(item, place)
    return turns


def _roles(item: Mapping[str, Any], place: str) -> list[Turn]:
    words = next((key for key in ("content", "text") if key in item), None)
    try:
        if "role" in item and words is not None:
            return [Turn(text_field(item, "role"), text_field(item, words))]
        return [Turn(role, text_field(item, role)) for role in item]
    except RowError as error:
        raise RowError(f"{place}: {error}") from error


def _refuse_leak(reference: str, before: tuple[Turn, ...]) -> None:
    wanted = normal(reference)
    for turn in before:
        said = normal(turn.text)
        if said == wanted or (len(wanted) >= LEAK_CHARACTERS and wanted in said):
            raise RowError("Conversation: the last assistant turn already stands in an earlier turn (it would leak)")
