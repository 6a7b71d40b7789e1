import numpy as np
import pytest

from judge.calibration.drift import drift_of
from judge.calibration.floors import floor_of
from judge.calibration.targets import PhysicianLevel, targets_of
from tests.calibration.simulated import NAN


def level(rater, value, *, repeat=0, adjudicated=False):
    return PhysicianLevel("r1", rater, "safety", value, repeat, adjudicated)


def target(*levels):
    return targets_of(levels)["r1", "safety"]


def test_the_adjudicated_level_comes_before_the_mean():
    found = target(level("a", 2), level("b", 5), level("c", 4, adjudicated=True))
    assert (found.level, found.kind, found.given) == (4.0, "adjudicated", (4,))


def test_without_adjudication_it_is_the_mean_of_the_physicians():
    found = target(level("a", 2), level("b", 5))
    assert (found.level, found.kind) == (3.5, "mean of physicians")


def test_repeats_count_as_one_physician_with_the_lower_median():
    found = target(level("a", 2), level("a", 4, repeat=1), level("b", 5))
    assert found.level == 3.5  # (2 + 5) / 2, not (2 + 4 + 5) / 3
    assert found.given == (2, 5)


def test_one_physician_is_called_so():
    assert target(level("a", 2)).kind == "one physician"


@pytest.mark.parametrize(
    ("n", "means", "has_grades"),
    [
        (0, "refused", False),
        (9, "refused", False),
        (10, "physicians", False),
        (29, "physicians", False),
        (30, "corrected", True),
    ],
)
def test_floors(n, means, has_grades):
    found = floor_of(n)
    assert (found.means, found.has_grades) == (means, has_grades)
    assert (found.reason is None) == has_grades


def test_the_same_levels_are_valid():
    levels = np.tile([1.0, 3.0, 5.0], 20)
    found = drift_of(levels, levels, np.arange(60))
    assert (found.state, found.shift, found.exact_share) == ("valid", 0.0, 1.0)


def test_a_shift_of_a_level_has_expired():
    rng = np.random.default_rng(0)
    before = rng.integers(1, 5, 60).astype(float)
    found = drift_of(before, before + 1, np.arange(60) // 2)
    assert (found.state, found.n_cases) == ("expired", 30)


def test_noise_around_nothing_is_valid_with_many_canaries_and_undecided_with_few():
    rng = np.random.default_rng(1)
    before = rng.integers(2, 5, 400).astype(float)
    after = before + rng.choice([-1, 0, 1], 400, p=[0.2, 0.6, 0.2])
    assert drift_of(before, after, np.arange(400)).state == "valid"
    assert drift_of(before[:12], after[:12], np.arange(12)).state == "not_enough_data"
    assert drift_of(before[:5], before[:5], np.arange(5)).state == "not_enough_data"


def test_an_unchanged_judge_that_wavers_gives_a_false_alarm_in_at_most_one_check_of_twenty():
    """Three dimensions can each end the calibration; half of the levels move by one, up or down."""
    rng = np.random.default_rng(2)
    before, n_checks, n_alarms = np.full(60, 3.0), 600, 0
    for _ in range(n_checks):
        moves = rng.choice([-1, 0, 1], size=(3, 60), p=[0.25, 0.5, 0.25])
        found = [drift_of(before, before + move, np.arange(60), n_claims=3).state for move in moves]
        n_alarms += "expired" in found
    assert 0 < n_alarms / n_checks <= 0.05 + 0.018  # two standard errors of a share of 0.05 over 600


def test_a_shift_of_a_third_of_a_level_is_found_although_three_could_have_been():
    rng = np.random.default_rng(3)
    before = np.full(60, 3.0)
    n_found = sum(
        drift_of(before, before + (rng.random(60) < 1 / 3), np.arange(60), n_claims=3).state == "expired"
        for _ in range(200)
    )
    assert n_found >= 190


def test_canaries_that_are_no_longer_scored_have_expired():
    before = np.full(20, 3.0)
    after = np.where(np.arange(20) < 5, NAN, 3.0)
    assert drift_of(before, after, np.arange(20)).state == "expired"
