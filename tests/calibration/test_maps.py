"""Isotonic and proportional-odds maps, partial pooling, and the choice between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.calibration.choosing import choose_map, gain_of
from judge.calibration.grade_map import Graded, Panelled, document_of, fit_map, map_from
from judge.calibration.isotonic import fit_isotonic
from judge.calibration.pooling import shrunken_offsets
from judge.calibration.proportional_odds import fit_proportional_odds
from tests.calibration.simulated import NAN, reference_case

levels = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=40)


def graded(rng, n=300, *, per_case=1, languages=("en",), shift=None):
    cases = np.repeat(np.arange(n // per_case), per_case)
    truth = rng.integers(1, 6, n).astype(float)
    language = np.array(languages)[cases % len(languages)]
    target = np.clip(truth + (np.array([shift.get(name, 0) for name in language]) if shift else 0), 1, 5)
    level = np.clip(np.round(0.5 * truth + 2.5 + rng.normal(size=n) * 0.4), 1, 5)
    coverage = np.clip((truth - 1) / 4 + rng.normal(size=n) * 0.1, 0, 1)
    panelled = Panelled(level, coverage, rng.integers(0, 3, n).astype(float), np.full(n, "CD"), language)
    given_ = np.eye(5)[np.round(target).astype(int) - 1]
    return Graded(panelled, target, given_, cases, np.ones(n), np.arange(1.0, 6.0))


@pytest.mark.reference
def test_isotonic_fit_equals_r_isoreg_and_scikit_learn(reference_data):
    case = reference_case(reference_data, "isotonic_noties")
    fitted = fit_isotonic(case["input"]["x"], case["input"]["y"])
    assert fitted.values == pytest.approx(case["expected"]["fit"], abs=1e-6)


@pytest.mark.reference
def test_proportional_odds_equal_polr(reference_data):
    case = reference_case(reference_data, "ordinal_recalibration_polr")
    fitted = fit_proportional_odds([[1], [2], [3], [4]], case["input"]["table"], [1, 2, 3, 4])
    expected = case["expected"]
    assert fitted.has_converged
    assert fitted.coefficients == pytest.approx([expected["coef"]], abs=case["tolerance"])
    assert fitted.thresholds == pytest.approx(expected["thresholds"], abs=case["tolerance"])
    assert fitted.deviance == pytest.approx(expected["deviance"], abs=1e-5)
    assert fitted.probabilities([[1], [2], [3], [4]]) == pytest.approx(np.array(expected["prob"]), abs=5e-4)


@given(levels)
@settings(max_examples=60, deadline=None)
def test_an_isotonic_fit_never_descends_and_does_not_depend_on_the_order_of_tied_rows(pairs):
    x, y = map(list, zip(*pairs, strict=True))
    forward, backward = fit_isotonic(x, y), fit_isotonic(x[::-1], y[::-1])
    assert np.all(np.diff(forward.values) >= -1e-12)
    assert forward.values == pytest.approx(backward.values)
    assert forward.predict(x).mean() == pytest.approx(np.mean(y))


def test_isotonic_agrees_with_scikit_learn_on_ties_and_weights():
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(0)
    x, y, w = rng.integers(1, 6, 200), rng.normal(size=200), rng.uniform(0.2, 4, 200)
    ours = fit_isotonic(x, y, w).predict(np.arange(1, 6))
    theirs = IsotonicRegression(out_of_bounds="clip").fit(x, y, sample_weight=w).predict(np.arange(1, 6))
    assert ours == pytest.approx(theirs)


def test_levels_beyond_those_seen_take_the_end_and_missing_ones_stay_missing():
    fitted = fit_isotonic([2, 4], [1, 3])
    assert fitted.predict([1, 3, 5]).tolist() == [1.0, 2.0, 3.0]
    assert np.isnan(fitted.predict([NAN])[0])


def test_fewer_than_two_levels_cannot_be_regressed():
    with pytest.raises(ValueError, match="one level only"):
        fit_proportional_odds([[1], [2]], [[1, 0], [1, 0]], [1, 2])
    with pytest.raises(ValueError, match="one or more finite"):
        fit_isotonic([], [])


def test_several_physicians_of_one_answer_are_shares_of_a_row():
    split = fit_proportional_odds([[0], [1]], [[0.5, 0.5], [0.2, 0.8]], [1, 2])
    many = fit_proportional_odds([[0]] * 10 + [[1]] * 10, np.eye(2)[[0] * 5 + [1] * 5 + [0] * 2 + [1] * 8], [1, 2])
    assert split.thresholds == pytest.approx(many.thresholds, abs=1e-4)


def test_no_group_keeps_an_offset_that_noise_explains_and_a_large_group_keeps_nearly_all_of_its_own():
    rng = np.random.default_rng(1)
    groups = np.repeat(["a", "b"], [400, 400])
    noise = rng.normal(size=800)
    noise -= np.repeat([noise[:400].mean(), noise[400:].mean()], 400)
    assert shrunken_offsets(noise, groups, np.ones(800)) == {}
    apart = shrunken_offsets(noise + np.where(groups == "a", 1.0, -1.0), groups, np.ones(800))
    assert apart["a"] == pytest.approx(1.0, abs=0.01)


def test_a_small_group_is_shrunk_more_than_a_large_one():
    rng = np.random.default_rng(2)
    groups = np.repeat(["large", "small", "middle"], [300, 5, 300])
    residuals = rng.normal(size=605) * 0.8 + np.repeat([0.5, 0.5, -0.5], [300, 5, 300])
    kept = shrunken_offsets(residuals, groups, np.ones(605))
    raw = {name: residuals[groups == name].mean() for name in kept}
    assert kept["small"] / raw["small"] < kept["large"] / raw["large"] < 1


def test_maps_learn_what_a_language_does():
    rng = np.random.default_rng(3)
    made = graded(rng, 600, languages=("en", "zh"), shift={"zh": -1.0})
    for method in ("isotonic", "proportional_odds"):
        fitted = fit_map(made, method)
        assert fitted.language["zh"] < -0.2 < fitted.language["en"]


@pytest.mark.parametrize("method", ["isotonic", "proportional_odds"])
def test_a_corrected_level_never_descends_in_the_panels_level(method):
    fitted = fit_map(graded(np.random.default_rng(4)), method)
    grid = np.linspace(1, 5, 17)
    same = np.full(17, "x")
    found = fitted.predict(Panelled(grid, np.full(17, 0.5), np.ones(17), same, same))
    assert np.all(np.diff(found) >= -1e-9)
    assert found.min() >= 1
    assert found.max() <= 5


@pytest.mark.parametrize("method", ["isotonic", "proportional_odds"])
def test_a_map_survives_its_json(method):
    import json

    made = graded(np.random.default_rng(5), languages=("en", "zh"), shift={"zh": -1.0})
    fitted = fit_map(made, method)
    again = map_from(json.loads(json.dumps(document_of(fitted))))
    assert again.predict(made.panelled) == pytest.approx(fitted.predict(made.panelled))


def test_physicians_who_always_gave_one_level_fall_back_to_a_flat_map():
    made = graded(np.random.default_rng(6))
    flat = Graded(
        made.panelled, np.full(300, 4.0), np.tile(np.eye(5)[3], (300, 1)), made.cases, made.weights, made.scale
    )
    assert fit_map(flat, "proportional_odds").predict(flat.panelled) == pytest.approx(np.full(300, 4.0))


def test_coverage_helps_where_the_level_saturates_and_is_then_chosen():
    made = graded(np.random.default_rng(7), 400)
    chosen = choose_map(made, np.random.default_rng(0), is_nested=False)
    assert chosen.fitted.method == "proportional_odds"
    assert chosen.errors_by_method["proportional_odds"] < chosen.errors_by_method["isotonic"]


@pytest.mark.parametrize("is_nested", [True, False])
def test_a_held_out_prediction_never_saw_its_case(is_nested):
    """Physicians' levels that are pure noise, the same for all answers of a case: any leak would lower the error."""
    rng = np.random.default_rng(8)
    noise = np.repeat(rng.choice([1.0, 5.0], 80), 3)
    made = graded(rng, 240, per_case=3)
    panelled = Panelled(
        np.repeat(rng.uniform(1, 5, 80), 3), np.full(240, NAN), np.full(240, NAN), np.full(240, "x"), np.full(240, "x")
    )
    blind = Graded(panelled, noise, np.eye(5)[noise.astype(int) - 1], made.cases, np.ones(240), made.scale)
    chosen = choose_map(blind, rng, is_nested=is_nested)
    assert gain_of(blind, chosen.predicted).mae_corrected > 1.85  # 2 without knowledge
    assert np.abs(chosen.fitted.predict(panelled) - noise).mean() < gain_of(blind, chosen.predicted).mae_corrected
