"""What several schemas share: fixed questions and local identifiers."""

from collections.abc import Mapping
from typing import Any

from judge.dataset.ecg_expert_qa.tables import Tables
from judge.dataset.language import detect_language


def fixed_question(tables: Tables, code: str, source: str) -> str:
    """Return the question of a task whose rows hold none, in the language of the row's text."""
    words = tables.questions[code]
    return words["zh" if detect_language(source) == "zh" else "en"]


def local_ids_of(record: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    """Return the identifiers of a record, which never leave the cases file."""
    return {key: record[key] for key in sorted(tables.local_ids) if record.get(key) is not None}
