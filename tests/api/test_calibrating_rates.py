"""Pass rates, the correction for a finite run, and looks at the test split, as judge calibrate writes them."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import judge
from judge.api.calibrating.passes import pass_levels_of, passes
from judge.api.sampling.openings import NAME, read_openings
from judge.calibration.frame import Frame, MeanOptions, corrected_difference, corrected_mean
from judge.calibration.rates import corrected_rate
from judge.errors import ConfigError
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from tests.calibration.synthetic_run import MODELS, write_grades, write_run

CORE = ("diagnostic_accuracy", "clinical_reasoning", "knowledge_integration")
N_GRADED = 210
NAN = float("nan")


@pytest.fixture(scope="module")
def rubric():
    return load_rubric(find_rubric("ecg-clinical-reasoning"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("rates")


@pytest.fixture(scope="module")
def pristine(home):
    """Return a run, its truth, a set and its grades, and grades of the first 210 answers that two physicians gave."""
    folder, truth = write_run(home / "run", n_cases=120)
    drawn = judge.sample(folder, cases=60, out=home / "set")
    names = {item["response_id"]: item["item"] for item in drawn.manifest["items"]}
    of_set = write_grades(home / "of_set.csv", [int(name[1:]) for name in names], truth, names=names)
    return folder, truth, home / "set", of_set, write_grades(home / "grades.csv", range(N_GRADED), truth)


@pytest.fixture(scope="module")
def passed(pristine, home):
    shutil.copytree(pristine[0], home / "passed")
    return judge.calibrate(
        home / "passed",
        pristine[4],
        simple_random=True,
        pass_level={"*": 4, "safety": 5},
        finite_population=True,
    )


@pytest.fixture
def place(pristine, tmp_path):
    shutil.copytree(pristine[0], tmp_path / "run")
    shutil.copytree(pristine[2], tmp_path / "set")
    return tmp_path


def targets(path, dimension, n):
    """Return the mean of the physicians' levels by place of the answer, read from the file alone."""
    given = [[] for _ in range(n)]
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        name, _, _, what, level = line.split(",")
        if what == dimension:
            given[int(name[1:])].append(float(level))
    return np.array([np.mean(levels) if levels else NAN for levels in given])


def frames(made, path, dimension, *, threshold=None):
    """Return each model's frame, made from the files and not by the code under test."""
    rows = [
        row for row in pq.read_table(made.run.folder / "grades.parquet").to_pylist() if row["dimension"] == dimension
    ]
    level = np.array([NAN if row["level"] is None else row["level"] for row in rows])
    target = targets(path, dimension, len(rows))
    if threshold is not None:
        level, target = (np.where(np.isnan(x), NAN, x >= threshold) for x in (level, target))
    case = np.unique([row["case_id"] for row in rows], return_inverse=True)[1]
    model = np.array([row["model"] for row in rows])
    return {name: Frame(level[model == name], target[model == name], case[model == name]) for name in MODELS}


def entry_of(entries, model, dimension):
    return next(entry for entry in entries if (entry["model"], entry["dimension"]) == (model, dimension))


@pytest.mark.parametrize(("dimension", "threshold"), [*((name, 4.0) for name in CORE), ("safety", 5.0)])
def test_a_pass_rate_is_the_library_s_corrected_rate_of_levels_that_reach_the_threshold(
    passed, pristine, dimension, threshold
):
    own = frames(passed, pristine[4], dimension, threshold=threshold)
    for model in MODELS:
        found = entry_of(passed.means, model, f"pass:{dimension}")
        expected = corrected_rate(own[model], MeanOptions(target="these answers", seed=0))
        assert found["threshold"] == threshold
        assert (found["value"], found["ci_low"], found["ci_high"]) == pytest.approx(
            (expected.value, expected.ci_low, expected.ci_high)
        )
        assert found["method"] == ("ppi++" if expected.variant.startswith("ppi") else "bounds")
        assert found["value_raw"] == pytest.approx(np.nanmean(own[model].scores))
        assert found["n_graded"] == N_GRADED // 3


def test_pass_rates_of_both_kinds_occur(passed):
    methods = {entry["method"] for entry in passed.means if entry["dimension"].startswith("pass:")}
    assert methods == {"ppi++", "bounds"}


def test_only_dimensions_with_a_pass_level_have_a_pass_rate_and_the_calibration_says_what_passes(passed):
    named = {entry["dimension"] for entry in passed.means if entry["dimension"].startswith("pass:")}
    assert named == {f"pass:{name}" for name in (*CORE, "safety")}
    written = json.loads((passed.run.folder / "calibration.json").read_text(encoding="utf-8"))
    assert written["pass_levels"] == {**dict.fromkeys(CORE, 4.0), "safety": 5.0}
    assert "the mean of several" in written["pass_rule"]


