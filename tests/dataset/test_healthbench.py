"""HealthBench: conversations with rubric items → cases with checklists. All lines are self-written."""

from pathlib import Path
from typing import Any

import pytest
from dataset_builders import write_jsonl

from judge.api.importing import import_healthbench
from judge.dataset.answers import AnswerSource, read_answers
from judge.dataset.healthbench import import_conversations
from judge.domain.case import Turn
from judge.errors import DataError
from judge.resources import find_rubric
from judge.rubric.load import load_rubric


def line(**changes: Any) -> dict[str, Any]:
    found = {
        "prompt_id": "p1",
        "prompt": [
            {"role": "user", "content": "My heart skips."},
            {"role": "assistant", "content": "For how long?"},
            {"role": "user", "content": "Since Monday. Is it dangerous?"},
        ],
        "rubrics": [
            {"criterion": "Advises a visit", "points": 7, "tags": ["level:example", "axis:completeness"]},
            {"criterion": "Says that most are benign", "points": 3, "tags": ["axis:accuracy"]},
            {"criterion": "Advises to stop all tablets", "points": -8, "tags": ["axis:accuracy"]},
            {"criterion": "Is easy to read", "points": 2, "tags": ["axis:communication_quality"]},
            {"criterion": "Something else", "points": 1, "tags": ["axis:unheard_of"]},
        ],
        "example_tags": ["theme:hedging"],
        "ideal_completions_data": {"ideal_completion": "Probably not, but have it checked."},
        "canary": "never read",
    }
    return {**found, **changes}


def test_a_conversation_is_a_case_with_a_checklist(tmp_path: Path) -> None:
    (row,) = import_conversations(write_jsonl(tmp_path / "h.jsonl", line())).cases
    assert row.case.case_id == "p1"
    assert row.case.question == "Since Monday. Is it dangerous?"
    assert row.case.context == (Turn("user", "My heart skips."), Turn("assistant", "For how long?"))
    assert row.case.references[0].text == "Probably not, but have it checked."
    assert row.meta["example_tags"] == ["theme:hedging"]
    assert row.checklist is not None
    criteria = [(c["id"], c["dim"], c["class"], c["points"], c["evidence"]) for c in row.checklist["criteria"]]
    assert criteria == [
        ("k1", "knowledge_integration", "core", 7, "quote"),
        ("k2", "diagnostic_accuracy", "secondary", 3, "quote"),
        ("n3", "diagnostic_accuracy", "negative", -8, "quote"),
        ("k4", "communication", "secondary", 2, "whole"),
        ("k5", "diagnostic_accuracy", "secondary", 1, "quote"),
    ]


def test_the_account_names_axes_without_an_entry(tmp_path: Path) -> None:
    account = import_conversations(write_jsonl(tmp_path / "h.jsonl", line())).account
    assert account.totals["cases"] == 1
    assert "5 criteria in 1 checklists" in account.notes
    assert any("axis unheard_of: 1 criteria → diagnostic_accuracy" in note for note in account.notes)


def test_a_single_turn_without_an_ideal_answer_has_neither_context_nor_reference(tmp_path: Path) -> None:
    given = line(prompt=[{"role": "user", "content": "心悸危险吗？"}], ideal_completions_data=None)
    (row,) = import_conversations(write_jsonl(tmp_path / "h.jsonl", given)).cases
    assert (row.case.context, row.case.references, row.case.language) == (None, (), "zh")


def test_the_written_file_is_read_by_grade_as_cases(tmp_path: Path) -> None:
    report = import_healthbench(write_jsonl(tmp_path / "h.jsonl", line()), tmp_path / "cases.parquet")
    answers = write_jsonl(tmp_path / "a.jsonl", {"case_id": "p1", "model": "m", "response": "See a doctor."})
    rubric = load_rubric(find_rubric("ecg-clinical-reasoning"))
    (item,) = read_answers(AnswerSource(answers, cases=report.out), rubric).items
    assert item.case.checklist is not None
    assert [c.points for c in item.case.checklist.criteria] == [7.0, 3.0, -8.0, 2.0, 1.0]
    assert item.case.context == (Turn("user", "My heart skips."), Turn("assistant", "For how long?"))
    assert item.case.references[0].status == "unverified"
    assert item.response.meta["example_tags"] == ["theme:hedging"]


def test_every_faulty_line_is_said(tmp_path: Path) -> None:
    path = write_jsonl(
        tmp_path / "h.jsonl",
        line(),
        line(prompt_id="p2", prompt=[{"role": "assistant", "content": "Hello."}]),
        line(prompt_id="p3", rubrics=[{"criterion": "x", "points": "5"}]),
        line(prompt_id="p4", rubrics="x"),
        {"prompt_id": "p5"},
        line(),
        line(prompt_id="p6", prompt=[{"role": "user"}]),
    )
    with pytest.raises(DataError) as caught:
        import_conversations(path)
    said = caught.value.problems
    assert "row 2: prompt: the last turn is the assistant's, not the user's" in said[0]
    assert "row 3: rubrics, item 1, points: '5' is no number" in said[1]
    assert "row 4: rubrics: a text, not a list" in said[2]
    assert "row 5: no prompt, rubrics" in said[3]
    assert 'row 6: prompt_id "p1" is already in row 1' in said[4]
    assert "row 7: prompt, turn 1: not {role, content}" in said[5]


def test_an_empty_or_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no conversations"):
        import_conversations(write_jsonl(tmp_path / "h.jsonl"))
    with pytest.raises(DataError, match="no such file"):
        import_conversations(tmp_path / "nowhere.jsonl")
