"""Hand-worked shares and shifts over pairs that come in cases."""

import math

import numpy as np
import pytest

from judge.api.probing.rates import rate_of, shift_of


def test_with_one_pair_a_case_the_limits_are_near_the_exact_ones():
    # 5 of 10, one pair a case: the variance is 10/9 * 10 * 0.25 / 100 = 1/36, so the effective n is 0.25 * 36 = 9
    found = rate_of([(f"c{i}", i < 5) for i in range(10)])
    assert (found.n_hits, found.n, found.n_cases, found.value) == (5, 10, 10, 0.5)
    assert found.n_effective == pytest.approx(9.0)
    # Clopper and Pearson, 5 of 10: 0.1871-0.8129
    assert found.low_independent == pytest.approx(0.1871, abs=5e-5)
    assert found.high_independent == pytest.approx(0.8129, abs=5e-5)
    assert found.low < found.low_independent
    assert found.high > found.high_independent


def test_pairs_that_all_go_with_their_case_count_as_few():
    # 10 cases of 10 pairs, five give in wholly: p = 0.5, sum (k - p m)^2 = 10 * 25, variance = 10/9 * 250/10000 = 1/36;
    # p(1-p) over it = 9; times (t_99 / t_9)^2 = (1.98422 / 2.26216)^2 = 0.76937 -> 6.924
    found = rate_of([(f"c{i}", i < 5) for i in range(10) for _ in range(10)])
    assert found.n_effective == pytest.approx(6.924, abs=1e-3)
    assert found.high - found.low > 0.7
    assert found.high_independent - found.low_independent < 0.22


def test_hits_in_fewer_than_five_cases_count_as_many_pairs_as_there_are_cases():
    # 4 of 40 pairs, all in one case of ten: as 1 of 10, which Clopper and Pearson put at 0.0025-0.4450
    found = rate_of([(f"c{i}", i == 0) for i in range(10) for _ in range(4)])
    assert (found.value, found.n_effective) == (0.1, 10.0)
    assert (found.low, found.high) == (pytest.approx(0.0025, abs=5e-5), pytest.approx(0.4450, abs=5e-5))


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


@pytest.mark.parametrize(("p", "within"), [(0.05, 0.3), (0.1, 0.3), (0.3, 0.3), (0.3, 0.05)])
def test_the_limits_hold_the_truth_as_often_as_they_say_where_pairs_of_a_case_are_alike(p, within):
    """Twelve cases of twenty pairs, a case's own share drawn from a beta with this correlation within cases."""
    random = np.random.default_rng(20)
    a, b = p * (1 - within) / within, (1 - p) * (1 - within) / within
    held = independent = 0
    for _ in range(600):
        hits = random.binomial(20, random.beta(a, b, size=12))
        found = rate_of([(f"c{case}", place < k) for case, k in enumerate(hits) for place in range(20)])
        held += found.low <= p <= found.high
        independent += found.low_independent <= p <= found.high_independent
    # 600 draws: a true coverage of 0.95 is seen below 0.925 once in 500 times
    assert held / 600 >= 0.925
    if within == 0.3:
        assert independent / 600 < 0.75
