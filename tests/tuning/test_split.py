from hypothesis import given
from hypothesis import strategies as st

from judge.tuning.split import by_split, learn_and_choose
from tests.tuning.builders import example

CASES = [f"c{n}" for n in range(12)]
ANSWERS = st.lists(st.sampled_from(CASES), min_size=1, max_size=40)


def examples_of(cases):
    return [example(f"r{place}", case, d=3) for place, case in enumerate(cases)]


@given(ANSWERS, st.dictionaries(st.sampled_from(CASES), st.sampled_from(["tune", "test"])), st.randoms())
def test_no_case_is_in_tune_and_test_whatever_the_order_and_however_many_answers(cases, split, random):
    examples = examples_of(cases)
    parts = by_split(examples, split)
    assert not {e.case_id for e in parts.tune} & {e.case_id for e in parts.test}
    assert len(parts.tune) + len(parts.test) + parts.n_outside == len(examples)
    random.shuffle(examples)
    again = by_split(examples, split)
    assert {e.response_id for e in again.tune} == {e.response_id for e in parts.tune}


def test_a_case_of_tune_that_asks_what_a_case_of_test_asks_is_left_out():
    examples = [example("r1", "c1", question="What is  it?", d=3), example("r2", "c2", question="what is it?", d=3)]
    parts = by_split([*examples, example("r3", "c3", d=3)], {"c1": "tune", "c2": "test", "c3": "tune"})
    assert [e.response_id for e in parts.tune] == ["r3"]
    assert (parts.n_twins, parts.n_outside) == (1, 0)


@given(ANSWERS, st.integers(0, 5), st.randoms())
def test_the_halves_of_tune_share_no_case_and_do_not_depend_on_the_order(cases, seed, random):
    examples = examples_of(cases)
    parts = learn_and_choose(examples, seed)
    assert not {e.case_id for e in parts.learn} & {e.case_id for e in parts.choose}
    assert sorted(e.response_id for e in parts.all) == sorted(e.response_id for e in examples)
    random.shuffle(examples)
    assert learn_and_choose(examples, seed) == parts
    assert abs(len({e.case_id for e in parts.learn}) - len({e.case_id for e in parts.choose})) <= 1
