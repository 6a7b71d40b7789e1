"""Reading answers: what is accepted, what is refused, and how it is said."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dataset_builders import read, row, small_rubric, write_csv, write_jsonl

from judge.dataset.answers import AnswerSource, read_answers
from judge.domain.case import Reference, Turn
from judge.errors import ConfigError, DataError


def problems(path: Path, **options) -> tuple[str, ...]:
    with pytest.raises(DataError) as caught:
        read(path, **options)
    return caught.value.problems


def test_all_columns_of_a_row_arrive(tmp_path: Path) -> None:
    given = row(
        case_id=7,
        response_id="r1",
        reference=["One.", "Another."],
        context=[{"role": "patient", "text": "Chest pain."}],
        task="CD",
        language="zh-Hans-CN",
        critical=["G01", "G01"],
        site="ward 3",
        score=0.5,
    )
    (item,) = read(write_jsonl(tmp_path / "a.jsonl", given)).items
    case = item.case
    assert case.case_id == "7"
    assert case.references == (Reference("One."), Reference("Another."))
    assert case.context == (Turn("patient", "Chest pain."),)
    assert (case.task, case.language, case.critical, case.critical_source) == ("CD", "zh", ("G01",), "given")
    assert item.response.response_id == "r1"
    assert item.response.meta == {"site": "ward 3", "score": 0.5}


def test_the_same_answers_read_alike_from_every_format(tmp_path: Path) -> None:
    rows = [row(reference=["A.", "B."], site="x"), row(model="m2", response="Other.", site="y")]
    write_jsonl(tmp_path / "a.jsonl", *rows)
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    write_csv(
        tmp_path / "a.csv",
        "case_id,model,response,question,reference,site\n"
        'c1,m1,An answer.,What is seen?,"[""A."", ""B.""]",x\n'
        "c1,m2,Other.,What is seen?,,y\n",
    )
    pq.write_table(pa.Table.from_pylist([{**r, "reference": r.get("reference")} for r in rows]), tmp_path / "a.parquet")
    folder = tmp_path / "parts"
    folder.mkdir()
    for number, one in enumerate(rows):
        pq.write_table(pa.Table.from_pylist([one]), folder / f"part-{number}.parquet")
    found = [read(tmp_path / name).items for name in ("a.jsonl", "a.json", "a.csv", "a.parquet", "parts")]
    assert all(items == found[0] for items in found[1:])
    assert [item.response.model for item in found[0]] == ["m1", "m2"]


def test_inputs_carry_path_hash_and_rows(tmp_path: Path) -> None:
    import hashlib

    path = write_jsonl(tmp_path / "a.jsonl", row(), row(model="m2"))
    (entry,) = read(path).inputs
    assert entry.path == str(path)
    assert entry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert entry.rows == 2


def test_answers_of_one_case_share_the_case(tmp_path: Path) -> None:
    items = read(write_jsonl(tmp_path / "a.jsonl", row(), row(model="m2"), row(model="m3"))).items
    assert items[0].case is items[1].case is items[2].case


def test_a_default_response_id_depends_on_case_model_and_response_alone(tmp_path: Path) -> None:
    first = read(write_jsonl(tmp_path / "a.jsonl", row(site="x"))).items[0]
    second = read(write_jsonl(tmp_path / "b.jsonl", row(model="m0"), row(site="y"))).items[1]
    third = read(write_jsonl(tmp_path / "c.jsonl", row(response="An answer!"))).items[0]
    assert first.response.response_id == second.response.response_id != third.response.response_id


@pytest.mark.parametrize("blank", ["", "  \n", None])
def test_a_blank_response_is_read_and_left_to_be_unscored(tmp_path: Path, blank: str | None) -> None:
    (item,) = read(write_jsonl(tmp_path / "a.jsonl", row(response=blank))).items
    assert item.response.is_blank


def test_empty_optional_cells_are_absent(tmp_path: Path) -> None:
    text = "case_id,model,response,question,task,reference,critical,response_id\nc1,m1,x,What?,,,,\n"
    (item,) = read(write_csv(tmp_path / "a.csv", text)).items
    assert (item.case.task, item.case.references, item.case.critical_source) == (None, (), None)


def test_an_empty_list_of_gates_is_given_and_not_absent(tmp_path: Path) -> None:
    (item,) = read(write_jsonl(tmp_path / "a.jsonl", row(critical=[]))).items
    assert (item.case.critical, item.case.critical_source) == ((), "given")


def test_a_text_that_looks_like_json_stays_a_text_in_jsonl(tmp_path: Path) -> None:
    (item,) = read(write_jsonl(tmp_path / "a.jsonl", row(reference='["not", "a list"]'))).items
    assert item.case.references == (Reference('["not", "a list"]'),)


def test_csv_lines_are_kept_inside_quotes_and_a_mark_at_the_start_is_no_column_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('case_id,model,response,question\r\nc1,m1,"two\nlines, ""quoted""",Was?\r\n'.encode("utf-8-sig"))
    (item,) = read(path).items
    assert item.response.text == 'two\nlines, "quoted"'


