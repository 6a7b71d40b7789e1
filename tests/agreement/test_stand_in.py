"""May the judge stand in for a physician: Delta, its interval, and the alternative annotator test."""

import numpy as np
import pytest

from judge.agreement import (
    ANALYTIC,
    NO_INTERVAL,
    Interval,
    alt_test_omega,
    alt_test_rho,
    cohen_kappa,
    non_inferiority,
    panel_non_inferiority,
)
from judge.agreement.simulation import DeltaDesign, simulate_delta

SCALE = range(1, 6)
CUTS = [-1.1, -0.35, 0.35, 1.1]
SOME = Interval("bca", n_resamples=2000)


def ratings(n: int, k: int, noise: float = 0.7, seed: int = 0, judge_noise: float | None = None) -> np.ndarray:
    rng = np.random.default_rng(seed)
    sd = np.array([judge_noise or noise, *[noise] * k])
    rated = rng.normal(size=(n, 1)) + sd * rng.normal(size=(n, k + 1))
    return np.searchsorted(CUTS, rated.ravel()).reshape(rated.shape) + 1.0


def test_delta_is_the_difference_of_mean_pairwise_kappas():
    levels = ratings(120, 3)
    found = non_inferiority(levels[:, 0], levels[:, 1:], 0.1, scale=SCALE, interval=SOME)

    def kappa(i: int, j: int) -> float:
        return cohen_kappa(levels[:, [i, j]], "quadratic", scale=SCALE, interval=NO_INTERVAL).value

    own = [kappa(0, j) for j in (1, 2, 3)]
    among = [kappa(1, 2), kappa(1, 3), kappa(2, 3)]
    assert found.value == pytest.approx(np.mean(own) - np.mean(among))
    assert found.detail["judge_physician"] == pytest.approx(own)
    # without physician 1: judge with 2 and 3, and the pair of 2 and 3
    assert found.detail["without_physician"][0] == pytest.approx(np.mean(own[1:]) - among[2])
    assert found.detail["population"] == "these 3 physicians"


def test_a_judge_like_a_physician_passes_and_a_noisy_one_does_not():
    good, bad = ratings(600, 3, seed=1), ratings(600, 3, seed=1, judge_noise=1.6)
    passed = non_inferiority(good[:, 0], good[:, 1:], 0.1, scale=SCALE, interval=SOME)
    failed = non_inferiority(bad[:, 0], bad[:, 1:], 0.1, scale=SCALE, interval=SOME)
    assert passed.ci_low > -0.1
    assert passed.p_value < 0.025
    assert failed.ci_high < -0.1
    assert failed.p_value > 0.9


def test_the_p_value_and_the_limit_say_the_same():
    levels = ratings(150, 3, seed=3)
    found = non_inferiority(levels[:, 0], levels[:, 1:], 0.1, scale=SCALE, interval=SOME)
    # at the margin that equals the lower limit the one-sided p value is 0.025
    at_limit = non_inferiority(levels[:, 0], levels[:, 1:], -found.ci_low, scale=SCALE, interval=SOME)
    assert at_limit.p_value == pytest.approx(0.025, abs=0.003)


def test_drawing_physicians_too_gives_a_wider_interval():
    levels = ratings(300, 3, seed=4)
    levels[:, 1] = np.clip(levels[:, 1] + 1, 1, 5)
    found = non_inferiority(levels[:, 0], levels[:, 1:], 0.1, scale=SCALE, interval=SOME)
    assert found.detail["two_way_high"] - found.detail["two_way_low"] > found.ci_high - found.ci_low


def test_few_cases_are_warned_of():
    levels = ratings(100, 2, seed=5)
    found = non_inferiority(levels[:, 0], levels[:, 1:], 0.1, scale=SCALE, interval=SOME)
    assert any("below 300" in warning for warning in found.warnings)


def test_cases_with_several_answers_are_drawn_whole():
    levels = np.repeat(ratings(80, 2, seed=6), 4, axis=0)
    one_each = non_inferiority(levels[:, 0], levels[:, 1:], 0.1, scale=SCALE, interval=ANALYTIC)
    by_case = non_inferiority(
        levels[:, 0],
        levels[:, 1:],
        0.1,
        scale=SCALE,
        interval=Interval("analytic", clusters=np.repeat(np.arange(80), 4)),
    )
    assert by_case.detail["n_cases"] == 80
    assert by_case.se == pytest.approx(2 * one_each.se, rel=0.03)


