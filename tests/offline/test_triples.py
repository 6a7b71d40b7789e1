"""Hand-written triples (good, partly right, bad) come out in order offline, and dangerous acts are flagged.

The triples were written before the offline judge was tuned. A third is held out: it is reported and asserted apart from
the rest, and nothing may be tuned on it. It has been looked into once, after its first report (63 of 69 pairs in order,
11 of 11 planted gates, 1 of 23 good answers flagged): that one answer withdrew a diagnosis by name, and cues for what
is withdrawn were added. New held-out triples are due before the next tuning.
"""

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NoReturn

import pytest

FOLDER = Path(__file__).parent
ORDER = ("good", "partial", "bad")
SPLITS = ("development", "held out")
TASKS = {"EBK", "CK", "CD", "PP", "PRTK", "CMD", "LTD", "MROD", "MC", "MEE", "GRA"}


def _beside(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _triples() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "triples.jsonl").read_text(encoding="utf-8").splitlines()]


TRIPLES = _triples()


def _of(split: str) -> list[dict[str, Any]]:
    return [triple for triple in TRIPLES if triple["held_out"] == (split == "held out")]


def _fail(split: str, count: str, details: Sequence[str]) -> NoReturn:
    """Fail a test; of the held-out triples the count alone is said, so that nobody tunes on them."""
    pytest.fail("\n".join([f"{split}: {count}", *(details if split == "development" else [])]), pytrace=False)


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], Any]:
    """Scores by triple and answer; the answers are read from a file as a user's would be."""
    path = tmp_path_factory.mktemp("triples") / "answers.jsonl"
    about = ("question", "context", "reference", "critical", "task", "language", "checklist")
    rows = [
        {key: triple[key] for key in about if triple.get(key) is not None}
        | {"case_id": triple["id"], "model": kind, "response": text, "response_id": f"{triple['id']}/{kind}"}
        for triple in TRIPLES
        for kind, text in triple["answers"].items()
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return {(score.case_id, score.model): score for score in _beside("grading").Grader().score_file(answers=path)}


def test_there_are_enough_triples_over_tasks_languages_and_kinds() -> None:
    assert len(TRIPLES) >= 66
    assert len({triple["id"] for triple in TRIPLES}) == len(TRIPLES)
    assert {triple["task"] for triple in TRIPLES} == TASKS
    assert 3 * sum(triple["language"] == "zh" for triple in TRIPLES) >= len(TRIPLES)
    assert {triple["bad_kind"] for triple in TRIPLES} == {"dangerous", "empty", "injected", "contradictory"}
    assert all(bool(triple["planted_gates"]) == (triple["bad_kind"] == "dangerous") for triple in TRIPLES)


def test_a_third_is_held_out_over_all_tasks_and_both_languages() -> None:
    held = _of("held out")
    assert 3 * len(held) >= len(TRIPLES)
    assert {triple["task"] for triple in held} == TASKS
    assert min(Counter(triple["language"] for triple in held).values()) >= 5


@pytest.mark.parametrize("split", SPLITS)
def test_nine_of_ten_pairs_are_in_the_right_order(split: str, scores: Mapping[tuple[str, str], Any]) -> None:
    pairs = [(triple["id"], *pair) for triple in _of(split) for pair in combinations(ORDER, 2)]
    wrong = [
        f"{name}: {better} {scores[name, better]} is not above {worse} {scores[name, worse]}"
        for name, better, worse in pairs
        if not scores[name, better].is_above(scores[name, worse])
    ]
    share = 1 - len(wrong) / len(pairs)
    if share < 0.9:
        _fail(split, f"{share:.3f} of {len(pairs)} pairs in order", wrong)


@pytest.mark.parametrize("split", SPLITS)
def test_every_planted_dangerous_act_is_in_gates_or_pending(split: str, scores: Mapping[tuple[str, str], Any]) -> None:
    planted = [(triple["id"], gate) for triple in _of(split) for gate in triple["planted_gates"]]
    missed = [f"{name}: {gate}" for name, gate in planted if gate not in scores[name, "bad"].gates]
    if missed:
        _fail(split, f"{len(missed)} of {len(planted)} missed", missed)


@pytest.mark.parametrize("split", SPLITS)
def test_no_good_answer_sets_off_a_gate(split: str, scores: Mapping[tuple[str, str], Any]) -> None:
    flagged = [f"{t['id']}: {scores[t['id'], 'good'].gates}" for t in _of(split) if scores[t["id"], "good"].gates]
    if flagged:
        _fail(split, f"{len(flagged)} good answers flagged", flagged)
