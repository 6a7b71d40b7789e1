"""Means over cases, against values worked by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.report.estimates import case_means, mean_over_cases, paired_difference, plain_mean


def test_every_case_weighs_the_same_however_many_answers_it_has():
    # case a: 1, 1, 1 → 1; case b: 5 → 5; mean (1 + 5)/2 = 3, not (1 + 1 + 1 + 5)/4 = 2
    values = [("a", 1.0), ("a", 1.0), ("a", 1.0), ("b", 5.0)]
    found = mean_over_cases(values, lowest=1, highest=5)
    assert (found.value, found.n_answers, found.n_cases) == (3.0, 4, 2)
    assert plain_mean(values) == 3.0


def test_the_interval_is_the_t_interval_of_the_case_means():
    # 2, 3, 4, 5: mean 3.5, s² = (2.25 + .25 + .25 + 2.25)/3 = 5/3, s/√4 = .645497; t(.975; 3) = 3.182446
    found = mean_over_cases(zip("abcd", (2.0, 3.0, 4.0, 5.0), strict=True), lowest=0, highest=10)
    half = 3.182446305284263 * math.sqrt(5 / 3 / 4)
    assert found.ci_low == pytest.approx(3.5 - half)
    assert found.ci_high == pytest.approx(3.5 + half)


def test_the_interval_ends_where_the_scale_ends():
    found = mean_over_cases([("a", 1.0), ("b", 5.0)], lowest=1, highest=5)
    assert (found.ci_low, found.ci_high) == (1, 5)


@pytest.mark.parametrize(
    ("values", "undefined", "no_interval"),
    [
        ([], "no_scored", None),
        ([("a", 3.0)], None, "one_case"),
        ([("a", 3.0), ("a", 5.0)], None, "one_case"),
        ([("a", 3.0), ("b", 3.0)], None, "no_variation"),
    ],
)
def test_what_cannot_be_computed_says_why(values, undefined, no_interval):
    found = mean_over_cases(values, lowest=1, highest=5)
    assert (found.undefined, found.no_interval) == (undefined, no_interval)
    assert (found.ci_low, found.ci_high) == (None, None)
    assert (found.value is None) == (undefined is not None)


def test_a_difference_uses_common_cases_only():
    found = paired_difference({"a": 4.0, "b": 3.0, "x": 5.0}, {"a": 2.0, "b": 2.0, "y": 1.0}, span=4)
    assert (found.value, found.n_cases) == (1.5, 2)
    assert paired_difference({"a": 1.0}, {"b": 1.0}, span=4).undefined == "no_common_case"


@pytest.mark.parametrize(("n", "is_small"), [(29, True), (30, False)])
def test_few_cases_are_told(n, is_small):
    values = [(str(case), float(case % 5 + 1)) for case in range(n)]
    assert mean_over_cases(values, lowest=1, highest=5).is_small is is_small


VALUES = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from((1.0, 2.0, 3.5, 5.0))), max_size=12)


@given(VALUES, st.randoms())
def test_the_order_of_answers_does_not_matter(values, random):
    shuffled = random.sample(values, len(values))
    assert mean_over_cases(shuffled, lowest=1, highest=5) == mean_over_cases(values, lowest=1, highest=5)


@given(VALUES)
def test_the_mean_lies_in_its_interval_and_on_the_scale(values):
    found = mean_over_cases(values, lowest=1, highest=5)
    if found.ci_low is not None:
        assert 1 <= found.ci_low <= found.value <= found.ci_high <= 5
    assert found.n_cases == len(case_means(values))


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    import numpy as np

    generator = np.random.default_rng(20260101)
    levels, shares = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), [0.1, 0.2, 0.3, 0.25, 0.15]
    truth = float(levels @ shares)
    n_runs, hits = 600, 0
    for _ in range(n_runs):
        drawn = generator.choice(levels, size=40, p=shares)
        found = mean_over_cases(((str(i), float(x)) for i, x in enumerate(drawn)), lowest=1, highest=5)
        hits += found.ci_low <= truth <= found.ci_high
    assert 0.925 <= hits / n_runs <= 0.975  # 0.95 ± 2.8 standard errors of 600 runs
