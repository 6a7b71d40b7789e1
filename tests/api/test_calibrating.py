"""judge calibrate end to end on simulated runs: what is written, what is refused, what is never dressed up."""

import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import judge
from judge.api.calibrating.binding import panel_weights_of
from judge.errors import ConfigError, DataError
from judge.store.manifest import changed_files, read_manifest
from tests.calibration.synthetic_run import MODELS, write_grades, write_manifest, write_run

DIMENSIONS = (
    "diagnostic_accuracy", "clinical_reasoning", "knowledge_integration", "safety", "grounding", "communication",
)  # fmt: skip
RAW = ("level", "level_gated", "score", "score_uncapped", "gates", "meta", "spread")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("calibrating")


@pytest.fixture(scope="module")
def pristine(home):
    folder, truth = write_run(home / "run", n_cases=150, gates=0.1, planted=0.08)
    drawn = judge.sample(folder, cases=80, out=home / "set")
    names = {item["response_id"]: item["item"] for item in drawn.manifest["items"]}
    graded = [int(name[1:]) for name in names]
    return folder, truth, home / "set", write_grades(home / "grades.csv", graded, truth, names=names)


@pytest.fixture(scope="module")
def calibrated(pristine, home):
    folder, truth, drawn, grades = pristine
    shutil.copytree(folder, home / "calibrated")
    return judge.calibrate(home / "calibrated", grades, set=drawn), truth


@pytest.fixture
def run(pristine, tmp_path):
    shutil.copytree(pristine[0], tmp_path / "run")
    return tmp_path / "run"


def rows_of(folder, dimension):
    table = pq.read_table(folder / "grades.parquet")
    return [row for row in table.to_pylist() if row["dimension"] == dimension]


def natural_mean(truth, run, model, place):
    """Return the mean of the truth over the natural answers of a model: planted ones enter no mean."""
    rows = rows_of(run.folder, DIMENSIONS[place])
    kept = [i for i, row in enumerate(rows) if row["model"] == model and json.loads(row["meta"])["planted"] == ""]
    return truth[kept, place].mean()


def test_corrected_means_are_near_the_truth_where_the_panel_is_lenient(calibrated):
    made, truth = calibrated
    found = [entry for entry in made.means if entry["dimension"] in DIMENSIONS]
    assert len(found) == len(DIMENSIONS) * len(MODELS)
    n_held = 0
    for entry in found:
        expected = natural_mean(truth, made.run, entry["model"], DIMENSIONS.index(entry["dimension"]))
        assert abs(entry["value"] - expected) < abs(entry["value_raw"] - expected)
        n_held += entry["ci_low"] <= expected <= entry["ci_high"]
        assert entry["method"] == "ppi++"
    assert n_held >= 15  # of 18 at 95 %: fewer than 15 has a chance below 1 in 500


def test_differences_keep_the_order_of_the_models(calibrated):
    made, _ = calibrated
    apart = [entry for entry in made.calibration["differences"] if entry["minus"] == "model-c"]
    assert apart
    assert all(entry["ci_low"] > 0 for entry in apart)


def test_raw_columns_stay_and_corrected_ones_are_added(calibrated, pristine):
    made, _ = calibrated
    before, after = (pq.read_table(folder / "grades.parquet") for folder in (pristine[0], made.run.folder))
    assert after.schema == before.schema
    for name in RAW:
        assert after[name].equals(before[name]), name
    assert before["level_calibrated"].null_count == before.num_rows
    assert after["level_calibrated"].null_count == len(rows_of(made.run.folder, "composite"))


def test_the_manifest_is_written_with_the_new_hashes(calibrated):
    made, _ = calibrated
    manifest = read_manifest(made.run.folder)
    assert changed_files(made.run.folder, manifest) == ()
    assert set(manifest["files"]) == {"grades.parquet", "calibration.json"}
    (entry,) = manifest["calibrations"]
    assert entry["decisions"] == dict.fromkeys(DIMENSIONS, "corrected")
    assert not list(made.run.folder.glob(".*.part"))


