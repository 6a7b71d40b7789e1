import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.tuning.scoring import levels_of, score_set, scoring_of
from tests.tuning.builders import SCALES, example, verdict

LEVEL = st.integers(1, 5).map(float)


def test_the_score_is_one_minus_the_weighted_squared_distance_over_the_range():
    even = [example(f"r{i}", d=level) for i, level in enumerate((1, 2, 3, 4, 5))]
    scoring = scoring_of(even, SCALES)
    assert scoring.score({"d": 3.0}, even[4]) == pytest.approx(1 - (2 / 4) ** 2)  # weight 1: all levels equally often
    assert scoring.score({"d": 5.0}, even[4]) == 1.0


def test_seldom_levels_weigh_more_up_to_three_and_a_missing_level_scores_nothing():
    skewed = [example(f"r{i}", d=5) for i in range(9)] + [example("r9", d=2)]
    scoring = scoring_of(skewed, SCALES)
    # even share is 10 / 2 = 5 answers a level: weight 5/9 for level 5, 5/1 cut to 3 for level 2
    assert scoring.score({"d": 4.0}, skewed[0]) == pytest.approx(1 - 5 / 9 / 16)
    assert scoring.score({"d": 3.0}, skewed[9]) == pytest.approx(1 - 3 / 16)
    assert scoring.score({"d": None}, skewed[0]) == 0.0
    assert scoring.score({}, skewed[0]) == 0.0


@given(st.lists(LEVEL, min_size=1, max_size=20), st.lists(LEVEL | st.none(), min_size=20, max_size=20))
def test_scores_lie_between_0_and_1_and_only_the_target_scores_1(targets, given_levels):
    examples = [example(f"r{i}", d=level) for i, level in enumerate(targets)]
    scoring = scoring_of(examples, SCALES)
    for one, level in zip(examples, given_levels, strict=False):
        score = scoring.score({"d": level}, one)
        assert 0 <= score <= 1
        assert (score == 1) == (level == one.targets["d"].level)


def test_one_level_for_all_answers_has_kappa_0_and_counts_as_collapsed():
    examples = [example(f"r{i}", d=level) for i, level in enumerate((1, 2, 3, 4, 5))]
    found = score_set([{"d": 3.0}] * 5, examples, SCALES)
    assert (found.kappa, found.collapsed, found.n_unscored) == (0.0, ("d",), 0)


def test_kappa_of_a_set_is_the_quadratic_one_and_missing_levels_are_counted():
    examples = [example(f"r{i}", d=level) for i, level in enumerate((1, 2, 3, 4, 5))]
    found = score_set([{"d": 2.0}, {"d": 3.0}, {"d": 4.0}, {"d": 5.0}, {"d": None}], examples, SCALES)
    # pairs (2,1) (3,2) (4,3) (5,4): 2 s_xy / (s_xx + s_yy + 1) with all variances 5/4: 2.5 / 3.5
    assert found.kappas["d"] == pytest.approx(2.5 / 3.5)
    assert (found.n_unscored, found.n) == (1, 5)


def test_levels_of_a_verdict_are_none_where_it_gave_none():
    assert levels_of(verdict(d=4, e="unparsable", f="not_applicable")) == {"d": 4.0, "e": None, "f": None}
