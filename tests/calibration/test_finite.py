from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.agreement.intervals import clopper_pearson
from judge.calibration.finite import hypergeometric_limits


def tail(n_hits, n, n_all, k):
    """P(at most n_hits of n | k hits among n_all), as a fraction."""
    ways = sum(comb(k, i) * comb(n_all - k, n - i) for i in range(min(n_hits, k) + 1) if n - i <= n_all - k)
    return Fraction(ways, comb(n_all, n))


def by_counting(n_hits, n, n_all):
    kept = [
        k
        for k in range(n_hits, n_hits + n_all - n + 1)
        if tail(n_hits, n, n_all, k) >= Fraction(1, 40) and 1 - tail(n_hits - 1, n, n_all, k) >= Fraction(1, 40)
    ]
    return kept[0] / n_all, kept[-1] / n_all


@settings(deadline=None)  # the first example imports scipy
@given(st.data())
def test_the_limits_are_the_first_and_last_count_that_no_tail_rejects(data):
    n_all = data.draw(st.integers(1, 40))
    n = data.draw(st.integers(1, n_all))
    n_hits = data.draw(st.integers(0, n))
    found = hypergeometric_limits(n_hits, n, n_all)
    assert (found.low, found.high) == pytest.approx(by_counting(n_hits, n, n_all))


def test_a_whole_collection_leaves_nothing_to_chance():
    found = hypergeometric_limits(3, 12, 12)
    assert found.low == found.high == pytest.approx(0.25)


def test_without_end_the_limits_are_clopper_and_pearsons():
    found, expected = hypergeometric_limits(7, 60, 3_000_000), clopper_pearson(7, 60)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-4)


@pytest.mark.parametrize("counts", [(3, 2, 10), (0, 0, 10), (1, 5, 4), (-1, 5, 10)])
def test_counts_that_are_no_draw_are_refused(counts):
    with pytest.raises(ValueError, match="no draw"):
        hypergeometric_limits(*counts)
