"""A calibrated run's card: the figures of its own calibration, and of no other."""

import json
import shutil

import pyarrow.parquet as pq
import pytest

import judge
from judge.store.columns import schema
from judge.store.manifest import read_manifest
from tests.calibration.synthetic_run import write_grades, write_run

N_GRADED = 90


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    home = tmp_path_factory.mktemp("card")
    folder, truth = write_run(home / "run", n_cases=60)
    for table in ("criteria", "calls"):
        pq.write_table(schema(table).empty_table(), folder / f"{table}.parquet")
    grades = write_grades(home / "grades.csv", range(N_GRADED), truth)
    judge.calibrate(folder, grades, simple_random=True)
    return folder


@pytest.fixture
def run(calibrated, tmp_path):
    shutil.copytree(calibrated, tmp_path / "run")
    return tmp_path / "run"


def codes(made):
    return {notice.code for notice in made.card.notices}


def test_the_card_holds_the_means_and_differences_of_the_calibration(run):
    document = json.loads((run / "calibration.json").read_text(encoding="utf-8"))
    made = judge.card(run, language="en")
    shown = {(s.model, s.dimension): s.corrected for s in made.card.scores}
    means = [entry for entry in document["means"] if not entry["dimension"].startswith("gate:")]
    assert len(means) == len(shown)
    for entry in means:
        found = shown[entry["model"], entry["dimension"]]
        assert (found.value, found.ci_low, found.ci_high) == (entry["value"], entry["ci_low"], entry["ci_high"])
        assert (found.method, found.n_graded, found.n_cases) == (entry["method"], entry["n_graded"], entry["n_cases"])
    pairs = [d.corrected for d in made.card.differences if d.dimension != "composite"]
    assert len(pairs) == len(document["differences"])
    assert all(pair is not None for pair in pairs)
    assert "calibrated" in codes(made)
    assert "corrected" in made.html.read_text(encoding="utf-8")


def test_a_calibration_that_the_manifest_does_not_name_is_ignored(run):
    path = run / "manifest.json"
    path.write_text(json.dumps({**read_manifest(run), "calibrations": []}), encoding="utf-8")
    made = judge.card(run, language="en")
    assert made.card.calibration is None
    assert "not_calibrated" in codes(made)


def test_a_calibration_that_was_changed_since_is_ignored(run):
    path = run / "calibration.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"seed": ', '"seed":  '), encoding="utf-8")
    assert judge.card(run, language="en").card.calibration is None


def test_a_calibration_of_other_judges_is_ignored(run):
    manifest = read_manifest(run)
    panel = [{**entry, "judge_hash": "00" * 32} for entry in manifest["panel"]]
    (run / "manifest.json").write_text(json.dumps({**manifest, "panel": panel}), encoding="utf-8")
    assert judge.card(run, language="en").card.calibration is None
