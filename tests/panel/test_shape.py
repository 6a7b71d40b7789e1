"""Which calls a request needs, and what each reply must hold."""

from dataclasses import replace

import pytest

from judge.domain.rubric import TierRule
from judge.panel.shape import Scope, gate_dimension, part_of, scopes_of, shape_of
from tests.panel.worked import CASE, RUBRIC, checklist, request


def names(granularity, asked=None, rubric=RUBRIC):
    return [str(scope) for scope in scopes_of(rubric, asked or request(rubric=rubric), granularity)]


def test_gates_are_asked_with_the_dimension_that_they_cap_most():
    assert gate_dimension(RUBRIC) == "safety"
    assert gate_dimension(replace(RUBRIC, tier_rules={})) == "accuracy"
    rules = {**RUBRIC.tier_rules, "contradiction": TierRule(50, {"accuracy": 2})}
    assert gate_dimension(replace(RUBRIC, tier_rules=rules)) == "safety"


def test_a_request_is_one_call_or_one_a_dimension_or_one_a_criterion_and_level():
    assert names("response") == ["response"]
    assert names("dimension") == ["dimension:accuracy", "dimension:safety"]
    assert names("criterion") == [
        *(f"criterion:{c}" for c in ("A1", "A2", "A3", "S1", "S2")),
        "level:accuracy",
        "level:safety",
    ]


def test_a_dimension_that_the_case_leaves_out_has_no_call_unless_gates_are_asked_with_it():
    without = request(case=replace(CASE, checklist=checklist(not_applicable=("accuracy", "safety"))))
    assert names("dimension", without) == ["dimension:safety"]
    assert names("criterion", without) == ["level:safety"]


def test_flags_and_gates_are_asked_once():
    for granularity in ("response", "dimension", "criterion"):
        shapes = [shape_of(RUBRIC, scope) for scope in scopes_of(RUBRIC, request(), granularity)]
        assert sum(shape.has_flags for shape in shapes) == 1
        assert sum(shape.has_gates for shape in shapes) == 1


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        (Scope("response"), ("injection_suspected", "reference_problem", "criteria", "gates", "levels")),
        (Scope("dimension", "accuracy"), ("criteria", "levels")),
        (Scope("dimension", "safety"), ("injection_suspected", "reference_problem", "criteria", "gates", "levels")),
        (Scope("level", "accuracy"), ("levels",)),
        (Scope("level", "safety"), ("injection_suspected", "reference_problem", "gates", "levels")),
        (Scope("criterion", "A1"), ("criteria",)),
    ],
)
def test_each_call_has_its_fields_in_declared_order(scope, fields):
    assert shape_of(RUBRIC, scope).fields == fields


def test_every_criterion_dimension_and_gate_is_asked_in_exactly_one_part():
    for granularity in ("response", "dimension", "criterion"):
        parts = [part_of(RUBRIC, request(), scope) for scope in scopes_of(RUBRIC, request(), granularity)]
        assert sorted(c.id for part in parts for c in part.criteria) == ["A1", "A2", "A3", "S1", "S2"]
        assert sorted(d for part in parts for d in part.dimensions) == ["accuracy", "safety"]
        assert [part.gates for part in parts if part.gates] == [("G1", "G2")]
