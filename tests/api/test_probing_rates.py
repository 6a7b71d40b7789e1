"""Hand-worked shares and shifts over pairs that come in cases."""

import math

import pytest

from judge.api.probing_rates import rate_of, shift_of


def test_with_one_pair_a_case_and_no_clustering_the_limits_are_near_the_exact_ones():
    # 3 of 10, one pair a case: the variance is p(1-p)/n * n/(n-1), so the effective n is 9 (t quantiles are equal)
    found = rate_of([(f"c{i}", i < 3) for i in range(10)])
    assert (found.n_hits, found.n, found.n_cases, found.value) == (3, 10, 10, 0.3)
    assert found.n_effective == pytest.approx(9.0)
    # Clopper and Pearson, 3 of 10: 0.0667-0.6525
    assert found.low_independent == pytest.approx(0.0667, abs=5e-5)
    assert found.high_independent == pytest.approx(0.6525, abs=5e-5)
    assert found.low < found.low_independent
    assert found.high > found.high_independent


def test_pairs_that_all_go_with_their_case_count_as_few():
    # 4 cases of 10 pairs, two give in wholly: p = 0.5, sum (k - p m)^2 = 4 * 25, variance = 4/3 * 100/1600 = 1/12;
    # p(1-p) over it = 3; times (t_39 / t_3)^2 = (2.0227 / 3.1824)^2 = 0.40395 -> 1.2119
    found = rate_of([(f"c{i}", i < 2) for i in range(4) for _ in range(10)])
    assert found.n_effective == pytest.approx(1.2119, abs=1e-3)
    assert found.high - found.low > 0.9
    assert found.high_independent - found.low_independent < 0.35


def test_nothing_found_is_as_wide_as_the_number_of_cases():
    found = rate_of([(f"c{i}", False) for i in range(6) for _ in range(40)])
    assert found.value == 0.0
    assert (found.low, found.n_effective) == (0.0, 6.0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 6))
    assert found.high_independent == pytest.approx(1 - 0.025 ** (1 / 240))
    everything = rate_of([(f"c{i}", True) for i in range(6) for _ in range(40)])
    assert (everything.low, everything.high) == (pytest.approx(0.025 ** (1 / 6)), 1.0)


def test_without_pairs_or_with_one_case_it_says_why_there_is_no_interval():
    assert (rate_of([]).value, rate_of([]).undefined) == (None, "no_pairs")
    alone = rate_of([("c", True), ("c", False)])
    assert (alone.value, alone.low, alone.undefined) == (0.5, None, "one_case")


def test_the_mean_shift_takes_cases_as_draws():
    # case a: 2, 2; case b: 0, 0; mean 1; sums of residuals +2, -2; variance = 2/1 * 8/16 = 1; t_1 = 12.706
    found = shift_of([("a", 2.0), ("a", 2.0), ("b", 0.0), ("b", 0.0)])
    assert (found.value, found.n, found.n_cases) == (1.0, 4, 2)
    assert found.high - found.value == pytest.approx(12.706, abs=1e-3)
    assert math.isclose(found.value - found.low, found.high - found.value)


def test_a_shift_that_never_varies_has_no_interval():
    assert shift_of([("a", 0.0), ("b", 0.0)]).undefined == "no_variation"
    assert shift_of([("a", 1.0), ("a", 2.0)]).undefined == "one_case"
    assert shift_of([]).undefined == "no_pairs"
