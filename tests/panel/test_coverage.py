"""Coverage, with the rubric's own worked checks."""

import pytest

from judge.domain.request import AskedCriterion
from judge.domain.verdict import CriterionVerdict
from judge.panel.coverage import coverage_by_dimension


def asked(points, **more):
    return [
        AskedCriterion(f"c{n}", "accuracy", p, "text", "quote", "case", "rubric", **more) for n, p in enumerate(points)
    ]


def verdicts(*pairs):
    return [CriterionVerdict(f"c{n}", "accuracy", met, p, credit) for n, (p, met, credit) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        # 5 + 3 met of 5 + 3 + 3, one −4: (8 − 4) / 11
        ([(5, "yes", 1), (3, "yes", 1), (3, "no", 0), (-4, "yes", 1)], 4 / 11),
        # 5 unmet, 3 + 3 met: 6 / 11
        ([(5, "no", 0), (3, "yes", 1), (3, "yes", 1)], 6 / 11),
        # a negative alone pulls below nothing: clipped
        ([(3, "no", 0), (-5, "yes", 1)], 0.0),
        # a met positive without a found quote earns nothing and is still due
        ([(5, "yes", 0), (5, "yes", 1)], 0.5),
        # na and abstained are out of both sums: 3 / 3
        ([(5, "na", 0), (4, "abstained", 0), (3, "yes", 1)], 1.0),
        # half a credit: 2.5 / 5
        ([(5, "yes", 0.5)], 0.5),
    ],
)
def test_coverage_is_earned_points_over_due_points(pairs, expected):
    found = coverage_by_dimension(asked([p for p, _, _ in pairs]), verdicts(*pairs))
    assert found == {"accuracy": pytest.approx(expected)}


def test_a_positive_that_counts_instances_is_due_as_often_as_it_was_earned_and_at_least_once():
    each = asked([3, 5], is_each=True)
    # 3 × 2 earned, 5 × 0 earned; due 3 × 2 + 5
    assert coverage_by_dimension(each, verdicts((3, "yes", 2), (5, "no", 0))) == {"accuracy": pytest.approx(6 / 11)}


def test_a_negative_that_counts_instances_costs_each_time():
    # (9 − 3 × 2) / 9
    assert coverage_by_dimension(asked([9, -3]), verdicts((9, "yes", 1), (-3, "yes", 2))) == {
        "accuracy": pytest.approx(1 / 3)
    }


def test_without_an_applicable_positive_there_is_no_coverage():
    assert coverage_by_dimension(asked([-3, 5]), verdicts((-3, "no", 0), (5, "na", 0))) == {}
    assert coverage_by_dimension([], []) == {}