def test_corrected_grades_lie_within_their_interval_and_the_scale(calibrated):
    made, _ = calibrated
    for dimension in DIMENSIONS:
        for row in rows_of(made.run.folder, dimension):
            low, level, high = (row[f"level_calibrated{end}"] for end in ("_low", "", "_high"))
            assert 1 <= low <= level <= high <= 5


def test_corrected_grades_are_nearer_to_the_truth_on_answers_nobody_graded(calibrated):
    made, truth = calibrated
    graded = {name for own in made.calibration["held_out"].values() for name in own}
    raw, corrected = [], []
    for place, dimension in enumerate(DIMENSIONS):
        for i, row in enumerate(rows_of(made.run.folder, dimension)):
            if row["response_id"] not in graded and row["level_gated"] == row["level"]:
                raw.append(abs(row["level"] - truth[i, place]))
                corrected.append(abs(row["level_calibrated"] - truth[i, place]))
    assert np.mean(corrected) < np.mean(raw) - 0.02


def test_a_gated_level_and_score_are_never_raised(calibrated):
    made, _ = calibrated
    rows = [row for dimension in DIMENSIONS for row in rows_of(made.run.folder, dimension)]
    gated = [row for row in rows if row["level_gated"] < row["level"]]
    assert len(gated) > 50
    assert all(row["level_calibrated_high"] <= row["level_gated"] for row in gated)
    composites = [row for row in rows_of(made.run.folder, "composite") if row["gates"]]
    assert composites
    assert all(row["score_calibrated"] <= min(row["score"], row["cap"]) for row in composites)


def test_the_composite_of_a_hand_worked_answer_is_the_weighted_corrected_levels(calibrated):
    from judge.resources import find_rubric
    from judge.rubric.load import load_rubric

    made, _ = calibrated
    row = next(row for row in rows_of(made.run.folder, "composite") if not row["gates"])
    weights = load_rubric(find_rubric("ecg-clinical-reasoning")).variant(row["task"]).weights
    shares = {
        dimension: next(
            100 * (own["level_calibrated"] - 1) / 4
            for own in rows_of(made.run.folder, dimension)
            if own["response_id"] == row["response_id"]
        )
        for dimension in DIMENSIONS
        if weights.get(dimension)
    }
    expected = sum(weights[name] * share for name, share in shares.items()) / sum(weights[name] for name in shares)
    assert row["score_calibrated"] == pytest.approx(expected)


def test_maps_and_weights_never_saw_the_test_split(calibrated, pristine, tmp_path):
    """Grades of the test split are turned upside down: maps, weights and intervals stay; only the report changes."""
    made, _ = calibrated
    _, _, drawn, grades = pristine
    manifest = json.loads((drawn / "manifest.json").read_text())
    test = {item["item"] for item in manifest["items"] if item["split"] == "test"}
    lines = grades.read_text().splitlines()
    turned = [
        line if line.split(",")[0] not in test else ",".join([*line.split(",")[:4], str(6 - int(line.split(",")[4]))])
        for line in lines[1:]
    ]
    (tmp_path / "turned.csv").write_text("\n".join([lines[0], *turned]) + "\n")
    shutil.copytree(pristine[0], tmp_path / "run")
    other = judge.calibrate(tmp_path / "run", tmp_path / "turned.csv", set=drawn).calibration
    for dimension in DIMENSIONS:
        one, two = (c["coefficients"][dimension] for c in (made.calibration, other))
        assert one["map"] == two["map"]
        assert one["interval"] == two["interval"]
        assert one["report"]["test"] != two["report"]["test"]
    assert made.calibration["weights"] == other["weights"]
    assert {i for own in other["held_out"].values() for i in own}.isdisjoint(
        item["response_id"] for item in manifest["items"] if item["split"] == "test"
    )


