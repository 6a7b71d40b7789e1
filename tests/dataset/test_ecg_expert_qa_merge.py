"""Rows → cases: merging, duplicates, endings, repairs, statuses, fates."""

from pathlib import Path

import pytest
from ecg_builders import QA, garble, line, load, loaded, write_files

from judge.dataset.ecg_expert_qa.repair import Damage, repair_text
from judge.dataset.ecg_expert_qa.tables import load_tables
from judge.dataset.ecg_expert_qa.texts import frame_of
from judge.domain.case import Case


def test_a_plain_row_is_one_case(tmp_path: Path) -> None:
    imported = loaded(tmp_path, EBK=QA)
    first = imported.cases[0]
    assert first.case.case_id == "EBK-0"
    assert (first.case.task, first.case.language, first.case.context) == ("EBK", "en", None)
    assert first.case.references[0].text == "The P wave."
    assert first.meta["source_rows"] == [0]
    assert first.meta["flags"] == [[]]
    assert first.meta["reference_status"] == ["unverified"]
    assert first.meta["critical_source"] == "derived"


def test_answers_to_one_question_are_references_of_one_case(tmp_path: Path) -> None:
    rows = [*QA, {"Q": "which wave shows  atrial activation", "A": "It is the P wave."}]
    imported = loaded(tmp_path, EBK=rows)
    assert [len(case.case.references) for case in imported.cases] == [2, 1]
    assert imported.cases[0].meta["source_rows"] == [0, 2]
    assert imported.cases[0].meta["flags"] == [[], ["merged"]]
    assert imported.cases[0].meta["case_flags"] == ["merged"]
    account = line(imported, "EBK")
    assert (account.rows, account.cases, account.references, account.merged) == (3, 2, 3, 1)
    assert account.details["merged_rows"] == [[2, "EBK-0"]]


def test_exact_duplicates_are_dropped_and_counted_at_the_first(tmp_path: Path) -> None:
    row = {"Question": "May I see my file?", "Answer": "Yes, you may."}
    imported = loaded(tmp_path, PRTK=[row, row, row])
    (case,) = imported.cases
    assert len(case.case.references) == 1
    assert case.meta["n_duplicates"] == 2
    assert case.meta["flags"] == [["duplicate_exact"]]
    account = line(imported, "PRTK")
    assert account.fates["dropped_duplicate"] == 2
    assert account.details["dropped_rows"]["duplicate"] == [[1, "PRTK-0"], [2, "PRTK-0"]]


def test_advice_is_part_of_the_key_in_pp(tmp_path: Path) -> None:
    rows = [
        {"medical_advice": "Rest for a week.", "Q": "What next?", "A": "A visit."},
        {"medical_advice": "Walk every day.", "Q": "What next?", "A": "A test."},
        {"medical_advice": "Rest for a week!", "Q": "What next?", "A": "Another visit."},
    ]
    imported = loaded(tmp_path, PP=rows)
    assert [len(case.case.references) for case in imported.cases] == [2, 1]
    assert imported.cases[1].case.context == "Walk every day."
    assert imported.cases[0].meta["frame_id"] == imported.cases[1].meta["frame_id"]


def test_yes_against_no_is_flagged_on_all_references(tmp_path: Path) -> None:
    rows = [
        {"Question": "May I refuse?", "Answer": "Yes, you may."},
        {"Question": "May I refuse?", "Answer": "No, you may not."},
        {"Question": "May I ask?", "Answer": "Yes, you may."},
        {"Question": "May I ask?", "Answer": "Yes, at any time."},
    ]
    imported = loaded(tmp_path, PRTK=rows)
    assert imported.cases[0].meta["flags"] == [["polarity_conflict"], ["merged", "polarity_conflict"]]
    assert imported.cases[0].meta["reference_status"] == ["unverified", "unverified"]
    assert imported.cases[1].meta["flags"] == [[], ["merged"]]
    assert [case.meta["polarity"] for case in imported.cases] == [None, "yes"]


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ("The rhythm is regular.", None),
        ('They call it "regular."', None),
        ("The rhythm is regular", "unterminated"),
        ("The preferred test is known to be the", "truncated"),
        ("Causes are drugs, ischaemia and", "truncated"),
        ("Causes are drugs,", "truncated"),
    ],
)
def test_an_ending_decides_between_kept_and_dropped(tmp_path: Path, answer: str, fate: str | None) -> None:
    imported = loaded(tmp_path, CK=[{"Q": "Which?", "A": answer}, *QA])
    account = line(imported, "CK")
    if fate == "truncated":
        assert account.details["dropped_rows"]["truncated"] == [0]
        assert (account.fates["dropped_truncated"], account.cases, account.dropped) == (1, 2, 1)
    else:
        assert imported.cases[0].meta["flags"] == [[fate] if fate else []]


