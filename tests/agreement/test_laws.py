"""Laws that hold for any ratings."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from judge.agreement import (
    NO_INTERVAL,
    bias,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    exact_agreement,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    icc,
    kendall_tau_b,
    kendall_w,
    krippendorff_alpha,
    light_kappa,
    lin_ccc,
    mean_absolute_error,
    pearson_r,
    reliability,
    spearman_rho,
    variance_component,
    within_one,
)
from judge.agreement.bootstrap import influence_se, jackknife, point, resample
from judge.agreement.intraclass import FORMS, mean_squares
from judge.agreement.kappa import quadratic_statistic
from judge.agreement.krippendorff import alpha_statistic
from judge.agreement.sums import distinct_rows, units_of

SCALE = np.arange(1.0, 6.0)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def tables(n_raters: int = 3, missing: bool = True) -> st.SearchStrategy:
    cell = st.sampled_from([*SCALE, np.nan] if missing else list(SCALE))
    return st.integers(4, 14).flatmap(lambda n: arrays(float, (n, n_raters), elements=cell))


def value(estimate) -> float | None:
    """Return the value; a NaN or a value with a reason would have raised."""
    return estimate.value


def same(one, other, tolerance: float = 1e-9) -> None:
    assert (one.value is None) == (other.value is None)
    assert one.undefined == other.undefined
    if one.value is not None:
        assert one.value == pytest.approx(other.value, abs=tolerance)


SEVERAL = {
    "nominal alpha": lambda x: krippendorff_alpha(x, "nominal", scale=SCALE, interval=NO_INTERVAL),
    "ordinal alpha": lambda x: krippendorff_alpha(x, "ordinal", scale=SCALE, interval=NO_INTERVAL),
    "interval alpha": lambda x: krippendorff_alpha(x, "interval", scale=SCALE, interval=NO_INTERVAL),
    "fleiss": lambda x: fleiss_kappa(x, scale=SCALE, interval=NO_INTERVAL),
    "conger": lambda x: conger_kappa(x, "quadratic", scale=SCALE, interval=NO_INTERVAL),
    "ac1": lambda x: gwet_ac1(x, scale=SCALE, interval=NO_INTERVAL),
    "ac2": lambda x: gwet_ac2(x, scale=SCALE, interval=NO_INTERVAL),
    "brennan-prediger": lambda x: brennan_prediger(x, "linear", scale=SCALE, interval=NO_INTERVAL),
    "light": lambda x: light_kappa(x, "quadratic", scale=SCALE, interval=NO_INTERVAL),
    "icc": lambda x: icc(x, "ICC(2,1)", interval=NO_INTERVAL),
    "kendall w": lambda x: kendall_w(x, interval=NO_INTERVAL),
    "exact": lambda x: exact_agreement(x, scale=SCALE, interval=NO_INTERVAL),
    "within one": lambda x: within_one(x, scale=SCALE, interval=NO_INTERVAL),
    "mae": lambda x: mean_absolute_error(x, interval=NO_INTERVAL),
    "case variance": lambda x: variance_component(x, "case", interval=NO_INTERVAL),
}
PAIRED = {
    "kappa": lambda x: cohen_kappa(x, scale=SCALE, interval=NO_INTERVAL),
    "linear kappa": lambda x: cohen_kappa(x, "linear", scale=SCALE, interval=NO_INTERVAL),
    "quadratic kappa": lambda x: cohen_kappa(x, "quadratic", scale=SCALE, interval=NO_INTERVAL),
    "ccc": lambda x: lin_ccc(x, interval=NO_INTERVAL),
    "pearson": lambda x: pearson_r(x, interval=NO_INTERVAL),
    "spearman": lambda x: spearman_rho(x, interval=NO_INTERVAL),
    "tau": lambda x: kendall_tau_b(x, interval=NO_INTERVAL),
}


@pytest.mark.parametrize("name", SEVERAL)
@FEW
@given(levels=tables(), seed=st.integers(0, 99))
def test_neither_the_order_of_items_nor_of_raters_matters(name, levels, seed):
    rng = np.random.default_rng(seed)
    moved = levels[rng.permutation(len(levels))][:, rng.permutation(levels.shape[1])]
    same(SEVERAL[name](levels), SEVERAL[name](moved))


@pytest.mark.parametrize("name", PAIRED)
@FEW
@given(levels=tables(2))
def test_two_raters_may_change_places(name, levels):
    same(PAIRED[name](levels), PAIRED[name](levels[:, ::-1]))


@pytest.mark.parametrize("name", SEVERAL)
@FEW
@given(levels=tables())
def test_an_item_that_nobody_rated_changes_nothing(name, levels):
    assume(not np.isnan(levels).all(axis=0).any())
    same(SEVERAL[name](levels), SEVERAL[name](np.vstack([levels, np.full((1, 3), np.nan)])))


@FEW
@given(levels=tables(), order=st.permutations(range(5)))
def test_names_of_nominal_levels_do_not_matter(levels, order):
    renamed = np.where(
        np.isnan(levels), np.nan, np.array([*order, 0])[np.nan_to_num(levels - 1, nan=5).astype(int)] + 1
    )
    for function in (
        lambda x: krippendorff_alpha(x, "nominal", interval=NO_INTERVAL),
        lambda x: fleiss_kappa(x, scale=SCALE, interval=NO_INTERVAL),
        lambda x: gwet_ac1(x, scale=SCALE, interval=NO_INTERVAL),
        lambda x: conger_kappa(x, scale=SCALE, interval=NO_INTERVAL),
    ):
        same(function(levels), function(renamed))


@FEW
@given(levels=tables(), slope=st.floats(0.1, 10), shift=st.floats(-5, 5))
def test_units_do_not_matter_to_interval_coefficients(levels, slope, shift):
    moved = slope * levels + shift
    same(
        krippendorff_alpha(levels, "interval", interval=NO_INTERVAL),
        krippendorff_alpha(moved, "interval", interval=NO_INTERVAL),
        1e-7,
    )
    for form in FORMS:
        same(icc(levels, form, interval=NO_INTERVAL), icc(moved, form, interval=NO_INTERVAL), 1e-6)


@FEW
@given(levels=tables(2))
def test_a_monotone_map_moves_quadratic_kappa_at_most(levels):
    stretched = np.where(np.isnan(levels), np.nan, 2.0 ** np.nan_to_num(levels))
    for function in (
        lambda x: krippendorff_alpha(x, "ordinal", interval=NO_INTERVAL),
        lambda x: kendall_tau_b(x, interval=NO_INTERVAL),
        lambda x: spearman_rho(x, interval=NO_INTERVAL),
    ):
        same(function(levels), function(stretched), 1e-8)


@pytest.mark.parametrize("name", [n for n in SEVERAL if n not in ("mae", "case variance")])
@FEW
@given(column=arrays(float, st.integers(4, 12), elements=st.sampled_from(list(SCALE))))
def test_perfect_agreement_is_one(name, column):
    assume(len(set(column)) > 1)
    estimate = SEVERAL[name](np.column_stack([column] * 3))
    assert estimate.value == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", [*SEVERAL, *PAIRED])
@FEW
@given(levels=tables(2))
def test_values_are_within_their_bounds(name, levels):
    estimate = {**SEVERAL, **PAIRED}[name](levels)
    if estimate.value is None:
        assert estimate.undefined
        return
    if name in PAIRED:
        assert -1 - 1e-9 <= estimate.value <= 1 + 1e-9
    elif name in ("exact", "within one", "kendall w"):
        assert -1e-9 <= estimate.value <= 1 + 1e-9
    elif name not in ("mae", "case variance"):
        assert estimate.value <= 1 + 1e-9


@FEW
@given(levels=tables(3))
def test_rating_every_item_twice_leaves_one_over_n_coefficients_alone(levels):
    assume((~np.isnan(levels)).sum(axis=1).max() >= 2)
    twice = np.vstack([levels, levels])
    assume(((~np.isnan(levels)).sum(axis=1) >= 2).sum() >= 2)
    for name in ("fleiss", "conger", "ac1", "ac2", "brennan-prediger", "exact", "mae"):
        same(SEVERAL[name](levels), SEVERAL[name](twice))
    pair = levels[:, :2]
    if (~np.isnan(pair).any(axis=1)).sum() >= 2:
        for name in ("kappa", "quadratic kappa", "ccc"):
            same(PAIRED[name](pair), PAIRED[name](np.vstack([pair, pair])))
        same(bias(pair, interval=NO_INTERVAL), bias(np.vstack([pair, pair]), interval=NO_INTERVAL))


@FEW
@given(levels=tables(3, missing=False))
def test_rating_every_item_twice_moves_alpha_by_its_n_minus_one(levels):
    # alpha = 1 - (n-1) Do / De: twice the items double n and every coincidence, so
    # 1 - alpha' = (1 - alpha) (2n - 1) / (2 (n - 1)) for a metric that does not depend on the margins
    one = krippendorff_alpha(levels, "interval", interval=NO_INTERVAL)
    assume(one.value is not None)
    two = krippendorff_alpha(np.vstack([levels, levels]), "interval", interval=NO_INTERVAL)
    n = levels.size
    assert 1 - two.value == pytest.approx((1 - one.value) * (2 * n - 1) / (2 * (n - 1)), abs=1e-9)


@FEW
@given(levels=tables(3, missing=False))
def test_rating_every_item_twice_moves_the_icc_by_its_mean_squares(levels):
    one = icc(levels, "ICC(3,1)", interval=NO_INTERVAL)
    assume(one.value is not None)
    squares = mean_squares(levels)
    n, k = squares.n, squares.k
    msr = squares.between_items * 2 * (n - 1) / (2 * n - 1)
    mse = squares.residual * 2 * (n - 1) / (2 * n - 1)
    assume(msr + (k - 1) * mse > 1e-9)
    two = icc(np.vstack([levels, levels]), "ICC(3,1)", interval=NO_INTERVAL)
    assert two.value == pytest.approx((msr - mse) / (msr + (k - 1) * mse), abs=1e-9)


@FEW
@given(levels=tables(2, missing=False))
def test_interval_alpha_is_gwets_with_quadratic_weights(levels):
    weights = 1 - (np.subtract.outer(SCALE, SCALE) / 4) ** 2
    same(
        krippendorff_alpha(levels, "interval", scale=SCALE, interval=NO_INTERVAL),
        krippendorff_alpha(levels, 1 - weights, scale=SCALE, interval=NO_INTERVAL),
    )


@FEW
@given(levels=tables(3, missing=False), k=st.integers(1, 6))
def test_a_d_study_of_complete_data_is_the_icc(levels, k):
    # cases and raters far apart, so that no component is estimated below 0
    levels = levels + 5 * np.arange(len(levels))[:, None] + 9 * np.arange(3)
    case = variance_component(levels, "case", interval=NO_INTERVAL)
    rater = variance_component(levels, "rater", interval=NO_INTERVAL)
    assume(case.value is not None and case.value > 1e-9 and rater.value is not None and rater.value >= 0)
    two, three = (icc(levels, form, interval=NO_INTERVAL) for form in ("ICC(2,k)", "ICC(3,k)"))
    assume(two.value is not None)
    assert reliability(levels, 3, interval=NO_INTERVAL).value == pytest.approx(two.value, abs=1e-9)
    relative = reliability(levels, 3, decision="relative", interval=NO_INTERVAL)
    assert relative.value == pytest.approx(three.value, abs=1e-9)
    assert 0 <= reliability(levels, k, interval=NO_INTERVAL).value <= 1


@FEW
@given(levels=tables(3))
def test_distinct_rows_give_the_table_back(levels):
    rows, index, counts = distinct_rows(levels)
    np.testing.assert_array_equal(rows[index], levels)
    np.testing.assert_array_equal(np.bincount(index, minlength=len(rows)), counts)


@FEW
@given(levels=tables(3), seed=st.integers(0, 9))
def test_resampling_patterns_is_resampling_items(levels, seed):
    # one resample drawn item by item has the value that the sums of its rows give
    statistic = quadratic_statistic(list(combinations(range(3), 2)))
    drawn = levels[np.random.default_rng(seed).integers(0, len(levels), len(levels))]
    by_sums = statistic.values(statistic.features(drawn).sum(axis=0)[None])[0]
    by_units = point(statistic, units_of(drawn, statistic))
    np.testing.assert_allclose(by_sums, by_units, equal_nan=True, atol=1e-12)


def test_leaving_one_out_through_patterns_is_leaving_one_item_out():
    rng = np.random.default_rng(4)
    levels = rng.integers(1, 6, size=(12, 3)).astype(float)
    statistic = alpha_statistic(levels, "ordinal", SCALE)
    units = units_of(levels, statistic)
    direct = [
        krippendorff_alpha(np.delete(levels, i, axis=0), "ordinal", interval=NO_INTERVAL).value for i in range(12)
    ]
    expanded = np.repeat(jackknife(statistic, units)[:, 0], units.counts)
    np.testing.assert_allclose(np.sort(expanded), np.sort(direct), atol=1e-12)


def test_the_influence_function_agrees_with_the_bootstrap():
    rng = np.random.default_rng(5)
    quality = rng.normal(size=(400, 1))
    levels = np.clip(np.round(3 + quality + 0.7 * rng.normal(size=(400, 3))), 1, 5)
    statistic = alpha_statistic(levels, "ordinal", SCALE)
    units = units_of(levels, statistic)
    values = resample(statistic, units, 4000, 1)[:, 0]
    assert influence_se(statistic, units) == pytest.approx(float(values.std()), rel=0.06)
