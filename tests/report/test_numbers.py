"""How numbers are written."""

import pytest

from judge.report.estimates import MeanEstimate
from judge.report.numbers import bounds, interval, number, percent, signed
from judge.report.words import Words

EN = Words.of("en")


@pytest.mark.parametrize(
    ("value", "text"), [(3.456, "3.46"), (-0.304, "−0.30"), (-0.001, "0.00"), (0.0, "0.00"), (None, "–")]
)
def test_a_number_has_fixed_digits_and_a_true_minus(value, text):
    assert number(value, 2) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.3, "+0.30"), (-0.3, "−0.30"), (0.0, "0.00"), (0.001, "0.00"), (None, "–")]
)
def test_a_difference_has_its_sign(value, text):
    assert signed(value, 2) == text


def test_an_interval_or_the_reason_why_there_is_none():
    assert interval(MeanEstimate(3.0, 2.0, 4.0, 5, 5), 2, EN) == "[2.00, 4.00]"
    assert interval(MeanEstimate(0.5, -0.5, 1.5, 5, 5), 2, EN, with_sign=True) == "[−0.50, +1.50]"
    assert interval(MeanEstimate(3.0, None, None, 1, 1, no_interval="one_case"), 2, EN) == "one case: no interval"
    assert interval(MeanEstimate(None, None, None, 0, 0, undefined="no_scored"), 2, EN) == "nothing scored"


def test_bounds_say_where_nothing_is_missing():
    assert bounds(3.0, 3.5, 2, EN) == "3.00 – 3.50"
    assert bounds(3.0, 3.0, 2, EN) == "none missing"
    assert bounds(None, None, 2, EN) == "–"


def test_a_share_of_nothing_is_no_share():
    assert percent(1, 6) == "17"
    assert percent(0, 0) == "–"
