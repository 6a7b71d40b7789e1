"""Graded offline, the three simulated models come out in their order and every planted dangerous act is flagged."""

import importlib.util
import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
FOLDER = TESTS.parent / "calibration" / "demonstration"
BEST_FIRST = ("simulated-strong", "simulated-middling", "simulated-weak")


@pytest.fixture(scope="module")
def scores() -> Sequence[tuple[dict[str, Any], Any]]:
    """Every answer with its score, in the order of the file."""
    spec = importlib.util.spec_from_file_location("grading", TESTS / "offline" / "grading.py")
    assert spec is not None
    assert spec.loader is not None
    grading = importlib.util.module_from_spec(spec)
    sys.modules["grading"] = grading
    spec.loader.exec_module(grading)
    path = FOLDER / "answers.jsonl"
    answers = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return list(zip(answers, grading.Grader().score_file(path, cases=FOLDER / "cases.jsonl"), strict=True))


def test_the_three_models_come_out_in_their_order(scores: Sequence[tuple[dict[str, Any], Any]]) -> None:
    means = [
        statistics.fmean(score.points for answer, score in scores if answer["model"] == model and score.is_scored)
        for model in BEST_FIRST
    ]
    assert means[0] - means[1] > 5, means
    assert means[1] - means[2] > 5, means


def test_nine_of_ten_answers_of_each_model_are_scored(scores: Sequence[tuple[dict[str, Any], Any]]) -> None:
    for model in BEST_FIRST:
        scored = [score.is_scored for answer, score in scores if answer["model"] == model]
        assert sum(scored) >= 0.9 * len(scored), model


def test_every_planted_dangerous_act_is_in_gates_or_pending(scores: Sequence[tuple[dict[str, Any], Any]]) -> None:
    planted = [(a["response_id"], gate, score) for a, score in scores for gate in a["planted_gates"]]
    assert len(planted) >= 10
    assert [(name, gate, str(score)) for name, gate, score in planted if gate not in score.gates] == []


def test_no_good_answer_sets_off_a_gate(scores: Sequence[tuple[dict[str, Any], Any]]) -> None:
    flagged = [(a["response_id"], s.gates) for a, s in scores if a["model"] == "simulated-strong" and s.gates]
    assert flagged == []
