"""``judge agree`` on ratings tables: comparisons, claims, dangers, groups, exit codes, files."""

import csv
import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import judge
from judge.api.agreeing.agree import AgreeOptions
from judge.cli.main import cli
from judge.errors import ConfigError

CUTS = [-1.1, -0.35, 0.35, 1.1]
FIELDS = [
    "dimension",
    "group",
    "comparison",
    "raters",
    "statistic",
    "variant",
    "value",
    "se",
    "ci_low",
    "ci_high",
    "ci_level",
    "ci_method",
    "p_value",
    "p_adjusted",
    "adjustment",
    "n_items",
    "n_ratings",
    "n_missing",
    "n_resamples",
    "n_resamples_undefined",
    "undefined",
    "detail",
]


def study(n=60, judges=2, physicians=3, seed=0):
    """Return rows of judges and physicians on one dimension, four answers to a case."""
    rng = np.random.default_rng(seed)
    names = [(f"j{i}", "judge") for i in range(judges)] + [(f"p{i}", "physician") for i in range(physicians)]
    rated = rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, len(names)))
    levels = np.searchsorted(CUTS, rated.ravel()).reshape(rated.shape) + 1
    return [
        {
            "item": f"a{i:03}",
            "rater": rater,
            "role": role,
            "dimension": "Q",
            "level": int(levels[i, j]),
            "case_id": f"c{i // 4}",
            "task": "CD" if i % 2 else "EBK",
        }
        for i in range(n)
        for j, (rater, role) in enumerate(names)
    ]


