"""``judge tune`` as a user meets it."""

import json
import sys

import pytest

from judge.cli.main import main
from judge.cli.tune import tune
from tests.api.tuning_helpers import Study, physician_rows, reply, write_grades


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["judge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


def test_it_prints_one_document_or_a_table_and_refuses_physicians_who_do_not_agree(command, openai_server, tmp_path):
    study = Study(tmp_path, openai_server(reply=reply()), n_cases=48)
    base = ("tune", study.run.folder, "--set", study.set_folder, "--judge", "pupil", "--panel", study.panel,
            "--optimizer", "fewshot", "--rounds", 1, "--out", tmp_path / "program.json")  # fmt: skip
    code, out, err = command(*base, "--physicians", study.physicians, "--json", "--quiet")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert (document["format"], document["answer"]) == ("judge-tuning/1", "gain")
    assert document == json.loads((tmp_path / "program.report.json").read_text())

    code, out, err = command(*base, "--physicians", study.physicians)
    assert code == 0
    assert "kappa before → after" in out
    assert "Tuning pupil with fewshot, 1 rounds" in err
    assert "Bootstrapped" not in out + err  # what the optimiser says for itself

    one = write_grades(tmp_path / "one.csv", physician_rows(study.rows, raters=("p1",)))
    code, out, err = command(*base, "--physicians", one)
    assert (code, out) == (3, "")
    assert "one physician only" in err
    assert "Have two or more physicians grade the same answers" in err


def test_each_example_of_the_help_has_all_that_is_required_and_judge_sample_leads_to_a_set(command):
    code, out, _ = command("tune", "--help")
    assert code == 0
    joined = out[out.index("Examples") :].replace("\\\n", " ")
    examples = [line.split() for line in joined.splitlines() if line.strip().startswith("judge tune")]
    required = {name for option in tune.params if option.required for name in option.opts if name.startswith("--")}
    assert required == {"--physicians", "--set", "--judge", "--out"}
    assert len(examples) == 2
    assert all(required <= set(words) for words in examples)
    assert "judge sample RUN" in out
