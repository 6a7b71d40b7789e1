"""The demonstration set is whole, bilingual, over all tasks, and says everywhere that it is simulated."""

import csv
import importlib.util
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "calibration" / "demonstration"
TASKS = {"EBK", "CK", "CD", "PP", "PRTK", "CMD", "LTD", "MROD", "MC", "MEE", "GRA"}
MODELS = {"simulated-strong", "simulated-middling", "simulated-weak"}
RATERS = {"simulated-physician-a", "simulated-physician-b", "simulated-physician-c"}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:
    return rows(FOLDER / "cases.jsonl")


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    return rows(FOLDER / "answers.jsonl")


@pytest.fixture(scope="module")
def grades() -> list[dict[str, str]]:
    with (FOLDER / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_at_least_24_cases_cover_all_eleven_tasks_twice(cases: list[dict[str, Any]]) -> None:
    assert len(cases) >= 24
    tasks = Counter(case["task"] for case in cases)
    assert set(tasks) == TASKS
    assert min(tasks.values()) >= 2


def test_a_third_of_the_cases_is_chinese_and_written_in_chinese(cases: list[dict[str, Any]]) -> None:
    chinese = [case for case in cases if case["language"] == "zh"]
    assert 3 * len(chinese) >= len(cases)
    for case in cases:
        is_written_so = re.search(r"[\u4e00-\u9fff]", case["question"]) is not None
        assert is_written_so == (case["language"] == "zh"), case["case_id"]


def test_every_case_has_a_question_and_a_reference_and_some_have_a_checklist(cases: list[dict[str, Any]]) -> None:
    assert all(case["question"].strip() and case["reference"] and all(case["reference"]) for case in cases)
    assert sum("checklist" in case for case in cases) >= 3


def test_every_case_is_answered_once_by_each_of_the_three_models(
    cases: list[dict[str, Any]], answers: list[dict[str, Any]]
) -> None:
    given = Counter((answer["case_id"], answer["model"]) for answer in answers)
    assert given == Counter((case["case_id"], model) for case in cases for model in MODELS)


def test_ids_are_unique(cases: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
    assert len({case["case_id"] for case in cases}) == len(cases)
    assert len({answer["response_id"] for answer in answers}) == len(answers)


def test_answers_are_planted_in_all_four_kinds_and_never_in_the_strong_model(answers: list[dict[str, Any]]) -> None:
    kinds = Counter(answer["planted"] for answer in answers)
    assert set(kinds) == {"", "dangerous", "contradictory", "empty", "injected"}
    assert kinds["dangerous"] >= 8
    assert {answer["planted"] for answer in answers if answer["model"] == "simulated-strong"} == {""}


def test_dangerous_answers_and_they_alone_name_the_gates_they_set_off(answers: list[dict[str, Any]]) -> None:
    for answer in answers:
        assert bool(answer["planted_gates"]) == (answer["planted"] == "dangerous"), answer["response_id"]


def test_no_two_answers_are_the_same(answers: list[dict[str, Any]]) -> None:
    assert len({answer["response"] for answer in answers}) == len(answers)


def test_everything_says_that_it_is_simulated(answers: list[dict[str, Any]], grades: list[dict[str, str]]) -> None:
    assert all(answer["simulated"] is True and answer["model"].startswith("simulated-") for answer in answers)
    assert all(row["simulated"] == "true" and row["rater"].startswith("simulated-") for row in grades)
    for name in ("protocol.md", "README.md"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert "simulated" in text
        assert "no physician" in text.replace("\n", " ")


def test_grades_are_whole_levels_of_known_answers_by_three_raters(
    answers: list[dict[str, Any]], grades: list[dict[str, str]]
) -> None:
    known = {answer["response_id"]: answer for answer in answers}
    originals = [row for row in grades if row["stage"] == "original"]
    assert {row["rater"] for row in originals} == RATERS
    assert {row["role"] for row in grades} == {"physician"}
    for row in grades:
        allowed = {"0", "1"} if row["dimension"].startswith("gate:") else {"", "1", "2", "3", "4", "5"}
        assert row["level"] in allowed
        answer = known[row["response_id"]]
        assert (row["case_id"], row["model"]) == (answer["case_id"], answer["model"])
        assert row["stratum"] == ("planted" if answer["planted"] else "natural")


def test_no_rater_grades_a_dimension_of_an_answer_twice(grades: list[dict[str, str]]) -> None:
    keys = Counter((row["response_id"], row["rater"], row["dimension"]) for row in grades)
    assert [key for key, n in keys.items() if n > 1] == []


def test_every_answer_is_graded_in_diagnostic_accuracy_by_every_rater(
    answers: list[dict[str, Any]], grades: list[dict[str, str]]
) -> None:
    rated = {
        (row["response_id"], row["rater"])
        for row in grades
        if row["dimension"] == "diagnostic_accuracy" and row["stage"] == "original"
    }
    assert rated == {(answer["response_id"], rater) for answer in answers for rater in RATERS}


def test_the_raters_agree_plausibly_but_not_perfectly(grades: list[dict[str, str]]) -> None:
    by_item: dict[tuple[str, str], list[int]] = {}
    for row in grades:
        if row["stage"] == "original" and row["level"] and not row["dimension"].startswith("gate:"):
            by_item.setdefault((row["response_id"], row["dimension"]), []).append(int(row["level"]))
    spreads = Counter(max(levels) - min(levels) for levels in by_item.values())
    assert 0.2 < spreads[0] / spreads.total() < 0.8
    assert sum(n for spread, n in spreads.items() if spread >= 2) / spreads.total() < 0.25


def test_the_grades_are_what_the_documented_function_draws() -> None:
    path = Path(__file__).with_name("simulate_grades.py")
    spec = importlib.util.spec_from_file_location("simulate_grades", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["simulate_grades"] = module
    spec.loader.exec_module(module)
    assert module.simulate() == (FOLDER / "grades.csv").read_text(encoding="utf-8")


def test_demonstration_and_triples_share_no_text(cases: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
    triples = rows(ROOT / "tests" / "offline" / "triples.jsonl")
    theirs = {triple["question"] for triple in triples} | {t for triple in triples for t in triple["answers"].values()}
    theirs |= {text for triple in triples for text in triple["reference"]}
    ours = {case["question"] for case in cases} | {answer["response"] for answer in answers}
    ours |= {text for case in cases for text in case["reference"]}
    assert ours & theirs == set()
