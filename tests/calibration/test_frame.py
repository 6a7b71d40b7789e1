import numpy as np
import pytest

from judge.calibration.frame import Frame, MeanOptions, corrected_difference, corrected_mean
from judge.calibration.ppi import CLASSICAL, PpiVariant, ppi_mean
from tests.calibration.simulated import NAN, covers, study


def frame(scores, labels, cases=None):
    numbers = np.arange(len(scores)) if cases is None else np.array(cases)
    return Frame(np.array(scores, dtype=float), np.array(labels, dtype=float), numbers)


def test_lambda_0_is_the_physicians_mean_with_its_t_interval():
    made, _ = study(np.random.default_rng(0), n_cases=300, n_graded=40)
    labels = made.labels[made.is_labelled]
    expected = ppi_mean(labels, labels, labels, CLASSICAL)
    found = corrected_mean(made, MeanOptions(lam=0.0))
    assert found.value == pytest.approx(expected.value)
    assert (found.ci_low, found.ci_high) == pytest.approx((expected.ci_low, expected.ci_high))


def test_lambda_1_is_mean_of_the_judge_plus_mean_correction():
    made = frame([2, 4, 1, 3], [3, 5, NAN, NAN])
    assert corrected_mean(made, MeanOptions(lam=1.0)).value == pytest.approx(2.5 + (4 - 3))


def test_the_mean_over_all_answers_is_the_textbook_mean_with_lambda_rescaled():
    # lambda mean(F of all) = lambda N/(n+N) mean(F_u) + lambda n/(n+N) mean(F): lambda' = lambda N/(n+N)
    made, _ = study(np.random.default_rng(3), n_cases=2000, n_graded=200)
    labelled = made.is_labelled
    parts = made.labels[labelled], made.scores[labelled], made.scores[~labelled]
    textbook = ppi_mean(*parts, PpiVariant("x", lam=0.8 * 1800 / 2000))
    found = corrected_mean(made, MeanOptions(lam=0.8))
    assert found.value == pytest.approx(textbook.value)
    assert found.se == pytest.approx(textbook.se, rel=0.02)


def test_the_tuned_lambda_is_near_that_of_ppi_plus_plus():
    made, _ = study(np.random.default_rng(3), n_cases=2000, n_graded=200)
    labelled = made.is_labelled
    textbook = ppi_mean(made.labels[labelled], made.scores[labelled], made.scores[~labelled])
    for lam in ("tuned", "cross-fit"):
        found = corrected_mean(made, MeanOptions(lam=lam)).detail["lambda"] * 1800 / 2000
        assert found == pytest.approx(textbook.detail["lambda"], abs=0.08)


def test_hand_worked_influence_of_two_graded_cases():
    # labels 3, 5; lambda 0: residuals -1, +1 about 4; psi = -1/2, +1/2; variance (1/4 + 1/4) * 2/1 = 1
    assert corrected_mean(frame([2, 4, 1], [3, 5, NAN]), MeanOptions(lam=0.0)).se == pytest.approx(1.0)


def test_unequal_weights_widen_the_interval_by_leverage_and_degrees_of_freedom():
    # labels 1, 3 with chances 1 and 1/3: weights 1, 3; mean (1 + 9) / 4 = 2.5; psi = (-1.5) / 4, 3 * 0.5 / 4
    # variance (0.375^2 / (1 - 1/4) + 0.375^2 / (1 - 3/4)) = 0.1875 + 0.5625; degrees 1 / (1/16 + 9/16) - 1 = 0.6
    made = Frame(np.array([1.0, 1, 1]), np.array([1.0, 3, NAN]), np.arange(3), np.array([1, 1 / 3, 1 / 3]))
    found = corrected_mean(made, MeanOptions(lam=0.0))
    assert found.value == pytest.approx(2.5)
    assert found.se == pytest.approx(0.75**0.5)
    assert found.ci_method.startswith("t, 0.6 degrees")


def test_answers_of_one_case_are_one_influence_value():
    # each label three times in a case: the same mean and the same standard error as once a case
    once = frame([1, 2, 3, 4], [2, 3, 5, NAN])
    thrice = frame(np.repeat([1, 2, 3, 4], 3), np.repeat([2, 3, 5, NAN], 3), np.repeat(np.arange(4), 3))
    for lam in (0.0, 1.0, "tuned"):
        one, three = (corrected_mean(made, MeanOptions(lam=lam)) for made in (once, thrice))
        assert three.value == pytest.approx(one.value)
        assert three.se == pytest.approx(one.se)


def test_the_order_of_answers_decides_nothing():
    made, _ = study(np.random.default_rng(5), n_cases=200, n_graded=60, per_case=2, ratio=3)
    order = np.random.default_rng(1).permutation(len(made.scores))
    shuffled = Frame(made.scores[order], made.labels[order], made.cases[order], made.probability[order])
    one, other = corrected_mean(made), corrected_mean(shuffled)
    assert one.value == pytest.approx(other.value)
    assert one.se == pytest.approx(other.se)


def test_weights_undo_unequal_sampling():
    rng = np.random.default_rng(11)
    errors = []
    for _ in range(60):
        made, truth = study(rng, n_cases=2000, n_graded=200, ratio=4.5)
        weighted = corrected_mean(made).value - truth.mean()
        naive = np.nanmean(made.labels) - truth.mean()
        errors.append((weighted, naive))
    weighted, naive = np.mean(errors, axis=0)
    assert abs(weighted) < 0.03
    assert naive < -0.2