def test_gbk_damage_is_repaired_and_flagged(tmp_path: Path) -> None:
    answer = f"The axis is -45{garble('°')} to -90{garble('°')}."
    imported = loaded(tmp_path, EBK=[{"Q": "Which axis?", "A": answer}, *QA * 5])
    assert imported.cases[0].case.references[0].text == "The axis is -45° to -90°."
    assert imported.cases[0].meta["flags"] == [["mojibake_fixed"]]
    assert line(imported, "EBK").repaired == 1


def test_a_lost_comparator_is_marked_and_never_guessed(tmp_path: Path) -> None:
    tables = load_tables()
    damage = Damage()
    repaired = repair_text(
        f"S in V1 plus R in V5 {tables.comparator} 35 mm, or {tables.comparator}28 mm", tables, damage
    )
    assert repaired == "S in V1 plus R in V5 [comparator lost] 35 mm, or [comparator lost] 28 mm"
    assert damage.flags == {"suspect_numeric"}
    assert damage.left == []
    imported = loaded(tmp_path, EBK=[{"Q": "Limit?", "A": f"The limit is {tables.comparator} 35 mm."}, *QA * 5])
    assert imported.cases[0].meta["reference_status"] == ["unverified"]


def test_harmless_lost_bytes_are_completed() -> None:
    tables = load_tables()
    damage = Damage()
    assert repair_text("CHA鈧侱S鈧-VASc", tables, damage) == "CHA₂DS₂-VASc"
    assert repair_text("a 鈥渟awtooth鈥 line", tables, damage) == "a “sawtooth” line"
    assert repair_text("the patient鈥檚 heart", tables, damage) == "the patient’s heart"
    assert damage.flags == {"mojibake_fixed"}
    assert damage.left == []


def test_chinese_in_an_english_file_is_left_and_said(tmp_path: Path) -> None:
    imported = loaded(
        tmp_path, EBK=[{"Q": "What is 房颤 called in English here?", "A": "Atrial fibrillation."}, *QA * 5]
    )
    assert "房颤" in imported.cases[0].case.question
    assert any("row 0: '房颤' in an English file" in message for message in imported.account.unexpected)


def test_a_chinese_file_is_not_repaired(tmp_path: Path) -> None:
    rows = [{"Q": "房颤是什么？", "A": "一种心律失常。"}, {"Q": "室颤是什么？", "A": "一种恶性心律失常。"}]
    imported = loaded(tmp_path, EBK=rows)
    assert [case.case.question for case in imported.cases] == [row["Q"] for row in rows]
    assert imported.cases[0].case.language == "zh"


def test_a_mistranslated_label_is_kept_and_both_wordings_are_in_the_context(tmp_path: Path) -> None:
    rows = [
        {"Disease": "Nipple Muscle Dysfunction", "Q": "What does the ECG show?", "A": "Little."},
        {"Disease": "Dynamic Cardiac Tumors", "Q": "What is heard?", "A": "A plop."},
        {"Disease": "Myocarditis", "Q": "What is felt?", "A": "Pain."},
    ]
    imported = loaded(tmp_path, CD=rows)
    first, second, third = imported.cases
    assert (
        first.case.context == "Disease: Nipple Muscle Dysfunction (as printed; meant is papillary muscle dysfunction)"
    )
    assert (first.meta["disease"], first.meta["disease_canonical"]) == (
        rows[0]["Disease"],
        "papillary muscle dysfunction",
    )
    assert first.meta["flags"] == [["term_repaired"]]
    assert "perhaps meant is" in str(second.case.context)
    assert third.case.context == "Disease: Myocarditis"
    assert third.meta["flags"] == [[]]


