import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from judge.cli.rubric import rubric
from judge.errors import ConfigError, JudgeError


def run(*arguments):
    return CliRunner().invoke(rubric, [str(argument) for argument in arguments])


def test_list_names_both_shipped_rubrics():
    result = run("list")

    assert result.exit_code == 0
    assert "ecg-clinical-reasoning/v1" in result.stdout
    assert "open-answer/v1" in result.stdout
    assert "draft" in result.stdout


def test_list_as_json_is_one_document():
    rows = json.loads(run("list", "--json").stdout)["rubrics"]

    assert [(row["rubric"], row["levels"], row["gates"]) for row in rows] == [
        ("ecg-clinical-reasoning/v1", "1–5", 38),
        ("open-answer/v1", "0–10", 0),
    ]
    assert rows[0]["languages"] == ["en", "zh"]


def test_show_speaks_the_language_asked_for_and_warns_of_a_draft_on_stderr():
    result = run("show", "ecg-clinical-reasoning", "--language", "zh-Hans-CN")

    assert result.exit_code == 0
    assert "诊断准确性" in result.stdout
    assert "no physician has signed" in result.stderr
    assert "warning" not in result.stdout
    assert run("show", "open-answer", "--quiet").stderr == ""


def test_show_as_json_is_one_document():
    document = json.loads(run("show", "open-answer/v1", "--json", "--quiet").stdout)

    assert document["id"] == "open-answer"
    assert len(document["dimensions"]) == 5


def test_show_of_an_unknown_language_names_those_there_are():
    error = run("show", "open-answer", "--language", "zh").exception

    assert isinstance(error, ConfigError)
    assert 'no language "zh"' in str(error)
    assert "It has: en." in str(error)


def test_show_of_an_unknown_rubric_offers_the_nearest():
    error = run("show", "open-anser").exception

    assert isinstance(error, ConfigError)
    assert 'did you mean "open-answer"' in str(error)


def test_show_reads_a_file_by_its_path(rubric_file):
    assert "Triage notes" in run("show", rubric_file()).stdout


def test_schema_prints_the_json_schema():
    assert json.loads(run("schema").stdout)["title"] == "judge rubric file"


def test_check_passes_a_sound_file_with_its_warnings(rubric_file):
    result = run("check", rubric_file())

    assert result.exit_code == 0
    assert "warning: signoff: nobody has signed this rubric" in result.stdout
    assert "errors 0, warnings 1" in result.stdout


@pytest.mark.parametrize("name", ["open-answer", "open-answer/v1"])
def test_check_takes_an_id_as_show_does(name):
    result = run("check", name)

    assert result.exit_code == 0
    assert "v1.yaml: errors 0" in result.stdout


def test_check_of_an_unknown_id_offers_the_nearest():
    error = run("check", "open-anser").exception

    assert isinstance(error, ConfigError)
    assert 'did you mean "open-answer"' in str(error)


def test_check_of_a_faulty_file_prints_line_and_way_out_and_fails(rubric_file, line_of):
    path = rubric_file(("{UR: 60, TO: 40}", "{UR: 60, TO: 41}"))

    result = run("check", path)

    line = line_of(path, "TO: 41")
    assert f"{path}:{line}: error: tasks.default.weights: the weights sum to 101, not to 100" in result.stdout
    assert "way out: change them by -1 in all" in result.stdout
    assert isinstance(result.exception, JudgeError)
    assert result.exception.exit_code == 1
    assert "1 error" in str(result.exception)


def test_check_as_json_is_one_document_also_where_it_fails(rubric_file):
    result = run("check", rubric_file(("[[SHOCK, DISMISS]]", "[[SHOCK, DISMIS]]")), "--json")

    document = json.loads(result.stdout)
    assert document["errors"] == 1
    (found,) = [finding for finding in document["findings"] if finding["severity"] == "error"]
    assert 'did you mean "DISMISS"' in found["message"]
    assert set(found) == {"severity", "line", "message", "way_out"}


def test_check_of_a_missing_file_is_a_configuration_error(tmp_path):
    error = run("check", tmp_path / "none.yaml").exception

    assert isinstance(error, ConfigError)
    assert error.exit_code == 2


@pytest.mark.parametrize("command", ["list", "show", "check", "schema"])
def test_help_of_every_command_has_an_example(command):
    assert f"judge rubric {command}" in run(command, "--help").stdout


def test_importing_the_command_imports_no_yaml_pydantic_or_numpy():
    code = (
        "import sys, judge.cli.rubric; print([m for m in ('yaml', 'pydantic', 'numpy', 'litellm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
