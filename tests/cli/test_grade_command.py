"""``judge grade`` as a user meets it: what it prints, where, and with which exit code."""

import json
import re
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from judge.cli.main import main
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["judge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


@pytest.fixture
def good(tmp_path):
    return write_jsonl(tmp_path / "answers.jsonl", answers(n=2))


def nothing_made(folder):
    return not (folder / "outputs").exists()


def test_it_ends_with_a_table_the_card_and_exit_0(command, good, tmp_path):
    code, out, err = command("grade", good)
    assert code == 0
    assert "model-a" in out
    assert "card.html" in out
    assert "offline judge alone" in err
    (run,) = [path for path in (tmp_path / "outputs").iterdir() if path.is_dir()]
    assert {"card.html", "card.md", "card.json", "grades.parquet", "manifest.json"} <= {p.name for p in run.iterdir()}


def test_json_is_one_document_on_stdout(command, good):
    code, out, _ = command("grade", good, "--json", "--quiet")
    document = json.loads(out)
    assert code == 0
    assert document["complete"] is True
    assert document["manifest"]["counts"]["responses"] == 4
    assert document["files"]["html"].endswith("card.html")


def test_quiet_says_nothing_on_stderr(command, good):
    _, out, err = command("grade", good, "--quiet")
    assert out
    assert err == ""


def test_budget_reached_is_exit_6_with_the_files_written(command, good, tmp_path, openai_server):
    server = openai_server(reply=reply_file(), usage=[1000, 100])
    panel = write_panel(
        tmp_path / "panel.yaml", [server], price={"input_per_mtok": 10.0, "output_per_mtok": 10.0}, max_concurrency=1
    )
    code, out, err = command("grade", good, "--panel", panel, "--max-usd", "0.11")
    assert code == 6
    assert "higher --max-usd" in err
    (said,) = [line for line in err.splitlines() if "cap of --max-usd" in line]
    spent, most = map(float, re.findall(r"\$(\d+\.\d+)", said))
    assert f"--max-usd 0.11 was reached: ${spent:.4f} are spent, and the next call could cost up to" in said
    assert 0 <= spent < 0.11 < spent + most
    assert "model-a" in out


def test_baselines_are_written_on_ask(command, good, tmp_path):
    code, _, _ = command("grade", good, "--baselines", "--out", "run")
    assert code == 0
    table = pq.read_table(tmp_path / "run" / "baselines.parquet").to_pylist()
    assert {row["name"] for row in table} == {"bleu1", "rouge_l", "meteor"}
    assert all(0 <= row["value"] <= 1 for row in table)


def write_csv_without_response(folder):
    path = folder / "a.csv"
    path.write_text("case_id,model,respones\nc1,m,text\n", encoding="utf-8")
    return path


def write_duplicate_ids(folder):
    rows = [{**row, "response_id": "same"} for row in answers(n=1)]
    return write_jsonl(folder / "a.jsonl", rows)


def write_latin1(folder):
    path = folder / "a.csv"
    path.write_bytes("case_id,model,response\nc1,m,Müdigkeit\n".encode("latin-1"))
    return path


def write_half_a_parquet(folder):
    path = folder / "a.parquet"
    pq.write_table(pa.table({"case_id": ["c"], "model": ["m"], "response": ["r" * 5000]}), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def write_unknown_task(folder):
    return write_jsonl(folder / "a.jsonl", [{**row, "task": "EKB"} for row in answers(n=1)])


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (write_csv_without_response, ["a.csv", "response", "respones", "--columns"]),
        (write_duplicate_ids, ["a.jsonl", "row 2", "same"]),
        (write_latin1, ["a.csv", "UTF-8"]),
        (write_half_a_parquet, ["a.parquet"]),
        (write_unknown_task, ["rows 1 and 2", "EKB", "EBK"]),
        (lambda folder: folder / "none.jsonl", ["none.jsonl"]),
    ],
)
def test_bad_input_is_exit_3_with_one_message_and_nothing_made(command, tmp_path, write, expected):
    code, out, err = command("grade", write(tmp_path))
    assert code == 3, err
    assert out == ""
    for words in expected:
        assert words in err
    assert nothing_made(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "panel", "expected"),
    [
        (["--judge", "no-such-provider-or-model"], None, "no-such-provider-or-model"),
        (["--judge", "openai/gpt-4o-mini"], None, "OPENAI_API_KEY"),
        (["--rubric", "open-anser"], None, 'did you mean "open-answer"'),
        (["--panel", "panel.yaml"], "judges:\n  - {id: a, model: openai/x, repets: 2}\n", 'did you mean "repeats"'),
        (["--panel", "panel.yaml"], "judges:\n  - {id: a, model: openai/x, api_key: sk-1}\n", "credential"),
        (["--panel", "none.yaml"], None, "none.yaml"),
        (["--columns", "case_id"], None, "NAME=VALUE"),
        (["--limit", "0"], None, "--limit"),
    ],
)
def test_a_faulty_set_up_is_exit_2_with_its_way_out_and_nothing_made(
    command, good, tmp_path, arguments, panel, expected
):
    if panel is not None:
        (tmp_path / "panel.yaml").write_text(panel)
    code, out, err = command("grade", good, *arguments)
    assert code == 2, err
    assert expected in err
    assert "Traceback" not in err
    assert out == ""
    assert nothing_made(tmp_path)


def test_help_says_that_the_question_is_needed_and_where_it_may_stand(command):
    code, out, _ = command("grade", "--help")
    assert code == 0
    said = " ".join(out.split())
    assert "Each case needs its question too: a column of the same file, or of the file given with --cases" in said


def test_a_task_column_on_a_rubric_without_tasks_is_one_line_with_its_way_out(command, tmp_path):
    file = write_jsonl(tmp_path / "a.jsonl", [{**row, "task": "EBK"} for row in answers()])
    code, _, err = command("grade", file, "--rubric", "open-answer")
    assert code == 3
    assert err.count("the rubric open-answer has no tasks") == 1
    assert "rows 1, 2, 3, 4, 5 and 7 more" in err
    assert "remove the column" in err
    assert "--skip-bad" not in err
    assert nothing_made(tmp_path)


def test_skip_bad_grades_the_rest_and_lists_the_others(command, tmp_path):
    rows = [*answers(n=1), {"case_id": "c9", "model": "m", "response": 7}]
    file = write_jsonl(tmp_path / "a.jsonl", rows)
    code, _, err = command("grade", file, "--skip-bad", "--out", "run")
    assert code == 0
    assert "1 row left out" in err
    (rejected,) = (tmp_path / "run" / "rejected.jsonl").read_text().splitlines()
    assert json.loads(rejected)["row"] == 3


def test_an_output_place_that_cannot_be_made_is_exit_5(command, good, tmp_path):
    (tmp_path / "outputs").write_text("a file in the way")
    code, _, err = command("grade", good)
    assert code == 5
    assert "outputs" in err


def test_an_interrupt_outside_the_asking_is_exit_130_too(command, good, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("judge.api.grading.grade.grade_with", stopped)
    code, out, err = command("grade", good)
    assert (code, out) == (130, "")
    assert "goes on from here" in err
