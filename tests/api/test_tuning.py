"""Tuning end to end: a judge on loopback that obeys its instructions, and a writer that reads feedback."""

import json
import os
import re
import signal
import tempfile
import threading
import time
from pathlib import Path

import pytest

import judge
from judge.api.sampling.openings import read_openings
from judge.api.tuning.preparing import TuneOptions, prepare
from judge.call.ledger import Ledger
from judge.call.port import PortOptions
from judge.errors import BackendError, BudgetReached, ConfigError, DataError, Interrupted
from judge.panel.parse import ParsedReply, read_reply
from judge.panel.shape import Scope, shape_of
from judge.panel.wording import wording
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from judge.tuning.tune import Setup, tune_on
from judge.tuning.wire import Wire
from tests.api.tuning_helpers import (
    DIMENSIONS,
    Study,
    answer_rows,
    physician_rows,
    reply,
    write_answers,
    write_grades,
    write_panel,
    write_split,
)
from tests.servers.obedient import STRICT

RECORD = r"Record (\d+) shows"


@pytest.fixture
def place(tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def options_of(study, **changed):
    base = {"run": study.run, "physicians": study.physicians, "set_folder": study.set_folder, "judge": "pupil"}
    return TuneOptions(**(base | {"panel": study.with_writer} | changed))


def assert_test_was_sealed(log, shown_to_writer, study):
    """Fail where a test answer was judged before the last tune answer, or was shown to the writer."""
    test = study.numbers("test")
    asked = [entry["label"] for entry in log]
    first = min(place for place, label in enumerate(asked) if label in test)
    assert not set(asked[first:]) - test, "a tune answer was judged after the test split was opened"
    assert asked.count(asked[first]) == 1, "a test answer was judged with more than the chosen program"
    assert not set(re.findall(RECORD, shown_to_writer)) & test, "the writer was shown a test answer"


def test_gepa_raises_agreement_on_cases_it_never_saw_and_leaves_only_its_two_files(
    place, openai_server, tmp_path, monkeypatch
):
    monkeypatch.setenv("TUNING_SEEN", str(tmp_path / "seen.txt"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    pupil = openai_server(reply=reply(), label=RECORD)
    study = Study(place, pupil, openai_server(reply=reply("recording_writer")))
    before = {path.name for path in place.iterdir()}
    pupil.reset()
    report = study.tune(writer="writer")

    overall = report.results[0]
    assert (report.answer, overall.dimension, overall.n_answers, overall.n_cases) == ("gain", "*", 48, 24)
    assert overall.kappa.difference >= 0.1
    assert 0 < overall.kappa.ci_low < overall.kappa.difference < overall.kappa.ci_high
    assert overall.mean_absolute_error.after < overall.mean_absolute_error.before
    assert {one.dimension for one in report.results[1:]} == set(DIMENSIONS)
    assert 0.8 < overall.ceiling <= 1

    document = report.document()
    assert json.loads(report.path.read_text()) == document
    assert document["judge"]["judge_hash_after"] != document["judge"]["judge_hash_before"]
    assert document["judge"]["judge_hash_before"] == study.run.manifest["panel"][0]["judge_hash"]
    assert STRICT in json.loads(report.program.read_text())["by_language"]["en"]["instructions"]
    assert "gain: the interval" in report.text
    assert {path.name for path in place.iterdir()} - before == {"program.json", "program.report.json"}
    assert list(temporary.iterdir()) == []
    assert not [path for path in Path.home().rglob("*") if "dspy" in path.name or "gepa" in path.name]

    seen = (tmp_path / "seen.txt").read_text()
    assert_test_was_sealed(pupil.log(), seen, study)
    assert set(re.findall(RECORD, seen)) <= study.numbers("tune")
    assert "findings stand up" in seen
    assert "too lenient" in seen

    study.give_program("program.json")
    again = judge.grade(study.answers, panel=study.panel, rubric="open-answer", out=place / "second")
    assert again.manifest["panel"][0]["judge_hash"] == document["judge"]["judge_hash_after"]
    study.run = again
    with pytest.raises(ConfigError, match="is the program that the judge has now"):
        study.tune(writer="writer")
    assert not any("no longer fresh" in note for note in document["notes"])
    further = study.tune(writer="writer", out=place / "further.json", rounds=1)
    assert any("opened 1 time before" in note for note in further.document()["notes"])
    assert further.results[0].kappa.before == overall.kappa.after


def test_the_same_command_again_asks_nothing_and_finds_the_same(place, openai_server):
    pupil, writer = openai_server(reply=reply()), openai_server(reply=reply("writer"))
    study = Study(place, pupil, writer, n_cases=24)
    first = study.tune(writer="writer", rounds=2)
    program = first.program.read_bytes()
    n_asked = pupil.stats()["requests"] + writer.stats()["requests"]
    again = study.tune(writer="writer", rounds=2)
    assert again.results == first.results
    assert again.program.read_bytes() == program
    assert [one.command for one in read_openings(study.set_folder)] == ["judge tune --judge pupil --optimizer gepa"]
    assert again.document()["split"]["test_opened_before"] == 0
    assert pupil.stats()["requests"] + writer.stats()["requests"] == n_asked


def test_with_shuffled_labels_there_is_no_gain(place, openai_server):
    study = Study(place, openai_server(reply=reply()), openai_server(reply=reply("writer")), shuffled=True)
    study.physicians = write_grades(place / "again.csv", physician_rows(study.rows, seed=6, shuffled=True))
    report = study.tune(writer="writer", seed=6)
    assert report.document()["is_changed"]  # something looked better on the choosing half, by chance
    assert abs(report.results[0].kappa.difference) < 0.1
    assert {one.answer for one in report.results} == {"no gain"}
    assert "no gain: " in report.text


def test_demonstrations_that_physicians_agree_with_raise_agreement(place, openai_server):
    study = Study(place, openai_server(reply=reply()))
    report = study.tune(optimizer="fewshot", rounds=2)
    demos = json.loads(report.program.read_text())["by_language"]["en"]["demos"]
    assert report.answer == "gain"
    assert 1 <= len(demos) <= 3
    assert all("rubric" not in demo and set(demo["levels"]) >= set(DIMENSIONS) for demo in demos)
    numbers = {re.search(RECORD, demo["answer"]).group(1) for demo in demos}
    assert numbers <= study.numbers("tune")
    assert any("word for word" in note for note in report.document()["notes"])


def test_mipro_finds_instructions_that_raise_agreement_on_cases_it_never_saw(place, openai_server):
    pytest.importorskip("optuna", reason="MIPROv2 needs the extra [tune]")
    study = Study(place, openai_server(reply=reply()), openai_server(reply=reply("mipro_writer")))
    report = study.tune(optimizer="mipro", writer="writer", rounds=4)
    assert report.answer == "gain"
    assert report.results[0].kappa.difference >= 0.1
    found = json.loads(report.program.read_text())["by_language"]["en"]
    assert STRICT in found["instructions"] or found["demos"]
    assert set(re.findall(RECORD, json.dumps(found))) <= study.numbers("tune")


def test_a_tuner_that_sees_the_test_split_is_caught(place, openai_server):
    pupil = openai_server(reply=reply(), label=RECORD)
    study = Study(place, pupil, n_cases=24)
    prepared = prepare(options_of(study))
    setup = Setup(prepared.rubric, prepared.found.judge, prepared.writer, prepared.start, prepared.scales, "fewshot",
                  rounds=1)  # fmt: skip
    pupil.reset()
    with Ledger(place / "other.sqlite") as ledger, Wire(ledger, [setup.judge], PortOptions()) as wire:
        tune_on(setup, (*prepared.parts.test, *prepared.parts.tune), wire, place, n_test=1)
    with pytest.raises(AssertionError, match="after the test split was opened"):
        assert_test_was_sealed(pupil.log(), "", study)


def test_a_writer_that_flattens_the_judge_or_says_nothing_changes_nothing(place, openai_server):
    study = Study(place, openai_server(reply=reply()), openai_server(reply=reply("flat_writer")), n_cases=32)
    flattened = study.tune(writer="writer", rounds=2)
    idle = write_panel(place / "idle.yaml", *(openai_server(reply=reply(name)) for name in ("judge", "idle_writer")))
    panel = json.loads(study.with_writer.read_text())
    panel["judges"][1] = json.loads(idle.read_text())["judges"][1]
    idle.write_text(json.dumps(panel))
    silent = study.tune(writer="writer", panel=idle, rounds=2, out=place / "second.json")
    for report in (flattened, silent):
        assert (report.answer, report.results[0].kappa.difference) == ("no gain", 0)
        assert report.document()["judge"]["judge_hash_after"] == report.document()["judge"]["judge_hash_before"]
        assert not report.document()["is_changed"]
    assert flattened.document()["languages"][0]["candidates_collapsed"] >= 1
    assert silent.document()["languages"][0]["proposals"] == {"n_asked": 2, "n_unusable": 2, "n_failed": 0}
    assert "2 of 2 proposals could not be used" in silent.text


def test_the_cap_holds_over_the_whole_tuning_and_the_same_command_goes_on(place, openai_server):
    price = {"input_per_mtok": 1.0, "output_per_mtok": 1.0}
    pupil, writer = openai_server(reply=reply(), usage=[1000, 0]), openai_server(reply=reply("writer"), usage=[1000, 0])
    study = Study(place, pupil, writer, n_cases=32, price=price, params={"max_tokens": 100})
    with pytest.raises(BudgetReached, match="the test split alone may cost"):
        study.tune(writer="writer", max_usd=0.01)
    assert not (place / "program.json").exists()
    capped = study.tune(writer="writer", max_usd=0.115)
    assert capped.document()["is_changed"]  # what was found before the cap is not lost
    with pytest.raises(BudgetReached, match="while tuning"):
        capped.raise_if_stopped()
    assert capped.document()["cost"]["usd"] <= 0.115
    assert capped.document()["stopped"]
    whole = study.tune(writer="writer", max_usd=1.0)
    whole.raise_if_stopped()
    assert whole.answer == "gain"
    assert pupil.stats()["paid_twice"] == writer.stats()["paid_twice"] == 0


def test_a_writer_whose_key_is_refused_is_an_error_and_no_empty_report(place, openai_server):
    study = Study(
        place, openai_server(reply=reply()), openai_server(reply=reply("writer"), api_key="other"), n_cases=24
    )
    with pytest.raises(BackendError, match="writer"):
        study.tune(writer="writer")
    assert not (place / "program.json").exists()


def test_what_cannot_be_tuned_is_refused_before_anything_is_asked(place, openai_server):
    pupil = openai_server(reply=reply())
    study = Study(place, pupil, n_cases=24)
    pupil.reset()

    def refused(error, words, **changed):
        with pytest.raises(error, match=words):
            study.tune(**changed)

    one = write_grades(place / "one.csv", physician_rows(study.rows, raters=("p1",)))
    noise = write_grades(place / "noise.csv", physician_rows(study.rows, error=1.0, seed=4))
    study.physicians = one
    refused(DataError, "one physician only")
    study.physicians = noise
    refused(DataError, "the lower limit must reach 0.99", lowest_alpha=0.99)
    study.physicians = write_grades(place / "few.csv", physician_rows(study.rows[:6]))
    refused(DataError, "no answer of the test split is graded|are needed|too few graded answers")
    study.physicians = place / "grades.csv"
    refused(ConfigError, 'no judge "pupils", did you mean "pupil"', judge="pupils")
    refused(ConfigError, "not the one that graded", panel=None)
    refused(ConfigError, 'no optimizer "gepas"', optimizer="gepas")
    rubric = study.run.manifest["rubric"]["hash"]
    study.set_folder = place / "both"
    write_split(study.set_folder, study.rows, ["tune", "test"] * (len(study.rows) // 2), rubric)
    refused(DataError, "24 cases are in tune and in test, e.g. c000")
    study.set_folder = place / "all"
    write_split(study.set_folder, study.rows, ["tune"] * len(study.rows), rubric)
    refused(DataError, "no case is in the test split")
    study.set_folder = place / "else"
    write_split(study.set_folder, study.rows, study.split, "another rubric")
    refused(ConfigError, "another rubric")
    study.set_folder = place
    refused(DataError, "is no calibration set")
    (place / "answers.jsonl").write_text("{}\n")
    study.set_folder = place / "set"
    refused(DataError, "has changed since")
    assert pupil.stats()["requests"] == 0


def test_mipro_without_optuna_says_what_to_install(place, monkeypatch, tmp_path):
    monkeypatch.setattr("judge.tuning.mipro.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"clinical-judge\[tune\]"):
        judge.tune(tmp_path, "grades.csv", set_folder=tmp_path, judge="pupil", optimizer="mipro")


def test_each_language_is_tuned_by_itself_and_one_with_few_grades_is_left_as_it_is(place, openai_server):
    rows = answer_rows(40, 1, n_chinese=6)
    panel = write_panel(place / "panel.yaml", openai_server(reply=reply()))
    run = judge.grade(write_answers(place / "answers.jsonl", rows), panel=panel, out=place / "run")
    split = {row["case_id"]: "tune" if place % 8 < 5 else "test" for place, row in enumerate(rows)}
    write_split(place / "set", rows, split, run.manifest["rubric"]["hash"])
    levels = (1, 2, 3, 4, 5)
    given = physician_rows(rows, levels=levels, dimensions=("diagnostic_accuracy", "safety"))
    grades = write_grades(place / "grades.csv", given)
    report = judge.tune(
        run, grades, set_folder=place / "set", judge="pupil", panel=panel, optimizer="fewshot", rounds=1
    )  # fmt: skip
    english, chinese = report.document()["languages"]
    assert (english["language"], english["is_changed"], english["left_as_it_is"]) == ("en", True, None)
    assert (chinese["language"], chinese["left_as_it_is"]) == ("zh", "3 graded answers")  # cases 34, 35, 36
    program = json.loads(report.program.read_text())["by_language"]
    assert program["zh"] == {"instructions": wording("zh").instructions, "demos": []}
    rubric = load_rubric(find_rubric("ecg-clinical-reasoning"))
    shape = shape_of(rubric, Scope("response"))
    for demo in program["en"]["demos"]:
        said = read_reply(json.dumps({name: demo[name] for name in shape.fields}), shape)
        assert isinstance(said, ParsedReply), said
    assert report.answer == "not enough data"


def test_an_interrupt_ends_a_tuning_soon_and_keeps_what_was_answered(place, openai_server):
    pupil, writer = openai_server(reply=reply()), openai_server(reply=reply("writer"))
    study = Study(place, pupil, writer, n_cases=24)
    pupil.reset()
    writer.control(latency_s=600)
    interrupt = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))

    def once_the_writer_is_asked():
        while not writer.stats()["requests"]:
            time.sleep(0.05)
        interrupt.start()

    watcher = threading.Thread(target=once_the_writer_is_asked, daemon=True)
    watcher.start()
    with pytest.raises(Interrupted, match="what was asked is kept"):
        study.tune(writer="writer")
    assert writer.stats()["ok"] == 0, "it did not wait for the writer"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not (place / "program.json").exists()
    writer.control(latency_s=0)
    study.tune(writer="writer", rounds=1)
    assert pupil.stats()["paid_twice"] == 0
