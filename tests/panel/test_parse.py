"""Replies read strictly: what is repaired, what is a fault, and what a repair may never do."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.panel.faults import Fault, say_faults
from judge.panel.parse import ParsedReply, read_reply
from judge.panel.repair import has_complete_object, load_object
from judge.panel.shape import Scope, shape_of
from judge.panel.wording import wording
from tests.panel.worked import RUBRIC, good, text_of

SHAPE = shape_of(RUBRIC, Scope("response"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def codes(text):
    read = read_reply(text, SHAPE)
    return [] if isinstance(read, ParsedReply) else [fault.code for fault in read]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("I would say four.", "no_object"),
        ("{nothing here}", "no_object"),
        ('{"a": 1} {"b": 2}', "two_objects"),
        ('Here: {"a": 1} and {"b": 2}', "two_objects"),
        ('[{"a": 1}]', "not_object"),
        ("4", "not_object"),
        ('"four"', "not_object"),
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"a": NaN}', "not_finite"),
        ('{"a": -Infinity}', "not_finite"),
        ('{"a": {"b": 1, "b": 1}}', "duplicate_key"),
        ('{"a": }', "bad_json"),
        ('{"a": 1, "a": 2,}', "bad_json"),
        ('{"a": ,}', "bad_json"),
        ('{"level": 4', "bad_json"),
        ('{"level": 4 // surely', "bad_json"),
    ],
)
def test_what_is_no_one_object_is_a_fault(text, code):
    assert isinstance(load_object(text), Fault)
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('Sure! {"a": 1} Done.', {"a": 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ("{'a': 'b'}", {"a": "b"}),
        ("{a: true}", {"a": True}),
        ('{"a": True, "b": None,}', {"a": True, "b": None}),
        ('{"a": [1, 2}', {"a": [1, 2]}),
        ('{"a": {"b": "c"}', {"a": {"b": "c"}}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('{"a": "he said "no" to it"}', {"a": 'he said "no" to it'}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('<think>{"a": 0} maybe</think>{"a": 1}', {"a": 1}),
        ('{"a": "{not: an object}"}', {"a": "{not: an object}"}),
    ],
)
def test_syntax_alone_is_repaired(text, value):
    assert load_object(text) == value


WORDS = st.text("abcdefgh123", max_size=5)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


def letters(text):
    return [sign for sign in text if sign.isalnum()]


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(WORDS, PLAIN, min_size=1, max_size=4), st.data())
def test_a_repair_neither_adds_nor_drops_a_letter_or_digit(document, data):
    text = json.dumps(document)
    marks = [at for at, sign in enumerate(text) if sign in ',:"[]']
    at = data.draw(st.sampled_from(marks))
    inserted = data.draw(st.sampled_from(["", ",", ":", '"', "]", "[", ",,"]))
    broken = text[:at] + inserted + text[at + data.draw(st.integers(0, 1)) :]
    loaded = load_object(broken)
    if not isinstance(loaded, Fault):
        assert letters(json.dumps(loaded)) == letters(broken)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | JSON.map(lambda value: json.dumps(value)))
def test_no_text_makes_the_reader_raise(text):
    assert isinstance(read_reply(text, SHAPE), ParsedReply | tuple)


def test_a_faultless_reply_is_read_as_it_was_said():
    read = read_reply(text_of(good()), SHAPE)
    assert read.levels["accuracy"].level == 3.0
    assert read.criteria[3].met == "na"
    assert read.document == good()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d.pop("gates"), ["missing_field"]),
        (lambda d: d.update(total=3), ["unknown_field"]),
        (lambda d: d.update(injection_suspected="false"), ["wrong_type"]),
        (lambda d: d.update(injection_suspected=0), ["wrong_type"]),
        (lambda d: d.update(reference_problem=["x"]), ["wrong_type"]),
        (lambda d: d.update(criteria={}), ["wrong_type"]),
        (lambda d: d["criteria"].append("A1"), ["wrong_type"]),
        (lambda d: d["criteria"][0].update(quotes="complete AV block"), ["wrong_type"]),
        (lambda d: d["criteria"][0].update(met=None), ["wrong_type"]),
        (lambda d: d["criteria"][0].update(met="yes"), ["wrong_type"]),
        (lambda d: d["criteria"][0].update(points=5), ["unknown_field"]),
        (lambda d: d["gates"][0].update(tier="R"), ["wrong_type"]),
        (lambda d: d["gates"][0].update(absence="none"), ["wrong_type"]),
        (lambda d: d["gates"][0].update(quote=None), ["wrong_type"]),
        (lambda d: d.update(levels=[]), ["wrong_type"]),
        (lambda d: d["levels"].pop("safety"), ["missing_field"]),
        (lambda d: d["levels"].update(style=d["levels"]["safety"]), ["unknown_field"]),
        (lambda d: d["levels"]["safety"].update(reason=""), ["blank_reason"]),
        (lambda d: d["levels"]["safety"].update(level=4), ["off_scale"]),
        (lambda d: d["levels"]["safety"].update(level="3"), ["off_scale"]),
        (lambda d: d["levels"]["safety"].update(level=True), ["off_scale"]),
        (lambda d: d["levels"]["safety"].update(level=None), ["off_scale"]),
        (lambda d: d["levels"]["safety"].update(level=2.5), ["off_scale"]),
        (lambda d: d["levels"]["safety"].update(level="abstained"), ["off_scale"]),
        (lambda d: d["levels"]["safety"].update(level=[3]), ["off_scale"]),
    ],
)
def test_every_departure_from_the_contract_is_named(change, expected):
    document = good()
    change(document)
    assert codes(text_of(document)) == expected


def test_a_whole_number_written_with_a_fraction_is_the_same_level():
    document = good()
    document["levels"]["accuracy"]["level"] = 3.0
    assert read_reply(text_of(document), SHAPE).levels["accuracy"].level == 3.0


def test_all_faults_are_named_at_once_and_in_the_language_asked():
    document = good()
    document["levels"]["accuracy"]["level"] = 9
    del document["gates"]
    faults = read_reply(text_of(document), SHAPE)
    told = say_faults(faults, wording("en"))
    assert "the field gates is missing" in told
    assert "the level of accuracy must be one of 1, 2, 3" in told
    assert "缺少字段gates" in say_faults(faults, wording("zh"))


def test_every_fault_has_words_in_every_language():
    from typing import get_args

    from judge.panel.faults import FaultCode

    for language in ("en", "zh"):
        words = wording(language)
        for code in get_args(FaultCode):
            detail = "list" if code == "wrong_type" else "x"
            assert Fault(code, "here", detail).say(words)


def test_half_a_surrogate_pair_becomes_text_that_can_be_written():
    text = text_of(good()).replace("The block is named.", "x \\ud83d\\ude00 \\ud800 y")
    reason = read_reply(text, SHAPE).levels["accuracy"].reason
    assert reason == "x \U0001f600 \ufffd y"
    reason.encode()


@pytest.mark.parametrize(
    ("text", "is_complete"),
    [('{"a": 1}', True), ('x {"a": {"b": 1}} y', True), ('{"a": {"b": 1}', False), ('{"a": "}', False), ("", False)],
)
def test_an_object_is_complete_when_it_closes(text, is_complete):
    assert has_complete_object(text) is is_complete
