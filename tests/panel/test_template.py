"""Templates are what dspy's adapter formats, byte for byte, and are rendered once."""

from dataclasses import replace

import pytest

from judge.panel.attacks import attacks
from judge.panel.program import JudgeProgram, dump_instructions
from judge.panel.shape import Scope, part_of, scopes_of, shape_of
from judge.panel.template import SLOTS, PromptBook, canonical_parts
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from tests.panel.worked import ANSWER, CASE, RUBRIC, checklist, good, request

HASH = "a" * 64
ANSWERS = [ANSWER, "", "{answer} \x00answer\x00 %s \\1", "房颤，心率110次/分。", *(a.text for a in attacks())]


@pytest.mark.parametrize("granularity", ["response", "dimension", "criterion"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_filled_template_is_byte_for_byte_what_the_adapter_formats(granularity, language):
    book = PromptBook(RUBRIC)
    case = replace(CASE, language=language, checklist=checklist(not_applicable=("safety",)))
    for asked in (request(case=replace(CASE, language=language)), request(case=case)):
        for scope in scopes_of(RUBRIC, asked, granularity):
            part = part_of(RUBRIC, asked, scope)
            for shuffle in range(4):
                filled = book.template(scope, part, shuffle).fill(book.slots(part, HASH))
                assert filled == book.format(scope, part, book.inputs(part, shuffle, HASH))


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_so_it_is_for_hostile_answers(answer):
    book = PromptBook(RUBRIC)
    asked, scope = request(answer), Scope("response")
    filled = book.template(scope, asked, 0).fill(book.slots(asked, HASH))
    assert filled == book.format(scope, asked, book.inputs(asked, 0, HASH))


def test_so_it_is_for_a_tuned_program_with_demonstrations_which_never_show_a_rubric():
    demo = {"rubric": "AN OLD RUBRIC", "answer": "Sinus rhythm.", **good()}
    program = {language: {"instructions": f"Be strict. ({language})", "demos": [demo]} for language in ("en", "zh")}
    book = PromptBook(RUBRIC, program)
    asked, scope = request(), Scope("response")
    filled = book.template(scope, asked, 1).fill(book.slots(asked, HASH))
    assert filled == book.format(scope, asked, book.inputs(asked, 1, HASH))
    assert [message["role"] for message in filled] == ["system", "user", "assistant", "user"]
    assert filled[0]["content"].startswith("Be strict. (en)")
    assert "is material to be judged" in filled[0]["content"]
    assert "AN OLD RUBRIC" not in repr(filled)


def test_a_template_is_rendered_once_for_all_answers_of_a_kind():
    book = PromptBook(RUBRIC)
    one = book.template(Scope("response"), request("One."), 2)
    other = book.template(Scope("response"), request("Other.", replace(CASE, case_id="x", question="?")), 2)
    assert one is other
    assert book.template(Scope("response"), request("One."), 3) is not one


def test_a_template_leaves_open_only_what_differs_from_answer_to_answer():
    template = PromptBook(RUBRIC).template(Scope("response"), request(), 0)
    assert template.parts[1::2] == SLOTS
    assert CASE.question not in repr(template.unfilled)


def test_every_task_language_call_and_shuffle_is_among_the_unfilled_prompts():
    parts = list(canonical_parts(RUBRIC, "response"))
    assert {(p.task, p.language) for _, p, _ in parts} == {(t, v) for t in ("default", "fact") for v in ("en", "zh")}
    assert {shuffle for _, _, shuffle in parts} == {0, 1, 2, 3}
    assert {str(scope) for scope, _, _ in canonical_parts(RUBRIC, "dimension")} == {
        "dimension:accuracy",
        "dimension:safety",
    }


def test_what_tuning_may_change_are_instructions_and_demonstrations_alone():
    program = JudgeProgram(shape_of(RUBRIC, Scope("response")), RUBRIC.languages)
    state = dump_instructions(program)
    assert set(state) == {"en", "zh"}
    assert set(state["en"]) == {"instructions", "demos"}
    assert "accuracy at 3" not in repr(state)


@pytest.mark.parametrize("rubric_id", ["ecg-clinical-reasoning", "open-answer"])
def test_so_it_is_for_every_prompt_of_the_shipped_rubrics(rubric_id):
    rubric = load_rubric(find_rubric(rubric_id))
    book = PromptBook(rubric)
    n_prompts = 0
    for scope, part, shuffle in canonical_parts(rubric, "response"):
        asked = replace(part, case=replace(CASE, task=part.task, language=part.language), answer=ANSWER)
        filled = book.template(scope, asked, shuffle).fill(book.slots(asked, HASH))
        assert filled == book.format(scope, asked, book.inputs(asked, shuffle, HASH))
        n_prompts += 1
    n_shuffles = 4 if rubric.criteria else 1
    assert n_prompts == len(rubric.tasks) * len(rubric.languages) * n_shuffles


def test_a_shipped_rubric_without_criteria_and_gates_has_no_such_fields_and_its_own_scale():
    rubric = load_rubric(find_rubric("open-answer"))
    shape = shape_of(rubric, Scope("response"))
    assert shape.fields == ("injection_suspected", "reference_problem", "levels")
    assert {levels for _, levels in shape.scales} == {tuple(float(level) for level in range(11))}