def test_answers_that_the_panel_could_not_score_count_with_the_judges_mean():
    scored = frame([2, 4, 3, 3], [3, 5, NAN, NAN])
    some_missing = frame([2, 4, NAN, NAN], [3, 5, NAN, NAN])
    assert corrected_mean(some_missing, MeanOptions(lam=1.0)).value == pytest.approx(
        corrected_mean(scored, MeanOptions(lam=1.0)).value
    )


@pytest.mark.parametrize("lam", [0.0, 1.0, "tuned", "cross-fit"])
def test_a_run_that_is_graded_whole_leaves_nothing_to_chance(lam):
    found = corrected_mean(frame([1, 2, 3], [2, 2, 5]), MeanOptions(lam=lam, target="these answers"))
    assert found.ci_low == found.ci_high == pytest.approx(3.0)
    made, truth = study(np.random.default_rng(4), n_cases=60, n_graded=60)
    found = corrected_mean(made, MeanOptions(lam=lam, target="these answers"))
    assert found.ci_low == found.ci_high == pytest.approx(truth.mean())


def test_the_correction_for_a_finite_run_counts_what_was_graded_not_what_was_drawn():
    # all 40 were drawn with chance 1 and half of them have a grade: as a simple random half, not as a whole run
    labels = np.where(np.arange(40) % 2 == 0, np.arange(40.0) % 5 + 1, NAN)
    made = frame(np.arange(40) % 4 + 1, labels)
    options = MeanOptions(lam=0.0, target="these answers")
    drawn = Frame(made.scores, made.labels, made.cases, np.ones(40))
    assert corrected_mean(drawn, options).se == pytest.approx(corrected_mean(made, options).se)
    # sqrt(1 - 20/40) of the standard error that speaks of other cases too
    wide = corrected_mean(made, MeanOptions(lam=0.0))
    assert corrected_mean(drawn, options).se == pytest.approx(0.5**0.5 * wide.se)


@pytest.mark.parametrize("ratio", [1, 3])
def test_the_correction_for_a_finite_run_holds_the_mean_of_that_very_run(ratio):
    """300 runs of which half is graded, Monte Carlo error 1.3 points; without the correction nearly all are held."""
    rng = np.random.default_rng(40 + ratio)
    hits, wide = 0, 0
    for _ in range(300):
        made, truth = study(rng, n_cases=160, n_graded=80, ratio=ratio)
        hits += covers(corrected_mean(made, MeanOptions(target="these answers")), truth.mean())
        wide += covers(corrected_mean(made), truth.mean())
    assert 0.92 <= hits / 300 <= 0.985
    assert wide > hits


def test_labels_that_never_vary_give_no_interval():
    found = corrected_mean(frame([3, 3, 3, 3], [4, 4, 4, NAN]))
    assert found.ci_low is None
    assert any("no interval" in warning for warning in found.warnings)


def test_below_two_graded_cases_there_is_no_mean():
    found = corrected_mean(frame([3, 3, 3], [4, 4, NAN], [7, 7, 8]))
    assert found.undefined == "too_few_labels"


def test_a_difference_cancels_what_a_case_does_to_both_models():
    rng = np.random.default_rng(2)
    case = rng.normal(size=400) * 2
    drawn = np.arange(400) < 80

    def model(shift):
        level = case + shift + rng.normal(size=400) * 0.2
        return frame(level + 0.5, np.where(drawn, level, NAN))

    one, other = model(0.3), model(0.0)
    found = corrected_difference(one, other)
    apart = np.hypot(corrected_mean(one).se, corrected_mean(other).se)
    assert found.value == pytest.approx(0.3, abs=0.1)
    assert found.se < 0.5 * apart


def test_models_without_a_common_case_have_no_difference():
    one = frame([1, 2], [1, 2], [0, 1])
    other = frame([1, 2], [1, 2], [2, 3])
    assert corrected_difference(one, other).undefined == "no_common_case"


def test_cross_fitted_lambda_is_zero_for_a_judge_that_knows_nothing():
    rng = np.random.default_rng(8)
    labels = np.where(np.arange(2000) < 400, rng.integers(1, 6, 2000), NAN)
    found = corrected_mean(frame(rng.integers(1, 6, 2000), labels))
    assert found.detail["lambda"] < 0.15


@pytest.mark.parametrize(
    ("n_graded", "per_case", "ratio", "least"),
    [(50, 1, 1, 0.92), (100, 1, 1, 0.92), (40, 3, 1, 0.92), (100, 1, 4.5, 0.91)],
)
def test_intervals_hold_their_promise_in_a_small_simulation(n_graded, per_case, ratio, least):
    """300 studies, Monte Carlo error 1.3 points; the full size is `python -m tests.benchmarks.calibration`."""
    rng = np.random.default_rng(n_graded + 10 * per_case)
    truth = study(np.random.default_rng(99), n_cases=200_000)[1].mean()
    hits, naive = 0, 0
    for _ in range(300):
        made, _ = study(rng, n_cases=1500, n_graded=n_graded, per_case=per_case, ratio=ratio)
        hits += covers(corrected_mean(made), truth)
        naive += abs(made.scores.mean() - truth) <= 2 * made.scores.std() / np.sqrt(len(made.scores))
    assert naive == 0
    assert least <= hits / 300 <= 0.99
