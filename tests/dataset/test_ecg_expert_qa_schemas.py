"""The six files that were not at hand: tolerant in shape, strict in meaning."""

from pathlib import Path
from typing import Any

import pytest
from ecg_builders import NAMES, line, load, loaded, write_files

from judge.domain.case import Turn
from judge.errors import DataError

GOOD_TURNS = [{"Q": "Where is the pain?", "A": "Does it move?"}, {"Q": "To the arm.", "A": "Call for help now."}]


def cross_modal(**changes: Any) -> dict[str, Any]:
    found = {
        "Q": "Sinus rhythm with a long PR interval.",
        "A": "What is the diagnosis?",
        "subject_id": 10,
        "study_id": 20,
        "cart_id": 30,
        "ecg_time": "2100-01-01 10:00:00",
        "report_0": "Sinus rhythm",
        "report_1": "First degree AV block",
        "report_3": "",
        "bandwidth": "0.005-150 Hz",
        "filtering": "60 Hz notch",
        "rr_interval": 800,
        "p_onset": "40",
        "p_end": 29999,
        "qrs_onset": 260.0,
        "t_axis": "29999",
    }
    return {**found, **changes}


def test_cmd_is_put_right_and_shows_reports_and_measurements(tmp_path: Path) -> None:
    (case,) = loaded(tmp_path, CMD=[cross_modal()]).cases
    assert case.case.question == "What is the diagnosis?"
    assert case.case.references[0].text == "Sinus rhythm with a long PR interval."
    assert case.case.context == (
        "Machine report:\n- Sinus rhythm\n- First degree AV block\n"
        "Measurements: bandwidth 0.005-150 Hz, filtering 60 Hz notch, "
        "rr_interval 800 ms, p_onset 40 ms, qrs_onset 260 ms"
    )
    assert "p_end" not in case.meta["ecg"]
    assert "t_axis" not in case.meta["ecg"]
    assert case.meta["ecg"]["qrs_onset"] == 260


def test_identifiers_stay_in_local_ids(tmp_path: Path) -> None:
    (case,) = loaded(tmp_path, CMD=[cross_modal(subject_id=987654321)]).cases
    assert case.meta["local_ids"] == {
        "cart_id": [30],
        "ecg_time": ["2100-01-01 10:00:00"],
        "study_id": [20],
        "subject_id": [987654321],
    }
    shown = f"{case.case}"
    assert "987654321" not in shown
    assert "2100-01-01" not in shown


def test_cmd_is_not_swapped_twice(tmp_path: Path) -> None:
    row = cross_modal(Q="What is the diagnosis?", A="A long PR interval.")
    imported = loaded(tmp_path, CMD=[row])
    assert imported.cases[0].case.question == "What is the diagnosis?"
    assert imported.cases[0].case.references[0].text == "A long PR interval."
    assert any("row 0: Q already holds the question: not swapped" in m for m in imported.account.unexpected)
    with pytest.raises(DataError, match="not swapped"):
        load(tmp_path, strict=True)


def test_cmd_without_a_question_on_either_side_is_unreadable(tmp_path: Path) -> None:
    imported = loaded(tmp_path, CMD=[cross_modal(A="No question."), cross_modal()])
    assert line(imported, "CMD").fates["unreadable"] == 1
    assert any("row 0: neither" in message for message in imported.account.unexpected)


def test_cmd_cases_merge_on_reports_measurements_and_question(tmp_path: Path) -> None:
    rows = [
        cross_modal(),
        cross_modal(Q="Another reading.", subject_id=11),
        cross_modal(rr_interval=600),
        cross_modal(report_1="Second degree AV block"),
        cross_modal(subject_id=12),
    ]
    imported = loaded(tmp_path, CMD=rows)
    assert [case.meta["source_rows"] for case in imported.cases] == [[0, 1], [2], [3]]
    assert imported.cases[0].meta["local_ids"]["subject_id"] == [10, 11]
    assert imported.cases[0].meta["n_duplicates"] == 1


def test_a_measurement_that_is_no_number_is_unreadable(tmp_path: Path) -> None:
    imported = loaded(tmp_path, CMD=[cross_modal(rr_interval="fast"), cross_modal()])
    assert any("row 0: \"rr_interval\" is 'fast', not a number" in message for message in imported.account.unexpected)


