"""What cannot be computed is undefined with its reason: never NaN, never a silent 1.0, never a warning of numpy."""

from dataclasses import fields

import numpy as np
import pytest

from judge import agreement
from judge.agreement import ANALYTIC, Estimate, Interval

NAN = np.nan
SCALE = [1, 2, 3, 4, 5]
QUICK = Interval("bca", n_resamples=200)

CALLS = {
    "cohen_kappa": lambda x, i: agreement.cohen_kappa(x[:, :2], "quadratic", scale=SCALE, interval=i),
    "cohen_kappa none": lambda x, i: agreement.cohen_kappa(x[:, :2], scale=SCALE, interval=i),
    "light_kappa": lambda x, i: agreement.light_kappa(x, scale=SCALE, interval=i),
    "fleiss_kappa": lambda x, i: agreement.fleiss_kappa(x, scale=SCALE, interval=i),
    "conger_kappa": lambda x, i: agreement.conger_kappa(x, scale=SCALE, interval=i),
    "scott_pi": lambda x, i: agreement.scott_pi(x[:, :2], scale=SCALE, interval=i),
    "brennan_prediger": lambda x, i: agreement.brennan_prediger(x, scale=SCALE, interval=i),
    "gwet_ac1": lambda x, i: agreement.gwet_ac1(x, scale=SCALE, interval=i),
    "gwet_ac2": lambda x, i: agreement.gwet_ac2(x, scale=SCALE, interval=i),
    "alpha nominal": lambda x, i: agreement.krippendorff_alpha(x, "nominal", scale=SCALE, interval=i),
    "alpha ordinal": lambda x, i: agreement.krippendorff_alpha(x, "ordinal", scale=SCALE, interval=i),
    "alpha interval": lambda x, i: agreement.krippendorff_alpha(x, "interval", scale=SCALE, interval=i),
    "icc": lambda x, i: agreement.icc(x, "ICC(2,1)", interval=i),
    "icc k": lambda x, i: agreement.icc(x, "ICC(1,k)", interval=i),
    "lin_ccc": lambda x, i: agreement.lin_ccc(x[:, :2], interval=i),
    "pearson_r": lambda x, i: agreement.pearson_r(x[:, :2], interval=i),
    "spearman_rho": lambda x, i: agreement.spearman_rho(x[:, :2], interval=i),
    "kendall_tau_b": lambda x, i: agreement.kendall_tau_b(x[:, :2], interval=i),
    "kendall_w": lambda x, i: agreement.kendall_w(x, interval=i),
    "exact_agreement": lambda x, i: agreement.exact_agreement(x, scale=SCALE, interval=i),
    "within_one": lambda x, i: agreement.within_one(x, scale=SCALE, interval=i),
    "mean_absolute_error": lambda x, i: agreement.mean_absolute_error(x, interval=i),
    "bias": lambda x, i: agreement.bias(x[:, :2], interval=i),
    "bland_altman": lambda x, i: agreement.bland_altman(x[:, :2], "lower", interval=i),
    "wilcoxon": lambda x, _: agreement.wilcoxon_signed_rank(x[:, :2]),
    "stuart_maxwell": lambda x, _: agreement.stuart_maxwell(x[:, :2], scale=SCALE),
    "bowker": lambda x, _: agreement.bowker(x[:, :2], scale=SCALE),
    "macro_f1": lambda x, i: agreement.macro_f1(x, scale=SCALE, interval=i),
    "tost": lambda x, _: agreement.tost(x[:, :2], 0.5),
    "alt_test_omega": lambda x, _: agreement.alt_test_omega(x[:, 0], x[:, 1:]),
    "alt_test_rho": lambda x, i: agreement.alt_test_rho(x[:, 0], x[:, 1:], interval=i),
    "non_inferiority": lambda x, i: agreement.non_inferiority(x[:, 0], x[:, 1:], 0.1, scale=SCALE, interval=i),
    "panel": lambda x, i: agreement.panel_non_inferiority(x[:, 0], x[:, 1:], 0.1, scale=SCALE, interval=i),
    "variance": lambda x, i: agreement.variance_component(x, "residual", interval=i),
    "reliability": lambda x, i: agreement.reliability(x, 3, interval=i),
}
CHANCE_CORRECTED = [
    name for name in CALLS if any(part in name for part in ("kappa", "alpha", "icc", "gwet", "pi", "brennan", "ccc"))
]

TABLES = {
    "all_missing": np.full((5, 3), NAN),
    "too_few_raters": np.array([[1, NAN, NAN], [2, NAN, NAN], [3, NAN, NAN]]),
    "no_overlap": np.array([[1, NAN, NAN], [NAN, 2, NAN], [NAN, NAN, 3], [2, NAN, NAN]]),
    "one_item": np.array([[1, 2, 2], [NAN, 3, NAN], [NAN, NAN, NAN]]),
    "constant": np.full((6, 3), 3.0),
    "constant rater": np.array([[3, 1, 1], [3, 2, 3], [3, 4, 2], [3, 5, 5]]),
    "perfect": np.array([[1, 1, 1], [2, 2, 2], [4, 4, 4], [5, 5, 5.0]]),
    "two items": np.array([[1, 2, 1], [4, 5, 5.0]]),
    "fractional": np.array([[1.5, 1, 2], [2, 2.5, 2], [4, 4, 4], [5, 4.5, 5]]),
    "sparse": np.array([[1, 2, NAN], [NAN, 3, 4], [5, NAN, 5], [2, 2, NAN], [NAN, 1, 2], [4, NAN, 3]]),
    "opposite": np.array([[1, 5, 3], [5, 1, 3], [3, 3, 3], [2, 4, 3.0]]),
    "no items": np.empty((0, 3)),
}


