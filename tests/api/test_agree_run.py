"""``judge agree`` of a run against physicians' grades."""

import csv
import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import judge
from judge.api.card import rubric_of
from judge.cli.main import cli
from judge.errors import ConfigError, DataError
from judge.resources import demonstration_dir

DIMENSIONS = ("diagnostic_accuracy", "safety")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return a run of 24 demonstration answers with the offline judge."""
    folder = tmp_path_factory.mktemp("run")
    return judge.grade(
        demonstration_dir() / "answers.jsonl", cases=demonstration_dir() / "cases.jsonl", limit=24, out=folder / "run"
    )


@pytest.fixture(scope="module")
def levels(graded) -> dict[tuple[str, str], float]:
    rows = pq.read_table(graded.folder / "grades.parquet").to_pylist()
    return {
        (row["response_id"], row["dimension"]): row["level"]
        for row in rows
        if row["dimension"] in DIMENSIONS and row["level"] is not None
    }


def write(path: Path, rows: list[dict]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def physicians(levels, *, more=()):
    """Return grades of two physicians: one as the panel, one a level lower on the first dimension."""
    rows = [
        {
            "response_id": item,
            "rater": rater,
            "role": "physician",
            "dimension": dimension,
            "level": max(1, level - (1 if rater == "ph-b" and dimension == DIMENSIONS[0] else 0)),
        }
        for (item, dimension), level in levels.items()
        for rater in ("ph-a", "ph-b")
    ]
    return [*rows, *more]


def rows_of(report, **wanted):
    return [r for r in report.document()["results"] if all(r[name] == value for name, value in wanted.items())]


def test_panel_and_judge_stand_beside_the_physicians(graded, levels, tmp_path):
    report = judge.agree(graded, physicians=write(tmp_path / "g.csv", physicians(levels)), ci="analytic")
    pair = {"statistic": "exact_agreement", "variant": ""}
    (panel,) = rows_of(report, comparison="panel-physician", raters=["panel", "ph-a"], dimension="safety", **pair)
    assert panel["value"] == 1.0
    (shifted,) = rows_of(
        report, comparison="panel-physician", raters=["panel", "ph-b"], dimension=DIMENSIONS[0], statistic="bias"
    )
    assert shifted["value"] > 0.5
    assert rows_of(report, comparison="judge-physician", dimension="safety", **pair)
    assert {row["dimension"] for row in report.document()["results"]} >= set(DIMENSIONS)
    assert "communication" not in {row["dimension"] for row in report.document()["results"]}
    assert any("verdicts without a level" in warning for warning in report.warnings)
    written = json.loads((graded.folder / "agreement.json").read_text(encoding="utf-8"))
    assert written == report.document()
    assert written["levels"]["safety"] == [1, 2, 3, 4, 5]


def test_it_records_what_it_was_made_of_as_it_was_then(graded, levels, tmp_path):
    path = write(tmp_path / "g.csv", physicians(levels))
    report = judge.agree(graded, physicians=path, ci="analytic")
    files = {
        ("verdicts.parquet", "run"): graded.folder / "verdicts.parquet",
        ("grades.parquet", "run"): graded.folder / "grades.parquet",
        ("criteria.parquet", "run"): graded.folder / "criteria.parquet",
        ("g.csv", "physicians"): path,
    }
    expected = {key: hashlib.sha256(file.read_bytes()).hexdigest() for key, file in files.items()}
    path.unlink()
    assert {(one["path"], one["kind"]): one["sha256"] for one in report.document()["inputs"]} == expected
    assert graded.manifest["files"]["grades.parquet"] == expected["grades.parquet", "run"]


def test_without_physicians_nothing_is_written_into_the_run_unless_asked_for(graded, levels, tmp_path):
    own = graded.folder / "agreement.json"
    with_physicians = judge.agree(graded, physicians=write(tmp_path / "g.csv", physicians(levels)), ci="analytic")
    assert with_physicians.path == own
    before = own.read_bytes()
    assert judge.agree(graded, ci="analytic").path is None
    said = CliRunner().invoke(cli, ["agree", str(graded.folder), "--ci", "analytic"])
    assert said.exit_code == 0
    assert "Nothing was written: a run's agreement.json is the comparison with physicians" in said.stderr
    with pytest.raises(ConfigError, match="comparison with physicians"):
        judge.agree(graded, out=own, ci="analytic")
    assert own.read_bytes() == before
    assert judge.agree(graded, out=tmp_path / "alone.json", ci="analytic").path == tmp_path / "alone.json"
    assert own.read_bytes() == before


def test_its_repr_is_short(graded, levels, tmp_path):
    rows = [{**row, "rater": f"{row['rater']}-{i % 4}"} for i, row in enumerate(physicians(levels))]
    shown = repr(judge.agree(graded, physicians=write(tmp_path / "g.csv", rows), ci="analytic"))
    assert shown.startswith("AgreementReport(source='run', raters=[offline/lexicon, panel, ph-a-0, ")
    assert "dimensions=[" in shown
    assert "n_items=24, n_ratings=" in shown
    assert len(shown) < 400


def test_the_panels_rows_say_panel_and_the_judge_is_not_counted_twice(graded, levels, tmp_path):
    report = judge.agree(graded, physicians=write(tmp_path / "g.csv", physicians(levels)), ci="analytic")
    raters = {rater["id"]: rater["role"] for rater in report.document()["raters"]}
    assert raters["panel"] == "panel"
    for row in rows_of(report, comparison="all"):
        assert "panel" not in row["raters"]


def test_gates_that_only_physicians_saw_count_as_missed(graded, levels, tmp_path):
    named = {row["id"] for row in graded.table("criteria").to_pylist() if row["kind"] == "gate"}
    unseen = next(gate.id for gate in rubric_of(graded).gates if gate.id not in named)
    items = sorted({item for item, _ in levels})
    seen = [
        {
            "response_id": item,
            "rater": rater,
            "role": "physician",
            "dimension": f"gate:{unseen}",
            "level": int(item == items[0]),
        }
        for item in items
        for rater in ("ph-a", "ph-b")
    ]
    report = judge.agree(graded, physicians=write(tmp_path / "g.csv", physicians(levels, more=seen)), ci="analytic")
    (row,) = rows_of(report, dimension=f"gate:{unseen}", statistic="miss_rate", raters=["panel"])
    assert (row["value"], row["detail"]["n_wrong"], row["detail"]["n_reference"]) == (1.0, 1, 1)


def test_stratum_and_sampling_weight_come_from_the_physicians_file(graded, levels, tmp_path):
    items = sorted({item for item, _ in levels})
    rows = [{**row, "stratum": "planted" if row["response_id"] == items[0] else ""} for row in physicians(levels)]
    report = judge.agree(graded, physicians=write(tmp_path / "g.csv", rows), ci="analytic")
    key = {"statistic": "exact_agreement", "raters": ["panel", "ph-a"], "dimension": "safety"}
    (natural,), (planted,) = (rows_of(report, group=group, **key) for group in ("*", {"stratum": "planted"}))
    assert planted["n_items"] == 1
    assert natural["n_items"] == len([1 for item, d in levels if d == "safety" and item != items[0]])


def test_groups_come_from_the_run(graded, levels, tmp_path):
    path = write(tmp_path / "g.csv", physicians(levels))
    report = judge.agree(graded, physicians=path, by="model", ci="analytic")
    groups = {json.dumps(row["group"]) for row in report.document()["results"]}
    assert '"*"' in groups
    assert any("model" in group for group in groups)


def test_answers_that_are_not_in_the_run_are_counted_and_none_at_all_is_refused(graded, levels, tmp_path):
    strange = {"response_id": "nowhere", "rater": "ph-a", "role": "physician", "dimension": "safety", "level": 1}
    report = judge.agree(
        graded, physicians=write(tmp_path / "g.csv", physicians(levels, more=[strange])), ci="analytic"
    )
    assert any("1 answers of g.csv are not in this run" in warning for warning in report.warnings)
    with pytest.raises(DataError, match="none of its 1 answers"):
        judge.agree(graded, physicians=write(tmp_path / "h.csv", [strange]))


def test_wrong_physicians_files_are_refused(graded, levels, tmp_path):
    rows = physicians(levels)
    name = judge.agree(graded, ci="analytic").document()["raters"][0]["id"]
    with pytest.raises(DataError, match="bears the name of a judge"):
        judge.agree(graded, physicians=write(tmp_path / "a.csv", [{**rows[0], "rater": name}]))
    with pytest.raises(DataError, match="no row with the role physician"):
        judge.agree(graded, physicians=write(tmp_path / "b.csv", [{**rows[0], "role": "judge"}]))
    with pytest.raises(DataError, match="off their scale") as caught:
        judge.agree(graded, physicians=write(tmp_path / "c.csv", [{**rows[0], "level": 9}]))
    assert 'row 2: level "9"' in str(caught.value)
    with pytest.raises(ConfigError, match="takes its scales from its rubric"):
        judge.agree(graded, physicians=write(tmp_path / "d.csv", rows), levels=["1:5"])


@pytest.mark.parametrize(
    ("dimension", "said"),
    [
        ("safetyy", 'the rubric has no "safetyy", did you mean "safety"?'),
        ("Diagnostic accuracy", 'the rubric has no "Diagnostic accuracy", did you mean "diagnostic_accuracy"?'),
        ("G01", 'the rubric has no "G01", did you mean "gate:G01"?'),
        ("gate:G99", 'the rubric has no "gate:G99"'),
        ("criterion:DA11", 'the rubric has no "criterion:DA11", did you mean "criterion:DA1"?'),
        ("composite", 'the rubric has no "composite"'),
    ],
)
def test_a_dimension_that_the_rubric_has_not_is_refused_with_its_rows(graded, levels, tmp_path, dimension, said):
    rows = [{**row, "dimension": dimension} if i in (1, 2) else row for i, row in enumerate(physicians(levels))]
    with pytest.raises(DataError, match="2 rows have a dimension that is not in ecg-clinical-reasoning v1") as caught:
        judge.agree(graded, physicians=write(tmp_path / "g.csv", rows))
    assert caught.value.exit_code == 3
    assert said in caught.value.problems[0]
    assert caught.value.problems[0].endswith("(rows 3-4)")


def test_criteria_of_the_rubric_and_of_the_cases_checklists_are_dimensions(graded, levels, tmp_path):
    asked = {row["id"] for row in graded.table("criteria").to_pylist() if row["kind"] == "criterion"}
    own = sorted(asked - {criterion.id for criterion in rubric_of(graded).criteria})
    assert own
    row = physicians(levels)[0]
    more = [{**row, "dimension": f"criterion:{id}", "level": 1} for id in ("DA1", own[0])]
    report = judge.agree(graded, physicians=write(tmp_path / "g.csv", physicians(levels, more=more)), ci="analytic")
    assert {f"criterion:{id}" for id in ("DA1", own[0])} <= set(report.document()["levels"])


def test_without_a_role_column_all_rows_are_physicians(graded, levels, tmp_path):
    bare = [{name: value for name, value in row.items() if name != "role"} for row in physicians(levels)]
    told = judge.agree(graded, physicians=write(tmp_path / "g.csv", physicians(levels)), ci="analytic")
    found = judge.agree(graded, physicians=write(tmp_path / "h.csv", bare), ci="analytic")
    assert found.document()["results"] == told.document()["results"]
    with pytest.raises(DataError, match="missing column role"):
        judge.agree(tmp_path / "h.csv", levels=["1:5"])
    empty = [{**row, "role": ""} if i == 0 else row for i, row in enumerate(physicians(levels))]
    with pytest.raises(DataError, match="row 2: role is empty"):
        judge.agree(graded, physicians=write(tmp_path / "i.csv", empty))


def test_a_run_alone_compares_its_judges(graded):
    report = judge.agree(graded, ci="analytic")
    results = report.document()["results"]
    assert {row["comparison"] for row in results} <= {"judge-judge", "intra-rater"}
    assert {row["undefined"] for row in results} <= {"too_few_raters", "all_missing"}
    assert not any("panel" in row["raters"] for row in results)
    assert report.verdicts == ()
