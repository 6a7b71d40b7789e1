"""Limits as the server sees them, also over a crash, and throughput at a server that refuses what is too much.

Full size (the window of a minute, twice; 3,000 calls): ``JUDGE_ACCEPTANCE=full pytest tests/acceptance/test_rates.py``.
"""

import signal
import time

import judge
from tests.acceptance.processes import IS_FULL, ended, kill, run_command, start_command, wait_until
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

RPM = 60 if IS_FULL else 24
SLACK = 1.02
CAPACITY = 8
N_CALLS = 3000 if IS_FULL else 300


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
    found = run_command("grade", file, "--panel", judges, "--quiet", cwd=tmp_path)
    assert found.code == 0, found.err
    assert server.stats()["requests"] == 200
    assert server.stats()["most_concurrent"] == 6


def settled_rate(server, folder, panel, n):
    """Return requests served per second in the second half, and how many were sent in all."""
    server.reset()
    file = write_jsonl(folder / f"answers-{n}.jsonl", answers(n=n // 2))
    assert judge.grade(file, panel=panel, ledger=folder / f"{panel.stem}.sqlite", out=folder / panel.stem).is_complete
    log = server.log()
    served = sorted(entry["at"] for entry in log if entry["ok"] and entry["status"] == 200)
    assert len(served) == n
    settled = served[n // 2 : -2 * CAPACITY]
    return (len(settled) - 1) / (settled[-1] - settled[0]), len(log)


def test_throughput_settles_within_a_tenth_of_what_a_server_that_answers_429_can_take(openai_server, tmp_path):
    """What it can take: the rate of a judge that is told how many at once, at the same server and on this machine."""
    server = openai_server(reply=reply_file(), latency_s=0.2, max_concurrent=CAPACITY)
    told = write_panel(tmp_path / "told.yaml", [server], max_concurrency=CAPACITY)
    possible, n_sent = settled_rate(server, tmp_path, told, N_CALLS)
    assert n_sent <= 1.05 * N_CALLS
    for retry_after in (None, 1):
        server.control(retry_after=retry_after)
        panel = write_panel(tmp_path / f"finds-out-{retry_after}.yaml", [server], max_concurrency=64)
        rate, n_sent = settled_rate(server, tmp_path, panel, N_CALLS)
        assert rate >= 0.9 * possible, (retry_after, rate, possible)
        assert n_sent <= 1.05 * N_CALLS + 2 * 64, "it goes on knocking at a closed door"