def test_columns_reads_a_column_under_another_name(tmp_path: Path) -> None:
    given = {"item": "c1", "model": "m1", "answer": "Text.", "question": "What?"}
    path = write_jsonl(tmp_path / "a.jsonl", given)
    (item,) = read(path, columns={"case_id": "item", "response": "answer"}).items
    assert (item.case.case_id, item.response.text, item.response.meta) == ("c1", "Text.", {})


def test_a_missing_column_names_the_nearest_one_and_the_option(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", {"item": "c1", "modell": "m1", "response": "x", "question": "q"})
    assert "--columns case_id=item" in problems(path)[0]
    assert 'the nearest is "modell"' in problems(path)[1]
    assert "--columns model=modell" in problems(path)[1]


def test_unknown_columns_option_is_a_set_up_error(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", row())
    with pytest.raises(ConfigError, match='did you mean "case_id"'):
        read(path, columns={"caseid": "item"})
    with pytest.raises(ConfigError, match="two names"):
        read(path, columns={"case_id": "item", "model": "item"})


def test_a_renamed_column_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", row())
    assert 'no column "key"' in problems(path, columns={"reference": "key"})[0]


def test_no_question_anywhere_is_one_problem(tmp_path: Path) -> None:
    given = [{"case_id": "c1", "model": "m1", "response": str(n)} for n in range(3)]
    (problem,) = problems(write_jsonl(tmp_path / "a.jsonl", *given))
    assert 'no column "question" and no --cases file' in problem


def test_all_problems_are_said_at_once_with_row_and_column(tmp_path: Path) -> None:
    path = write_jsonl(
        tmp_path / "a.jsonl",
        row(),
        row(model="m2", response=5),
        row(case_id="c2", task="CDD"),
        row(case_id=1.5, model=True),
        row(case_id="c3", critical=["G9"], context=5, reference=[1], language="English language"),
        {"model": "m1", "response": "x"},
    )
    found = problems(path)
    assert f"{path}, row 2, response: a number, not a text" in found
    assert any(f"{path}, row 3, task" in p and 'did you mean "CD"' in p for p in found)
    assert f"{path}, row 4, model: true or false, not a text" in found
    assert sum(f"{path}, row 5" in p for p in found) == 4
    assert f"{path}, row 6, case_id: is missing" in found


def test_twenty_problems_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", *(row(model=f"m{n}", task=f"T{n}") for n in range(25)))
    with pytest.raises(DataError) as caught:
        read(path)
    assert len(caught.value.problems) == 25
    assert "… and 5 more" in str(caught.value)
    assert caught.value.exit_code == 3


def test_one_problem_of_many_rows_is_one_line_with_the_first_rows_and_a_count(tmp_path: Path) -> None:
    faulty = [row(model=f"m{n}", response=n) for n in range(30)]
    path = write_jsonl(tmp_path / "a.jsonl", row(), *faulty, row(model="m31", task="CDD"), row(model="m32", task="CDD"))
    with pytest.raises(DataError) as caught:
        read(path)
    many, two = caught.value.problems
    assert many == f"{path}, rows 2, 3, 4, 5, 6 and 25 more, response: a number, not a text"
    assert two.startswith(f'{path}, rows 32 and 33, task: unknown task "CDD"')
    assert "32 problems" in caught.value.message
    assert "--skip-bad" in str(caught.value)


def test_skip_bad_is_not_advised_where_it_would_leave_no_answer(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(write_jsonl(tmp_path / "a.jsonl", row(response=5), row(model="m2", task="CDD")))
    assert "--skip-bad" not in str(caught.value)


def test_a_task_column_on_a_rubric_without_tasks_is_one_problem_with_its_way_out(tmp_path: Path) -> None:
    rubric = small_rubric()
    rubric = replace(rubric, id="plain", tasks={"default": rubric.tasks["default"]})
    path = write_jsonl(tmp_path / "a.jsonl", *(row(case_id=f"c{n}", task=f"T{n % 3}") for n in range(40)))
    with pytest.raises(DataError) as caught:
        read_answers(AnswerSource(path), rubric)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path}, rows 1, 2, 3, 4, 5 and 35 more, task: the rubric plain has no tasks")
    assert "remove the column" in problem
    assert "--skip-bad" not in str(caught.value)
    assert read_answers(AnswerSource(write_jsonl(path, row(task="default"))), rubric).items


def test_a_missing_column_is_not_to_be_read_from_one_that_is_mapped_already(tmp_path: Path) -> None:
    given = {"item": "c1", "answer": "x", "model": "m", "prompt_text": "q"}
    path = write_jsonl(tmp_path / "a.jsonl", given)
    (problem,) = problems(path, columns={"case_id": "item", "response": "prompt_text"})
    assert 'no column "question"' in problem
    assert "question=prompt_text" not in problem
    assert "--columns question=answer" in problem
    (problem,) = problems(
        write_jsonl(path, {"i": "c1", "a": "x", "m": "m"}), columns={"case_id": "i", "response": "a", "model": "m"}
    )
    assert "name another with --columns question=COLUMN" in problem


def test_duplicate_ids_name_both_rows(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", row(response_id="r"), row(model="m2", response_id="r"), row(), row())
    found = problems(path)
    assert f'row 2, response_id: "r" is already in {path}, row 1' in found[0]
    assert "row 4: same case_id, model and response as" in found[1]
    assert found[1].endswith("row 3; give each a response_id")


def test_inline_columns_of_one_case_have_to_agree(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", row(), row(model="m2", question="Something else?"), row(model="m3"))
    (problem,) = problems(path)
    assert 'row 2, question: case "c1" has another question in' in problem


def test_what_one_row_leaves_open_another_may_say(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", row(), row(model="m2", question=None, reference="Key."))
    assert read(path).items[0].case.references == (Reference("Key."),)


def test_faults_of_bytes_are_located(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps(row()).encode()
    path.write_bytes(good + b'\n{"case_id":"\xff"}\n{"case_id":"a\0"}\n{"case_id":"a","case_id":"b"}\n{"x":\n[1]\n')
    found = problems(path)
    assert f"row 2: not UTF-8: byte 0xff at byte offset {len(good) + 1 + 12}" in found[0]
    assert "row 3: NUL byte at byte offset" in found[1]
    assert 'row 4: the key "case_id" occurs twice' in found[2]
    assert "row 5: broken JSON" in found[3]
    assert "row 6: a list, not an object" in found[4]


def test_characters_that_cannot_be_stored_are_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"case_id": "a", "model": "m", "response": "\\ud800", "question": "q\\u0000", "note": "\\udfff"}\n',
        encoding="utf-8",
    )
    found = problems(path)
    assert any("response: a lone surrogate" in p for p in found)
    assert any("question: a NUL character at position 2" in p for p in found)
    assert any("lone surrogate (\\udfff)" in p for p in found)


def test_a_csv_that_is_not_utf8_names_row_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    before = 'case_id,model,response,question\nc1,m1,"päper\n'.encode()
    path.write_bytes(before + b'caf\xe9",q\nc1,m2,x,q\n')
    assert problems(path) == (f"{path}, row 2: not UTF-8 at byte offset {len(before) + 3}",)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"", "holds no answers"),
        ("a.csv", b"case_id,model,response,question\n", "holds no answers"),
        ("a.json", b"[]", "holds no answers"),
        ("a.csv", b"case_id,model,case_id\nx,y,z\n", '"case_id" occurs twice'),
        ("a.csv", b"case_id;model;response\nx;y;z\n", "no comma"),
        ("a.csv", b'case_id,model,response,question\nc,m,"never closed,q\n', "broken CSV"),
        ("a.csv", b"case_id,model,response,question\nc,m\n", "2 cells where the header has 4"),
        ("a.json", b'[{"case_id": 1}, {"model":', "row 2: the file ends in the middle"),
        ("a.json", b'{"case_id": 1}', "one object or JSON Lines"),
        ("a.json", b'[{"case_id": NaN}]', "NaN is no JSON number"),
        ("a.jsonl", "case_id".encode("utf-16"), "UTF-16"),
        ("a.parquet", b"PAR1 and then nothing", "not a whole Parquet file"),
        ("a.xlsx", b"PK", 'unknown format ".xlsx"'),
    ],
)
def test_a_broken_file_gets_one_clear_message(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read(path)
    assert message in str(caught.value)
    assert name in str(caught.value)


def test_half_a_parquet_file_is_refused(tmp_path: Path) -> None:
    whole, half = tmp_path / "whole.parquet", tmp_path / "half.parquet"
    pq.write_table(pa.Table.from_pylist([row()]), whole)
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(DataError, match="not a whole Parquet file"):
        read(half)


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "answers.jsonl", row())
    with pytest.raises(DataError, match=r'no such file, did you mean "answers\.jsonl"'):
        read(tmp_path / "answer.jsonl")


def test_a_folder_without_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \.parquet file"):
        read(tmp_path)


def test_skip_bad_keeps_the_good_rows_and_says_why_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_jsonl(path, row(), row(model="m2", response=5), row(model="m3", task="XX"), row(case_id="c9", question=""))
    path.write_text(path.read_text(encoding="utf-8") + "{broken\n", encoding="utf-8")
    found = read(path, skip_bad=True)
    assert [item.response.model for item in found.items] == ["m1"]
    assert [rejected.row for rejected in found.rejected] == [2, 3, 4, 5]
    assert "row 2, response: a number" in found.rejected[0].reason
    assert found.rejected[0].record["model"] == "m2"
    assert found.rejected[3].record == {"text": "{broken"}
    assert found.inputs[0].rows == 5


def test_skip_bad_does_not_excuse_a_fault_of_the_whole_file(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", {"case_id": "c", "response": "x", "question": "q"})
    with pytest.raises(DataError, match='no column "model"'):
        read(path, skip_bad=True)


def test_limit_keeps_the_first_answers_and_leaves_the_inputs_alone(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", *(row(model=f"m{n}") for n in range(5)))
    found = read(path, limit=2)
    assert [item.response.model for item in found.items] == ["m0", "m1"]
    assert found.inputs == read(path).inputs


def test_cases_are_joined_and_their_other_columns_reach_every_answer(tmp_path: Path) -> None:
    cases = write_jsonl(tmp_path / "cases.jsonl", {"case_id": 1, "question": "Was?", "reference": "Key.", "ward": "B"})
    answers = write_jsonl(
        tmp_path / "a.jsonl",
        {"case_id": "1", "model": "m1", "response": "x"},
        {"case_id": 1, "model": "m2", "response": "y", "site": "s"},
    )
    found = read(answers, cases=cases)
    assert [item.case.references[0].text for item in found.items] == ["Key.", "Key."]
    assert [item.response.meta for item in found.items] == [{"ward": "B"}, {"ward": "B", "site": "s"}]
    assert [Path(entry.path).name for entry in found.inputs] == ["a.jsonl", "cases.jsonl"]


def test_an_answer_to_an_unknown_case_is_an_error_with_the_nearest(tmp_path: Path) -> None:
    cases = write_jsonl(tmp_path / "cases.jsonl", {"case_id": "case-1", "question": "Was?"})
    answers = write_jsonl(tmp_path / "a.jsonl", {"case_id": "case-l", "model": "m1", "response": "x"})
    (problem,) = problems(answers, cases=cases)
    assert 'case "case-l" is not in' in problem
    assert 'did you mean "case-1"' in problem


def test_a_case_that_occurs_twice_is_an_error_naming_both(tmp_path: Path) -> None:
    cases = write_jsonl(tmp_path / "c.jsonl", {"case_id": "1", "question": "A?"}, {"case_id": "1", "question": "B?"})
    answers = write_jsonl(tmp_path / "a.jsonl", {"case_id": "1", "model": "m1", "response": "x"})
    (problem,) = problems(answers, cases=cases)
    assert problem == f'{cases}, row 2, case_id: case "1" is already in {cases}, row 1'


def test_an_inline_column_that_contradicts_the_cases_file_is_an_error(tmp_path: Path) -> None:
    cases = write_jsonl(tmp_path / "c.jsonl", {"case_id": "c1", "question": "Another?"})
    (problem,) = problems(write_jsonl(tmp_path / "a.jsonl", row()), cases=cases)
    assert f'column: case "c1" has another question in {cases}, row 1'.removeprefix("column: ") in problem


def test_problems_of_both_files_come_together(tmp_path: Path) -> None:
    cases = write_jsonl(tmp_path / "c.jsonl", {"case_id": "c2", "question": "Q?", "task": "nope"})
    answers = write_jsonl(tmp_path / "a.jsonl", row(response=1), {"case_id": "c2", "model": "m", "response": "x"})
    found = problems(answers, cases=cases)
    assert len(found) == 2
    assert "a.jsonl, row 1, response" in found[0]
    assert "c.jsonl, row 1, task" in found[1]


def test_with_skip_bad_the_answers_of_a_faulty_case_are_rejected(tmp_path: Path) -> None:
    cases = write_jsonl(tmp_path / "c.jsonl", {"case_id": "c2", "question": "Q?", "task": "nope"})
    answers = write_jsonl(tmp_path / "a.jsonl", row(), {"case_id": "c2", "model": "m", "response": "x"})
    found = read(answers, cases=cases, skip_bad=True)
    assert len(found.items) == 1
    assert "c.jsonl, row 1, task: unknown task" in found.rejected[0].reason


def test_reference_status_and_critical_source_come_from_meta(tmp_path: Path) -> None:
    meta = {
        "reference_status": ["rejected", "unverified"],
        "critical_source": "derived",
        "local_ids": {"subject_id": [1]},
        "frame_id": "f1",
    }
    given = row(reference=["Wrong.", "Right."], critical=["G02"], meta=meta)
    (item,) = read(write_jsonl(tmp_path / "a.jsonl", given)).items
    assert [reference.status for reference in item.case.references] == ["rejected", "unverified"]
    assert item.case.critical_source == "derived"
    assert item.response.meta["frame_id"] == "f1"
    assert "local_ids" not in item.response.meta


def test_one_reference_status_holds_for_all_and_a_wrong_number_is_refused(tmp_path: Path) -> None:
    given = row(reference=["A.", "B."], reference_status="verified")
    (item,) = read(write_jsonl(tmp_path / "a.jsonl", given)).items
    assert [reference.status for reference in item.case.references] == ["verified", "verified"]
    wrong = row(reference=["A."], reference_status=["verified", "rejected"])
    assert "2 entries of reference_status for 1 references" in problems(write_jsonl(tmp_path / "b.jsonl", wrong))[0]
    unknown = row(reference="A.", reference_status="verifed")
    assert 'did you mean "verified"' in problems(write_jsonl(tmp_path / "c.jsonl", unknown))[0]


def test_gates_derived_for_another_rubric_count_as_absent(tmp_path: Path) -> None:
    given = row(critical=["G77"], critical_source="derived")
    (item,) = read(write_jsonl(tmp_path / "a.jsonl", given)).items
    assert (item.case.critical, item.case.critical_source) == ((), None)


def test_a_checklists_file_is_joined_and_its_gates_override(tmp_path: Path) -> None:
    checklist = {
        "case_id": "c1",
        "critical": ["G03"],
        "criteria": [{"id": "k1", "from": "DA1", "dim": "DA", "class": "core", "points": 5, "en": "Names it"}],
    }
    path = write_jsonl(tmp_path / "k.jsonl", checklist)
    (item,) = read(write_jsonl(tmp_path / "a.jsonl", row(critical=["G01"])), checklists=path).items
    assert item.case.checklist is not None
    assert item.case.checklist.criteria[0].dimension == "diagnostic_accuracy"
    assert (item.case.critical, item.case.critical_source) == (("G03",), "given")


def test_a_checklist_in_a_csv_cell_is_read_and_its_faults_are_located(tmp_path: Path) -> None:
    checklist = {"criteria": [{"id": "k1", "dim": "XX", "class": "core", "points": 5, "en": "Names it"}]}
    cell = json.dumps(checklist).replace('"', '""')
    text = f'case_id,model,response,question,checklist\nc1,m1,x,What?,"{cell}"\n'
    (problem,) = problems(write_csv(tmp_path / "a.csv", text))
    assert 'row 2, checklist: criterion "k1": unknown dimension "XX"' in problem


def test_a_faulty_checklists_file_names_its_row(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "k.jsonl", {"case_id": "c1", "critical": ["G99"]}, {"criteria": []})
    found = problems(write_jsonl(tmp_path / "a.jsonl", row()), checklists=path)
    assert f'{path}, row 1, checklist of "c1": critical: unknown gate "G99"' in found[0]
    assert f"{path}, row 2, case_id: is missing" in found[1]


def test_parquet_types_outside_json_are_kept_as_json(tmp_path: Path) -> None:
    import datetime

    path = tmp_path / "a.parquet"
    extra = {"day": datetime.date(2024, 5, 1), "share": float("nan"), "raw": b"\x01"}
    pq.write_table(pa.Table.from_pylist([{**row(), **extra}]), path)
    (item,) = read(path).items
    assert item.response.meta == {"day": "2024-05-01", "share": None, "raw": "01"}


def test_the_reader_takes_the_rubric_given_and_no_other(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", row(task="EBK"))
    assert read_answers(AnswerSource(path), small_rubric()).items[0].case.task == "EBK"


def test_a_column_nearly_named_like_ours_is_a_warning(tmp_path: Path) -> None:
    found = read(write_jsonl(tmp_path / "a.jsonl", row(refrence="Key.", site="x")))
    (warning,) = found.warnings
    assert '"refrence" is kept as it is; --columns reference=refrence reads it' in warning
    assert found.items[0].response.meta["refrence"] == "Key."


def test_a_checklist_of_no_case_is_a_warning(tmp_path: Path) -> None:
    checklists = write_jsonl(tmp_path / "k.jsonl", {"case_id": "c1", "criteria": []}, {"case_id": "c7", "criteria": []})
    (warning,) = read(write_jsonl(tmp_path / "a.jsonl", row()), checklists=checklists).warnings
    assert '1 checklists are of no case here, the first of "c7"' in warning


def test_a_rejected_record_can_be_written_down(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row(response="\ud800")) + "\n", encoding="utf-8")
    (rejected,) = read(path, skip_bad=True).rejected
    assert json.dumps(rejected.record, ensure_ascii=False).encode("utf-8")


def test_a_struct_column_of_parquet_reads_as_the_object_it_was(tmp_path: Path) -> None:
    first = {"criteria": [{"id": "k1", "dim": "DA", "class": "core", "points": 5, "en": "Names it"}]}
    second = {"criteria": [{"id": "n1", "dim": "SH", "class": "negative", "points": -5, "zh": "x", "type": "risk"}]}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist([row(checklist=first), row(case_id="c2", checklist=second)]), path)
    found = read(path).items
    assert (
        found[0].case.checklist == read(write_jsonl(tmp_path / "a.jsonl", row(checklist=first))).items[0].case.checklist
    )
    assert found[1].case.checklist is not None


def test_a_renamed_question_that_is_in_neither_file_is_an_error(tmp_path: Path) -> None:
    cases = write_jsonl(tmp_path / "c.jsonl", {"case_id": "c1", "question": "Q?"})
    answers = write_jsonl(tmp_path / "a.jsonl", {"case_id": "c1", "model": "m", "response": "x"})
    assert any('no column "prompt"' in p for p in problems(answers, cases=cases, columns={"question": "prompt"}))
