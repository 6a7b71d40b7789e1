"""The bootstrap of cases: exact targets, seeds, failed resamples, memory and speed."""

import numpy as np
import pytest

from judge.agreement import Interval, cohen_kappa, krippendorff_alpha
from judge.agreement.bootstrap import interval_of, jackknife, point, resample, weights_of
from judge.agreement.kappa import quadratic_statistic
from judge.agreement.krippendorff import alpha_statistic
from judge.agreement.sums import SumStatistic, units_of
from tests.benchmarks import agreement as benchmark
from tests.counting import lines_of

FIVE_PAIRS = np.array([[1, 1], [2, 2], [3, 4], [4, 4], [5, 3.0]])
SCALE = np.arange(1.0, 6.0)


def mean_statistic() -> SumStatistic:
    return SumStatistic(
        lambda levels: np.column_stack([np.ones(len(levels)), levels[:, 0]]), lambda s: s[:, 1:2] / s[:, :1], 2
    )


def test_five_pairs_match_their_enumeration():
    # 126 multinomial outcomes of five pairs: P(undefined) = 3 / 5^5, mean 0.5962, SD 0.3836 of the defined ones
    statistic = quadratic_statistic([(0, 1)])
    values = resample(statistic, units_of(FIVE_PAIRS, statistic), 60_000, 1)[:, 0]
    assert np.mean(np.isnan(values)) == pytest.approx(3 / 5**5, abs=0.0005)
    assert np.nanmean(values) == pytest.approx(0.5962, abs=0.006)
    assert np.nanstd(values) == pytest.approx(0.3836, abs=0.005)


def test_undefined_resamples_are_counted_and_not_hidden():
    found = cohen_kappa(FIVE_PAIRS, "quadratic", scale=SCALE, interval=Interval(n_resamples=20_000))
    assert 0 < found.n_resamples_undefined < 0.01 * found.n_resamples
    assert found.ci_low is not None
    values = np.array([np.nan] * 2 + [0.1 * i for i in range(98)])
    refused = interval_of(values, 5.0, "percentile", 0.95)
    assert refused.low is None
    assert "2 of 100 resamples undefined" in refused.note


def test_one_distinct_row_has_no_interval():
    statistic = mean_statistic()
    units = units_of(np.full((9, 1), 3.0), statistic)
    assert interval_of(resample(statistic, units, 200, 0)[:, 0], 3.0, "percentile", 0.95).low is None


@pytest.mark.parametrize("clusters", [None, np.arange(40) // 4])
def test_the_same_seed_gives_the_same_resamples_and_another_does_not(clusters):
    levels = np.random.default_rng(0).integers(1, 6, size=(40, 3)).astype(float)
    intervals = [Interval(n_resamples=500, seed=s, clusters=clusters) for s in (1, 1, 2)]
    one, again, other = (krippendorff_alpha(levels, scale=SCALE, interval=i) for i in intervals)
    assert (one.ci_low, one.ci_high) == (again.ci_low, again.ci_high)
    assert one.ci_low != other.ci_low


def test_more_resamples_begin_with_the_same_ones_block_by_block(monkeypatch):
    monkeypatch.setattr("judge.agreement.bootstrap.BLOCK_CELLS", 100)
    statistic = mean_statistic()
    units = units_of(np.arange(10.0)[:, None], statistic)
    few, many = resample(statistic, units, 20, 7), resample(statistic, units, 35, 7)
    np.testing.assert_array_equal(few, many[:20])


@pytest.mark.parametrize("levels", [np.arange(12.0)[:, None], np.repeat(np.arange(3.0), 4)[:, None]])
def test_every_resample_draws_as_many_cases_as_there_are(levels):
    units = units_of(levels, mean_statistic())
    for weights in weights_of(units, 50, 3):
        np.testing.assert_array_equal(weights.sum(axis=1), len(levels))


def test_resamples_of_a_mean_have_its_standard_error():
    levels = np.random.default_rng(1).normal(size=(200, 1))
    statistic = mean_statistic()
    values = resample(statistic, units_of(levels, statistic), 5000, 1)[:, 0]
    assert values.std() == pytest.approx(levels.std() / np.sqrt(200), rel=0.05)


def test_cases_are_summed_whole():
    levels, cases = np.arange(6.0)[:, None], ["a", "b", "a", "b", "c", "c"]
    units = units_of(levels, mean_statistic(), np.array(cases))
    np.testing.assert_array_equal(units.sums, [[2, 2], [2, 4], [2, 9]])
    np.testing.assert_allclose(jackknife(mean_statistic(), units)[:, 0], [13 / 4, 11 / 4, 6 / 4])


def test_alpha_is_that_of_the_krippendorff_package():
    krippendorff = pytest.importorskip("krippendorff")
    levels = benchmark.made_up_levels()
    theirs = krippendorff.alpha(levels.T, level_of_measurement="ordinal", value_domain=SCALE)
    statistic = alpha_statistic(levels, "ordinal", SCALE)
    assert point(statistic, units_of(levels, statistic))[0] == pytest.approx(theirs, abs=1e-12)


def test_the_seventeen_statistics_take_no_steps_for_a_resample_and_their_memory_is_flat():
    levels = benchmark.made_up_levels()
    few, many = (lines_of(lambda n=n: benchmark.all_seventeen(levels, n)) for n in (100, 1_000))
    assert 0 < many - few < 900, "less than one line of Python a resample: blocks of them, not a loop"
    peaks = [benchmark.peak_mb(lambda n=n: benchmark.all_seventeen(levels, n)) for n in (1_000, 10_000)]
    assert peaks[1] < 1.5 * peaks[0]


def test_the_benchmarks_statistics_are_those_of_the_public_functions():
    levels = benchmark.made_up_levels(300)
    statistic = benchmark.seventeen(levels)
    values = point(statistic, units_of(levels, statistic))
    alpha = krippendorff_alpha(levels, scale=SCALE, interval=Interval("none")).value
    kappa = cohen_kappa(levels[:, [1, 3]], "quadratic", scale=SCALE, interval=Interval("none")).value
    assert len(values) == 17
    assert values[0] == pytest.approx(alpha, abs=1e-12)
    assert values[1 + 5] == pytest.approx(kappa, abs=1e-12)
