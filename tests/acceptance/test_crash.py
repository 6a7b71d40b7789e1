"""kill -9 at random moments, then the same command: nothing is asked twice but what was in flight."""

import random
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

import judge
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

N_KILLS = 4
CONCURRENCY = 8


@pytest.mark.parametrize("seed", range(N_KILLS))
def test_a_killed_run_goes_on_where_it_was(openai_server, tmp_path, monkeypatch, seed):
    monkeypatch.chdir(tmp_path)
    servers = [openai_server(reply=reply_file(), latency_s=[0.01, 0.05]) for _ in range(2)]
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=100))
    panel = write_panel(tmp_path / "panel.yaml", servers, max_concurrency=CONCURRENCY)
    command = [sys.executable, "-m", "judge", "grade", file, "--panel", panel, "--quiet", "--out", "outputs/run"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while not any(server.stats()["requests"] for server in servers):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    time.sleep(random.Random(seed).uniform(0.0, 1.0))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "outputs" / "run" / "manifest.json").exists()

    run = judge.grade(file, panel=panel, out="outputs/run")
    assert run.is_complete
    for server in servers:
        stats = server.stats()
        assert stats["distinct"] == 200
        assert stats["requests"] - 200 <= CONCURRENCY
    whole = judge.grade(file, panel=panel, out="fresh/run")
    for table in ("verdicts", "criteria", "grades"):
        one, other = (pq.read_table(r.folder / f"{table}.parquet") for r in (run, whole))
        assert one.equals(other), table


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_within_seconds_keeps_what_is_done_and_exits_130(openai_server, tmp_path, number):
    server = openai_server(reply=reply_file(), latency_s=0.2)
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=300))
    panel = write_panel(tmp_path / "panel.yaml", [server], max_concurrency=4)
    command = [sys.executable, "-m", "judge", "grade", file, "--panel", panel, "--out", "run"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while server.stats()["ok"] < 5:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    started = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert time.monotonic() - started < 15
    assert "goes on from here" in err
    assert "Traceback" not in err
    grades = pq.read_table(tmp_path / "run" / "grades.parquet").to_pylist()
    assert len({row["response_id"] for row in grades}) == 600
    verdicts = pq.read_table(tmp_path / "run" / "verdicts.parquet").to_pylist()
    assert {row["status"] for row in verdicts} == {"scored", "interrupted"}
