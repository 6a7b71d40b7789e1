"""A run's answers, read again from the files that it was made from: the same answers, or a clear refusal."""

import json

import pytest

import judge
from judge.api.card import rubric_of
from judge.api.grading.options import GradeOptions
from judge.api.grading.plan import make_plan
from judge.api.inputs import answers_of, options_of
from judge.api.run import Run
from judge.errors import DataError, StoreError
from tests.api.run_helpers import answers, write_jsonl


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def split_files(place, n=4):
    """Write answers, cases and checklists into a file each; a checklist is a case's only where it is read as one."""
    rows = answers(n=n)
    inline = ("case_id", "model", "response")
    write_jsonl(place / "answers.jsonl", [{name: row[name] for name in inline} for row in rows])
    cases = [row for row in rows if row["model"] == "model-a"]
    write_jsonl(
        place / "cases.jsonl",
        [{name: row[name] for name in ("case_id", "question", "reference", "task")} for row in cases],
    )
    listed = [{"case_id": "c0", "checklist": {"critical": []}}]
    write_jsonl(place / "checklists.jsonl", listed)


def test_answers_cases_and_checklists_are_read_again_as_what_they_were(place):
    split_files(place)
    files = {"cases": "cases.jsonl", "checklists": "checklists.jsonl"}
    run = judge.grade("answers.jsonl", **files, out="run")
    found = answers_of(run, rubric_of(run))
    assert [item.response.response_id for item in found.items] == [
        row["response_id"] for row in run.table("grades").to_pylist() if row["dimension"] == "composite"
    ]
    assert [item.case.checklist is not None for item in found.items] == [True, True] + [False] * 6


def test_bad_rows_left_out_renamed_columns_and_a_limit_are_read_the_same_way_again(place):
    rows = [{"item": row.pop("case_id"), **row} for row in answers(n=3)]
    rows.insert(2, {**rows[2], "model": ""})
    write_jsonl(place / "a.jsonl", rows)
    run = judge.grade("a.jsonl", columns={"case_id": "item"}, skip_bad=True, limit=3, out="run")
    found = answers_of(run, rubric_of(run))
    graded = set(run.table("grades").column("response_id").to_pylist())
    assert {item.response.response_id for item in found.items} == graded
    assert len(graded) == 3
    assert len(found.rejected) == 1


def test_every_file_that_is_gone_or_changed_is_named(place):
    split_files(place)
    run = judge.grade("answers.jsonl", cases="cases.jsonl", out="run")
    (place / "answers.jsonl").write_text("{}\n")
    (place / "cases.jsonl").unlink()
    with pytest.raises(DataError, match="cannot be read again") as caught:
        answers_of(run, rubric_of(run))
    assert caught.value.problems == (
        "answers.jsonl: has changed since the run was made",
        "cases.jsonl: is no longer there",
    )


def test_a_file_more_in_a_folder_of_parquet_files_is_seen(place):
    import pyarrow as pa
    import pyarrow.parquet as pq

    (place / "parts").mkdir()
    for part, rows in enumerate((answers(n=2), [{**row, "case_id": "x"} for row in answers(n=1)])):
        if part == 1:
            run = judge.grade("parts", out="run")
        pq.write_table(pa.Table.from_pylist(rows), place / "parts" / f"{part}.parquet")
    with pytest.raises(DataError, match="1 files were read for the run, 2 are there now"):
        answers_of(run, rubric_of(run))


def test_a_manifest_that_does_not_say_which_file_is_which_says_what_to_do(place):
    run = judge.grade(write_jsonl(place / "a.jsonl", answers(n=1)), out="run")
    options = {name: value for name, value in run.manifest["options"].items() if name != "answers"}
    old = Run(run.folder, {**run.manifest, "options": options})
    with pytest.raises(StoreError, match="does not say which file held the answers") as caught:
        options_of(old)
    assert "judge grade" in str(caught.value)


def test_chosen_answers_alone_are_another_plan_and_an_unknown_one_is_an_error(place):
    file = write_jsonl(place / "a.jsonl", answers(n=3))
    whole = make_plan(GradeOptions(file))
    ids = tuple(item.response.response_id for item in whole.answers.items)[1:3]
    part = make_plan(GradeOptions(file, only=ids))
    assert tuple(item.response.response_id for item in part.answers.items) == ids
    assert make_plan(GradeOptions(file, only=ids[::-1])).hash == part.hash != whole.hash
    assert "only" not in json.dumps(dict(whole.identity))
    with pytest.raises(DataError, match="no answers with these") as caught:
        make_plan(GradeOptions(file, only=(*ids, "nobody")))
    assert caught.value.problems == ("nobody",)