def test_two_labels_of_one_entity_are_lists_in_row_order(tmp_path: Path) -> None:
    rows = [
        {"Disease": "Hyperthyroid Heart Disease", "Q": "What is seen?", "A": "Sinus tachycardia."},
        {"Disease": "Thyrotoxic Heart Disease", "Q": "What is seen?", "A": "Atrial fibrillation."},
    ]
    (case,) = loaded(tmp_path, CD=rows).cases
    assert case.meta["disease"] == ["Hyperthyroid Heart Disease", "Thyrotoxic Heart Disease"]
    assert case.meta["disease_canonical"] == ["thyrotoxic heart disease", "thyrotoxic heart disease"]
    assert case.case.context == "Disease: Hyperthyroid Heart Disease; Thyrotoxic Heart Disease"


def test_a_frame_is_the_question_without_its_disease() -> None:
    first = frame_of("How does Long QT Syndrome change the ECG?", ["Long QT Syndrome (LQTS)"])
    second = frame_of("How does LQTS change the ECG?", ["Long QT Syndrome (LQTS)"])
    third = frame_of("How does myocarditis change the ECG?", ["Myocarditis"])
    assert first == second == third == "how does <disease> change the ecg"


def test_critical_comes_from_the_callable_and_is_marked_derived(tmp_path: Path) -> None:
    folder = write_files(tmp_path, EBK=QA)
    seen: list[Case] = []

    def derive(case: Case) -> tuple[str, ...]:
        seen.append(case)
        return ("G01",) if "P wave" in case.references[0].text else ()

    imported = load(folder, derive=derive)
    assert [case.case.critical for case in imported.cases] == [("G01",), ()]
    assert all(case.case.critical_source == "derived" for case in imported.cases)
    assert [case.case_id for case in seen] == ["EBK-0", "EBK-1"]


def test_known_bad_rows_are_recognised_by_their_print_wherever_they_stand(tmp_path: Path) -> None:
    from dataclasses import replace

    from judge.dataset.ecg_expert_qa import import_folder
    from judge.dataset.ecg_expert_qa.tables import Seed
    from judge.dataset.ecg_expert_qa.texts import print_of

    rows = [*QA, {"Q": QA[0]["Q"], "A": "The Q wave."}]
    seeds = (
        Seed("EBK", 0, print_of(QA[0]["Q"], "The Q wave."), "known_bad", ("bunny_ears",)),
        Seed("EBK", 1, "0" * 16, "known_bad", ("bunny_ears",)),
        Seed("EBK", 1, print_of(QA[1]["Q"], QA[1]["A"]), "truncated"),
    )
    tables = replace(load_tables(), seeds=seeds)
    folder = write_files(tmp_path, EBK=rows)
    imported = import_folder(folder, derive_critical=lambda _: (), strict=False, tables=tables)
    (case,) = imported.cases
    assert [reference.status for reference in case.case.references] == ["unverified", "rejected"]
    assert case.meta["flags"][1] == ["merged", "known_bad"]
    assert case.meta["known_bad"] == [[], ["bunny_ears"]]
    account = line(imported, "EBK")
    assert account.not_found == 1
    assert account.fates["dropped_truncated"] == 1
    assert any("1 known defects stand at another row (0 → 2)" in message for message in imported.account.unexpected)


def test_every_row_has_exactly_one_fate(tmp_path: Path) -> None:
    rows = [*QA, QA[0], {"Q": QA[0]["Q"], "A": "Another."}, {"Q": "Cut?", "A": "It is the"}, {"Q": "No answer?"}]
    account = line(loaded(tmp_path, EBK=rows), "EBK")
    assert account.fates == {
        "opens_case": 2,
        "merged": 1,
        "dropped_truncated": 1,
        "dropped_duplicate": 1,
        "unreadable": 1,
    }
    assert sum(account.fates.values()) == account.rows == len(rows)
    assert account.dropped == 3


def test_progress_is_told_after_each_case(tmp_path: Path) -> None:
    from judge.dataset.ecg_expert_qa import import_folder

    told: list[tuple[int, int]] = []
    folder = write_files(tmp_path, EBK=QA)
    import_folder(folder, derive_critical=lambda _: (), strict=False, progress=lambda n, total: told.append((n, total)))
    assert told == [(1, 2), (2, 2)]