@pytest.mark.parametrize(
    "turns",
    [
        GOOD_TURNS,
        [{"Question": t["Q"], "Answer": t["A"]} for t in GOOD_TURNS],
        {f"turn_{n}": {"Question": t["Q"], "Answer": t["A"]} for n, t in enumerate(GOOD_TURNS)},
        {"Question": [t["Q"] for t in GOOD_TURNS], "Answer": [t["A"] for t in GOOD_TURNS]},
        {f"{k}{n}": t[k[0]] for n, t in enumerate(GOOD_TURNS, start=1) for k in ("Question", "Answer")},
    ],
)
def test_turns_are_read_from_lists_and_mappings(tmp_path: Path, turns: Any) -> None:
    imported = loaded(tmp_path, LTD=[{"subject_id": 1, "result": "A long report.", "QA": turns}])
    assert [case.case.case_id for case in imported.cases] == ["LTD-0-1", "LTD-0-2"]
    assert [case.case.question for case in imported.cases] == ["Where is the pain?", "To the arm."]
    assert [case.case.references[0].text for case in imported.cases] == ["Does it move?", "Call for help now."]
    assert all(case.case.context == "A long report." for case in imported.cases)
    assert line(imported, "LTD").fates["opens_case"] == 1


def test_a_dialogue_shows_the_turns_before_and_not_the_answer(tmp_path: Path) -> None:
    imported = loaded(tmp_path, MROD=[{"subject_id": 1, "result": "The report.", "QA": GOOD_TURNS}])
    second = imported.cases[1].case
    assert second.context == (
        Turn("report", "The report."),
        Turn("patient", "Where is the pain?"),
        Turn("doctor", "Does it move?"),
    )
    assert second.references[0].text not in str(second.context)
    assert imported.cases[0].meta["frame_id"] == imported.cases[1].meta["frame_id"]


def test_dialogues_with_the_same_report_and_other_turns_are_other_cases(tmp_path: Path) -> None:
    other = [{"Q": "Where is the pain?", "A": "Since when?"}, {"Q": "To the arm.", "A": "Sit down."}]
    rows = [{"result": "The report.", "QA": GOOD_TURNS}, {"result": "The report.", "QA": other}]
    imported = loaded(tmp_path, MROD=rows)
    assert [case.meta["source_rows"] for case in imported.cases] == [[0, 1], [0], [1]]


def test_long_texts_merge_on_text_and_question(tmp_path: Path) -> None:
    rows = [
        {"result": "R.", "QA": [GOOD_TURNS[0]]},
        {"result": "R.", "QA": {"Question": "Where is the pain?", "Answer": "X."}},
    ]
    imported = loaded(tmp_path, LTD=rows)
    assert [len(case.case.references) for case in imported.cases] == [2]
    assert line(imported, "LTD").fates["merged"] == 1


CORRECTION = {
    "initial": [{"user": "My pulse was 140."}, {"assistant": "That is fast."}],
    "corrected": [
        {"user": "I misread: it was 70."},
        {"assistant": "Then your pulse is normal, and no tablet is needed."},
    ],
}


def test_memory_correction_never_shows_its_ending(tmp_path: Path) -> None:
    (case,) = loaded(tmp_path, MC=[{"subject_id": 1, "result": "R.", "Conversation": CORRECTION}]).cases
    assert case.case.references[0].text == CORRECTION["corrected"][1]["assistant"]
    assert case.case.context == (
        Turn("user", "My pulse was 140."),
        Turn("assistant", "That is fast."),
        Turn("user", "I misread: it was 70."),
    )
    assert "no tablet" not in case.case.question + str(case.case.context)


def test_memory_correction_ignores_what_follows_the_reference(tmp_path: Path) -> None:
    phases = {**CORRECTION, "corrected": [*CORRECTION["corrected"], {"user": "So no tablet is needed, thank you."}]}
    (case,) = loaded(tmp_path, MC=[{"result": "R.", "Conversation": phases}]).cases
    assert "thank you" not in str(case.case)


def test_an_ending_that_was_said_before_would_leak_and_is_unreadable(tmp_path: Path) -> None:
    ending = {"assistant": CORRECTION["corrected"][1]["assistant"]}
    leaking = {"initial": [{"user": "Hello."}, ending], "corrected": CORRECTION["corrected"]}
    imported = loaded(
        tmp_path, MC=[{"result": "R.", "Conversation": leaking}, {"result": "R.", "Conversation": CORRECTION}]
    )
    assert any("row 0" in message and "leak" in message for message in imported.account.unexpected)
    assert [case.case.case_id for case in imported.cases] == ["MC-1"]


def test_role_and_content_turns_and_chinese_are_read(tmp_path: Path) -> None:
    phases = {
        "p": [{"role": "user", "content": "我的心率写错了，是七十次。"}, {"role": "assistant", "content": "心率正常。"}]
    }
    (case,) = loaded(tmp_path, MC=[{"result": "R.", "Conversation": phases}]).cases
    assert case.case.language == "zh"
    assert case.case.references[0].text == "心率正常。"


