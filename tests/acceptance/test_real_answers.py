"""444 real LLM answers through three judges, each a process of its own on loopback."""

from collections import Counter

import pytest

import judge
from tests.api.run_helpers import reply_file, write_panel

pytestmark = pytest.mark.reference

N_ANSWERS, N_MODELS, N_DIMENSIONS = 444, 3, 5


@pytest.fixture
def chattogovar(reference_data):
    file = reference_data / "chattogovar" / "responses.jsonl"
    if not file.is_file():
        pytest.skip("reference data not present: ../shared/data/chattogovar")
    return file


def test_every_answer_is_graded_or_unscored_with_its_status_and_a_second_call_asks_nothing(
    chattogovar, openai_server, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    faulty = [
        {"kind": "refusal", "share": 0.05},
        {"kind": "truncated", "share": 0.1},
        {"kind": "off_scale", "share": 0.2},
    ]
    servers = [openai_server(reply=reply_file()) for _ in range(2)]
    servers.append(openai_server(reply=reply_file(), faults=faulty))
    arguments = {
        "rubric": "open-answer",
        "columns": {"case_id": "item"},
        "panel": write_panel(tmp_path / "panel.yaml", servers, max_concurrency=32),
    }
    run = judge.grade(chattogovar, **arguments)
    assert run.is_complete
    verdicts = run.table("verdicts").to_pylist()
    assert len(verdicts) == N_ANSWERS * 3 * N_DIMENSIONS
    assert all((row["status"] == "scored") == (row["level"] is not None) for row in verdicts)
    assert all(0 <= row["level"] <= 10 for row in verdicts if row["level"] is not None)
    by_judge = {one: Counter(row["status"] for row in verdicts if row["judge"] == one) for one in ("j1", "j2", "j3")}
    assert set(by_judge["j1"]) == set(by_judge["j2"]) == {"scored"}
    assert set(by_judge["j3"]) == {"scored", "refused", "truncated", "off_scale"}
    grades = [row for row in run.table("grades").to_pylist() if row["dimension"] != "composite"]
    assert len(grades) == N_ANSWERS * N_DIMENSIONS
    assert {row["status"] for row in grades} == {"scored"}
    assert len({row["model"] for row in grades}) == N_MODELS

    sent = [server.stats()["requests"] for server in servers]
    again = judge.grade(chattogovar, **arguments)
    assert [server.stats()["requests"] for server in servers] == sent
    assert again.table("grades").equals(run.table("grades"))
