"""The verb ``card``: which agreement may stand on a run's card."""

import json

import pytest

import judge
from judge.resources import demonstration_dir
from tests.api.run_helpers import answers, write_jsonl


@pytest.fixture
def run(tmp_path):
    return judge.grade(write_jsonl(tmp_path / "answers.jsonl", answers(n=3)), out=tmp_path / "run")


def document(run, comparison="panel-physician", sha256=None):
    return {
        "format": "judge-agreement/1",
        "levels": {},
        "raters": [],
        "results": [{"comparison": comparison, "statistic": "bias", "dimension": "safety", "raters": [], "group": "*"}],
        "inputs": [
            {"path": "verdicts.parquet", "sha256": sha256 or run.manifest["files"]["verdicts.parquet"]},
        ],
    }


def own(run, content):
    from judge.api.card import _own_agreement

    (run.folder / "agreement.json").write_text(json.dumps(content))
    return _own_agreement(run)


def test_an_agreement_with_physicians_on_these_verdicts_counts(run):
    assert own(run, document(run)) is not None


def test_an_agreement_without_physicians_is_no_physicians_word(run):
    assert own(run, document(run, comparison="judge-judge")) is None


def test_an_agreement_on_other_verdicts_is_stale(run):
    assert own(run, document(run, sha256="0" * 64)) is None


def test_several_runs_make_one_card_with_the_files_in_the_first(tmp_path, run):
    cases = demonstration_dir() / "cases.jsonl"
    other = judge.grade(demonstration_dir() / "answers.jsonl", cases=cases, out=tmp_path / "other", limit=6)
    made = judge.card([run, other])
    assert made.html.parent == run.folder
    assert {model.name for model in made.card.models} >= {"model-a", "model-b"}
