"""Hashes: what changes a judge's name, and what does not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from judge.domain.panel import Judge, Panel, Price
from judge.errors import ConfigError
from judge.panel import wording as wording_module
from judge.panel.hashes import judge_hash, judge_prompt_hash, panel_hash, prompt_hash
from judge.panel.judging import Judging
from judge.panel.tuned import read_program, write_program
from tests.panel.worked import JUDGE, RUBRIC, request

OFFLINE = Judge("offline", "offline/lexicon")
TUNED = {language: {"instructions": f"Be strict ({language}).", "demos": []} for language in ("en", "zh")}


def name(judge=JUDGE, rubric=RUBRIC):
    return judge_hash(judge, rubric, "0" * 64)


def reworded():
    first = RUBRIC.dimensions[0]
    anchors = {**first.anchors, 2.0: {"en": "accuracy at 2", "zh": "另一种说法"}}
    return replace(RUBRIC, dimensions=(replace(first, anchors=anchors), *RUBRIC.dimensions[1:]))


def test_the_prompt_hash_follows_every_word_of_every_language():
    assert prompt_hash(RUBRIC) == prompt_hash(replace(RUBRIC))
    assert prompt_hash(reworded()) != prompt_hash(RUBRIC)


@pytest.mark.parametrize("key", ["reminder", "again", "reference_none"])
def test_the_prompt_hash_follows_the_fixed_words(monkeypatch, key):
    tables = wording_module.read_table("wording.yaml")
    same = replace(RUBRIC, hash="1" * 64), replace(RUBRIC, hash="2" * 64)
    assert len({prompt_hash(rubric) for rubric in same}) == 1
    before = prompt_hash(RUBRIC)
    tables["zh"][key] += "！"
    monkeypatch.setattr("judge.panel.wording.read_table", lambda _: tables)
    wording_module.wording.cache_clear()
    try:
        after = prompt_hash(replace(RUBRIC, hash=f"3{key}"))
    finally:
        wording_module.wording.cache_clear()
    assert before != after


def test_the_prompt_hash_follows_granularity_and_program():
    hashes = {prompt_hash(RUBRIC, g) for g in ("response", "dimension", "criterion")}
    assert len(hashes | {prompt_hash(RUBRIC, "response", TUNED)}) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"model": "openai/other"},
        {"api_base": "http://127.0.0.1:9/v1"},
        {"params": {"temperature": 1, "max_tokens": 4000}},
        {"granularity": "dimension"},
    ],
)
def test_what_changes_a_reply_changes_the_judges_hash(change):
    assert name(replace(JUDGE, **change)) != name()


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"repeats": 5},
        {"rpm": 3},
        {"max_concurrency": 2},
        {"timeout_s": 3.0},
        {"api_key_env": "SOME_KEY"},
        {"price": Price(1, 2)},
    ],
)
def test_what_changes_no_reply_does_not(change):
    assert name(replace(JUDGE, **change)) == name()


def test_credentials_in_an_endpoint_are_no_part_of_the_hash():
    assert name(replace(JUDGE, api_base="http://u:p@127.0.0.1/v1")) == name(
        replace(JUDGE, api_base="http://127.0.0.1/v1")
    )


def test_an_offline_judge_is_named_by_its_tables_and_the_rubric():
    hashes = {judge_hash(OFFLINE, RUBRIC, "a"), judge_hash(OFFLINE, RUBRIC, "b"), judge_hash(OFFLINE, reworded(), "a")}
    assert len(hashes) == 2
    assert judge_hash(OFFLINE, replace(RUBRIC, hash="9" * 64), "a") not in hashes
    assert judge_prompt_hash(OFFLINE, RUBRIC) != judge_prompt_hash(JUDGE, RUBRIC)


def test_a_panels_hash_follows_judges_repeats_rule_and_quorum():
    panel = Panel((JUDGE, OFFLINE))
    hashes = {"j1": "x", "offline": "y"}
    others = [
        panel_hash(panel, {**hashes, "j1": "z"}),
        panel_hash(replace(panel, aggregation="mean"), hashes),
        panel_hash(replace(panel, quorum=1), hashes),
        panel_hash(replace(panel, judges=(replace(JUDGE, repeats=2), OFFLINE)), hashes),
    ]
    assert len({panel_hash(panel, hashes), *others}) == 5


def test_a_tuned_program_is_read_and_sent_and_names_another_judge(tmp_path):
    path = tmp_path / "program.json"
    write_program(path, RUBRIC, TUNED, {"seed": 1})
    judge = replace(JUDGE, program=str(path))
    assert name(judge) != name()
    (call,) = Judging(RUBRIC, judge, None).first_calls(request(), "r1", 1)
    assert call.messages[0]["content"].startswith("Be strict (en).")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        ("{", "no tuned program"),
        ("[" * 100_000, "no tuned program"),
        ("{}", "no tuned program"),
        (json.dumps({"format": "judge-program/1", "rubric_hash": "x", "by_language": {}}), "another rubric"),
        (
            json.dumps({"format": "judge-program/1", "rubric_hash": "f" * 64, "by_language": {}}),
            "no program for en, zh",
        ),
    ],
)
def test_a_program_that_cannot_be_used_is_refused_with_the_way_out(tmp_path, content, message):
    path = tmp_path / "program.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        read_program(Path(path), RUBRIC)
    assert caught.value.hint
