"""Dawid and Skene, inverse error variance, and the choice against the plain median."""

import numpy as np
import pytest

from judge.calibration.dawid_skene import fit_dawid_skene
from judge.calibration.panel_weights import (
    JudgedAnswers,
    dawid_skene_weights,
    inverse_variance,
    learn_weights,
    pooled_levels,
)
from tests.calibration.simulated import NAN, reference_case

NAMES = ("one", "two", "three")


def counts_of(case):
    responses = case["input"]["responses"]
    counts = np.zeros((len(responses), 5, 4))
    for i, by_observer in enumerate(responses.values()):
        for j, levels in enumerate(by_observer.values()):
            for level in levels:
                counts[i, j, level - 1] += 1
    return counts


def judged(rng, noise, n=300, shift=(0.0, 0.5, 1.0)):
    target = rng.integers(1, 6, n).astype(float)
    levels = np.clip(np.round(target[:, None] + np.array(shift) + rng.normal(size=(n, 3)) * np.array(noise)), 1, 5)
    return JudgedAnswers(levels, target, np.arange(n), np.ones(n), np.arange(1.0, 6.0))


@pytest.mark.reference
def test_the_published_anaesthetists_are_reproduced_from_the_votes(reference_data):
    case = reference_case(reference_data, "dawid_skene_1979")
    fitted = fit_dawid_skene(counts_of(case), n_starts=1, tolerance=1e-12)
    expected = case["expected"]
    assert fitted.prevalence == pytest.approx(expected["prevalence"], abs=1e-6)
    assert fitted.confusion[0] == pytest.approx(np.array(expected["observer1"]), abs=1e-6)
    assert fitted.log_likelihood == pytest.approx(expected["loglik"], abs=1e-6)


@pytest.mark.reference
def test_several_starts_find_a_better_optimum_and_show_every_likelihood(reference_data):
    case = reference_case(reference_data, "dawid_skene_1979")
    fitted = fit_dawid_skene(counts_of(case), n_starts=8, rng=np.random.default_rng(0))
    assert fitted.log_likelihoods[0] == pytest.approx(case["expected"]["loglik"], abs=1e-6)
    assert fitted.log_likelihood == max(fitted.log_likelihoods) > case["expected"]["loglik"] + 0.1
    assert len(fitted.log_likelihoods) == 8


def test_the_likelihood_never_falls_with_more_iterations():
    counts = np.eye(3)[np.random.default_rng(1).integers(0, 3, (60, 4))]
    found = [fit_dawid_skene(counts, n_starts=1, max_iterations=k).log_likelihood for k in (1, 2, 4, 8, 16)]
    assert np.all(np.diff(found) >= -1e-9)


def test_known_levels_stay_known():
    counts = np.eye(2)[np.random.default_rng(2).integers(0, 2, (30, 3))]
    known = np.where(np.arange(30) < 10, np.arange(30) % 2, -1)
    fitted = fit_dawid_skene(counts, n_starts=1, labels=known)
    assert fitted.posterior[np.arange(10), known[:10]] == pytest.approx(np.ones(10))


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(ValueError, match="without any vote"):
        fit_dawid_skene(np.zeros((2, 2, 2)), n_starts=1)
    with pytest.raises(ValueError, match="random generator"):
        fit_dawid_skene(np.ones((2, 2, 2)))
    with pytest.raises(ValueError, match="three axes"):
        fit_dawid_skene(np.ones((2, 2)), n_starts=1)


def test_inverse_variance_of_hand_worked_errors():
    # variances 1 and 4 from 2 answers; pooled 2.5; shrunk (2 * 1 + 20 * 2.5) / 22 and (2 * 4 + 20 * 2.5) / 22
    levels = np.array([[2.0, 1.0], [4.0, 5.0]])
    made = JudgedAnswers(levels, np.array([3.0, 3.0]), np.arange(2), np.ones(2), np.arange(1.0, 6.0))
    expected = np.array([22 / 52, 22 / 58])
    assert inverse_variance(made) == pytest.approx(expected / expected.sum())


def test_a_constant_shift_of_a_judge_costs_it_no_weight():
    rng = np.random.default_rng(3)
    target = rng.normal(size=500)
    noise = rng.normal(size=(500, 2))
    made = JudgedAnswers(target[:, None] + noise + [0, 3], target, np.arange(500), np.ones(500), np.arange(1.0, 6.0))
    assert inverse_variance(made) == pytest.approx([0.5, 0.5], abs=0.05)


def test_both_rules_weigh_the_noisy_judge_least():
    made = judged(np.random.default_rng(4), (0.3, 0.6, 1.4))
    for weights in (inverse_variance(made), dawid_skene_weights(made, np.random.default_rng(0))[0]):
        assert weights[0] > weights[1] > weights[2]
        assert weights.sum() == pytest.approx(1)


def test_weights_are_kept_only_where_they_beat_the_median():
    better = learn_weights(NAMES, judged(np.random.default_rng(5), (0.2, 1.2, 1.2)), np.random.default_rng(0))
    assert better.rule in {"inverse_variance", "dawid_skene"}
    assert better.errors[better.rule] < better.errors["median"]
    # one outlier judge of three: the median ignores it, a mean of equal weights would not
    rng = np.random.default_rng(6)
    target = rng.integers(1, 6, 60).astype(float)
    levels = np.column_stack([target, target, np.where(rng.random(60) < 0.2, 6 - target, target)])
    kept = JudgedAnswers(levels, target, np.arange(60), np.ones(60), np.arange(1.0, 6.0))
    found = learn_weights(NAMES, kept, np.random.default_rng(0))
    assert found.rule == "median"
    assert set(found.weights.values()) == {1 / 3}


def test_one_judge_has_weight_one():
    made = judged(np.random.default_rng(7), (0.3, 0.6, 1.4))
    alone = JudgedAnswers(made.levels[:, :1], made.target, made.cases, made.weights, made.scale)
    found = learn_weights(("one",), alone, np.random.default_rng(0))
    assert (found.rule, found.weights) == ("median", {"one": 1.0})


def test_pooled_levels_leave_out_who_did_not_score():
    levels = np.array([[1.0, 2.0, 6.0], [NAN, 2.0, 4.0], [NAN, NAN, NAN]])
    assert pooled_levels(levels, None) == pytest.approx([2.0, 3.0, NAN], nan_ok=True)
    assert pooled_levels(levels, np.array([0.5, 0.25, 0.25])) == pytest.approx([2.5, 3.0, NAN], nan_ok=True)