def test_a_run_with_other_prompts_than_the_set_was_drawn_from_uses_the_test_split_alone(run, pristine):
    _, _, drawn, grades = pristine
    manifest = read_manifest(run)
    manifest["prompt_hash"] = "tuned"
    write_manifest(run, manifest)
    made = judge.calibrate(run, grades, set=drawn)
    items = json.loads((drawn / "manifest.json").read_text())["items"]
    test = {item["response_id"] for item in items if item["split"] == "test" and item["stratum"] == "natural"}
    assert made.calibration["physicians"]["n_answers"] == len(test)
    used = {name for own in made.calibration["held_out"].values() for name in own}
    assert used == test
    assert any("only the test split is used" in warning for warning in made.warnings)


def test_the_panel_weights_favour_the_better_judge_and_bind_to_the_judges(calibrated):
    made, _ = calibrated
    weights = made.calibration["weights"]
    assert weights["good"] > weights["lenient"] > weights["noisy"]
    assert sum(weights.values()) == pytest.approx(1)
    path = made.run.folder / "calibration.json"
    hashes = {judge["id"]: judge["judge_hash"] for judge in made.run.manifest["panel"]}
    rubric_hash = made.run.manifest["rubric"]["hash"]
    assert panel_weights_of(path, hashes, rubric_hash=rubric_hash) == weights
    with pytest.raises(ConfigError, match="other judges"):
        panel_weights_of(path, {**hashes, "good": "another"}, rubric_hash=rubric_hash)
    with pytest.raises(ConfigError, match="another rubric"):
        panel_weights_of(path, hashes, rubric_hash="0" * 64)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"binding": 7, "weights": {}},
        {"binding": {"rubric_hash": "r", "judges": {"a": "h"}}, "weights": {"a": 1}},
        {"binding": {"rubric_hash": "r", "judges": {"a": {"judge_hash": "h"}}}, "weights": {"a": "much"}},
        {"binding": {"rubric_hash": "r", "judges": {"a": {"judge_hash": "h"}}}, "weights": ["a"]},
    ],
)
def test_a_calibration_that_is_not_whole_is_a_set_up_error(tmp_path, document):
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps({"format": "judge-calibration/1", **document}), encoding="utf-8")
    with pytest.raises(ConfigError, match="is not whole") as caught:
        panel_weights_of(path, {"a": "h"}, rubric_hash="r")
    assert "judge calibrate" in str(caught.value)


def test_a_calibration_without_a_weight_for_a_judge_is_a_set_up_error(tmp_path):
    path = tmp_path / "calibration.json"
    binding = {"rubric_hash": "r", "judges": {"a": {"judge_hash": "h"}}}
    path.write_text(json.dumps({"format": "judge-calibration/1", "binding": binding, "weights": {}}), encoding="utf-8")
    with pytest.raises(ConfigError, match="one weight of 0 or more for each judge"):
        panel_weights_of(path, {"a": "h"}, rubric_hash="r")


def test_planted_answers_never_enter(calibrated):
    made, _ = calibrated
    assert made.calibration["physicians"]["n_planted_left_out"] > 0
    planted = {
        row["response_id"] for row in rows_of(made.run.folder, "safety") if json.loads(row["meta"])["planted"] != ""
    }
    assert planted.isdisjoint(name for own in made.calibration["held_out"].values() for name in own)


def test_the_same_calibration_again_changes_no_byte_of_the_grades(run, pristine):
    _, _, drawn, grades = pristine
    first = judge.calibrate(run, grades, set=drawn)
    bytes_before = (run / "grades.parquet").read_bytes()
    second = judge.calibrate(run, grades, set=drawn)
    again = judge.calibrate(run, calibration=run / "calibration.json")
    assert (run / "grades.parquet").read_bytes() == bytes_before
    assert first.calibration == second.calibration
    assert again.means == first.means


def test_a_crash_before_the_manifest_leaves_a_run_that_can_be_calibrated_again(run, pristine, monkeypatch):
    from judge.api.calibrating import writing

    _, _, drawn, grades = pristine
    before = read_manifest(run)

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writing, "write_manifest", crash)
        with pytest.raises(KeyboardInterrupt):
            judge.calibrate(run, grades, set=drawn)
    assert read_manifest(run) == before
    assert changed_files(run, before) == ("grades.parquet",)  # told apart, never taken for whole
    made = judge.calibrate(run, grades, set=drawn)
    assert changed_files(run, read_manifest(run)) == ()
    assert made.means


