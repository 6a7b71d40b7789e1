"""What is asked of one response: criteria, gates and dimensions in force."""

import json
from dataclasses import replace

import pytest

from judge.panel.request import build_request
from tests.panel.worked import CASE, RUBRIC, checklist, request, response


def ids(asked):
    return [criterion.id for criterion in asked.criteria]


def test_generic_criteria_are_asked_in_the_order_of_the_file():
    asked = request()
    assert ids(asked) == ["A1", "A2", "A3", "S1", "S2"]
    assert asked.dimensions == ("accuracy", "safety")
    assert (asked.task, asked.language) == ("default", "en")


def test_a_criterion_of_the_checklist_takes_the_place_of_the_generic_one_it_is_built_from():
    asked = request(case=replace(CASE, checklist=checklist()))
    assert ids(asked) == ["A2", "A3", "S1", "S2", "k1", "n1"]
    assert [(c.source, c.replaces) for c in asked.criteria[-2:]] == [("checklist", "A1"), ("checklist", None)]


def test_a_task_says_how_a_criterion_is_used():
    by_task = replace(RUBRIC.criteria[2], use_by_task={"default": "asked"})
    rubric = replace(RUBRIC, criteria=(*RUBRIC.criteria[:2], by_task, *RUBRIC.criteria[3:]))
    assert request(rubric=rubric).criteria[2].use == "asked"
    assert request(case=replace(CASE, task="fact"), rubric=rubric).criteria[2].use == "always"


def test_a_tasks_own_criteria_are_asked_in_that_task_only():
    extra = replace(RUBRIC.criteria[0], id="fact.X1", task="fact")
    rubric = replace(RUBRIC, criteria=(*RUBRIC.criteria, extra))
    assert "fact.X1" not in ids(request(rubric=rubric))
    assert "fact.X1" in ids(request(case=replace(CASE, task="fact"), rubric=rubric))


def test_gates_that_only_flag_are_asked_by_the_flag_and_not_as_gates():
    assert request().gates == ("G1", "G2")


def test_gates_of_other_tasks_are_not_in_force():
    rubric = replace(RUBRIC, gates=(*RUBRIC.gates[:2], replace(RUBRIC.gates[2], tasks=frozenset({"fact"}))))
    assert request(rubric=rubric).gates == ("G1",)


def test_where_na_is_allowed_depends_on_the_task_and_where_it_is_required_on_weight_and_case():
    assert (request().na_allowed, request().na_required) == ({"safety"}, frozenset())
    no_weight = request(case=replace(CASE, task="fact"))
    assert (no_weight.na_allowed, no_weight.na_required) == ({"safety"}, {"safety"})
    assert ids(no_weight) == ["A1", "A2", "A3"]
    left_out = request(case=replace(CASE, checklist=checklist(not_applicable=("accuracy",))))
    assert (left_out.na_allowed, left_out.na_required) == ({"accuracy", "safety"}, {"accuracy"})
    assert ids(left_out) == ["S1", "S2"]


def test_a_dimension_without_weight_that_may_not_be_na_is_still_graded():
    dimensions = (RUBRIC.dimensions[0], replace(RUBRIC.dimensions[1], na_allowed=frozenset()))
    assert request(case=replace(CASE, task="fact"), rubric=replace(RUBRIC, dimensions=dimensions)).na_required == set()


def test_texts_are_in_the_cases_language_or_the_rubrics_first():
    assert request(case=replace(CASE, language="zh")).criteria[0].text == "说出节律"
    german = request(case=replace(CASE, language="de"))
    assert (german.language, german.criteria[0].text) == ("en", "Names the rhythm")


def test_a_part_can_be_asked_alone():
    one = request(dimensions=("safety",), criteria=("S2",))
    assert (one.dimensions, ids(one), one.na_allowed) == (("safety",), ["S2"], {"safety"})


def test_neither_the_models_name_nor_its_meta_is_in_a_request():
    assert "nobody-may-see" not in request().as_json()
    assert "nobody-may-see" not in repr(request())
    assert json.loads(request().as_json())["answer"] == response().text


def test_an_unknown_task_is_refused():
    with pytest.raises(KeyError):
        build_request(RUBRIC, replace(CASE, task="NONE-SUCH"), response())
