"""Limits as the server sees them, also over a crash, and what a server is asked that refuses what is too much.

Full size (the window of a minute, twice; 3,000 calls): ``JUDGE_ACCEPTANCE=full pytest tests/acceptance/test_rates.py``.
"""

import signal
import time

import pytest

import judge
from tests.acceptance.processes import IS_FULL, ended, kill, settled, start_command, wait_until
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

RPM = 60 if IS_FULL else 24
SLACK = 1.02
CAPACITY = 8
N_CALLS = 3000 if IS_FULL else 300
CEILING = 64


def test_requests_per_minute_hold_over_a_kill_and_a_restart(openai_server, tmp_path):
    server = openai_server(reply=reply_file(), latency_s=0.05, faults=[{"kind": "hang", "after": RPM // 2}])
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=2 * RPM))
    panel = write_panel(tmp_path / "panel.yaml", [server], rpm=RPM, max_concurrency=4)
    command = ("grade", file, "--panel", panel, "--quiet", "--out", "run")
    process = start_command(*command, cwd=tmp_path)
    wait_until(lambda: server.stats()["requests"] >= RPM // 2, process)
    time.sleep(2)  # those that hang fill the limit on concurrency; what left is in the ledger a few milliseconds later
    kill(process)
    assert settled([server]) < RPM, "it was to be killed below the limit"
    server.control(faults=[])

    process = start_command(*command, cwd=tmp_path)
    wait_until(lambda: server.stats()["requests"] >= RPM, process)
    time.sleep(130 if IS_FULL else 3)
    stats = server.stats()
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 130
    assert stats["most_per_minute"] <= RPM * SLACK
    assert stats["requests"] >= (2.8 * RPM if IS_FULL else RPM)


def test_no_more_requests_are_in_flight_than_allowed(openai_server, tmp_path):
    slow = {"kind": "hang", "until": 6, "seconds": 8}  # so that there are six at once, however slowly they set out
    server = openai_server(reply=reply_file(), latency_s=[0.0, 0.1], faults=[slow])
    judges = write_panel(tmp_path / "panel.yaml", [server, server], max_concurrency=6)  # one endpoint, one limit
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=50))
    assert judge.grade(file, panel=judges, out=tmp_path / "outputs" / "run").is_complete
    assert server.stats()["requests"] == 200
    assert server.stats()["most_concurrent"] == 6


@pytest.mark.parametrize("retry_after", [None, 1])
def test_a_server_that_answers_429_to_what_is_too_much_is_soon_asked_for_little_more_than_it_takes(
    openai_server, tmp_path, retry_after
):
    """How fast that is: ``python -m tests.benchmarks.throughput refused``, and tests/call/test_limits.py by counts."""
    server = openai_server(reply=reply_file(), latency_s=0.2, max_concurrent=CAPACITY, retry_after=retry_after)
    panel = write_panel(tmp_path / "panel.yaml", [server], max_concurrency=CEILING)
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=N_CALLS // 2))
    assert judge.grade(file, panel=panel, out=tmp_path / "outputs" / "run").is_complete
    log = server.log()
    assert len(log) <= 1.05 * N_CALLS + 2 * CEILING, "it goes on knocking at a closed door"
    assert sum(entry["ok"] and entry["status"] == 200 for entry in log) == N_CALLS
