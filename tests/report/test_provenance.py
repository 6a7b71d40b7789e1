"""What a card says of rubric, panel and inputs, also where a manifest says little."""

import pytest

from judge.report.judges import is_offline_panel, requested_model
from judge.report.phrases import facts
from judge.report.provenance import run_part
from judge.report.words import Words


def test_a_manifest_without_anything_is_no_error():
    part = run_part({})
    assert (part.plan_hash, part.is_complete, part.inputs, part.versions) == ("–", False, (), ())


def test_inputs_keep_their_hashes(card):
    assert [(entry.path, entry.sha256, entry.rows) for entry in card.runs[0].inputs] == [
        ("synthetic.jsonl", "cd" * 32, 36)
    ]


def test_everything_needed_to_run_it_again_is_named(card):
    texts = dict(facts(card, Words.of("en")))
    assert texts["Rubric"].startswith("synthetic v1")
    assert texts["rubric hash"] == "ab" * 32
    assert texts["sign-off"] == "draft, not signed"
    assert texts["plan hash"] == "ef" * 32
    assert texts["seed"] == "0"
    assert texts["panel"] == f"rule median, quorum 2, name synthetic panel, hash {'34' * 32}"
    assert texts["versions"] == "clinical-judge 0.0, python 3.11"
    assert texts["times"].startswith("started 2026-01-01T00:00:00Z")
    assert texts["cost, USD"] == "0.1440 (calls of unknown price: 72)"
    assert texts["tokens in / cached / out"] == f"{108 * 1200} / {108 * 900} / {108 * 300}"


@pytest.mark.parametrize(
    ("entry", "model"),
    [
        ({"id": "a", "model": "fake/a"}, "fake/a"),
        ({"id": "a", "requested": {"model": "fake/b"}}, "fake/b"),
        ({"id": "a", "requested": "fake/c"}, "fake/c"),
        ({"id": "a", "requested": {"temperature": 0}}, "a"),
        ({}, "–"),
    ],
)
def test_the_requested_model_is_found_wherever_it_stands(entry, model):
    assert requested_model(entry) == model


@pytest.mark.parametrize(
    ("panels", "expected"),
    [
        ([["offline/lexicon"]], True),
        ([["offline/lexicon", "fake/a"]], False),
        ([["offline/lexicon"], ["fake/a"]], False),
        ([[]], False),
    ],
)
def test_a_baseline_is_a_panel_without_any_language_model(panels, expected):
    manifests = [{"panel": [{"id": model, "model": model} for model in panel]} for panel in panels]
    assert is_offline_panel(manifests) is expected
