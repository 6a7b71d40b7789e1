import numpy as np
import pytest

from judge.calibration.conformal import fit_band, intervals, one_per_case
from tests.calibration.simulated import fresh_grades

SCALE = np.arange(1.0, 6.0)


def band(errors, weights=None, alpha=0.05):
    n = len(errors)
    return fit_band(
        errors, np.arange(n), np.ones(n) if weights is None else weights, np.random.default_rng(0), alpha=alpha
    )


def test_nine_answers_at_95_per_cent_give_the_whole_scale():
    # ceil((9 + 1) 0.95) = 10 > 9
    made = band(np.linspace(0, 1, 9))
    assert made.half_width() == np.inf
    found = intervals(made, np.array([3.0]), np.ones(1), SCALE, is_whole=True)
    assert (found.low[0], found.high[0]) == (1.0, 5.0)


def test_nineteen_answers_at_95_per_cent_give_the_greatest_error():
    # ceil((19 + 1) 0.95) = 19
    assert band(np.arange(19) / 10).half_width() == pytest.approx(1.8)


def test_ninety_per_cent_of_nineteen_is_the_eighteenth_error():
    # ceil(20 * 0.9) = 18
    assert band(np.arange(19) / 10, alpha=0.1).half_width() == pytest.approx(1.7)


def test_weights_count_an_answer_as_often_as_it_stands_for_others():
    whole = band(np.repeat([0.1, 0.5, 0.9, 2.0], [4, 2, 3, 1]), alpha=0.2)
    weighted = band(np.array([0.1, 0.5, 0.9, 2.0]), np.array([4.0, 2.0, 3.0, 1.0]), alpha=0.2)
    assert whole.half_width() == weighted.half_width() == pytest.approx(0.9)


def test_a_new_answer_of_great_weight_gets_a_wider_interval():
    made = band(np.arange(40) / 10, alpha=0.1)
    narrow, wide = made.half_width(np.array([1.0, 20.0]))
    assert narrow < wide == np.inf


def test_one_answer_of_a_case_is_drawn():
    cases = np.repeat(np.arange(50), 4)
    kept = one_per_case(cases, np.random.default_rng(1))
    assert sorted(cases[kept]) == list(range(50))
    assert len(set((kept % 4).tolist())) > 1


def test_ends_move_to_levels_of_the_scale_only_where_physicians_levels_are_whole():
    made = band(np.full(40, 0.7))
    whole, fractional = (
        intervals(made, np.array([3.0, 3.5]), np.ones(2), SCALE, is_whole=is_whole) for is_whole in (True, False)
    )
    assert (whole.low.tolist(), whole.high.tolist()) == ([3.0, 3.0], [3.0, 4.0])
    assert fractional.low == pytest.approx([2.3, 2.8])


def test_an_interval_between_two_levels_takes_in_both():
    found = intervals(band(np.full(40, 0.2)), np.array([3.5]), np.ones(1), SCALE, is_whole=True)
    assert (found.low[0], found.high[0]) == (3.0, 4.0)


@pytest.mark.parametrize(("n_graded", "ratio"), [(40, 1.0), (100, 4.5)])
def test_intervals_hold_at_least_their_level_on_fresh_cases(n_graded, ratio):
    """60 studies, each told from about 1,900 fresh answers; a study's coverage varies, their mean by under a point."""
    rng = np.random.default_rng(int(n_graded + ratio))
    found = np.mean([fresh_grades(rng, n_graded=n_graded, ratio=ratio) for _ in range(60)], axis=0)
    assert found[0] >= 0.9
    assert found[2] < found[1]