def test_without_a_margin_there_is_no_claim():
    levels = ratings(60, 2)
    found = non_inferiority(levels[:, 0], levels[:, 1:], None, scale=SCALE)
    assert found.undefined == "no_margin_stated"
    assert "delta" in found.detail
    with pytest.raises(ValueError, match="above 0"):
        non_inferiority(levels[:, 0], levels[:, 1:], -0.1, scale=SCALE)
    with pytest.raises(ValueError, match="shape"):
        non_inferiority(levels[:50, 0], levels[:, 1:], 0.1, scale=SCALE)


def test_one_physician_is_too_few():
    levels = ratings(60, 1)
    assert non_inferiority(levels[:, 0], levels[:, 1:], 0.1, scale=SCALE).undefined == "too_few_raters"


def test_a_panels_mean_is_compared_with_a_mean_of_physicians():
    rng = np.random.default_rng(8)
    quality = rng.normal(size=(500, 1))
    rated = quality + 0.7 * rng.normal(size=(500, 8))
    levels = np.searchsorted(CUTS, rated.ravel()).reshape(rated.shape) + 1.0
    panel, physicians = levels[:, :5].mean(axis=1), levels[:, 5:]
    fair = panel_non_inferiority(panel, physicians, 0.1, scale=SCALE, interval=ANALYTIC)
    # five averaged judges against single physicians would look far better than they are
    unfair = np.mean(fair.detail["judge_physician"]) - np.mean(
        non_inferiority(levels[:, 0], physicians, 0.1, scale=SCALE, interval=ANALYTIC).detail["physician_physician"]
    )
    assert fair.value < unfair
    assert fair.variant == "cohen_kappa quadratic@0.1"
    two = panel_non_inferiority(panel, physicians[:, :2], 0.1, scale=SCALE, interval=ANALYTIC)
    assert any("favours the panel" in warning for warning in two.warnings)


def test_same_seed_same_interval_whatever_the_order_of_items():
    levels = ratings(90, 3, seed=9)
    moved = levels[np.random.default_rng(1).permutation(90)]
    one, two = (non_inferiority(x[:, 0], x[:, 1:], 0.1, scale=SCALE, interval=SOME) for x in (levels, moved))
    assert (one.ci_low, one.ci_high) == pytest.approx((two.ci_low, two.ci_high), abs=1e-12)


def test_simulated_power_is_near_that_of_the_design_document():
    # 150 cases, three physicians, margin 0.10, a judge like a physician: about 80 %
    found = simulate_delta(DeltaDesign(n_cases=150), n_studies=300)
    assert 0.7 < found.power < 0.9


def by_hand(k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 40 items on which physician 1 is off by two in the last ten, and the judge is always right."""
    truth = np.tile(np.arange(1.0, 6.0), 8)
    physicians = np.column_stack([truth] * k)
    physicians[30:, 0] = np.where(truth[30:] > 3, truth[30:] - 2, truth[30:] + 2)
    return truth, physicians


def test_alternative_annotator_by_hand():
    judge, physicians = by_hand(3)
    found = alt_test_omega(judge, physicians, 0.0)
    first, second, third = found.detail["physicians"]
    # judge as near as physician 1 everywhere; physician 1 only on 30 of 40
    assert (first["rho_judge"], first["rho_physician"]) == (1.0, 0.75)
    # judge and physician 2 are the same, so both win every item: no variation at epsilon 0
    assert (second["rho_judge"], second["rho_physician"], second["p_value"]) == (1.0, 1.0, None)
    assert third["p_value"] is None
    # t = -.25 / (sqrt(.25 x .75 x 40/39) / sqrt 40) = -3.606; only physician 1 is rejected
    assert first["p_value"] == pytest.approx(0.000437, abs=2e-6)
    assert found.value == pytest.approx(1 / 3)
    assert found.detail["passes"] is False
    assert alt_test_rho(judge, physicians, interval=NO_INTERVAL).value == 1.0


def test_ties_count_for_both_sides():
    judge, physicians = by_hand(2)
    rho = alt_test_rho(judge, physicians, score="accuracy", interval=NO_INTERVAL)
    # against physician 2 the judge equals on 40, physician 1 on 30; against physician 1 both equal on 30, differ on 10
    assert rho.value == 1.0


def test_physicians_with_few_items_are_left_out_and_named():
    judge, physicians = by_hand(3)
    physicians[20:, 2] = np.nan
    found = alt_test_omega(judge, physicians, 0.2)
    assert found.detail["left_out"] == [2]
    assert any("physician 3" in warning for warning in found.warnings)


def test_epsilon_is_a_share():
    judge, physicians = by_hand(2)
    with pytest.raises(ValueError, match="between 0 and 1"):
        alt_test_omega(judge, physicians, 1.5)
