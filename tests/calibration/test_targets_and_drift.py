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


def test_canaries_that_are_no_longer_scored_have_expired():
    before = np.full(20, 3.0)
    after = np.where(np.arange(20) < 5, NAN, 3.0)
    assert drift_of(before, after, np.arange(20)).state == "expired"