def write(path, rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(*args):
    return CliRunner().invoke(cli, ["agree", *map(str, args)], catch_exceptions=True)


def document(*args):
    result = run(*args, "--json", "--quiet")
    assert result.exit_code == 0, result.output + repr(result.exception)
    return json.loads(result.stdout)


def rows_of(found, **wanted):
    return [row for row in found["results"] if all(row[name] == value for name, value in wanted.items())]


def one(found, **wanted):
    rows = rows_of(found, **wanted)
    assert len(rows) == 1, [(row["raters"], row["comparison"]) for row in rows]
    return rows[0]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    path = write(tmp_path_factory.mktemp("agree") / "ratings.csv", study())
    return document(path, "--levels", "1:5", "--margin", "0.1", "--bias-margin", "0.5", "--epsilon", "0", "0.2")


def test_the_document_has_the_fixed_fields(found):
    assert found["format"] == "judge-agreement/1"
    assert {"levels", "n_items", "raters", "seed", "versions", "results", "verdicts", "warnings"} <= set(found)
    for row in found["results"]:
        assert set(FIELDS) <= set(row)
        assert (row["value"] is None) == (row["undefined"] is not None)
    assert set(found["verdicts"][0]) >= {"dimension", "comparison", "claim", "answer", "reason", "n_more_cases"}


def test_the_ceiling_stands_beside_each_judge(found):
    ceiling = one(found, comparison="physician-physician", statistic="krippendorff_alpha", variant="ordinal",
                  raters=["p0", "p1", "p2"])  # fmt: skip
    assert ceiling["value"] is not None
    for name in ("j0", "j1"):
        row = one(
            found, comparison="judge-physician", statistic="cohen_kappa", variant="quadratic",
            raters=[name, "p0", "p1", "p2"],
        )  # fmt: skip
        pairs = [
            one(found, statistic="cohen_kappa", variant="quadratic", raters=[name, p])["value"]
            for p in ("p0", "p1", "p2")
        ]
        assert row["value"] == pytest.approx(np.mean(pairs))
        assert row["ci_low"] < row["value"] < row["ci_high"]
    assert rows_of(found, comparison="judge-judge", raters=["j0", "j1"])
    assert one(found, comparison="all", statistic="krippendorff_alpha", variant="ordinal")["raters"] == [
        "j0", "j1", "p0", "p1", "p2",
    ]  # fmt: skip


def test_every_named_statistic_is_there(found):
    have = {row["statistic"] for row in found["results"]}
    assert have >= {
        "cohen_kappa", "fleiss_kappa", "conger_kappa", "scott_pi", "brennan_prediger", "gwet_ac1", "gwet_ac2",
        "krippendorff_alpha", "icc", "lin_ccc", "pearson_r", "spearman_rho", "kendall_tau_b", "kendall_w",
        "exact_agreement", "within_one", "mean_absolute_error", "bias", "bland_altman_lower", "bland_altman_upper",
        "wilcoxon_signed_rank", "stuart_maxwell", "bhapkar", "bowker", "tost", "variance_component", "reliability",
        "alt_test_omega", "alt_test_rho", "non_inferiority",
    }  # fmt: skip


def test_claims_have_three_way_verdicts(found):
    claims = {(v["claim"], tuple(v["raters"])): v for v in found["verdicts"]}
    delta = claims["non_inferiority cohen_kappa quadratic@0.1", ("j0",)]
    assert delta["answer"] in ("yes", "no", "not_enough_data")
    assert "these 3 physicians" in delta["reason"]
    assert ("alt_test_omega neg_rmse@0.2", ("j0",)) in claims
    assert not any("accuracy" in claim for claim, _ in claims)


def test_claims_are_adjusted_by_holm_and_the_rest_by_bh(found):
    deltas = rows_of(found, statistic="non_inferiority")
    assert {row["adjustment"] for row in deltas} == {"holm"}
    smallest = min(deltas, key=lambda row: row["p_value"])
    assert smallest["p_adjusted"] == pytest.approx(min(1, 2 * smallest["p_value"]))
    assert {row["adjustment"] for row in rows_of(found, statistic="stuart_maxwell")} == {"bh"}


def test_the_same_seed_gives_the_same_document_and_the_order_of_rows_does_not_matter(tmp_path):
    rows = study(n=24, judges=1, physicians=2)
    one_way, other_way = write(tmp_path / "x.csv", rows), tmp_path / "y"
    other_way.mkdir()
    turned = write(other_way / "x.csv", rows[::-1])
    first, again = document(one_way, "--levels", "1:5"), document(turned, "--levels", "1:5")
    assert first.pop("inputs")[0]["sha256"] != again.pop("inputs")[0]["sha256"]
    assert first == again
    moved = document(one_way, "--levels", "1:5", "--seed", "7")
    assert moved["results"] != first["results"]


def test_without_margins_the_claims_are_undefined(tmp_path):
    got = document(write(tmp_path / "r.csv", study(n=12, judges=1, physicians=2)), "--levels", "1:5")
    assert one(got, statistic="non_inferiority")["undefined"] == "no_margin_stated"
    assert {row["undefined"] for row in rows_of(got, statistic="tost")} == {"no_margin_stated"}
    assert {v["answer"] for v in got["verdicts"]} == {"not_enough_data"}


def test_one_rater_is_undefined_and_exits_with_0(tmp_path):
    rows = [row for row in study(n=12) if row["rater"] == "j0"]
    got = document(write(tmp_path / "r.csv", rows), "--levels", "1:5")
    assert {row["undefined"] for row in got["results"]} == {"too_few_raters"}


def test_nothing_rated_is_undefined(tmp_path):
    rows = [{**row, "level": ""} for row in study(n=4)]
    got = document(write(tmp_path / "r.csv", rows), "--levels", "1:5")
    assert got["results"]
    assert {row["undefined"] for row in got["results"]} == {"all_missing"}


def test_groups_by_a_column(tmp_path):
    path = write(tmp_path / "r.csv", study(n=24, judges=1, physicians=2))
    got = document(path, "--levels", "1:5", "--by", "task")
    groups = {json.dumps(row["group"], sort_keys=True) for row in got["results"]}
    assert groups == {'"*"', '{"task": "CD"}', '{"task": "EBK"}'}
    wrong = run(path, "--levels", "1:5", "--by", "taks")
    assert isinstance(wrong.exception, ConfigError)
    assert 'did you mean "task"?' in str(wrong.exception)


def test_a_judge_called_panel_is_the_panel(tmp_path):
    rows = [{**row, "rater": "panel"} if row["rater"] == "j0" else row for row in study(n=20, judges=1, physicians=2)]
    got = document(write(tmp_path / "r.csv", rows), "--levels", "1:5")
    assert {row["comparison"] for row in got["results"]} == {"physician-physician", "panel-physician"}
    assert rows_of(got, comparison="panel-physician", raters=["panel", "p0"])


def test_planted_answers_are_reported_apart(tmp_path):
    rows = study(n=24, judges=1, physicians=2)
    planted = [{**row, "stratum": "planted" if row["item"] < "a008" else "natural"} for row in rows]
    got = document(write(tmp_path / "r.csv", planted), "--levels", "1:5")
    natural = one(got, group="*", statistic="exact_agreement", raters=["p0", "p1"])
    apart = one(got, group={"stratum": "planted"}, statistic="exact_agreement", raters=["p0", "p1"])
    assert (natural["n_items"], apart["n_items"]) == (16, 8)
    assert any("planted" in warning for warning in got["warnings"])


def test_cases_not_answers_are_resampled(tmp_path):
    rows = study(n=24, judges=1, physicians=2)
    clustered = document(write(tmp_path / "r.csv", rows), "--levels", "1:5")
    alone = document(
        write(tmp_path / "s.csv", [{k: v for k, v in row.items() if k != "case_id"} for row in rows]), "--levels", "1:5"
    )
    key = {"statistic": "cohen_kappa", "variant": "quadratic", "raters": ["p0", "p1"]}
    assert one(clustered, **key)["value"] == one(alone, **key)["value"]
    assert one(clustered, **key)["ci_low"] != one(alone, **key)["ci_low"]
    assert (clustered["n_cases"], alone["n_cases"]) == (6, 24)


def test_repeats_serve_repeatability_and_the_lowest_is_compared(tmp_path):
    rows = study(n=20, judges=1, physicians=2)
    again = [
        {**row, "repeat": repeat, "level": row["level"] if repeat == 0 else max(1, row["level"] - 1)}
        for row in rows
        for repeat in ((0, 1) if row["role"] == "judge" else (0,))
    ]
    got = document(write(tmp_path / "r.csv", again), "--levels", "1:5")
    plain = document(write(tmp_path / "s.csv", rows), "--levels", "1:5")
    own = one(got, comparison="intra-rater", statistic="exact_agreement")
    assert own["raters"] == ["j0"]
    assert 0 < own["value"] < 1
    key = {"statistic": "cohen_kappa", "variant": "quadratic", "raters": ["j0", "p0"]}
    assert one(got, **key)["value"] == one(plain, **key)["value"]


def gate_rows(n=90, n_danger=30, n_missed=3):
    rows = []
    for i in range(n):
        danger = i < n_danger
        flagged = danger and i >= n_missed
        for rater, role, level in (
            ("j", "judge", flagged), ("p0", "physician", danger), ("p1", "physician", danger)
        ):  # fmt: skip
            rows.append(
                {"item": f"a{i:03}", "rater": rater, "role": role, "dimension": "gate:G07", "level": int(level)}
            )
    return rows


def test_gates_have_miss_rates_and_a_review_load(tmp_path):
    got = document(write(tmp_path / "r.csv", gate_rows()))
    missed = one(got, statistic="miss_rate", dimension="gate:G07")
    assert missed["raters"] == ["j"]
    assert missed["value"] == pytest.approx(0.1)
    assert missed["detail"]["n_graded_not_flagged"] == 63
    load = one(got, statistic="review_load")
    assert (load["variant"], load["undefined"]) == ("@0.05", "counts_too_small")
    enough = document(write(tmp_path / "s.csv", gate_rows(n=400, n_danger=100, n_missed=0)))
    assert one(enough, statistic="review_load")["value"] == pytest.approx(0.25)


def test_a_sample_drawn_by_the_judges_gates_is_weighted(tmp_path):
    rows = [{**row, "inclusion_probability": 0.3 if int(row["item"][1:]) >= 3 else 0.03} for row in gate_rows()]
    got = document(write(tmp_path / "r.csv", rows))
    # 3 missed at 1/0.03, 27 found at 1/0.3
    assert one(got, statistic="miss_rate")["value"] == pytest.approx(100 / 190)
    assert any("not weighted" in warning for warning in one(got, statistic="sensitivity")["warnings"])


def test_rates_of_answers_that_share_a_case_say_that_they_are_not_independent(tmp_path):
    rows = [{**row, "case_id": f"c{int(row['item'][1:]) // 3}"} for row in gate_rows()]
    got = document(write(tmp_path / "r.csv", rows))
    assert any("share a case" in warning for warning in one(got, statistic="miss_rate")["warnings"])


def test_lopsided_small_samples_are_warned_of_in_the_table(tmp_path):
    rows = [{**row, "level": 5 if int(row["item"][1:]) > 2 else row["level"]} for row in study(n=30, physicians=2)]
    result = run(write(tmp_path / "r.csv", rows), "--levels", "1:5")
    assert "covers less than it says" in result.stdout


def test_names_without_order_give_nominal_statistics_only(tmp_path):
    rows = [{**row, "level": "abcde"[row["level"] - 1]} for row in study(n=40, judges=1, physicians=2)]
    got = document(write(tmp_path / "r.csv", rows), "--nominal")
    have = {(row["statistic"], row["variant"]) for row in got["results"]}
    assert ("krippendorff_alpha", "nominal") in have
    assert not {"icc", "bias", "gwet_ac2", "non_inferiority"} & {statistic for statistic, _ in have}
    assert got["levels"] == {"Q": ["a", "b", "c", "d", "e"]}
    assert next(v["claim"] for v in got["verdicts"]).startswith("alt_test_omega accuracy@")


def test_one_dimension_can_be_asked_for(tmp_path):
    rows = study(n=12, judges=1, physicians=2)
    both = write(tmp_path / "r.csv", rows + [{**row, "dimension": "R"} for row in rows])
    assert {row["dimension"] for row in document(both, "--levels", "1:5", "--dimension", "R")["results"]} == {"R"}
    wrong = run(both, "--dimension", "S")
    assert isinstance(wrong.exception, ConfigError)


def test_half_levels_of_a_median_are_taken_as_values(tmp_path):
    rows = study(n=20, judges=1, physicians=2)
    halves = [{**row, "level": 2.5 if row["rater"] == "j0" and row["item"] < "a010" else row["level"]} for row in rows]
    got = document(write(tmp_path / "r.csv", halves), "--levels", "1:5")
    pair = {"raters": ["j0", "p0"]}
    assert one(got, statistic="cohen_kappa", variant="quadratic (values)", **pair)["value"] is not None
    assert one(got, statistic="gwet_ac1", **pair)["undefined"] == "fractional_levels"
    assert one(got, statistic="krippendorff_alpha", variant="ordinal", **pair)["undefined"] == "fractional_levels"
    assert one(got, statistic="krippendorff_alpha", variant="interval", **pair)["value"] is not None


def test_the_table_speaks_plainly(tmp_path):
    path = write(tmp_path / "r.csv", [{**row, "simulated": "true"} for row in study(n=24, judges=1, physicians=3)])
    result = run(path, "--levels", "1:5", "--margin", "0.2")
    assert result.exit_code == 0
    for words in ("physicians", "among themselves", "with physicians", "May it stand in", "Account", "simulated"):
        assert words in result.stdout
    assert "simulated raters, not people" in result.stderr
    assert max(len(line) for line in result.stdout.splitlines()[:12]) <= 112
    assert run(path, "--levels", "1:5", "--quiet").stderr == ""


def test_results_are_written_as_json_or_parquet(tmp_path):
    path = write(tmp_path / "r.csv", study(n=12, judges=1, physicians=2))
    assert run(path, "--levels", "1:5", "--out", tmp_path / "out" / "a.json").exit_code == 0
    written = json.loads((tmp_path / "out" / "a.json").read_text(encoding="utf-8"))
    assert run(path, "--levels", "1:5", "--out", tmp_path / "a.parquet").exit_code == 0
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.num_rows == len(written["results"])
    assert table.column("value").to_pylist() == [row["value"] for row in written["results"]]
    assert isinstance(run(path, "--out", tmp_path / "a.txt").exception, ConfigError)


def test_from_python(tmp_path):
    path = write(tmp_path / "r.csv", study(n=12, judges=1, physicians=2))
    report = judge.agree(path, levels=["1:5"], ci="analytic")
    assert report.document()["options"]["ci"] == "analytic"
    assert "physicians" in report.text
    with pytest.raises(ConfigError, match='did you mean "margin"'):
        judge.agree(path, margins=0.1)
    with pytest.raises(ConfigError, match="go with a run"):
        judge.agree(path, physicians=path)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda folder: folder / "none.csv", 3),
        (lambda folder: write(folder / "r.csv", [{**row, "level": 9} for row in study(n=2)]), 3),
        (lambda folder: folder, 5),
    ],
)
def test_wrong_input_ends_with_its_exit_code(tmp_path, make, code):
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "judge", "agree", str(make(tmp_path)), "--levels", "1:5"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("judge: ")


