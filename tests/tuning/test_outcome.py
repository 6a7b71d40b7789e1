import numpy as np
import pytest

from judge.agreement import Interval, cohen_kappa
from judge.tuning.outcome import compare_on_test
from tests.tuning.builders import example


def study(n=60, *, seed=0, error=0.4, per_case=2):
    """Return targets with two physicians, and levels of a judge with errors of its own."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, n)
    examples = [
        example(f"r{i}", f"c{i // per_case}", d=[int(level), int(np.clip(level + rng.integers(-1, 2), 1, 5))])
        for i, level in enumerate(truth)
    ]
    noisy = np.clip(truth + rng.integers(-2, 3, n) * (rng.random(n) < error), 1, 5)
    return truth, noisy, examples


def as_levels(values):
    return [{"d": None if value is None else float(value)} for value in values]


def test_before_after_and_difference_are_quadratic_kappa_and_mean_absolute_error():
    truth, noisy, examples = study()
    overall, own = compare_on_test(as_levels(noisy), as_levels(truth), examples, ["d"], seed=1)
    targets = np.array([one.targets["d"].level for one in examples])
    for levels, shown in ((noisy, own.kappa.before), (truth, own.kappa.after)):
        table = np.column_stack([levels, targets])
        expected = cohen_kappa(table, "quadratic", scale=[1, 2, 3, 4, 5], interval=Interval("none")).value
        assert shown == pytest.approx(expected)
    assert own.mean_absolute_error.before == pytest.approx(np.abs(noisy - targets).mean())
    assert own.kappa.difference == pytest.approx(own.kappa.after - own.kappa.before)
    assert (own.n_answers, own.n_cases) == (60, 30)
    assert overall.kappa == own.kappa
    assert own.answer == "gain"


def test_the_same_levels_are_no_gain_and_worse_ones_are_said_to_be():
    truth, noisy, examples = study(error=0.9)
    _, same = compare_on_test(as_levels(noisy), as_levels(noisy), examples, ["d"], seed=1)
    assert (same.answer, same.reason, same.kappa.difference) == ("no gain", "agreement is the same", 0)
    _, worse = compare_on_test(as_levels(truth), as_levels(noisy), examples, ["d"], seed=1)
    assert (worse.answer, worse.reason) == ("no gain", "agreement fell")


def test_few_answers_or_few_cases_are_not_enough_data_however_large_the_difference():
    truth, noisy, examples = study(28, error=1.0)
    _, few = compare_on_test(as_levels(noisy), as_levels(truth), examples, ["d"], seed=1)
    assert (few.answer, few.kappa.difference > 0.2) == ("not enough data", True)
    truth, noisy, examples = study(60, error=1.0, per_case=12)
    _, five_cases = compare_on_test(as_levels(noisy), as_levels(truth), examples, ["d"], seed=1)
    assert five_cases.answer == "not enough data"
    assert five_cases.reason.startswith("60 answers of 5 cases")


def test_a_judge_that_gains_by_leaving_answers_out_has_no_gain():
    truth, noisy, examples = study(80, error=0.9)
    after = [None if i < 10 else level for i, level in enumerate(truth)]
    _, own = compare_on_test(as_levels(noisy), as_levels(after), examples, ["d"], seed=1)
    assert (own.answer, own.n_unscored_before, own.n_unscored_after) == ("no gain", 0, 10)
    assert own.reason == "10 answers without a level, 0 before"


def test_one_level_for_all_has_kappa_0_and_a_target_without_variation_is_undefined():
    truth, _, examples = study()
    _, flat = compare_on_test(as_levels([3] * 60), as_levels(truth), examples, ["d"], seed=1)
    assert flat.kappa.before == 0
    same = [example(f"r{i}", d=3) for i in range(40)]
    _, own = compare_on_test(as_levels([3] * 40), as_levels([3] * 40), same, ["d"], seed=1)
    assert (own.answer, own.kappa.difference) == ("not enough data", None)


def test_intervals_of_dimensions_are_widened_for_their_number_and_others_are_shown_but_not_in_the_mean():
    truth, noisy, examples = study()
    three = [
        example(e.response_id, e.case_id, **{n: int(e.targets["d"].said[0].level) for n in "abc"}) for e in examples
    ]
    before = [dict.fromkeys("abc", float(level)) for level in noisy]
    after = [{"a": float(level), "b": float(level), "c": 1.0} for level in truth]
    overall, a, b, c = compare_on_test(before, after, three, ["a", "b"], ["c"], seed=1)
    assert (a.kappa.ci_level, overall.kappa.ci_level) == (0.975, 0.95)
    assert overall.kappa.after == pytest.approx((a.kappa.after + b.kappa.after) / 2)
    assert (c.is_tuned, c.kappa.after, c.reason) == (False, 0.0, "agreement fell")


def test_the_ceiling_is_each_physician_against_the_mean_of_the_others():
    truth, noisy, examples = study()
    _, own = compare_on_test(as_levels(noisy), as_levels(truth), examples, ["d"], seed=1)
    pairs = np.array([[said.level for said in one.targets["d"].said] for one in examples])
    kappa = cohen_kappa(pairs, "quadratic", scale=[1, 2, 3, 4, 5], interval=Interval("none")).value
    assert own.ceiling == pytest.approx(kappa)  # two physicians: the same both ways
    alone = [example(one.response_id, one.case_id, d=one.targets["d"].said[0].level) for one in examples]
    _, without = compare_on_test(as_levels(noisy), as_levels(truth), alone, ["d"], seed=1)
    assert without.ceiling is None


def test_where_nothing_changed_but_noise_gain_is_said_in_about_the_nominal_share():
    # 150 studies, one-sided 2.5 %: 3.75 expected, standard error 1.9; more than 11 would be four of them
    n_gain = 0
    for seed in range(150):
        rng = np.random.default_rng([seed, 7])
        truth, _, examples = study(40, seed=seed, per_case=1)
        before, after = (np.clip(truth + rng.integers(-1, 2, 40), 1, 5) for _ in range(2))
        n_gain += compare_on_test(as_levels(before), as_levels(after), examples, ["d"], seed=seed)[0].answer == "gain"
    assert n_gain <= 11
