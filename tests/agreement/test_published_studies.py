"""Figures of three public studies with human grades, read in place from ../shared/data."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judge.agreement.alt_test import alt_test_omega, alt_test_rho
from judge.agreement.chance_corrected import fleiss_kappa, weighted_agreement
from judge.agreement.concordance import kendall_w
from judge.agreement.correlation import pearson_r
from judge.agreement.estimate import NO_INTERVAL
from judge.agreement.intraclass import icc
from judge.agreement.kappa import cohen_kappa
from judge.agreement.krippendorff import krippendorff_alpha
from judge.agreement.raw_agreement import mean_absolute_error
from judge.agreement.wilcoxon import wilcoxon_signed_rank

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not DATA.is_dir(), reason="reference data not present: ../shared/data"),
]


@cache
def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / name / "expected.json").read_text(encoding="utf-8"))
    return found


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def matrix(table: list[dict[str, str]], raters: list[str], value: Any = float) -> np.ndarray:
    items = {name: i for i, name in enumerate(dict.fromkeys(row["item"] for row in table))}
    out = np.full((len(items), len(raters)), np.nan)
    for row in table:
        if row["rater"] in raters:
            out[items[row["item"]], raters.index(row["rater"])] = value(row["level"])
    return out


CARDIOLOGY = ("Accuracy", "Completeness", "Clarity", "Coherence")


def cardiology(dimension: str) -> np.ndarray:
    table = [row for row in rows("cardiology_eval/ratings.csv") if row["dimension"] == dimension]
    return matrix(table, ["R1", "R2", "R3"])


@pytest.mark.parametrize("dimension", CARDIOLOGY)
def test_three_cardiologists_kappas_match_the_published_ones(dimension: str) -> None:
    levels, published = cardiology(dimension), expected("cardiology_eval")["published"]["qwk"][dimension]
    for (i, j), name in (((0, 1), "R1-R2"), ((0, 2), "R1-R3"), ((1, 2), "R2-R3")):
        value = cohen_kappa(levels[:, [i, j]], "quadratic", scale=range(1, 6), interval=NO_INTERVAL).value
        assert f"{value:.3f}" == f"{published[name]:.3f}"
        full = expected("cardiology_eval")["recomputed"]["qwk_full_scale_1_5"][dimension][name]
        assert value == pytest.approx(full, abs=1e-6)


@pytest.mark.parametrize("dimension", CARDIOLOGY)
def test_three_cardiologists_concordance_icc_and_alpha(dimension: str) -> None:
    levels, given = cardiology(dimension), expected("cardiology_eval")
    plain = kendall_w(levels, "uncorrected", interval=NO_INTERVAL).value
    assert f"{plain:.3f}" == f"{given['published']['kendall_w_no_tie_correction'][dimension]:.3f}"
    corrected = kendall_w(levels, interval=NO_INTERVAL).value
    assert corrected == pytest.approx(given["recomputed"]["kendall_w_tie_corrected"][dimension], abs=1e-6)
    for form, name in (
        ("ICC(2,1)", "icc_2_1"),
        ("ICC(2,k)", "icc_2_k"),
        ("ICC(3,1)", "icc_3_1"),
        ("ICC(3,k)", "icc_3_k"),
    ):
        value = icc(levels, form, interval=NO_INTERVAL).value
        assert value == pytest.approx(given["recomputed"]["icc"][dimension][name], abs=1e-6)
    for metric, value in given["recomputed"]["krippendorff_alpha"][dimension].items():
        alpha = krippendorff_alpha(levels, metric, scale=range(1, 6), interval=NO_INTERVAL)
        assert alpha.value == pytest.approx(value, abs=1e-6)


GENE_RATERS = ["human_primary", "human_secondary", "gpt-4o"]
GENE_DIMENSIONS = ("Accuracy", "Completeness", "Logical Consistency", "Clarity and Conciseness", "Evidence Support")


def gene(dimension: str, model: str | None = None) -> np.ndarray:
    table = [
        row
        for row in rows("chattogovar/ratings.csv")
        if row["dimension"] == dimension and model in (None, row["model"])
    ]
    return matrix(table, GENE_RATERS)


@pytest.mark.parametrize("group", ["Pooled", "ChatTogoVar", "GPT-4o", "VarChat"])
def test_two_evaluators_totals(group: str) -> None:
    levels = gene("Total", None if group == "Pooled" else group)[:, :2]
    published = expected("chattogovar")["published"]["human_agreement_total"]["groups"][group]
    recomputed = expected("chattogovar")["recomputed"]["human_agreement_total"][group]
    assert len(levels) == published["n"]
    for form, name in (("ICC(2,1)", "icc_2_1"), ("ICC(2,k)", "icc_2_2")):
        value = icc(levels, form, interval=NO_INTERVAL).value
        assert f"{value:.3f}" == f"{published[name]:.3f}"
        assert value == pytest.approx(recomputed[name], abs=1e-6)
    kappa = cohen_kappa(levels, "quadratic", scale=range(51), interval=NO_INTERVAL).value
    assert kappa == pytest.approx(recomputed["qwk_full_scale_0_50"], abs=1e-6)
    error = mean_absolute_error(levels, interval=NO_INTERVAL).value
    assert error == pytest.approx(recomputed["abs_difference_mean"], abs=1e-6)


@pytest.mark.parametrize("dimension", GENE_DIMENSIONS)
def test_two_evaluators_and_a_judge_by_dimension(dimension: str) -> None:
    levels, given = gene(dimension), expected("chattogovar")["recomputed"]["per_dimension_0_10"]["values"][dimension]
    for (i, j), name in (((0, 1), "primary_secondary"), ((0, 2), "primary_judge"), ((1, 2), "secondary_judge")):
        value = cohen_kappa(levels[:, [i, j]], "quadratic", scale=range(11), interval=NO_INTERVAL).value
        assert value == pytest.approx(given[name], abs=1e-6)
    for columns, name in (([0, 1], "alpha_ordinal_humans"), ([0, 1, 2], "alpha_ordinal_all")):
        value = krippendorff_alpha(levels[:, columns], scale=range(11), interval=NO_INTERVAL).value
        assert value == pytest.approx(given[name], abs=1e-6)
    for form, name in (
        ("ICC(2,1)", "icc_2_1"),
        ("ICC(2,k)", "icc_2_k"),
        ("ICC(3,1)", "icc_3_1"),
        ("ICC(3,k)", "icc_3_k"),
    ):
        value = icc(levels[:, :2], form, interval=NO_INTERVAL).value
        assert value == pytest.approx(given["icc_humans"][name], abs=1e-6)


@pytest.mark.parametrize("dimension", [*GENE_DIMENSIONS, "all dimensions pooled"])
def test_alt_test_of_one_judge_against_two_evaluators(dimension: str) -> None:
    pooled = dimension == "all dimensions pooled"
    levels = np.vstack([gene(d) for d in GENE_DIMENSIONS]) if pooled else gene(dimension)
    given = expected("chattogovar")["recomputed"]["alt_test_judge_epsilon_0.2"]["values"][dimension]
    omega = alt_test_omega(levels[:, 2], levels[:, :2], 0.2)
    assert omega.value == pytest.approx(given["omega"], abs=1e-9)
    rho = alt_test_rho(levels[:, 2], levels[:, :2], interval=NO_INTERVAL)
    assert rho.value == pytest.approx(given["rho"], abs=1e-9)
    for one, name in zip(omega.detail["physicians"], GENE_RATERS, strict=False):
        assert one["p_value"] == pytest.approx(given["p"][name], rel=1e-6)


MODELS = ("ChatTogoVar", "GPT-4o", "VarChat")
WILCOXON_BLOCKS = {"Manual (mean)": [0, 1], "Manual (primary)": [0], "Manual (secondary)": [1]}


@pytest.mark.parametrize("block", WILCOXON_BLOCKS)
def test_signed_rank_sums_between_models(block: str) -> None:
    for dimension, pairs in expected("chattogovar")["published"]["wilcoxon"]["blocks"][block].items():
        by_model = {model: gene(dimension, model)[:, WILCOXON_BLOCKS[block]].mean(axis=1) for model in MODELS}
        for pair, published in pairs.items():
            first, second = pair.split(" vs ")
            levels = np.column_stack([by_model[first], by_model[second]])
            estimate = wilcoxon_signed_rank(levels, "wilcox asymptotic")
            assert estimate.value == published["wilcoxon_w"], (dimension, pair)


@cache
def bulk(dimension: str) -> np.ndarray:
    table: dict[str, dict[str, float]] = {}
    for row in rows("chattogovar/bulk.csv"):
        if row["dimension"] == dimension:
            table.setdefault(row["item"].rsplit("/", 1)[0], {})[row["model"]] = float(row["level"])
    return np.array([[one[model] for model in MODELS] for one in table.values()])


def test_signed_rank_sums_of_the_judge_on_all_prompts() -> None:
    for dimension, pairs in expected("chattogovar")["published"]["wilcoxon"]["blocks"]["LLM"].items():
        levels = bulk(dimension)
        for pair, published in pairs.items():
            columns = [MODELS.index(name) for name in pair.split(" vs ")]
            estimate = wilcoxon_signed_rank(levels[:, columns], "wilcox asymptotic")
            assert estimate.value == pytest.approx(published["wilcoxon_w"], abs=0.5), (dimension, pair)


@pytest.mark.parametrize("block", ["Manual (mean)", "LLM"])
def test_concordance_of_the_ranking_of_three_models(block: str) -> None:
    given = expected("chattogovar")["recomputed"]["kendall_w_between_models"][block]
    for dimension, value in given.items():
        if block == "LLM":
            table = bulk(dimension)
        else:
            table = np.column_stack([gene(dimension, model)[:, :2].mean(axis=1) for model in MODELS])
        estimate = kendall_w(table.T, interval=NO_INTERVAL)
        assert estimate.value == pytest.approx(value, abs=1e-6), dimension


ALT_SETS = {"lesion": "neg_rmse", "wax": "accuracy", "cebab_stars": "neg_rmse"}


@cache
def annotated(name: str) -> tuple[np.ndarray, list[str], list[str]]:
    table = list(rows(f"alttest/{name}/ratings.csv"))
    humans = list(dict.fromkeys(row["rater"] for row in table if row["role"] == "physician"))
    judges = list(dict.fromkeys(row["rater"] for row in table if row["role"] == "judge"))
    names = {level: float(i) for i, level in enumerate(sorted({row["level"] for row in table}))}
    value = names.__getitem__ if name == "wax" else float
    return matrix(table, [*humans, *judges], value), humans, judges


@pytest.mark.parametrize("name", ALT_SETS)
def test_alternative_annotator_test_of_published_sets(name: str) -> None:
    levels, humans, judges = annotated(name)
    given = expected("alttest")["sets"][name]
    physicians = levels[:, : len(humans)]
    for column, judge in enumerate(judges, start=len(humans)):
        recomputed, published = given["recomputed"][judge], given["published"][judge]
        omega = alt_test_omega(levels[:, column], physicians, given["epsilon"], score=ALT_SETS[name])
        rho = alt_test_rho(levels[:, column], physicians, score=ALT_SETS[name], interval=NO_INTERVAL)
        assert omega.value == pytest.approx(recomputed["omega"], abs=1e-9), judge
        assert rho.value == pytest.approx(recomputed["rho"], abs=1e-9), judge
        assert omega.detail["passes"] is published["passed"], judge
        assert round(rho.value, 2) == pytest.approx(published["rho"], abs=0.0051), judge
        for one in omega.detail["physicians"]:
            want = recomputed["per_human"][humans[one["physician"]]]
            assert one["n_items"] == want["n"]
            assert one["p_value"] == pytest.approx(want["p"], rel=1e-6)


def test_crowd_agreement_on_word_relations() -> None:
    levels, humans, _ = annotated("wax")
    given = expected("alttest")["sets"]["wax"]["human_agreement"]
    own = levels[:, : len(humans)]
    own = own[(~np.isnan(own)).sum(axis=1) >= 2]
    agree = weighted_agreement(own, scale=range(20), interval=NO_INTERVAL).value
    assert agree == pytest.approx(given["recomputed"]["agree_item_mean"], abs=1e-6)
    fleiss = fleiss_kappa(own, scale=range(20), interval=NO_INTERVAL).value
    assert fleiss == pytest.approx(given["published"]["fleiss_kappa"], abs=0.0051)
    alpha = krippendorff_alpha(own, "nominal", interval=NO_INTERVAL).value
    assert alpha == pytest.approx(given["recomputed"]["krippendorff_alpha_nominal"], abs=1e-6)


@pytest.mark.parametrize("name", ["lesion", "cebab_stars"])
def test_crowd_agreement_on_ordinal_sets(name: str) -> None:
    levels, humans, _ = annotated(name)
    given = expected("alttest")["sets"][name]["human_agreement"]["recomputed"]
    own = levels[:, : len(humans)]
    pairs = [own[:, [i, j]] for i in range(len(humans)) for j in range(i)]
    shared = [pair for pair in pairs if (~np.isnan(pair).any(axis=1)).sum() >= 2]
    errors = [mean_absolute_error(pair, interval=NO_INTERVAL).value for pair in shared]
    assert np.mean(errors) == pytest.approx(given["mae"], abs=1e-6)
    r = [pearson_r(pair, interval=NO_INTERVAL).value for pair in shared]
    assert np.mean([v for v in r if v is not None]) == pytest.approx(given["pearson"], abs=1e-6)
    for metric in ("ordinal", "interval"):
        alpha = krippendorff_alpha(own, metric, interval=NO_INTERVAL).value
        assert alpha == pytest.approx(given[f"krippendorff_alpha_{metric}"], abs=1e-6)
