"""Rules by which judges' levels become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.panel.aggregate_rules import Ballot, missing_bounds, pool

SCALE = (1.0, 2.0, 3.0, 4.0, 5.0)
RULES = ("median", "mean", "majority", "weighted")
ballots = st.lists(
    st.builds(Ballot, st.sampled_from(SCALE), st.floats(0.1, 9.0, allow_nan=False)), min_size=1, max_size=7
)


def levels(*values):
    return [Ballot(value) for value in values]


@pytest.mark.parametrize(
    ("rule", "given_levels", "expected"),
    [
        ("median", (3, 4), 3.5),
        ("median", (1, 5, 4), 4),
        ("mean", (1, 2, 5), 8 / 3),
        ("majority", (2, 2, 5), 2),
        ("majority", (1, 3, 5), 3),  # all three lead: the middle one
        ("majority", (2, 4), 2),  # both lead: the lower
        ("majority", (5, 5, 1, 1, 3), 1),  # 5 and 1 lead: the lower
    ],
)
def test_each_rule_gives_its_level(rule, given_levels, expected):
    assert pool(rule, levels(*given_levels)).level == pytest.approx(expected)


def test_a_tie_is_told():
    assert pool("majority", levels(2, 4)).is_tie
    assert not pool("majority", levels(2, 4, 4)).is_tie


def test_weights_pull_the_mean():
    assert pool("weighted", [Ballot(5.0, 3.0), Ballot(1.0, 1.0)]).level == 4.0  # (15 + 1) / 4


def test_nobody_or_nobody_with_a_weight_gives_no_level():
    assert pool("median", []) is None
    assert pool("weighted", [Ballot(5.0, 0.0)]) is None


@pytest.mark.parametrize("rule", RULES)
@given(ballots, st.data())
def test_the_order_of_judges_does_not_matter(rule, given_ballots, data):
    shuffled = data.draw(st.permutations(given_ballots))
    assert pool(rule, shuffled).level == pytest.approx(pool(rule, given_ballots).level)


@pytest.mark.parametrize("rule", RULES)
@given(ballots, st.lists(st.tuples(st.sampled_from(SCALE), st.floats(0.1, 9.0)), max_size=4))
def test_whatever_missing_judges_had_said_lies_within_the_bounds(rule, given_ballots, missing):
    bounds = missing_bounds(rule, given_ballots, [weight for _, weight in missing], SCALE)
    complete = pool(rule, [*given_ballots, *(Ballot(level, weight) for level, weight in missing)]).level
    assert bounds.low - 1e-9 <= complete <= bounds.high + 1e-9
    assert bounds.low - 1e-9 <= pool(rule, given_ballots).level <= bounds.high + 1e-9


def test_without_any_judge_the_bounds_are_the_scale():
    assert missing_bounds("median", [], [], SCALE).low == 1.0
    assert missing_bounds("median", [], [1.0, 1.0], SCALE).high == 5.0


def test_under_majority_a_middle_level_can_be_the_worst():
    # 3, 4, 4 and one missing: all-lowest leaves 4; a 3 makes a tie that goes to 3.
    assert missing_bounds("majority", levels(3, 4, 4), [1.0], SCALE).low == 3.0