def test_a_run_in_use_is_refused(run, pristine):
    from judge.errors import StoreError
    from judge.store.lock import locked

    with locked(run), pytest.raises(StoreError, match="in use"):
        judge.calibrate(run, pristine[3], set=pristine[2])


def test_an_incomplete_run_says_so(run, pristine):
    manifest = read_manifest(run)
    manifest["complete"] = False
    write_manifest(run, manifest)
    made = judge.calibrate(run, pristine[3], set=pristine[2])
    assert any("not complete" in warning for warning in made.warnings)


def test_a_calibration_serves_another_run_with_the_same_hashes_without_means(calibrated, tmp_path):
    made, _ = calibrated
    folder, truth = write_run(tmp_path / "other", n_cases=60, seed=7)
    applied = judge.calibrate(folder, calibration=made.run.folder / "calibration.json")
    assert applied.means == []
    assert any("no physician graded here" in warning for warning in applied.warnings)
    rows = rows_of(folder, "safety")
    levels = np.array([[row["level"], row["level_calibrated"]] for row in rows])
    errors = np.abs(levels - truth[:, [DIMENSIONS.index("safety")]]).mean(axis=0)
    assert errors[1] < errors[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m["rubric"].update(hash="0" * 64), "is not the rubric"),
        (lambda m: m.update(prompt_hash="other"), "the prompt program"),
        (lambda m: m["panel"][0].update(judge_hash="other"), "judge good"),
        (lambda m: m["panel"][0].update(served_models=["good-2"]), "was served by good-2"),
        (lambda m: m.update(panel=m["panel"][:2]), "judge lenient is missing"),
        (lambda m: m.update(panel_hash="other"), "rule, quorum or repeats"),
    ],
)
def test_a_calibration_refuses_a_run_with_other_hashes(calibrated, tmp_path, change, said):
    made, _ = calibrated
    folder, _ = write_run(tmp_path / "other", n_cases=20, seed=7)
    manifest = read_manifest(folder)
    change(manifest)
    write_manifest(folder, manifest)
    with pytest.raises(judge_error(said), match=said):
        judge.calibrate(folder, calibration=made.run.folder / "calibration.json")
    assert rows_of(folder, "safety")[0]["level_calibrated"] is None


def judge_error(said):
    from judge.errors import StoreError

    return StoreError if said.startswith("is not the rubric") else ConfigError


def test_a_calibration_expires_when_the_canaries_drift(calibrated, run):
    made, _ = calibrated
    table = pq.read_table(run / "grades.parquet")
    harsher = np.maximum(np.array(table["level"].to_pylist(), dtype=float) - 1, 1)
    column = table.schema.get_field_index("level")
    import pyarrow as pa

    table = table.set_column(column, "level", pa.array(harsher, mask=np.isnan(harsher)))
    pq.write_table(table, run / "grades.parquet")
    with pytest.raises(ConfigError, match="has expired"):
        judge.calibrate(run, calibration=made.run.folder / "calibration.json")


def test_a_set_of_another_rubric_version_is_refused(run, pristine, tmp_path):
    from judge.domain.ids import sha256_json

    _, _, drawn, grades = pristine
    shutil.copytree(drawn, tmp_path / "set")
    manifest = json.loads((drawn / "manifest.json").read_text())
    manifest["rubric"] |= {"version": 2, "hash": "f" * 64}
    manifest["hash"] = sha256_json({name: value for name, value in manifest.items() if name != "hash"})
    (tmp_path / "set" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match=r"v2 .*this run was graded on ecg-clinical-reasoning v1"):
        judge.calibrate(run, grades, set=tmp_path / "set")


def test_a_set_that_was_edited_is_refused(run, pristine, tmp_path):
    _, _, drawn, grades = pristine
    shutil.copytree(drawn, tmp_path / "set")
    path = tmp_path / "set" / "manifest.json"
    path.write_text(path.read_text().replace('"split": "test"', '"split": "tune"'))
    with pytest.raises(DataError, match="was changed after the set was drawn"):
        judge.calibrate(run, grades, set=tmp_path / "set")


