"""``judge calibrate``: pass rates, the finite run, the card made anew, as a person meets them."""

import json
import shutil

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import judge
from judge.cli.main import cli
from judge.errors import ConfigError
from judge.store.columns import schema
from tests.calibration.synthetic_run import write_grades, write_run

CORE = ("diagnostic_accuracy", "clinical_reasoning", "knowledge_integration")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    home = tmp_path_factory.mktemp("command")
    folder, truth = write_run(home / "run", n_cases=60)
    for table in ("criteria", "calls"):
        pq.write_table(schema(table).empty_table(), folder / f"{table}.parquet")
    judge.card(folder, language="en")
    return folder, write_grades(home / "grades.csv", range(90), truth)


@pytest.fixture
def run(pristine, tmp_path):
    shutil.copytree(pristine[0], tmp_path / "run")
    return tmp_path / "run"


def calibrate(run, grades, *more):
    return CliRunner().invoke(
        cli, ["calibrate", str(run), "--physicians", str(grades), "--simple-random", *more], catch_exceptions=False
    )


def test_the_text_and_the_new_card_show_pass_rates_and_of_what_they_speak(run, pristine):
    assert "passes from" not in (run / "card.md").read_text(encoding="utf-8")
    shown = calibrate(run, pristine[1], "--pass", "4", "--pass", "safety=5", "--finite-population")
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert "speak of exactly these answers (finite-population correction)" in lines[0]
    rates = [line for line in lines if " ≥ " in line]
    assert len(rates) == 3 * 4
    assert sum("safety ≥ 5" in line for line in rates) == 3
    assert all(" %" in line for line in rates)
    assert lines[-1] == f"Score card: {run / 'card.html'}"
    card = (run / "card.md").read_text(encoding="utf-8")
    assert "≥ 5" in card
    assert "exactly the answers of this run" in card
    assert "≥ 5" in (run / "card.html").read_text(encoding="utf-8")
    assert json.loads((run / "card.json").read_text(encoding="utf-8"))["calibration"]["is_finite"] is True


def test_without_the_flags_there_are_no_pass_rates_and_the_claim_is_on_the_models(run, pristine):
    shown = calibrate(run, pristine[1])
    assert "Pass rates" not in shown.stdout
    assert "exactly these answers" not in shown.stdout
    assert "Mean levels that physicians would have given" in shown.stdout.splitlines()[0]
    assert "the models on cases like these" in (run / "card.md").read_text(encoding="utf-8")


def test_the_document_is_the_file_that_was_written(run, pristine):
    shown = calibrate(run, pristine[1], "--pass", "grounding=3.5", "--json", "--quiet")
    assert json.loads(shown.stdout) == json.loads((run / "calibration.json").read_text(encoding="utf-8"))
    assert json.loads(shown.stdout)["pass_levels"] == {"grounding": 3.5}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--pass", "high"], "neither a level, as in --pass 4, nor"),
        (["--pass", "safety="], "neither a level"),
        (["--pass", "3", "--pass", "4"], "two levels for the core dimensions"),
        (["--pass", "safety=3", "--pass", "safety=4"], "two levels for one dimension"),
    ],
)
def test_a_pass_level_that_cannot_be_read_is_refused(run, pristine, given, said):
    shown = calibrate(run, pristine[1], *given)
    assert shown.exit_code == 2
    assert said in " ".join(shown.output.split())
    assert not (run / "calibration.json").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [("1", "is no pass level of diagnostic_accuracy"), ("saftey=4", 'did you mean "safety"')],
)
def test_a_pass_level_that_says_nothing_is_refused_before_anything_is_written(run, pristine, given, said):
    with pytest.raises(ConfigError, match=said):  # `main` turns it into the message and exit code 2
        calibrate(run, pristine[1], "--pass", given)
    assert not (run / "calibration.json").exists()


def test_rates_that_have_no_value_say_why(run, pristine, tmp_path):
    lines = pristine[1].read_text(encoding="utf-8").splitlines()
    few = [line for line in lines if ",grounding," not in line or int(line.split(",")[0].removeprefix("r") or 0) < 9]
    (tmp_path / "few.csv").write_text("\n".join([lines[0], *few[1:]]) + "\n", encoding="utf-8")
    shown = calibrate(run, tmp_path / "few.csv", "--pass", "grounding=4")
    assert shown.stdout.count("grounding ≥ 4") == 3
    assert "9 graded answers, fewer than 10: nothing is corrected" in shown.stdout