@pytest.mark.parametrize("wrong", [{"margin": 0}, {"bias_margin": -1}, {"epsilons": (2,)}, {"ci": "none"}])
def test_numbers_that_make_no_test_are_refused(wrong):
    with pytest.raises(ConfigError):
        AgreeOptions(**wrong)


def test_help_has_an_example():
    result = run("--help")
    assert result.exit_code == 0
    assert "judge agree ratings.csv" in result.output


def test_help_lists_the_columns_of_a_ratings_table_and_shows_one(tmp_path):
    from judge.api.agreeing.columns import COLUMNS, REQUIRED

    shown = run("--help").output
    for column in (*REQUIRED, *COLUMNS - {"seconds", "comment", "graded_at"}):
        assert column in shown
    lines = [line.strip() for line in shown.splitlines()]
    start = lines.index("item,rater,role,dimension,level")
    path = tmp_path / "r.csv"
    path.write_text("\n".join(lines[start : start + 3]) + "\n", encoding="utf-8")
    assert document(path, "--levels", "1:5", "--ci", "analytic")["n_items"] == 1
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_the_command_imports_neither_numpy_nor_scipy_for_its_help():
    import subprocess
    import sys

    code = (
        "import sys, judge.cli.agree; "
        "sys.exit(any(m in sys.modules for m in ('numpy', 'scipy', 'pyarrow', 'judge.agreement', 'judge.api')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
