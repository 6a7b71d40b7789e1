"""Values equal those of independent implementations, where those are right."""

from itertools import combinations

import numpy as np
import pytest

from judge.agreement import NO_INTERVAL, cohen_kappa, icc, krippendorff_alpha, macro_f1
from judge.agreement.bootstrap import point
from judge.agreement.kappa import quadratic_statistic
from judge.agreement.sums import units_of


def ordinal(n: int, k: int, missing: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    levels = np.clip(np.round(3 + rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, k))), 1, 5)
    levels[rng.random(levels.shape) < missing] = np.nan
    return levels


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("seed", range(4))
def test_alpha_equals_the_krippendorff_package(metric, seed):
    oracle = pytest.importorskip("krippendorff")
    levels = ordinal(60, 4, 0.2, seed)
    theirs = oracle.alpha(levels.T, level_of_measurement=metric, value_domain=list(range(1, 6)))
    ours = krippendorff_alpha(levels, metric, scale=range(1, 6), interval=NO_INTERVAL)
    assert ours.value == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_equals_scikit_learn_with_declared_labels(weights):
    metrics = pytest.importorskip("sklearn.metrics")
    levels = ordinal(80, 2, 0.0, 9)
    theirs = metrics.cohen_kappa_score(levels[:, 0], levels[:, 1], labels=list(range(1, 6)), weights=weights)
    ours = cohen_kappa(levels, weights or "none", scale=range(1, 6), interval=NO_INTERVAL)
    assert ours.value == pytest.approx(theirs, abs=1e-12)


def test_ten_kappas_from_moments_equal_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    levels = ordinal(500, 5, 0.0, 2)
    pairs = list(combinations(range(5), 2))
    statistic = quadratic_statistic(pairs)
    ours = point(statistic, units_of(levels, statistic))
    theirs = [metrics.cohen_kappa_score(levels[:, i], levels[:, j], weights="quadratic") for i, j in pairs]
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_macro_f1_of_one_physician_equals_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    levels = (ordinal(70, 2, 0.0, 3) > 3).astype(float)
    theirs = metrics.f1_score(levels[:, 1], levels[:, 0], average="macro")
    assert macro_f1(levels, scale=[0, 1], interval=NO_INTERVAL).value == pytest.approx(theirs, abs=1e-12)


def test_icc_is_one_minus_error_share_of_an_anova_by_hand():
    # items 1, 3, 5 by two raters with a constant shift of 1: MSR = 8, MSC = 1.5, MSE = 0
    # ICC(2,1) = 8 / (8 + 2 (1.5) / 3) = 8 / 9, ICC(3,1) = 1, ICC(1,1) = (8 - .5) / (8 + .5)
    levels = [[1, 2], [3, 4], [5, 6]]
    assert icc(levels, "ICC(2,1)", interval=NO_INTERVAL).value == pytest.approx(8 / 9)
    assert icc(levels, "ICC(3,1)", interval=NO_INTERVAL).value == pytest.approx(1.0)
    assert icc(levels, "ICC(1,1)", interval=NO_INTERVAL).value == pytest.approx(7.5 / 8.5)


def test_rotating_raters_have_the_one_way_icc_but_no_two_way_one():
    # three raters take turns in pairs; one-way analysis of the two ratings of each item by hand
    pairs = np.array([[1, 2], [4, 5], [3, 3], [5, 4], [2, 1], [4, 4.0]])
    levels = np.full((6, 3), np.nan)
    for i, pair in enumerate(pairs):
        levels[i, [j for j in range(3) if j != i % 3]] = pair
    between = 2 * pairs.mean(axis=1).var(ddof=1)
    within = np.sum((pairs - pairs.mean(axis=1, keepdims=True)) ** 2) / 6
    found = icc(levels, "ICC(1,1)", interval=NO_INTERVAL)
    assert found.value == pytest.approx((between - within) / (between + within))
    assert icc(levels, "ICC(2,1)", interval=NO_INTERVAL).undefined == "no_overlap"