def test_a_mean_of_physicians_passes_where_it_reaches_the_level():
    # 3 and 4 make 3.5, short of 4; 4 and 4, and 4.5, reach it; three of 4, 4 and 4 do however they are summed
    assert passes(np.array([3.5, 4.0, 4.5, np.mean([4, 4, 4]), NAN]), 4.0).tolist()[:4] == [0, 1, 1, 1]
    assert np.isnan(passes(np.array([NAN]), 4.0)[0])
    assert passes(np.array([(3.1 + 3.2 + 3.3) / 3]), 3.2).tolist() == [1]


def test_means_and_differences_with_the_correction_for_a_finite_run_are_the_library_s(passed, pristine):
    own = frames(passed, pristine[4], "grounding")
    options = MeanOptions(bounds=(1, 5), target="these answers")
    for model in MODELS:
        found, expected = entry_of(passed.means, model, "grounding"), corrected_mean(own[model], options)
        assert (found["value"], found["ci_low"]) == pytest.approx((expected.value, expected.ci_low))
        assert found["se"] < corrected_mean(own[model], MeanOptions(bounds=(1, 5))).se
    found = next(
        e for e in passed.calibration["differences"] if e["dimension"] == "grounding" and e["minus"] == MODELS[2]
    )
    expected = corrected_difference(own[found["model"]], own[MODELS[2]], options)
    assert (found["value"], found["se"]) == pytest.approx((expected.value, expected.se))


def test_the_calibration_says_of_which_answers_it_speaks(passed, place, pristine):
    assert passed.calibration["finite_population"] is True
    assert "exactly these answers" in passed.calibration["claim"]
    plain = judge.calibrate(place / "run", pristine[4], simple_random=True)
    assert plain.calibration["finite_population"] is False
    assert plain.calibration["claim"] == "the models on cases like these"
    assert plain.calibration["pass_levels"] == {}
    assert not [entry for entry in plain.means if entry["dimension"].startswith("pass:")]
    wide = entry_of(plain.means, MODELS[0], "safety")
    narrow = entry_of(passed.means, MODELS[0], "safety")
    assert narrow["value"] == pytest.approx(wide["value"], abs=0.05)
    assert narrow["ci_high"] - narrow["ci_low"] < wide["ci_high"] - wide["ci_low"]


def test_a_run_that_physicians_graded_whole_is_known(place, pristine):
    whole = write_grades(place / "whole.csv", range(360), pristine[1])
    made = judge.calibrate(place / "run", whole, simple_random=True, finite_population=True, pass_level=4)
    target = targets(whole, "safety", 360)[0::3]
    found = entry_of(made.means, MODELS[0], "safety")
    assert found["ci_low"] == found["ci_high"] == pytest.approx(target.mean())
    own = targets(whole, CORE[0], 360)[0::3]
    found = entry_of(made.means, MODELS[0], f"pass:{CORE[0]}")
    assert found["ci_low"] == found["ci_high"] == pytest.approx(np.mean(own >= 4))


def test_answers_that_the_panel_could_not_score_stay_in_the_rate(place, pristine):
    table = pq.read_table(place / "run" / "grades.parquet")
    rows = table.to_pylist()
    gone = [row["dimension"] == CORE[0] and int(row["response_id"][1:]) % 30 == 0 for row in rows]
    for name in ("level", "level_gated"):
        level = [None if is_gone else row[name] for row, is_gone in zip(rows, gone, strict=True)]
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(level, type=pa.float64()))
    status = ["no_quorum" if is_gone else row["status"] for row, is_gone in zip(rows, gone, strict=True)]
    table = table.set_column(table.schema.get_field_index("status"), "status", pa.array(status))
    pq.write_table(table, place / "run" / "grades.parquet")
    made = judge.calibrate(place / "run", pristine[4], simple_random=True, pass_level={CORE[0]: 4})
    own = frames(made, pristine[4], CORE[0], threshold=4)[MODELS[0]]
    assert np.isnan(own.scores).sum() == 12
    found, expected = entry_of(made.means, MODELS[0], f"pass:{CORE[0]}"), corrected_rate(own)
    assert found["value"] == pytest.approx(expected.value)
    assert found["n_answers"] == 120
    assert found["value_raw"] == pytest.approx(np.nanmean(own.scores))


def test_a_dimension_that_was_graded_on_a_part_of_the_answers_has_a_pass_rate_as_it_has_a_mean_and_says_so(
    place, pristine
):
    lines = pristine[4].read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if ",safety," not in line or int(line.split(",")[0][1:]) % 2]
    (place / "part.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    made = judge.calibrate(
        place / "run", place / "part.csv", simple_random=True, pass_level={"safety": 4, "grounding": 4}
    )
    found = {entry["dimension"]: entry for entry in made.means if entry["model"] == MODELS[0]}
    assert found["pass:safety"]["n_graded"] == found["safety"]["n_graded"] == 35
    assert found["pass:safety"]["warnings"][0].startswith("answered on 35 of 70 graded answers")
    assert not any("answered on" in note for note in found["pass:grounding"]["warnings"])


