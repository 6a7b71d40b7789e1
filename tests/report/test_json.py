"""The card for programs; a golden file holds the whole of a small one, numbers compared to nine digits."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from judge.report.card import build_card
from judge.report.json import card_document, render_json

GOLDEN = Path(__file__).with_name("golden") / "card.json"


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-9)
    if isinstance(expected, dict):
        return list(found) == list(expected) and all(same(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(same(f, e) for f, e in zip(found, expected, strict=True))
    return found == expected


def test_the_card_is_the_golden_one(synthetic):
    run = synthetic.synthetic_run(models=synthetic.MODELS[1:], n_cases=4)
    text = render_json(build_card(run, language="en"))
    if os.environ.get("JUDGE_WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert same(json.loads(text), json.loads(GOLDEN.read_text(encoding="utf-8")))


def test_the_comparison_can_fail():
    assert not same({"a": [1.0, 2.0]}, {"a": [1.0, 2.1]})
    assert not same({"a": 1}, {"b": 1})


def test_it_names_its_format_and_says_nothing_that_json_cannot(card):
    document = card_document(card)
    assert document["format"] == "judge-card/1"
    assert json.loads(render_json(card))["models"][0]["name"] == "synthetic-strong"


def test_what_is_undefined_is_null_beside_its_reason(synthetic):
    document = json.loads(render_json(build_card(synthetic.synthetic_run(n_cases=1), language="en")))
    mean = document["scores"][0]["mean"]
    assert (mean["ci_low"], mean["ci_high"], mean["no_interval"]) == (None, None, "one_case")