def test_a_set_of_another_run_is_refused(pristine, tmp_path):
    folder, _ = write_run(tmp_path / "other", n_cases=30, seed=3)
    with pytest.raises(ConfigError, match="was drawn from 450 answers"):
        judge.calibrate(folder, pristine[3], set=pristine[2])


def test_grades_marked_with_another_rubric_are_refused(run, pristine, tmp_path):
    path = write_grades(tmp_path / "g.csv", range(40), pristine[1], rubric_hash="f" * 64)
    with pytest.raises(ConfigError, match="ffffffff"):
        judge.calibrate(run, path, simple_random=True)


def test_unknown_answers_are_listed_and_nothing_is_written(run, pristine, tmp_path):
    path = write_grades(tmp_path / "g.csv", range(40), pristine[1])
    path.write_text(path.read_text().replace("r7,", "r9999,"))
    with pytest.raises(DataError, match='no answer "r9999"') as caught:
        judge.calibrate(run, path, simple_random=True)
    assert len(caught.value.problems) == 12
    assert not (run / "calibration.json").exists()


def test_unknown_dimensions_and_levels_off_the_scale_name_their_row(run, pristine, tmp_path):
    path = write_grades(tmp_path / "g.csv", range(12), pristine[1])
    path.write_text(path.read_text().replace("safety", "saftey"))
    with pytest.raises(DataError, match='did you mean "safety"'):
        judge.calibrate(run, path, simple_random=True)
    path = write_grades(tmp_path / "g.csv", range(12), pristine[1])
    path.write_text(path.read_text().replace("safety,", "safety,9"))
    with pytest.raises(DataError, match="off the scale 1 to 5"):
        judge.calibrate(run, path, simple_random=True)


def test_five_graded_answers_are_refused(run, pristine, tmp_path):
    path = write_grades(tmp_path / "g.csv", range(5), pristine[1])
    with pytest.raises(DataError, match="fewer than 10"):
        judge.calibrate(run, path, simple_random=True)
    assert not (run / "calibration.json").exists()


def test_below_thirty_means_are_the_physicians_own_and_say_so(run, pristine, tmp_path):
    path = write_grades(tmp_path / "g.csv", range(60, 84), pristine[1])  # 24 in a dimension, about 8 a model
    made = judge.calibrate(run, path, simple_random=True)
    for entry in made.means:
        assert entry["method"] == "physicians"
        assert entry["lambda"] == 0.0
        assert any("physicians' own" in warning for warning in entry["warnings"])
        assert entry["n_graded"] < 30


def test_a_model_with_fewer_than_ten_grades_keeps_the_physicians_own_mean_and_below_five_has_none(
    run, pristine, tmp_path
):
    planted = {i for i, row in enumerate(rows_of(run, "safety")) if json.loads(row["meta"])["planted"] != ""}
    of_model = [[i for i in range(450) if i % 3 == model and i not in planted] for model in range(3)]
    path = write_grades(tmp_path / "g.csv", [*of_model[0][:40], *of_model[1][:7], *of_model[2][:3]], pristine[1])
    made = judge.calibrate(run, path, simple_random=True)
    method = {entry["model"]: entry["method"] for entry in made.means if entry["dimension"] == "safety"}
    assert method == {"model-a": "ppi++", "model-b": "physicians", "model-c": "refused"}


