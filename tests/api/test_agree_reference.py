"""Reference cases out of the command line: ``judge agree --ci analytic --json`` on a ratings file."""

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from judge.agreement import pairs_from_table
from judge.cli.main import cli

REFERENCE = Path(__file__).resolve().parents[2] / "../shared/data/stats_reference.json"
pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(
        not REFERENCE.is_file(), reason="reference data not present: ../shared/data/stats_reference.json"
    ),
]
NEAR = {"rel": 1e-9, "abs": 1e-6}


@cache
def cases():
    if not REFERENCE.is_file():
        return {}
    return {case["id"]: case for case in json.loads(REFERENCE.read_text(encoding="utf-8"))["cases"]}


def names(group, *, without=()):
    return [name for name, case in cases().items() if case["group"] == group and name not in without] or ["absent"]


def floats(rows):
    return np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=float)


def levels_of(case):
    given = case["input"]
    if "ratings" in given:
        return floats(given["ratings"])
    if "table" in given:
        return pairs_from_table(given["table"])
    return np.array([given["x"], given["y"]], dtype=float).T


def agree(tmp_path, levels, *args, roles=None, dimension="Q"):
    """Write a table of items by raters as a ratings file and return the command's results by statistic and variant."""
    roles = roles or ["judge" if j == 0 and levels.shape[1] == 2 else "physician" for j in range(levels.shape[1])]
    path = tmp_path / "ratings.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item", "rater", "role", "dimension", "level"])
        for i, row in enumerate(levels):
            for j, level in enumerate(row):
                writer.writerow(
                    [f"i{i:04}", f"r{j}", roles[j], dimension, "" if np.isnan(level) else repr(float(level))]
                )
    result = CliRunner().invoke(
        cli, ["agree", str(path), "--ci", "analytic", "--json", "--quiet", *map(str, args)], catch_exceptions=False
    )
    assert result.exit_code == 0
    wanted = [f"r{j}" for j in range(levels.shape[1])]
    rows = json.loads(result.stdout)["results"]
    return {(row["statistic"], row["variant"]): row for row in rows if row["raters"] in (wanted, ["r0"])}


def agrees(row, expected):
    assert row["value"] == pytest.approx(expected["value"], **NEAR)
    for name, key in (("se", "se"), ("ase", "se"), ("p", "p_value")):
        if name in expected:
            assert row[key] == pytest.approx(expected[name], **NEAR)
    for name in ("ci", "ci95"):
        if name in expected:
            assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected[name], **NEAR)


@pytest.mark.parametrize("name", names("cohen_kappa", without=["kappa_cohen68_custom"]))
def test_kappas_with_their_standard_errors(name, tmp_path):
    case = cases()[name]
    weights = {"unweighted": "none"}.get(case["options"]["weights"], case["options"]["weights"])
    found = agree(tmp_path, levels_of(case), "--levels", f"1:{len(case['input']['table'])}")
    agrees(found["cohen_kappa", weights], case["expected"])


RAW = [n for n in names("chance_corrected") if n.startswith("raw") and not n.endswith("ordinal")] or ["absent"]


@pytest.mark.parametrize("name", RAW)
def test_chance_corrected_coefficients_of_several_raters(name, tmp_path):
    case = cases()[name]
    scale = case["options"]["categories"]
    found = agree(tmp_path, levels_of(case), "--levels", f"{int(scale[0])}:{int(scale[-1])}")
    weights, expected = case["options"]["weights"], case["expected"]
    if weights == "identity":
        for key, statistic, variant in (
            ("gwet", "gwet_ac1", ""),
            ("fleiss", "fleiss_kappa", "none"),
            ("bp", "brennan_prediger", "none"),
            ("conger", "conger_kappa", "none"),
            ("kripp", "krippendorff_alpha", "nominal"),
        ):
            if key in expected:
                agrees(found[statistic, variant], expected[key])
    else:
        agrees(found["gwet_ac2", weights], expected["gwet"])
    if weights == "quadratic":
        agrees(found["krippendorff_alpha", "interval"], expected["kripp"])


