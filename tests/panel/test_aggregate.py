"""Grades of one response from its verdicts."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.domain.verdict import CriterionVerdict, Quote
from judge.errors import ConfigError
from judge.panel.aggregate import grade_response

_spec = importlib.util.spec_from_file_location("small_rubric", Path(__file__).with_name("small_rubric.py"))
small = importlib.util.module_from_spec(_spec)
sys.modules["small_rubric"] = small
_spec.loader.exec_module(small)


def graded(verdicts, *, names=("a", "b", "c"), reading=None, task="EBK", weights=None, **panel):
    return grade_response(
        small.RUBRIC,
        small.panel(*names, **panel),
        small.case(task),
        "r1",
        verdicts,
        reading or small.reading(),
        weights=weights,
    )


def grade_of(found, dimension="DA"):
    return next(grade for grade in found.grades if grade.dimension == dimension)


def three(*said):
    return [small.verdict(name, value) for name, value in zip("abc", said, strict=False)]


def test_every_dimension_of_the_rubric_has_a_grade_in_order():
    assert tuple(g.dimension for g in graded(three(4, 4, 4)).grades) == small.DIMENSIONS


def test_an_even_panel_gives_half_levels():
    grade = grade_of(graded(three(3, 4), names=("a", "b")))
    assert (grade.level, grade.spread, grade.n_verdicts) == (3.5, 1.0, 2)


def test_a_judge_that_failed_is_counted_and_bounded_not_graded():
    grade = grade_of(graded(three(4, 5, "timeout")))
    assert (grade.level, grade.n_verdicts, grade.n_unscored) == (4.5, 2, 1)
    # a third judge at 1 gives the median of 1, 4, 5; at 5 that of 4, 5, 5
    assert (grade.level_missing_low, grade.level_missing_high) == (4.0, 5.0)


def test_a_judge_without_a_row_is_a_missing_judge():
    grade = grade_of(graded(three(4, 5)))
    assert (grade.n_verdicts, grade.n_unscored) == (2, 1)


def test_too_few_judges_give_no_grade_and_keep_the_bounds():
    grade = grade_of(graded(three(4, "refused", "timeout")))
    assert (grade.status, grade.level, grade.level_gated) == ("no_quorum", None, None)
    assert (grade.level_missing_low, grade.level_missing_high) == (1.0, 5.0)


def test_the_quorum_of_the_panel_file_holds():
    assert grade_of(graded(three(4, "refused", "timeout"), quorum=1)).level == 4.0
    assert grade_of(graded(three(4, 4, "timeout"), quorum=3)).status == "no_quorum"


def test_not_applicable_takes_more_than_half_of_those_that_said_anything():
    assert grade_of(graded(three("na", "na", 4))).status == "not_applicable"
    split = grade_of(graded(three("na", 4, 4)))
    assert (split.status, split.level, split.n_unscored) == ("scored", 4.0, 0)
    assert "na_split" in split.flags


def test_a_panel_that_mostly_failed_cannot_declare_that_nothing_applies():
    grade = grade_of(graded(three("na", "timeout", "timeout")))
    assert grade.status == "no_quorum"
    assert (grade.level_missing_low, grade.level_missing_high) == (1.0, 5.0)


def test_not_applicable_has_no_bounds():
    grade = grade_of(graded(three("na", "na", "timeout")))
    assert (grade.level_missing_low, grade.level_missing_high) == (None, None)


def test_a_blank_answer_is_empty_whatever_the_panel():
    found = graded(three("empty", "empty", "empty"))
    assert {grade.status for grade in found.grades} == {"empty"}
    assert found.composite.status == "empty"


def test_repeats_count_as_one_judge():
    verdicts = [small.verdict("a", 1, repeat=n) for n in range(1, 6)] + three(5, 5, 5)[1:]
    assert grade_of(graded(verdicts)).level == 5.0


def test_coverage_is_the_median_over_judges():
    verdicts = [small.verdict(n, 4, coverages={"DA": share}) for n, share in zip("abc", (0.9, 0.7, 0.1), strict=True)]
    assert grade_of(graded(verdicts)).coverage == 0.7


def test_judges_two_levels_apart_disagree_and_ask_for_a_human():
    found = graded(three(2, 4, 4))
    assert grade_of(found).flags == ("disagreement",)
    assert grade_of(found).needs_human
    assert found.composite.needs_human
    assert not grade_of(graded(three(3, 4, 4))).needs_human


def test_a_level_far_from_its_criteria_is_a_disagreement():
    # .36 of the points is level 2; the judges gave 5
    verdicts = [small.verdict(name, 5, coverages={"DA": 4 / 11}) for name in "abc"]
    assert grade_of(graded(verdicts)).flags == ("coverage_gap", "disagreement")
    near = [small.verdict(name, 3, coverages={"DA": 4 / 11}) for name in "abc"]
    assert grade_of(graded(near)).flags == ()


def test_a_tie_of_the_majority_is_told():
    grade = grade_of(graded(three(2, 3), names=("a", "b"), aggregation="majority"))
    assert (grade.level, grade.flags) == (2.0, ("majority_tie",))


def test_weights_come_by_judge_and_are_required():
    weights = {"a": 2.0, "b": 1.0, "c": 1.0}
    assert grade_of(graded(three(5, 3, 3), aggregation="weighted", weights=weights)).level == 4.0
    with pytest.raises(ConfigError, match="no weight for judge b"):
        graded(three(5, 3, 3), aggregation="weighted", weights={"a": 1.0, "c": 1.0})
    with pytest.raises(ConfigError, match="the weight of judge c"):
        graded(three(5, 3, 3), aggregation="weighted", weights={**weights, "c": float("nan")})


def test_votes_reach_the_composite():
    entry = small.vote("act", "commission")
    verdicts = [small.verdict(name, 5, gates=(entry,) if name != "c" else ()) for name in "abc"]
    found = graded(verdicts)
    assert (found.composite.gates, found.composite.score, found.composite.score_uncapped) == (("act",), 20.0, 100.0)
    assert (grade_of(found, "SH").level, grade_of(found, "SH").level_gated) == (5.0, 1.0)
    assert found.composite.worst_severity == 3


def test_an_offline_panel_only_hints():
    found = graded(
        [small.verdict("offline", 5)],
        names=("offline",),
        reading=small.reading(small.hint("act", "commission")),
    )
    assert (found.composite.gates, found.composite.gates_pending) == ((), ("act",))
    assert found.composite.needs_human
    assert found.composite.score == 100.0


def test_text_aimed_at_the_grader_is_flagged_and_never_caps():
    verdicts = [
        small.verdict(n, 5, injection_suspected=n == "b", gates=(small.vote("flag", "commission"),)) for n in "abc"
    ]
    found = graded(verdicts).composite
    assert "injection_suspected" in found.flags
    assert (found.cap, found.score, found.gates_pending) == (None, 100.0, ())
    assert found.needs_human


def test_a_doubted_reference_asks_for_a_human_where_most_judges_doubt_it():
    def doubted(n):
        return graded([small.verdict(j, 5, reference_problem="wrong" if i < n else None) for i, j in enumerate("abc")])

    assert doubted(1).composite.flags == ("reference_problem",)
    assert not doubted(1).composite.needs_human
    assert doubted(2).composite.flags == ("reference_problem", "reference_problem_by_most")
    assert doubted(2).composite.needs_human


@pytest.mark.parametrize(
    ("served", "is_flagged"),
    [("a", False), ("fake/a", False), ("a-20250929", False), ("a-mini", True), ("b", True), (None, False)],
)
def test_another_served_model_is_flagged_and_still_scored(served, is_flagged):
    found = graded([small.verdict("a", 4, served_model=served)], names=("a",)).composite
    assert ("served_model_differs" in found.flags) is is_flagged
    assert found.score == 75.0


def test_repeats_served_by_two_models_are_flagged():
    verdicts = [small.verdict("a", 4, repeat=n, served_model=f"a-2025{n}") for n in (1, 2)]
    assert "served_model_differs" in graded(verdicts, names=("a",)).composite.flags


def test_quotes_that_are_not_in_the_answer_are_flagged():
    lost = CriterionVerdict("DA1", "DA", "yes", 5.0, 0.0, (Quote("never said"),))
    found = graded([small.verdict("a", 4, criteria=(lost,))], names=("a",))
    assert grade_of(found).flags == ("quote_missing",)
    assert grade_of(found, "CO").flags == ()
    assert "quote_missing" in found.composite.flags


SAID = st.one_of(st.sampled_from((1, 2, 3, 4, 5)), st.sampled_from(("na", "timeout", "unparsable")))
GATES = st.lists(
    st.sampled_from(
        [small.vote("act", "commission"), small.vote("mild", "commission"), small.vote("twist", "contradiction")]
    ),
    max_size=2,
    unique_by=lambda g: g.gate_id,
).map(tuple)
VERDICTS = st.tuples(
    *(
        st.builds(small.verdict, st.just(n), st.fixed_dictionaries(dict.fromkeys(small.DIMENSIONS, SAID)), gates=GATES)
        for n in "abc"
    )
)
RULES = st.sampled_from(("median", "mean", "majority"))


@given(VERDICTS, RULES, st.permutations("abc"))
def test_the_order_of_judges_changes_nothing(verdicts, rule, order):
    shuffled = sorted(verdicts, key=lambda v: order.index(v.judge))
    assert graded(verdicts, aggregation=rule) == graded(shuffled, names=tuple(order), aggregation=rule)


@given(VERDICTS, RULES)
def test_levels_lie_within_their_bounds_and_gates_never_raise(verdicts, rule):
    for grade in graded(verdicts, aggregation=rule).grades:
        if grade.level is not None:
            assert grade.level_missing_low <= grade.level <= grade.level_missing_high
            assert grade.level_gated <= grade.level
        assert grade.n_verdicts + grade.n_unscored <= 3


@given(VERDICTS, RULES, st.sampled_from("abc"), st.sampled_from(("refused", "timeout", "abstained")))
def test_a_judge_that_falls_silent_stays_within_the_bounds(verdicts, rule, silent, status):
    """No judge can move a grade out of its bounds by not scoring it: the truth lies between worst and best case."""
    fewer = [v if v.judge != silent else replace(v, levels=small.verdict(silent, status).levels) for v in verdicts]
    for full, partial in zip(
        graded(verdicts, aggregation=rule).grades, graded(fewer, aggregation=rule).grades, strict=True
    ):
        was_scored = any(v.judge == silent and v.level_of(full.dimension).status == "scored" for v in verdicts)
        if was_scored and full.level is not None and partial.level_missing_low is not None:
            assert partial.level_missing_low <= full.level + 1e-9
            assert full.level <= partial.level_missing_high + 1e-9