def test_where_the_panel_could_not_score_means_are_the_physicians_own(run, pristine, tmp_path):
    import pyarrow as pa

    table = pq.read_table(run / "grades.parquet")
    is_safety = np.array(table["dimension"].to_pylist()) == "safety"
    for name in ("level", "level_gated"):
        level = np.array(table[name].to_pylist(), dtype=float)
        gone = np.where(is_safety, np.nan, level)
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(gone, mask=np.isnan(gone)))
    status = np.where(is_safety, "no_quorum", np.array(table["status"].to_pylist()))
    table = table.set_column(table.schema.get_field_index("status"), "status", pa.array(status))
    pq.write_table(table, run / "grades.parquet")
    made = judge.calibrate(run, write_grades(tmp_path / "g.csv", range(120), pristine[1]), simple_random=True)
    safety = [entry for entry in made.means if entry["dimension"] == "safety"]
    assert {entry["method"] for entry in safety} == {"physicians"}
    assert all(entry["value_raw"] is None and entry["value"] is not None for entry in safety)
    assert "scored by the panel" in made.calibration["coefficients"]["safety"]["reason"]
    assert {entry["method"] for entry in made.means if entry["dimension"] == "grounding"} == {"ppi++"}


def test_a_language_with_few_grades_gets_no_corrected_grades(pristine, tmp_path):
    folder, truth = write_run(tmp_path / "run", n_cases=120, languages=("en", "zh"))
    english = [i for i in range(360) if (i // 3) % 2 == 0][:80]
    chinese = [i for i in range(360) if (i // 3) % 2 == 1][:12]
    path = write_grades(tmp_path / "g.csv", [*english, *chinese], truth)
    made = judge.calibrate(folder, path, simple_random=True)
    assert made.calibration["coefficients"]["safety"]["languages"] == ["en"]
    methods = {(e["language"], e["method"]) for e in made.calibration["means_by_language"]}
    assert ("en", "ppi++") in methods
    assert {method for language, method in methods if language == "zh"} <= {"physicians", "refused"}
    for row in rows_of(folder, "safety"):
        assert (row["level_calibrated"] is not None) == (row["language"] == "en")
    assert all(row["score_calibrated"] is None for row in rows_of(folder, "composite") if row["language"] == "zh")


def test_one_physician_is_allowed_and_agreement_is_called_unknown(run, pristine, tmp_path):
    path = write_grades(tmp_path / "g.csv", range(0, 300, 2), pristine[1], raters=("dr-x",))
    made = judge.calibrate(run, path, simple_random=True)
    assert "one physician graded: agreement unknown" in made.warnings
    assert set(made.calibration["coefficients"]["safety"]["report"]["target"]) == {"one physician"}


def test_equal_chances_must_be_asserted_or_a_set_be_named(run, pristine):
    with pytest.raises(ConfigError, match="chance of an answer"):
        judge.calibrate(run, pristine[3])
    with pytest.raises(ConfigError, match="both given"):
        judge.calibrate(run, pristine[3], set=pristine[2], simple_random=True)
    with pytest.raises(ConfigError, match="say either"):
        judge.calibrate(run)


def test_unequal_chances_in_the_file_contradict_simple_random(run, pristine, tmp_path):
    path = write_grades(tmp_path / "g.csv", range(20), pristine[1], inclusion_probability=0.5)
    path.write_text(path.read_text().replace("0.5", "0.1", 1))
    with pytest.raises(ConfigError, match="simple-random denies"):
        judge.calibrate(run, path, simple_random=True)


def test_the_demonstration_runs_from_the_command_line(tmp_path):
    from judge.cli.main import cli
    from judge.resources import demonstration_dir

    folder = demonstration_dir()
    run = judge.grade(folder / "answers.jsonl", cases=folder / "cases.jsonl", out=tmp_path / "run")
    arguments = ["calibrate", str(run.folder), "--physicians", str(folder / "grades.csv"), "--simple-random"]
    shown = CliRunner().invoke(cli, [*arguments, "--json", "--quiet"])
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    assert document["format"] == "judge-calibration/1"
    assert document == json.loads((run.folder / "calibration.json").read_text())
    weak = [entry for entry in document["means"] if entry["model"] == "simulated-weak"]
    assert {entry["method"] for entry in weak} == {"refused"}  # nearly all its answers are planted
    assert {entry["value"] for entry in weak} == {None}
    rates = [entry for entry in document["means"] if entry["dimension"].startswith("gate:")]
    assert all(entry["value"] is None for entry in rates)  # asked on a few answers only: chances unknown
    judge.card(run)
