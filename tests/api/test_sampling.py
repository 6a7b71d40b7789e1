"""judge sample end to end: blinded, frozen, with known chances, split by case."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import judge
from judge.api.sampling.frame import is_planted
from judge.api.sampling.set import read_set
from judge.cli.main import cli
from judge.errors import ConfigError, DataError, StoreError
from tests.calibration.synthetic_run import MODELS, write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("sampling") / "run", n_cases=200, gates=0.05, planted=0.05)[0]


@pytest.fixture(scope="module")
def drawn(run):
    return judge.sample(run, cases=60, out=run.parent / "set")


def shown(folder):
    return [json.loads(line) for line in (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()]


def test_what_a_physician_sees_names_no_model_no_stratum_and_no_level(drawn):
    text = (drawn.folder / "items.jsonl").read_text(encoding="utf-8")
    for word in (*MODELS, "planted", "natural", "probability", "split", "tune", "level", "gate"):
        assert word not in text
    ids = {item["response_id"] for item in drawn.manifest["items"]}
    assert not ids & {item["item"] for item in shown(drawn.folder)}
    expected = {"item", "case_id", "task", "language", "question", "context", "references", "response"}
    assert all(set(item) == expected for item in shown(drawn.folder))


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        (None, False),
        ('{"planted": ""}', False),
        ('{"planted": "No"}', False),
        ('{"planted": false}', False),
        ('{"planted": "dangerous"}', True),
        ('{"planted": true}', True),
        ('{"note": "planted on Monday"}', False),
        ('{"planted": "", "stratum": "planted"}', True),
    ],
)
def test_planted_answers_are_those_that_a_carried_column_calls_so(meta, expected):
    assert is_planted(meta) is expected


def test_the_order_of_items_tells_nothing_of_the_model(drawn):
    model = {item["item"]: MODELS.index(item["model"]) for item in drawn.manifest["items"]}
    order = [model[item["item"]] for item in shown(drawn.folder)]
    assert order != sorted(order)
    steps = np.mean(np.diff(order) == 1)
    assert steps < 0.45  # in file order two of three steps go from one model to the next


def test_whole_cases_come_with_all_their_answers_and_one_chance(drawn):
    by_case = {}
    for item in drawn.manifest["items"]:
        by_case.setdefault(item["case_id"], []).append(item)
    assert len(by_case) == 60
    for items in by_case.values():
        assert sorted(item["model"] for item in items) == list(MODELS)
        assert len({item["inclusion_probability"] for item in items}) == 1
        assert len({item["split"] for item in items}) == 1


def test_single_answers_are_drawn_on_ask_and_planted_ones_stay_apart(run, tmp_path):
    made = judge.sample(run, n=100, out=tmp_path / "set")
    items = made.manifest["items"]
    assert len(items) == 100
    assert made.manifest["counts"]["n_planted"] == 10
    natural = [item["inclusion_probability"] for item in items if item["stratum"] == "natural"]
    planted = {item["inclusion_probability"] for item in items if item["stratum"] == "planted"}
    assert len(planted) == 1
    assert max(natural) / min(natural) < 5


def test_a_case_is_on_one_side_of_the_split_also_where_only_some_of_its_answers_are_drawn(run, tmp_path):
    made = judge.sample(run, n=300, out=tmp_path / "set")
    sides = {}
    for item in made.manifest["items"]:
        sides.setdefault(item["case_id"], set()).add(item["split"])
    assert all(len(found) == 1 for found in sides.values())
    assert {side for found in sides.values() for side in found} == {"tune", "test"}


def test_equal_questions_under_two_case_ids_and_equal_diseases_stay_together(tmp_path):
    folder, _ = write_run(tmp_path / "run", n_cases=60, n_models=2)
    answers = tmp_path / "run-answers.jsonl"
    rows = [json.loads(line) for line in answers.read_text().splitlines()]
    for row in rows:
        number = int(row["case_id"][1:])
        row["question"] = f"Question {number // 2}"  # each question under two case ids
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    _with_meta_and_hash(folder, answers, lambda number: {"disease": f"d{number // 6}"})
    made = judge.sample(folder, cases=50, out=tmp_path / "set")
    assert made.manifest["split_by"] == ["case_id", "question", "disease"]
    for size in (2, 6):
        sides = {}
        for item in made.manifest["items"]:
            sides.setdefault(int(item["case_id"][1:]) // size, set()).add(item["split"])
        assert all(len(found) == 1 for found in sides.values())


def test_a_tie_that_would_leave_nothing_to_split_is_dropped_and_said(tmp_path):
    folder, _ = write_run(tmp_path / "run", n_cases=40, n_models=2)
    _with_meta_and_hash(folder, tmp_path / "run-answers.jsonl", lambda _: {"disease": "the same for all"})
    made = judge.sample(folder, cases=30, out=tmp_path / "set")
    assert made.manifest["split_by"] == ["case_id", "question"]
    assert any("equal disease is on both sides" in warning for warning in made.warnings)


def _with_meta_and_hash(folder, answers, meta_of):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from judge.store.files import sha256_file
    from judge.store.manifest import read_manifest
    from tests.calibration.synthetic_run import write_manifest

    table = pq.read_table(folder / "grades.parquet")
    metas = [json.dumps(meta_of(int(case[1:]))) for case in table["case_id"].to_pylist()]
    place = table.schema.get_field_index("meta")
    pq.write_table(table.set_column(place, table.schema.field("meta"), pa.array(metas)), folder / "grades.parquet")
    manifest = read_manifest(folder)
    manifest["inputs"][0]["sha256"] = sha256_file(answers)
    write_manifest(folder, manifest)


def test_the_same_seed_draws_the_same_set_and_another_seed_another(run, tmp_path):
    one, two, other = (judge.sample(run, n=50, out=tmp_path / f"s{i}", seed=seed) for i, seed in enumerate((1, 1, 2)))
    assert one.manifest["items"] == two.manifest["items"]
    assert shown(one.folder) == shown(two.folder)
    assert {i["response_id"] for i in one.manifest["items"]} != {i["response_id"] for i in other.manifest["items"]}


def test_unflagged_answers_keep_their_floor_and_gates_are_over_sampled(drawn, run):
    counts, frame = drawn.manifest["counts"], drawn.manifest["frame"]
    flagged = 1 - counts["n_unflagged"] / counts["n_answers"]
    assert 0.6 < flagged < 0.9  # most answers of these noisy judges are disputed; some unflagged ones stay
    assert frame["n_answers"] == 600
    assert drawn.manifest["weight_ratio"] < 5


def test_the_plan_is_told_before_anyone_grades(drawn):
    text = "\n".join(drawn.plan.lines())
    assert "60 of 200 cases" in text
    assert "margin of kappa" in text
    assert drawn.plan.half_widths["0.9"] < drawn.plan.half_widths["0"]
    assert 0 <= drawn.plan.power["0.1"] <= 1


def test_a_set_is_frozen(drawn, run, tmp_path):
    assert read_set(drawn.folder).hash == json.loads((drawn.folder / "manifest.json").read_text())["hash"]
    with pytest.raises(StoreError, match="is not empty"):
        judge.sample(run, cases=10, out=drawn.folder)
    copied = tmp_path / "set"
    copied.mkdir()
    for path in drawn.folder.iterdir():
        (copied / path.name).write_bytes(path.read_bytes())
    (copied / "items.jsonl").write_text((copied / "items.jsonl").read_text() + "\n")
    with pytest.raises(DataError, match=r"items\.jsonl: was changed"):
        read_set(copied)


def test_a_tenth_is_to_be_graded_twice(drawn):
    assert drawn.manifest["counts"]["n_repeated"] == 18


def test_more_than_there_is_or_neither_number_is_refused(run, tmp_path):
    with pytest.raises(ConfigError, match="201 cases cannot be drawn from 200"):
        judge.sample(run, cases=201, out=tmp_path / "x")
    with pytest.raises(ConfigError, match="either how many answers"):
        judge.sample(run, out=tmp_path / "x")


def test_answers_that_changed_since_the_run_are_refused(tmp_path):
    folder, _ = write_run(tmp_path / "run", n_cases=10)
    (tmp_path / "run-answers.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match="has changed since the run was made"):
        judge.sample(folder, n=5, out=tmp_path / "set")
    (tmp_path / "run-answers.jsonl").unlink()
    with pytest.raises(DataError, match="is no longer there"):
        judge.sample(folder, n=5, out=tmp_path / "set")


def test_the_command_prints_the_plan_and_one_json_document(run, tmp_path):
    shown = CliRunner().invoke(cli, ["sample", str(run), "--cases", "20", "--out", str(tmp_path / "a")])
    assert shown.exit_code == 0, shown.output
    assert "60 answers of 20 cases" in shown.stdout
    as_json = CliRunner().invoke(cli, ["sample", str(run), "--n", "20", "--out", str(tmp_path / "b"), "--json"])
    document = json.loads(as_json.stdout)
    assert document["counts"]["n_answers"] == 20
    assert "items" not in document
