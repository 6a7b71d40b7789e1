import numpy as np
import pytest

from judge.calibration.frame import Frame, MeanOptions, corrected_mean
from judge.calibration.rates import LEAST_DISCORDANT, WHOLE, corrected_rate
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


THESE = MeanOptions(target="these answers")


def test_exact_bounds_of_a_finite_run_are_hypergeometric_counts():
    # none of 5 graded, 10 answers in all: with 5 yes among 10, P(0 of 5) = 1/252 < 2.5 %; with 4, C(6,5)/252 = 2.4 %
    # < 2.5 %; with 3, C(7,5)/252 = 8.3 %: at most 3 of 10
    found = corrected_rate(Frame(np.zeros(10), np.array([0.0] * 5 + [NAN] * 5), np.arange(10)), THESE)
    assert (found.variant, found.value, found.ci_low) == ("exact hypergeometric", 0.0, 0.0)
    assert found.ci_high == pytest.approx(0.3)


def test_bounds_of_a_finite_run_of_hand_worked_hits():
    # 2 yes of 4 graded, 6 answers in all: at least 2 and at most 4 of them are yes
    found = corrected_rate(Frame(np.zeros(6), np.array([1.0, 1, 0, 0, NAN, NAN]), np.arange(6)), THESE)
    assert (found.ci_low, found.ci_high) == pytest.approx((2 / 6, 4 / 6))


@pytest.mark.parametrize(("ratio", "noise"), [(1, 0), (4, 0), (4, 0.3)])
def test_bounds_of_a_finite_run_hold_the_rate_of_that_very_run_and_are_no_wider(ratio, noise):
    rng = np.random.default_rng(70 + ratio)
    hits = 0
    for _ in range(300):
        made, truth = rare(rng, n=300, n_graded=150, ratio=ratio, noise=noise)
        found, wide = corrected_rate(made, THESE), corrected_rate(made)
        hits += found.ci_low <= truth.mean() <= found.ci_high
        assert found.ci_high <= wide.ci_high + 1e-9
        assert found.ci_low >= wide.ci_low - 1e-9
    assert hits / 300 >= 0.94


def test_a_rate_of_a_run_that_is_graded_whole_is_known():
    labels = np.array([1.0] + [0.0] * 29)
    for cases in (np.arange(30), np.repeat(np.arange(15), 2)):
        found = corrected_rate(Frame(np.zeros(30), labels, cases), THESE)
        assert found.ci_low == found.ci_high == pytest.approx(1 / 30)
        assert found.variant == WHOLE
        assert found.warnings == ("every answer is graded: nothing is left to chance",)


def test_a_frequent_rate_of_a_finite_run_is_the_mean_of_that_run():
    made, _ = rare(np.random.default_rng(0), n=900, rate=0.4, n_graded=600, sensitivity=0.8, false_alarms=0.2)
    found, mean = corrected_rate(made, THESE), corrected_mean(made, MeanOptions(target="these answers", bounds=(0, 1)))
    assert (found.value, found.ci_low, found.ci_high) == (mean.value, mean.ci_low, mean.ci_high)
    assert found.se < corrected_rate(made).se


def test_answers_that_the_judge_could_not_score_are_none_that_it_got_wrong():
    # 200 labels, 100 of each outcome; the judge is right wherever it scores and is silent on 40
    labels = np.tile([0.0, 1.0], 150)
    scores = np.where(np.arange(300) < 40, NAN, labels)
    found = corrected_rate(Frame(scores, np.where(np.arange(300) < 200, labels, NAN), np.arange(300)))
    assert found.variant == "exact"
    assert found.detail["n_discordant"] == 0


def test_levels_that_are_no_yes_or_no_are_refused():
    with pytest.raises(ValueError, match="0 and 1"):
        corrected_rate(Frame(np.array([0.5, 1]), np.array([1.0, 0]), np.arange(2)))
