"""Sample sizes."""

import pytest

from judge.agreement import (
    cases_for_delta,
    cases_for_icc_test,
    cases_for_icc_width,
    cases_for_kappa,
    cases_for_kappa_levels,
    sequential_limits,
)


def test_the_greatest_variance_is_no_less_than_that_of_equal_yes_rates():
    # two levels leave no freedom: Flack's greatest variance is Cantor's variance
    assert cases_for_kappa_levels([0.5, 0.5], 0.7, 0.85) == cases_for_kappa(0.5, 0.5, 0.7, 0.85)


def test_impossible_kappas_are_refused():
    with pytest.raises(ValueError, match="cannot have a kappa"):
        cases_for_kappa(0.1, 0.9, 0.5, 0.9)
    with pytest.raises(ValueError, match="add up to 1"):
        cases_for_kappa_levels([0.5, 0.6], 0.4, 0.6)
    with pytest.raises(ValueError, match="differ"):
        cases_for_kappa(0.5, 0.5, 0.7, 0.7)


def test_icc_sizes_refuse_one_rating_a_case():
    with pytest.raises(ValueError, match="at least 2 ratings"):
        cases_for_icc_test(0.6, 0.8, 1)
    with pytest.raises(ValueError, match="at least 2 ratings"):
        cases_for_icc_width(0.6, 1, 0.2)


def test_a_judge_at_the_margin_cannot_be_shown_with_any_number():
    assert cases_for_delta(-0.1, 0.04, 100, 0.1) is None
    assert cases_for_delta(0.05, 0.04, 100, 0.1) < cases_for_delta(-0.05, 0.04, 100, 0.1)


def test_pocock_spends_more_at_first():
    early, late = sequential_limits([0.5, 1.0], spending="pocock"), sequential_limits([0.5, 1.0])
    assert early[0] < late[0]
    assert early[1] > late[1] > 1.9599
