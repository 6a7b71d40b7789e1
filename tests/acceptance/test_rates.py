"""Limits as the server sees them, also over a crash, and throughput at a server that refuses what is too much.

Full size (the window of a minute, twice; 3,000 calls): ``JUDGE_ACCEPTANCE=full pytest tests/acceptance/test_rates.py``.
"""

import signal
import time

import pytest

import judge
from tests.acceptance.processes import IS_FULL, ended, kill, start_command, wait_until
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

RPM = 60 if IS_FULL else 24
SLACK = 1.02
CAPACITY = 8
N_CALLS = 3000 if IS_FULL else 300
MOST_PAIRS = 3


def test_requests_per_minute_hold_over_a_kill_and_a_restart(openai_server, tmp_path):
    server = openai_server(reply=reply_file(), latency_s=0.05)
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=2 * RPM))
    panel = write_panel(tmp_path / "panel.yaml", [server], rpm=RPM, max_concurrency=4)
    command = ("grade", file, "--panel", panel, "--quiet", "--out", "run")
    process = start_command(*command, cwd=tmp_path)
    wait_until(lambda: server.stats()["requests"] >= RPM // 2, process)
    kill(process)
    assert server.stats()["requests"] < RPM, "it was to be killed below the limit"

    process = start_command(*command, cwd=tmp_path)
    wait_until(lambda: server.stats()["requests"] >= RPM, process)
    time.sleep(130 if IS_FULL else 3)
    stats = server.stats()
    process.send_signal(signal.SIGINT)
    assert ended(process, 30).code == 130
    assert stats["most_per_minute"] <= RPM * SLACK
    assert stats["requests"] >= (2.8 * RPM if IS_FULL else RPM)


def test_no_more_requests_are_in_flight_than_allowed(openai_server, tmp_path):
    server = openai_server(reply=reply_file(), latency_s=[0.0, 0.1])
    judges = write_panel(tmp_path / "panel.yaml", [server, server], max_concurrency=6)  # one endpoint, one limit
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=50))
    assert judge.grade(file, panel=judges, out=tmp_path / "outputs" / "run").is_complete
    assert server.stats()["requests"] == 200
    assert server.stats()["most_concurrent"] == 6


def settled_rate(server, place, max_concurrency, retry_after):
    """Return how many requests a second were served in the second half of a run of its own."""
    server.control(retry_after=retry_after)
    server.reset()
    place.mkdir()
    panel = write_panel(place / "panel.yaml", [server], max_concurrency=max_concurrency)
    file = write_jsonl(place / "answers.jsonl", answers(n=N_CALLS // 2))
    assert judge.grade(file, panel=panel, out=place / "outputs" / "run").is_complete
    log = server.log()
    assert len(log) <= 1.05 * N_CALLS + 2 * max_concurrency, "it goes on knocking at a closed door"
    served = sorted(entry["at"] for entry in log if entry["ok"] and entry["status"] == 200)
    assert len(served) == N_CALLS
    settled = served[N_CALLS // 2 : -2 * CAPACITY]
    return (len(settled) - 1) / (settled[-1] - settled[0])


@pytest.mark.parametrize("retry_after", [None, 1])
def test_throughput_settles_within_a_tenth_of_what_a_server_that_answers_429_can_take(
    openai_server, tmp_path, retry_after
):
    """What it can take: the rate of a judge that is told how many at once, in turns, for other work disturbs both."""
    server = openai_server(reply=reply_file(), latency_s=0.2, max_concurrent=CAPACITY)
    pairs = []
    while len(pairs) < MOST_PAIRS and not any(found >= 0.9 * told for told, found in pairs):
        told = settled_rate(server, tmp_path / f"told-{len(pairs)}", CAPACITY, retry_after)
        pairs.append((told, settled_rate(server, tmp_path / f"found-{len(pairs)}", 64, retry_after)))
    assert any(found >= 0.9 * told for told, found in pairs), pairs
