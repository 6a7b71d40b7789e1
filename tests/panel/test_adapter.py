"""The adapter over dspy: declared order, our own words, strict reading."""

import json

import dspy
import pytest
from dspy.utils.exceptions import AdapterParseError

from judge.panel.adapter import JudgeAdapter
from judge.panel.output import response_format, response_schema, shape_from_types
from judge.panel.program import INPUT_FIELDS, JudgeProgram, signature_of
from judge.panel.shape import Scope, shape_of
from judge.panel.template import PromptBook
from tests.panel.worked import RUBRIC, good, request, text_of

SHAPE = shape_of(RUBRIC, Scope("response"))
SIGNATURE = signature_of(SHAPE, "en")
DSPY_WORDS = (
    "Your input fields are",
    "In adhering to this structure",
    "All interactions will be structured",
    "valid Python",
)


def test_the_signature_declares_evidence_before_verdicts_and_the_answer_last():
    assert tuple(SIGNATURE.input_fields) == INPUT_FIELDS
    assert INPUT_FIELDS[0] == "rubric"
    assert INPUT_FIELDS[-1] == "answer"
    assert list(SIGNATURE.output_fields) == ["injection_suspected", "reference_problem", "criteria", "gates", "levels"]


def test_the_schema_keeps_the_declared_order_closes_every_object_and_holds_no_ids_of_a_case():
    schema = response_schema(SHAPE)
    text = json.dumps(schema)
    assert list(schema["properties"]) == list(SIGNATURE.output_fields)
    criterion = schema["properties"]["criteria"]["items"]
    assert list(criterion["properties"]) == ["id", "quotes", "met"]
    assert list(schema["properties"]["levels"]["properties"]) == ["accuracy", "safety"]
    level = schema["properties"]["levels"]["properties"]["accuracy"]
    assert list(level["properties"]) == level["required"] == ["reason", "level"]
    assert level["properties"]["level"] == {
        "anyOf": [{"enum": [1, 2, 3], "type": "integer"}, {"type": "string", "enum": ["na"]}]
    }
    assert text.count('"additionalProperties": false') == text.count('"properties"')
    assert "$ref" not in text
    assert "A1" not in text


def test_a_scale_with_fractions_and_awkward_dimension_names_has_a_schema_too():
    from judge.panel.shape import Shape

    shape = Shape(False, False, False, (("copy", (0.0, 0.5, 1.0)), ("model_x", (0.0, 1.0))))
    properties = response_schema(shape)["properties"]["levels"]["properties"]
    assert properties["copy"]["properties"]["level"]["anyOf"][0] == {"enum": [0.0, 0.5, 1.0], "type": "number"}
    assert list(properties) == ["copy", "model_x"]


@pytest.mark.parametrize("scope", ["response", "dimension:accuracy", "level:safety", "criterion:A1"])
def test_the_shape_is_found_again_from_a_signature(scope):
    shape = shape_of(RUBRIC, Scope(*scope.split(":")))
    fields = signature_of(shape, "en").output_fields
    assert shape_from_types({name: field.annotation for name, field in fields.items()}) == shape


def test_none_of_dspys_own_words_is_in_a_prompt():
    book = PromptBook(RUBRIC)
    for language in ("en", "zh"):
        part = request()
        messages = book.format(Scope("response"), part, book.inputs(part, 0, "h"))
        assert not [words for words in DSPY_WORDS for message in messages if words in message["content"]], language


def test_a_good_reply_becomes_typed_outputs():
    outputs = JudgeAdapter("en").parse(SIGNATURE, text_of(good()))
    assert outputs["injection_suspected"] is False
    assert outputs["criteria"][0].quotes == ["complete AV block"]
    assert outputs["levels"].dimension_0.level == 3


@pytest.mark.parametrize(
    "reply",
    [
        text_of(good()).replace('"level": 3', '"level": 1, "level": 3'),
        text_of(good()) * 2,
        text_of({k: v for k, v in good().items() if k != "reference_problem"}),
        text_of({**good(), "extra": 1}),
    ],
    ids=["duplicate key", "two objects", "missing field that may be null", "unknown field"],
)
def test_what_dspy_would_let_pass_is_a_fault(reply):
    with pytest.raises(AdapterParseError):
        JudgeAdapter("en").parse(SIGNATURE, reply)


class _Engine(dspy.BaseLM):
    """A model that says one thing and keeps what it was asked."""

    supports_response_schema = True
    supported_params = frozenset({"response_format"})

    def __init__(self, text):
        super().__init__("script", cache=False)
        self.text, self.asked = text, []

    def __call__(self, prompt=None, messages=None, **kwargs):
        self.asked.append((messages, kwargs))
        return [self.text]


def test_the_program_runs_in_dspy_with_our_prompt_and_our_schema():
    engine = _Engine(text_of(good()))
    program = JudgeProgram(SHAPE, RUBRIC.languages)
    book, part = PromptBook(RUBRIC), request()
    inputs = book.inputs(part, 0, "h")
    with dspy.context(lm=engine):
        prediction = program(language="en", **inputs)
    messages, kwargs = engine.asked[0]
    assert messages == book.template(Scope("response"), part, 0).fill(book.slots(part, "h"))
    assert kwargs["response_format"] == response_format(SHAPE)
    assert prediction.levels.dimension_1.level == 1
