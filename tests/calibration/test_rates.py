import numpy as np
import pytest

from judge.calibration.frame import Frame
from judge.calibration.rates import LEAST_DISCORDANT, corrected_rate
from tests.calibration.simulated import NAN, covers, rare


@pytest.mark.parametrize(
    ("n_graded", "ratio", "noise", "variant"),
    [(50, 1, 0, "exact"), (200, 1, 0, "exact"), (100, 5, 0, "stratified"), (100, 4, 0.3, "effective size")],
)
def test_bounds_of_rare_rates_hold_at_least_their_level(n_graded, ratio, noise, variant):
    rng = np.random.default_rng(n_graded + ratio)
    hits = 0
    for _ in range(300):
        made, _ = rare(rng, n_graded=n_graded, ratio=ratio, noise=noise)
        found = corrected_rate(made)
        assert found.variant == variant
        hits += covers(found, 0.03)
    assert hits / 300 >= 0.94  # 95 % less half a Monte Carlo error


def test_none_of_thirty_leaves_an_upper_limit_of_11_6_per_cent():
    found = corrected_rate(Frame(np.zeros(60), np.array([0.0] * 30 + [NAN] * 30), np.arange(60)))
    assert (found.value, found.ci_low) == (0.0, 0.0)
    assert found.ci_high == pytest.approx(0.116, abs=5e-4)


def test_with_many_discordant_labels_the_rate_is_prediction_powered():
    rng = np.random.default_rng(0)
    made, truth = rare(rng, rate=0.4, n_graded=600, sensitivity=0.8, false_alarms=0.2)
    found = corrected_rate(made)
    assert found.variant.startswith("ppi++")
    assert found.detail["n_graded"] == 600
    assert found.value == pytest.approx(truth.mean(), abs=0.06)


def test_the_minimum_is_stated_where_a_bound_replaces_the_t_interval():
    made, _ = rare(np.random.default_rng(1))
    assert f"needs {LEAST_DISCORDANT}" in corrected_rate(made).warnings[0]


def test_stratified_bounds_of_hand_worked_counts():
    # judge yes 10 of 100, 5 graded, all yes; judge no 90, 9 graded, none yes: value 0.1 * 1 + 0.9 * 0
    scores = np.array([1.0] * 10 + [0.0] * 90)
    labels = np.full(100, NAN)
    labels[:5], labels[10:19] = 1.0, 0.0
    chance = np.array([0.5] * 10 + [0.1] * 90)
    found = corrected_rate(Frame(scores, labels, np.arange(100), chance))
    # Clopper-Pearson at 97.5 %: 0 of 9 up to 1 - 0.0125^(1/9); 5 of 5 from 0.0125^(1/5)
    assert found.value == pytest.approx(0.1)
    assert found.ci_high == pytest.approx(0.1 + 0.9 * (1 - 0.0125 ** (1 / 9)))
    assert found.ci_low == pytest.approx(0.1 * 0.0125 ** (1 / 5))


def test_several_answers_a_case_use_the_effective_size():
    labels = np.array([1.0, 1, 1] + [0.0] * 57)
    found = corrected_rate(Frame(labels, labels, np.repeat(np.arange(20), 3)))
    # 1 of 20 cases, not 3 of 60 answers
    from judge.agreement.intervals import clopper_pearson

    assert found.variant == "effective size"
    assert found.ci_high >= clopper_pearson(1, 20).high - 0.01


def test_levels_that_are_no_yes_or_no_are_refused():
    with pytest.raises(ValueError, match="0 and 1"):
        corrected_rate(Frame(np.array([0.5, 1]), np.array([1.0, 0]), np.arange(2)))