@pytest.mark.parametrize("name", [n for n in names("chance_corrected") if n.startswith("cac")] or ["absent"])
def test_chance_corrected_coefficients_of_two_raters(name, tmp_path):
    case = cases()[name]
    found = agree(tmp_path, levels_of(case), "--levels", f"1:{len(case['input']['table'])}")
    expected = case["expected"]
    if case["options"]["weights"] == "unweighted":
        agrees(found["gwet_ac1", ""], expected["gwet_ac"])
        agrees(found["scott_pi", "none"], expected["scott_pi"])
        agrees(found["brennan_prediger", "none"], expected["brennan_prediger"])
        agrees(found["krippendorff_alpha", "nominal"], expected["krippendorff"])
        agrees(found["exact_agreement", ""], expected["percent_agreement"])
    else:
        agrees(found["gwet_ac2", "quadratic"], expected["gwet_ac"])
        agrees(found["krippendorff_alpha", "interval"], expected["krippendorff"])


ALPHAS = [n for n in names("krippendorff") if not n.endswith(("ratio", "coincidence"))] or ["absent"]


@pytest.mark.parametrize("name", ALPHAS)
def test_alphas(name, tmp_path):
    case = cases()[name]
    scale = case["options"]["categories"]
    found = agree(tmp_path, levels_of(case), "--levels", f"{int(scale[0])}:{int(scale[-1])}")
    agrees(found["krippendorff_alpha", case["options"]["metric"]], {"value": case["expected"]["value"]})


@pytest.mark.parametrize("name", names("icc", without=["icc_sf_meansquares"]))
def test_iccs_with_f_intervals(name, tmp_path):
    case = cases()[name]
    found = agree(tmp_path, levels_of(case), "--levels", "1:10")
    agrees(found["icc", case["statistic"]], case["expected"])


def test_concordance_and_limits_of_peak_flow(tmp_path):
    case, limits = cases()["ccc_pefr"], cases()["bland_altman_pefr"]["expected"]
    found = agree(tmp_path, levels_of(case), "--levels", "100:700")
    ccc = found["lin_ccc", ""]
    assert ccc["value"] == pytest.approx(case["expected"]["value"], **NEAR)
    assert [ccc["ci_low"], ccc["ci_high"]] == pytest.approx(case["expected"]["ci95_z"], **NEAR)
    shift = found["bias", ""]
    assert [shift["value"], shift["ci_low"], shift["ci_high"]] == pytest.approx([limits["bias"], *limits["bias_ci"]])
    for side, at in (("lower", 0), ("upper", 1)):
        row = found[f"bland_altman_{side}", ""]
        got = [row["value"], row["ci_low"], row["ci_high"]]
        assert got == pytest.approx([limits["loa"][at], *limits[f"loa_{side}_ci"]], **NEAR)


def test_correlations_and_equivalence(tmp_path):
    case, equal = cases()["cor_anxiety12_ties"], cases()["tost_anx12"]["expected"]
    found = agree(tmp_path, levels_of(case), "--levels", "1:6", "--bias-margin", "1")
    for statistic, value, ci in (
        ("pearson_r", "r", "r_ci95"),
        ("spearman_rho", "rho", "rho_ci95"),
        ("kendall_tau_b", "tau_b", "tau_ci95"),
    ):
        agrees(found[statistic, ""], {"value": case["expected"][value], "ci": case["expected"][ci]})
    tost = found["tost", "@1"]
    assert [tost["p_value"], tost["ci_low"], tost["ci_high"]] == pytest.approx([equal["p_tost"], *equal["ci90"]])


@pytest.mark.parametrize("name", ["wilcoxon_anxiety12", "wilcoxon_anxiety13", "wilcoxon_anxiety23"])
def test_signed_rank_tests(name, tmp_path):
    case = cases()[name]
    found = agree(tmp_path, levels_of(case), "--levels", "1:6")
    for zeros in ("wilcox", "pratt"):
        for null, key in (("exact", "exact_p"), ("asymptotic", "asym_p")):
            row = found["wilcoxon_signed_rank", f"{zeros} {null}"]
            assert row["p_value"] == pytest.approx(case["expected"][f"{zeros}_{key}"], **NEAR)


@pytest.mark.parametrize("name", names("marginal_homogeneity", without=["mcnemar_fc_t2"]))
def test_marginal_homogeneity(name, tmp_path):
    case = cases()[name]
    found = agree(tmp_path, levels_of(case), "--levels", f"1:{len(case['input']['table'])}")
    for statistic in ("stuart_maxwell", "bhapkar", "bowker"):
        row, expected = found[statistic, ""], case["expected"][statistic]
        assert row["value"] == pytest.approx(expected["stat"], **NEAR)
        assert row["p_value"] == pytest.approx(expected["p"], **NEAR)
        assert row["detail"]["df"] == expected["df"]


