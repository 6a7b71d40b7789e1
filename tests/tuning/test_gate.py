import random

import pytest

from judge.tuning.gate import agreement_gate
from tests.tuning.builders import SCALES, grade


def gate(grades, **more):
    cases = {one.response_id: one.response_id for one in grades}
    (found,) = agreement_gate(grades, cases, SCALES, **more)
    return found


def graded(n, error, seed=0, raters=("a", "b", "c")):
    rng = random.Random(seed)
    truth = [rng.randint(1, 5) for _ in range(n)]
    return [
        grade(f"r{i}", rater, max(1, min(5, level + (rng.choice((-2, -1, 1, 2)) if rng.random() < error else 0))))
        for i, level in enumerate(truth)
        for rater in raters
    ]


def test_physicians_who_agree_pass_with_alpha_and_its_interval():
    found = gate(graded(40, 0.2))
    assert found.is_enough
    assert 0.4 < found.alpha.ci_low < found.alpha.value < found.alpha.ci_high
    assert (found.n_physicians, found.n_shared) == (3, 40)


@pytest.mark.parametrize("seed", range(3))
def test_physicians_who_guess_are_refused_with_the_number(seed):
    rng = random.Random(seed)
    guesses = [grade(f"r{i}", rater, rng.randint(1, 5)) for i in range(40) for rater in "abc"]
    found = gate(guesses)
    assert not found.is_enough
    assert "ordinal alpha" in found.reason
    assert "lower limit must reach 0.40" in found.reason


def test_a_high_alpha_on_few_answers_is_refused_for_its_interval():
    few = gate(graded(12, 0.6, seed=3))
    assert few.alpha.value > 0.4 > few.alpha.ci_low
    assert not few.is_enough


def test_one_physician_or_no_shared_answers_are_refused_with_what_is_needed():
    assert "one physician only" in gate(graded(30, 0.0, raters=("a",))).reason
    apart = [grade(f"r{i}", "a" if i % 2 else "b", 3) for i in range(30)]
    assert gate(apart).reason == "0 answers were graded by two or more physicians; 10 are needed"


def test_full_agreement_has_no_interval_and_passes_and_no_variation_does_not():
    assert gate(graded(20, 0.0)).is_enough
    flat = gate([grade(f"r{i}", rater, 3) for i in range(20) for rater in "ab"])
    assert not flat.is_enough
    assert "undefined" in flat.reason


def test_adjudicated_levels_and_later_repeats_do_not_count_as_agreement():
    rng = random.Random(1)
    guesses = [grade(f"r{i}", rater, rng.randint(1, 5)) for i in range(40) for rater in "abc"]
    extra = [grade(one.response_id, one.rater, 3, repeat=1) for one in guesses]
    extra += [grade(one.response_id, "chair", 3, is_adjudicated=True) for one in guesses]
    assert gate([*extra, *guesses]).alpha == gate(guesses).alpha