@pytest.mark.parametrize("interval", [QUICK, ANALYTIC], ids=["bootstrap", "analytic"])
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", CALLS)
def test_degenerate_tables_give_an_estimate_without_nan_or_warning(name, table, interval):
    estimate = CALLS[name](TABLES[table], interval)
    assert (estimate.value is None) == bool(estimate.undefined)
    for field in ("value", "se", "ci_low", "ci_high", "p_value"):
        number = getattr(estimate, field)
        assert number is None or np.isfinite(number)
    if estimate.ci_low is not None and estimate.ci_high is not None:
        assert estimate.ci_low <= estimate.ci_high


@pytest.mark.parametrize("reason", ["all_missing", "too_few_raters", "no_overlap", "one_item"])
@pytest.mark.parametrize("name", CHANCE_CORRECTED)
def test_chance_corrected_coefficients_name_the_reason(name, reason):
    if name in ("lin_ccc", "cohen_kappa", "cohen_kappa none", "scott_pi") and reason == "no_overlap":
        return  # two columns of that table: also no overlap, but of fewer items
    assert CALLS[name](TABLES[reason], QUICK).undefined == reason


@pytest.mark.parametrize("name", ["cohen_kappa", "alpha ordinal", "fleiss_kappa", "icc", "lin_ccc", "pearson_r"])
def test_one_level_used_by_all_is_no_variation(name):
    assert CALLS[name](TABLES["constant"], QUICK).undefined == "no_variation"


def test_a_constant_rater_has_kappa_zero_and_no_icc():
    kappa = CALLS["cohen_kappa"](TABLES["constant rater"], QUICK)
    assert kappa.value == 0.0
    assert kappa.ci_low is None
    assert any("single level" in warning for warning in kappa.warnings)
    assert CALLS["icc"](TABLES["constant rater"], QUICK).undefined == "constant_input"


@pytest.mark.parametrize("name", ["cohen_kappa none", "fleiss_kappa", "gwet_ac1", "alpha nominal", "alpha ordinal"])
def test_fractions_leave_nominal_coefficients_undefined(name):
    assert CALLS[name](TABLES["fractional"], QUICK).undefined == "fractional_levels"


def test_exact_agreement_of_fractions_is_undefined_but_their_error_is_not():
    assert CALLS["exact_agreement"](TABLES["fractional"], QUICK).undefined == "fractional_levels"
    assert CALLS["mean_absolute_error"](TABLES["fractional"], QUICK).is_defined


def test_a_rating_off_the_scale_is_refused():
    with pytest.raises(ValueError, match="off the declared scale"):
        agreement.cohen_kappa([[1, 6], [2, 2]], scale=SCALE)


def test_a_transposed_table_is_refused_where_it_can_be_told():
    with pytest.raises(ValueError, match="two raters"):
        agreement.cohen_kappa(np.ones((2, 30)), scale=SCALE)


def test_a_vector_is_no_table():
    with pytest.raises(ValueError, match="two axes"):
        agreement.krippendorff_alpha([1, 2, 3])


def test_undeclared_levels_are_said():
    found = agreement.gwet_ac2([[1, 1], [5, 4], [2, 2]], interval=agreement.NO_INTERVAL)
    assert any("no levels declared" in warning for warning in found.warnings)


def test_an_estimate_holds_no_nan():
    with pytest.raises(ValueError, match="NaN"):
        Estimate(statistic="x", value=float("nan"))
    with pytest.raises(ValueError, match="undefined"):
        Estimate(statistic="x")
    assert {"value", "se", "ci_low", "n_resamples_undefined", "undefined"} <= {f.name for f in fields(Estimate)}


def test_small_and_lopsided_ratings_are_warned_of():
    levels = np.full((40, 2), 5.0)
    levels[:3, 0], levels[:3, 1] = [3, 4, 2], [3, 3, 4]
    found = agreement.cohen_kappa(levels, "quadratic", scale=SCALE, interval=QUICK)
    assert any("covers less than it says" in warning for warning in found.warnings)


def test_a_formula_that_ignores_shared_cases_says_so():
    levels = np.random.default_rng(0).integers(1, 6, size=(20, 2)).astype(float)
    found = agreement.cohen_kappa(levels, scale=SCALE, interval=Interval("analytic", clusters=np.repeat(range(10), 2)))
    assert any("share a case" in warning for warning in found.warnings)


def test_two_raters_each_at_a_level_of_its_own():
    # both margins have a zero: kappa is 0 by construction, the margins differ as far as they can
    levels = np.array([[1.0, 2.0]] * 8)
    kappa = agreement.cohen_kappa(levels, scale=[1, 2], interval=QUICK)
    assert kappa.value == 0.0
    assert kappa.ci_low is None
    assert any("single level" in warning for warning in kappa.warnings)
    assert agreement.icc(levels).undefined == "constant_input"
    assert agreement.pearson_r(levels).undefined == "no_variation"
    assert agreement.stuart_maxwell(levels, scale=[1, 2]).value == pytest.approx(8.0)
    assert agreement.bhapkar(levels, scale=[1, 2]).undefined == "no_concordant_pairs"
    assert agreement.mcnemar(levels, "exact", scale=[1, 2]).p_value == pytest.approx(2 / 2**8)
