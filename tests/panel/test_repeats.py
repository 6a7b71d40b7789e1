"""Repeats of one judge become one opinion."""

import importlib.util
import sys
from pathlib import Path

import pytest

from judge.panel.repeats import lower_median, reduce_levels, usable_for_gates

_spec = importlib.util.spec_from_file_location("small_rubric", Path(__file__).with_name("small_rubric.py"))
small = importlib.util.module_from_spec(_spec)
sys.modules["small_rubric"] = small
_spec.loader.exec_module(small)


def repeats(*said):
    return [small.verdict("a", value, repeat=number) for number, value in enumerate(said, start=1)]


@pytest.mark.parametrize(("levels", "expected"), [([3], 3), ([3, 4], 3), ([5, 1, 4], 4), ([2, 5, 4, 3], 3)])
def test_an_even_count_takes_the_lower_of_the_middle_two(levels, expected):
    assert lower_median(levels) == expected


def test_a_failed_repeat_does_not_pull_the_level():
    found = reduce_levels("a", "DA", repeats(5, "timeout", 4))
    assert (found.status, found.level) == ("scored", 4.0)


def test_not_applicable_needs_more_than_half_of_the_usable_repeats():
    assert reduce_levels("a", "CR", repeats("na", "na", 4, "timeout")).status == "not_applicable"
    assert reduce_levels("a", "CR", repeats("na", 4)).level == 4.0


def test_the_commonest_fault_names_an_unscored_judge_and_ties_have_a_fixed_order():
    assert reduce_levels("a", "DA", repeats("timeout", "refused", "timeout")).status == "timeout"
    assert reduce_levels("a", "DA", repeats("timeout", "refused")).status == "refused"
    assert reduce_levels("a", "DA", repeats("refused", "timeout")).status == "refused"


def test_a_judge_without_a_verdict_counts_as_interrupted():
    assert reduce_levels("a", "DA", []).status == "interrupted"


def test_coverage_is_the_median_over_scored_repeats():
    verdicts = [
        small.verdict("a", 4, repeat=n, coverages={"DA": share}) for n, share in enumerate((0.2, 0.8, 0.9), start=1)
    ]
    assert reduce_levels("a", "DA", verdicts).coverage == 0.8


def test_a_repeat_without_any_usable_level_says_nothing_about_gates():
    verdicts = repeats(4, "unparsable", "na")
    assert usable_for_gates(small.judge("a"), verdicts) == (verdicts[0], verdicts[2])


def test_with_finer_calls_only_a_repeat_that_answered_the_gate_question_counts():
    asked = small.verdict("a", 4, injection_suspected=False)
    not_asked = small.verdict("a", 4, repeat=2)
    finer = small.judge("a", granularity="dimension")
    assert usable_for_gates(finer, [asked, not_asked]) == (asked,)
