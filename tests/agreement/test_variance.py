"""Variance components of crossed, unbalanced designs."""

import numpy as np
import pytest

from judge.agreement import NO_INTERVAL, Interval, reliability, variance_component


def crossed(n: int, k: int, m: int, seed: int) -> np.ndarray:
    """Return ratings with variances 1 (case), 0.25 (rater), 0.36 (residual), 0.16 (repeat)."""
    rng = np.random.default_rng(seed)
    case, rater = rng.normal(size=(n, 1, 1)), 0.5 * rng.normal(size=(1, k, 1))
    return case + rater + 0.6 * rng.normal(size=(n, k, 1)) + 0.4 * rng.normal(size=(n, k, m))


def components(levels: np.ndarray) -> dict[str, float | None]:
    return {
        name: variance_component(levels, name, interval=NO_INTERVAL).value
        for name in ("case", "rater", "repeat", "residual")
    }


def test_balanced_components_are_those_of_the_analysis_of_variance():
    levels = crossed(30, 4, 3, 0)
    n, k, m = levels.shape
    cell, case, rater, grand = levels.mean(2), levels.mean((1, 2)), levels.mean((0, 2)), levels.mean()
    ms_repeat = np.sum((levels - cell[:, :, None]) ** 2) / (n * k * (m - 1))
    ms_rest = m * np.sum((cell - case[:, None] - rater[None] + grand) ** 2) / ((n - 1) * (k - 1))
    ms_case = k * m * np.sum((case - grand) ** 2) / (n - 1)
    ms_rater = n * m * np.sum((rater - grand) ** 2) / (k - 1)
    found = components(levels)
    assert found["repeat"] == pytest.approx(ms_repeat)
    assert found["residual"] == pytest.approx((ms_rest - ms_repeat) / m)
    assert found["case"] == pytest.approx((ms_case - ms_rest) / (k * m))
    assert found["rater"] == pytest.approx((ms_rater - ms_rest) / (n * m))


def test_unbalanced_components_are_unbiased():
    found = []
    for seed in range(60):
        levels = crossed(60, 6, 2, seed)
        rng = np.random.default_rng(1000 + seed)
        levels[rng.random(levels.shape) < 0.35] = np.nan
        found.append(list(components(levels).values()))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(60)
    for got, slack, true in zip(mean, error, (1.0, 0.25, 0.16, 0.36), strict=True):
        assert got == pytest.approx(true, abs=3.5 * slack)


def test_without_repeats_the_residual_holds_them():
    levels = crossed(40, 4, 1, 3)[:, :, 0]
    repeat = variance_component(levels, "repeat")
    assert repeat.undefined == "no_repeats"
    residual = variance_component(levels, "residual", interval=NO_INTERVAL)
    assert "holds repeat error" in residual.method


def test_raters_who_share_no_case_cannot_be_told_from_cases():
    levels = np.full((8, 2), np.nan)
    levels[:4, 0], levels[4:, 1] = [1, 2, 3, 4], [2, 3, 4, 5]
    assert variance_component(levels, "case", interval=NO_INTERVAL).undefined == "not_crossed"


def test_negative_components_are_shown_and_count_as_zero_in_a_d_study():
    levels = np.array([[1, 5], [5, 1], [3, 3], [2, 4]])
    case = variance_component(levels, "case", interval=NO_INTERVAL)
    assert case.value < 0
    assert any("negative" in warning for warning in case.warnings)
    assert reliability(levels, 2, interval=NO_INTERVAL).value == 0.0


def test_more_raters_and_repeats_by_the_formula():
    levels = crossed(50, 4, 2, 5)
    v = components(levels)
    expected = v["case"] / (v["case"] + (v["rater"] + v["residual"]) / 3 + v["repeat"] / 6)
    found = reliability(levels, 3, 2, interval=Interval("percentile", n_resamples=300))
    assert found.value == pytest.approx(expected)
    assert found.variant == "k=3,m=2"
    assert found.ci_low < found.value < found.ci_high
    assert reliability(levels[:, :, 0], 3, 2).undefined == "no_repeats"
    with pytest.raises(ValueError, match="at least 1"):
        reliability(levels, 0)