@pytest.mark.parametrize(
    "keywords", ["fever, cough; chest pain、fever，rash", ["fever", "cough", "chest pain", "rash", " "]]
)
def test_keywords_are_split_and_kept_once(tmp_path: Path, keywords: Any) -> None:
    (case,) = loaded(tmp_path, MEE=[{"subject_id": 1, "result": "A text.", "keywords": keywords}]).cases
    assert case.case.references[0].text == "fever; cough; chest pain; rash"
    assert case.case.context == "A text."
    assert case.case.question.startswith("List the medical entities")


@pytest.mark.parametrize("assessment", ["High risk.", ["High risk."], {"level": "high", "drivers": ["age", "lipids"]}])
def test_risk_assessments_are_read_as_text(tmp_path: Path, assessment: Any) -> None:
    (case,) = loaded(tmp_path, GRA=[{"subject_id": 1, "result": "A text.", "RA": assessment}]).cases
    assert "igh" in case.case.references[0].text
    assert case.case.context == "A text."
    assert "risk" in case.case.question


@pytest.mark.parametrize(
    ("code", "bad", "message"),
    [
        ("LTD", {"result": "R."}, 'no key "QA"'),
        ("LTD", {"result": "R.", "QA": 5}, "QA holds a number"),
        ("LTD", {"result": "R.", "QA": []}, "QA holds no turns"),
        ("MROD", {"result": "R.", "QA": [{"Q": "x?", "A": ["y"]}]}, 'QA, turn 1: "A" is a list, not a text'),
        ("MROD", {"result": "R.", "QA": {"Question": ["a?"], "Answer": []}}, "1 questions and 0 answers"),
        ("MC", {"result": "R."}, 'no key "Conversation"'),
        ("MC", {"result": "R.", "Conversation": {"p": [{"user": "a"}]}}, "no assistant turn in the last phase"),
        ("MC", {"result": "R.", "Conversation": {"p": [{"assistant": "a"}]}}, "no turn before the last assistant turn"),
        ("MC", {"result": "R.", "Conversation": {"p": "text"}}, 'phase "p": a text, not a list'),
        ("MEE", {"result": "R."}, 'no key "keywords"'),
        ("MEE", {"result": "R.", "keywords": " ;, "}, '"keywords" is blank'),
        ("MEE", {"result": "R.", "keywords": [1]}, '"keywords" holds a number'),
        ("GRA", {"result": "R.", "RA": None}, '"RA" is null'),
        ("GRA", {"result": " ", "RA": "x."}, '"result" is blank'),
    ],
)
def test_what_has_another_meaning_is_unreadable_with_its_row(
    tmp_path: Path, code: str, bad: dict[str, Any], message: str
) -> None:
    good = {
        "LTD": {"result": "R.", "QA": GOOD_TURNS},
        "MROD": {"result": "R.", "QA": GOOD_TURNS},
        "MC": {"result": "R.", "Conversation": CORRECTION},
        "MEE": {"result": "R.", "keywords": "a"},
        "GRA": {"result": "R.", "RA": "Low."},
    }[code]
    imported = loaded(tmp_path, **{code: [good, bad]})
    (said,) = imported.account.unexpected
    assert f'"{NAMES[code]}", row 1: ' in said
    assert message in said
    assert line(imported, code).fates["unreadable"] == 1


def test_all_eleven_files_import_together(tmp_path: Path) -> None:
    imported = loaded(
        tmp_path,
        EBK=[{"Q": "a?", "A": "A."}],
        CK=[{"Q": "a?", "A": "A."}],
        CD=[{"Disease": "D", "Q": "a?", "A": "A."}],
        PP=[{"medical_advice": "M.", "Q": "a?", "A": "A."}],
        PRTK=[{"Question": "a?", "Answer": "Yes."}],
        CMD=[cross_modal()],
        LTD=[{"result": "R.", "QA": GOOD_TURNS}],
        MROD=[{"result": "R.", "QA": GOOD_TURNS}],
        MC=[{"result": "R.", "Conversation": CORRECTION}],
        MEE=[{"result": "R.", "keywords": "a"}],
        GRA=[{"result": "R.", "RA": "Low."}],
    )
    assert [file.status for file in imported.account.files] == ["read"] * 11
    assert imported.account.totals["rows"] == 11
    assert imported.account.totals["cases"] == 13
    assert not imported.account.notes


def test_ids_are_unique_over_files_and_turns(tmp_path: Path) -> None:
    folder = write_files(tmp_path, LTD=[{"result": str(n), "QA": GOOD_TURNS} for n in range(12)])
    ids = [case.case.case_id for case in load(folder).cases]
    assert len(ids) == len(set(ids)) == 24