@pytest.mark.parametrize("dimension", ["Q", "gate:G07"])
def test_mcnemar_of_two_levels_and_of_a_gate(dimension, tmp_path):
    case = cases()["mcnemar_fc_t2"]
    levels = levels_of(case) - 1
    found = agree(tmp_path, levels, "--levels", "0:1", dimension=dimension)
    for variant, key in (("exact", "exact_p"), ("asymptotic", "p"), ("corrected", "p_cc"), ("mid_p", "mid_p")):
        assert found["mcnemar", variant]["p_value"] == pytest.approx(case["expected"][key], **NEAR)


@pytest.mark.parametrize("name", names("alt_test"))
def test_alternative_annotator_test(name, tmp_path):
    case = cases()[name]
    levels = np.column_stack([np.array(case["input"]["judge"]), floats(case["input"]["physicians"])])
    roles = ["judge", *["physician"] * (levels.shape[1] - 1)]
    options = case["options"]
    found = agree(tmp_path, levels, "--levels", "1:5", "--epsilon", options["epsilon"], roles=roles)
    omega = found["alt_test_omega", f"{options['score']}@{options['epsilon']:g}"]
    assert omega["value"] == pytest.approx(case["expected"]["omega"])
    p_values = [one["p_value"] for one in omega["detail"]["physicians"]]
    assert p_values == pytest.approx([one["p"] for one in case["expected"]["per_annotator"]], **NEAR)
    assert found["alt_test_rho", options["score"]]["value"] == pytest.approx(case["expected"]["rho"], **NEAR)


def test_non_inferiority(tmp_path):
    case = cases()["noninferiority_delta_qwk"]
    levels = np.column_stack([np.array(case["input"]["judge"]), floats(case["input"]["physicians"])])
    roles = ["judge", *["physician"] * (levels.shape[1] - 1)]
    row = agree(tmp_path, levels, "--levels", "1:5", "--margin", "0.1", roles=roles)[
        "non_inferiority", "cohen_kappa quadratic@0.1"
    ]
    assert row["value"] == pytest.approx(case["expected"]["delta"], **NEAR)
    assert row["se"] == pytest.approx(case["expected"]["se_jackknife"], **NEAR)
    assert row["ci_low"] == pytest.approx(case["expected"]["lower_one_sided_975"], **NEAR)


def test_macro_f1_of_a_criterion(tmp_path):
    given, expected = cases()["healthbench_macro_f1"]["input"], cases()["healthbench_macro_f1"]["expected"]
    levels = np.full((3, 4), np.nan)
    for i, (own, others) in enumerate(zip(given["self"], given["others"], strict=True)):
        levels[i, : 1 + len(others)] = [own, *others]
    roles = ["judge", "physician", "physician", "physician"]
    found = agree(tmp_path, levels, roles=roles, dimension="criterion:SH4")
    assert found["macro_f1", ""]["value"] == pytest.approx(expected["macro_f1"], **NEAR)
    assert found["macro_f1", ""]["detail"]["f1"]["1"] == pytest.approx(expected["f1_pos"], **NEAR)


def test_published_concordance_of_three_cardiologists(tmp_path):
    folder = REFERENCE.parent / "cardiology_eval"
    published = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["published"]
    result = CliRunner().invoke(
        cli,
        ["agree", str(folder / "ratings.csv"), "--levels", "1:5", "--ci", "analytic", "--json", "--quiet"],
        catch_exceptions=False,
    )
    rows = json.loads(result.stdout)["results"]
    for dimension, pairs in published["qwk"].items():
        for pair, value in pairs.items():
            (row,) = [
                row
                for row in rows
                if row["dimension"] == dimension
                and row["raters"] == pair.split("-")
                and (row["statistic"], row["variant"]) == ("cohen_kappa", "quadratic")
            ]
            assert f"{row['value']:.3f}" == f"{value:.3f}"
        w = [r for r in rows if r["dimension"] == dimension and r["variant"] == "uncorrected" and len(r["raters"]) == 3]
        expected = published["kendall_w_no_tie_correction"][dimension]
        assert {f"{row['value']:.3f}" for row in w} == {f"{expected:.3f}"}