def test_one_level_is_for_all_core_dimensions_and_names_go_before_it(rubric):
    assert pass_levels_of(4, rubric) == dict.fromkeys(CORE, 4.0)
    assert pass_levels_of({"*": 4, CORE[1]: 3.5}, rubric) == {CORE[0]: 4.0, CORE[1]: 3.5, CORE[2]: 4.0}
    assert pass_levels_of({"grounding": 5}, rubric) == {"grounding": 5.0}
    assert pass_levels_of(None, rubric) == {}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (1, "1 is no pass level of diagnostic_accuracy, whose levels go from 1 to 5"),
        (6, "6 is no pass level"),
        (NAN, "nan is no pass level"),
        ({"saftey": 4}, 'no dimension "saftey".*did you mean "safety"'),
    ],
)
def test_a_level_at_which_all_or_nothing_passes_or_an_unknown_dimension_is_refused(rubric, asked, said):
    with pytest.raises(ConfigError, match=said):
        pass_levels_of(asked, rubric)


def test_pass_rates_and_finite_runs_need_physicians_of_this_run(passed, pristine):
    for more in ({"pass_level": 4}, {"finite_population": True}):
        with pytest.raises(ConfigError, match="go with --physicians"):
            judge.calibrate(pristine[0], calibration=passed.run.folder / "calibration.json", **more)


def test_a_calibration_of_another_run_makes_no_claim_on_means(passed, tmp_path):
    folder, _ = write_run(tmp_path / "other", n_cases=60, seed=7)
    applied = judge.calibrate(folder, calibration=passed.run.folder / "calibration.json").calibration
    assert (applied["means"], applied["pass_levels"], applied["finite_population"]) == ([], {}, False)


def test_the_first_look_at_a_test_split_is_recorded_beside_the_set_and_leaves_its_hash_alone(place, pristine):
    before = (place / "set" / "manifest.json").read_bytes()
    made = judge.calibrate(place / "run", pristine[3], set=place / "set", pass_level=4)
    assert (place / "set" / "manifest.json").read_bytes() == before
    (opening,) = read_openings(place / "set")
    assert opening.run == made.run.manifest["plan_hash"]
    assert opening.command == "judge calibrate " + " ".join(f"--pass {name}=4" for name in CORE)
    assert made.calibration["split"]["test_opened_before"] == 0
    assert not any("no longer fresh" in warning for warning in made.warnings)


def test_another_look_is_warned_of_and_the_same_command_again_is_none(place, pristine):
    first = judge.calibrate(place / "run", pristine[3], set=place / "set")
    again = judge.calibrate(place / "run", pristine[3], set=place / "set")
    assert again.calibration == first.calibration
    assert len(read_openings(place / "set")) == 1
    grades = place / "corrected.csv"
    grades.write_text(pristine[3].read_text(encoding="utf-8").replace(",5\n", ",4\n", 1), encoding="utf-8")
    second = judge.calibrate(place / "run", grades, set=place / "set")
    said = "the test split of this set was opened 1 time before; figures on it are no longer fresh"
    assert said in second.warnings
    assert said in second.calibration["warnings"]
    assert second.calibration["split"]["test_opened_before"] == 1
    assert any(
        "2 times before" in w for w in judge.calibrate(place / "run", grades, set=place / "set", seed=9).warnings
    )


def test_grades_of_the_tune_split_alone_open_nothing(place, pristine):
    manifest = json.loads((place / "set" / "manifest.json").read_text(encoding="utf-8"))
    tune = {item["item"] for item in manifest["items"] if item["split"] == "tune"}
    lines = pristine[3].read_text(encoding="utf-8").splitlines()
    kept = [lines[0], *(line for line in lines[1:] if line.split(",")[0] in tune)]
    (place / "tune.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    made = judge.calibrate(place / "run", place / "tune.csv", set=place / "set")
    assert made.calibration["split"]["test_opened_before"] is None
    assert not (place / "set" / NAME).exists()


def test_grades_that_are_refused_open_nothing(place, pristine):
    broken = place / "broken.csv"
    broken.write_text(pristine[3].read_text(encoding="utf-8").replace("safety", "saftey"), encoding="utf-8")
    with pytest.raises(judge_error(), match="do not belong"):
        judge.calibrate(place / "run", broken, set=place / "set")
    assert not (place / "set" / NAME).exists()


def judge_error():
    from judge.errors import DataError

    return DataError
