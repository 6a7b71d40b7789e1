"""The draw, the split, and the plan."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.calibration.folds import folds_by_case, linked_groups, split_groups
from judge.calibration.sample_plan import cases_for_half_width, plan_sample
from judge.calibration.sampling import BOOST, Candidates, draw, draw_repeats, sizes
from tests.counting import lines_of


def candidates(rng, n=600, per_case=3, flagged=0.2, planted=0.0):
    cases = np.repeat(np.arange(n // per_case), per_case)
    return Candidates(
        cases=cases,
        task=rng.choice(["CD", "MC", "GRA"], n, p=[0.7, 0.25, 0.05]),
        language=np.array(["en", "zh"])[(cases % 10 == 0).astype(int)],
        model=np.array(["a", "b", "c"])[np.arange(n) % per_case],
        band=rng.choice([1, 2, 3, 4, 5], n, p=[0.02, 0.08, 0.2, 0.3, 0.4]),
        is_flagged=rng.random(n) < flagged,
        is_planted=rng.random(n) < planted,
    )


@pytest.mark.parametrize("unit", ["answer", "case"])
def test_every_answer_is_drawn_as_often_as_its_chance_says(unit):
    made = candidates(np.random.default_rng(0), 150)
    rng = np.random.default_rng(1)
    n, n_draws = (30, 1500) if unit == "answer" else (10, 1500)
    hits = np.zeros(150)
    for _ in range(n_draws):
        drawn = draw(made, n, unit, rng)
        hits[drawn.places] += 1
        assert len(np.unique(made.cases[drawn.places])) == n if unit == "case" else len(drawn.places) == n
    error = (hits / n_draws - drawn.probability) / np.sqrt(drawn.probability * (1 - drawn.probability) / n_draws)
    assert np.abs(error).max() < 4.5  # 150 standard normal deviates
    assert np.sqrt(np.mean(error**2)) < 1.2


@given(st.integers(0, 1000), st.integers(1, 60), st.sampled_from(["answer", "case"]), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_chances_add_up_and_never_differ_by_more_than_the_ratio(seed, n, unit, flagged):
    made = candidates(np.random.default_rng(seed), 180, flagged=flagged)
    drawn = draw(made, n, unit, np.random.default_rng(seed))
    first = np.unique(made.cases, return_index=True)[1]
    total = drawn.probability.sum() if unit == "answer" else drawn.probability[first].sum()
    assert total == pytest.approx(n)
    assert 0 < drawn.probability.min() <= drawn.probability.max() <= 1
    assert drawn.weight_ratio < 5


def test_flagged_and_rare_answers_are_over_sampled():
    made = candidates(np.random.default_rng(2))
    size = sizes(made, 100)
    common = (made.task == "CD") & (made.language == "en") & (made.band == 5)
    assert size[made.is_flagged & common].mean() == pytest.approx(BOOST)
    assert size[~made.is_flagged & common].mean() == pytest.approx(1.0)
    assert size[(made.task == "GRA") & ~made.is_flagged].mean() > 2


def test_where_nearly_all_is_flagged_unflagged_answers_keep_their_share():
    made = candidates(np.random.default_rng(3), flagged=0.9)
    share = float((~made.is_flagged).mean())
    drawn = draw(made, 200, "answer", np.random.default_rng(0))
    assert drawn.probability[~made.is_flagged].sum() / 200 >= 0.75 * share


def test_planted_answers_are_drawn_apart_at_one_chance():
    made = candidates(np.random.default_rng(4), planted=0.2)
    drawn = draw(made, 100, "answer", np.random.default_rng(0))
    assert made.is_planted[drawn.places].sum() == 10
    assert np.ptp(drawn.probability[made.is_planted]) == 0


def test_all_answers_can_be_drawn():
    made = candidates(np.random.default_rng(5), 30)
    drawn = draw(made, 30, "answer", np.random.default_rng(0))
    assert drawn.places.tolist() == list(range(30))
    assert np.all(drawn.probability == 1)
    with pytest.raises(ValueError, match="31 answers cannot be drawn from 30"):
        draw(made, 31, "answer", np.random.default_rng(0))


@given(st.integers(0, 10_000), st.lists(st.integers(0, 12), min_size=5, max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_case_is_never_on_both_sides_whatever_the_order_or_duplicates(seed, cases):
    names = np.array([f"case {c}" for c in cases])
    is_tune = split_groups(names, 0.5, np.random.default_rng(seed))
    assert not set(names[is_tune]) & set(names[~is_tune])
    order = np.random.default_rng(seed + 1).permutation(len(names))
    again = split_groups(names[order], 0.5, np.random.default_rng(seed))
    assert set(names[order][again]) == set(names[is_tune])
    if len(set(cases)) > 1:
        folds = folds_by_case(names, 5, np.random.default_rng(seed))
        assert all(len(set(folds[names == name])) == 1 for name in set(names.tolist()))


def test_groups_are_linked_through_others():
    keys = [["c1", "d1"], ["c2", "d1"], ["c2", "d2"], ["c3"], ["c4", "d2"]]
    assert linked_groups(keys).tolist() == [0, 0, 0, 1, 0]


def test_folds_need_two_cases():
    with pytest.raises(ValueError, match="1 cases cannot be put in 5 folds"):
        folds_by_case(["a", "a"], 5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="between 0 and 1"):
        split_groups(["a", "b"], 1.0, np.random.default_rng(0))


def test_repeats_are_a_tenth():
    assert len(draw_repeats(100, 0.1, np.random.default_rng(0))) == 10
    assert len(set(draw_repeats(95, 0.1, np.random.default_rng(0)).tolist())) == 10
    assert len(draw_repeats(3, 0.1, np.random.default_rng(0))) == 0


@pytest.mark.parametrize("unit", ["answer", "case"])
def test_a_draw_does_no_more_steps_for_more_answers(unit):
    def work(n):
        made = candidates(np.random.default_rng(6), n)
        return lines_of(lambda: draw(made, 60, unit, np.random.default_rng(0)))

    assert 0 < work(15_000) <= 1.5 * work(900)


def test_a_draw_from_141633_answers_is_of_the_wanted_size():
    made = candidates(np.random.default_rng(6), 141_633)
    assert len(draw(made, 600, "answer", np.random.default_rng(0)).places) == 600


def test_the_plan_of_150_cases_is_that_of_the_power_table():
    # STATISTICS' table: judge = physician, 150 cases, margin 0.10: 83 %; Monte Carlo error of 100 studies 4 points
    plan = plan_sample(150, 5000, 1.0, 30.0)
    assert plan.power["0.1"] == pytest.approx(0.83, abs=0.12)
    assert plan.power["0.05"] < plan.power["0.1"] < plan.power["0.15"]
    assert plan.limit_if_none_missed == pytest.approx(0.116, abs=5e-4)
    assert plan.positives_for_5_per_cent == 72
    # t(0.975; 149) / sqrt(150)
    assert plan.half_widths["0"] == pytest.approx(0.1613, abs=1e-4)


def test_half_widths_need_more_cases_as_they_shrink():
    assert [cases_for_half_width(1.0, width) for width in (0.3, 0.2)] == [46, 99]
    with pytest.raises(ValueError, match="above 0"):
        cases_for_half_width(1.0, 0.0)
