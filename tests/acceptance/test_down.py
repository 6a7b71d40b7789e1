"""A judge that is down is parked and reported while the others go on; when it is back the same command completes.

Calls to a judge that is down wait for it; here only for a few seconds. As a user meets it, by ``judge grade`` and two
minutes: ``JUDGE_ACCEPTANCE=full pytest tests/acceptance/test_down.py``.
"""

import json
import threading
import time
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

import judge
import judge.api.grading.grade as grading
from judge.call.retries import Retries
from judge.errors import BackendError
from tests.acceptance.processes import IS_FULL, ended, run_command, start_command, wait_until
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

N = 120
SCRIPT = {"reply": reply_file(), "latency_s": 0.05}


@pytest.fixture
def three(openai_server):
    return [openai_server(**SCRIPT) for _ in range(3)]


@pytest.fixture
def files(tmp_path, three):
    panel = write_panel(tmp_path / "panel.yaml", three, max_concurrency=4)
    return write_jsonl(tmp_path / "answers.jsonl", answers(n=N // 2)), panel


@pytest.fixture
def impatient(monkeypatch):
    """Wait three seconds for a judge that is down, and retry quickly."""
    as_it_is = grading._port_options
    quick = {"grace_s": 3.0, "probe_s": 0.5, "retries": Retries(base_s=0.1)}
    monkeypatch.setattr(grading, "_port_options", lambda plan: replace(as_it_is(plan), **quick))


@pytest.fixture
def patient(monkeypatch):
    """Wait as long as users' runs do, but look often."""
    as_it_is = grading._port_options
    quick = {"probe_s": 0.5, "retries": Retries(base_s=0.1)}
    monkeypatch.setattr(grading, "_port_options", lambda plan: replace(as_it_is(plan), **quick))


class StopAt:
    """Stops a server when so many answers are done."""

    def __init__(self, server, n_done):
        self.server = server
        self.n_done = n_done

    def say(self, message: str) -> None:
        """Not told here."""

    def update(self, tally):
        if tally.n_done >= self.n_done and self.server is not None:
            self.server.stop()
            self.server = None


@pytest.mark.parametrize("n_done", [0, 30])
def test_the_others_go_on_the_one_that_is_down_is_named_and_the_same_call_completes_later(
    openai_server, three, files, tmp_path, impatient, n_done
):
    if n_done == 0:
        three[2].stop()
    file, panel = files
    run = judge.grade(file, panel=panel, out=tmp_path / "run", progress=StopAt(three[2] if n_done else None, n_done))
    assert not run.is_complete
    with pytest.raises(BackendError, match="j3"):
        run.raise_if_stopped()
    n_kept = check_what_is_kept(tmp_path / "run", n_done)

    back = openai_server(port=three[2].port, **SCRIPT)
    asked = [server.stats()["requests"] for server in three[:2]]
    assert judge.grade(file, panel=panel, out=tmp_path / "run").is_complete
    assert statuses_by_judge(tmp_path / "run")["j3"] == {"scored": N}
    assert back.stats()["requests"] == N - n_kept
    assert [server.stats()["requests"] for server in three[:2]] == asked


def test_while_one_waits_to_come_back_the_others_do_all_their_work(openai_server, three, files, tmp_path, patient):
    file, panel = files
    seen = {}

    def go_down_and_come_back():
        wait_for(lambda: three[2].stats()["ok"] >= 10)
        three[2].stop()
        wait_for(lambda: min(server.stats()["ok"] for server in three[:2]) == N)
        seen["others"] = [server.stats()["ok"] for server in three[:2]]
        seen["back"] = openai_server(port=three[2].port, **SCRIPT)

    helper = threading.Thread(target=go_down_and_come_back)
    helper.start()
    run = judge.grade(file, panel=panel, out=tmp_path / "run")
    helper.join()
    assert seen["others"] == [N, N]
    verdicts = pq.read_table(tmp_path / "run" / "verdicts.parquet").to_pylist()
    assert {row["reason"] for row in verdicts if row["status"] not in ("scored", "not_applicable")} == set()
    assert run.is_complete
    assert statuses_by_judge(tmp_path / "run")["j3"] == {"scored": N}


def wait_for(condition):
    until = time.monotonic() + 90
    while time.monotonic() < until and not condition():
        time.sleep(0.05)


@pytest.mark.skipif(not IS_FULL, reason="takes minutes; JUDGE_ACCEPTANCE=full runs it")
@pytest.mark.parametrize("n_done", [0, 30])
def test_a_judge_that_is_down_is_exit_4_and_the_same_command_completes_later(
    openai_server, three, files, tmp_path, n_done
):
    file, panel = files
    command = ("grade", file, "--panel", panel, "--json", "--out", "run")
    if n_done == 0:
        three[2].stop()
    process = start_command(*command, cwd=tmp_path)
    if n_done:
        wait_until(lambda: three[2].stats()["ok"] >= n_done, process)
        three[2].stop()
    found = ended(process)
    assert found.code == 4, found.err
    assert "j3" in found.err
    assert "Traceback" not in found.err
    assert json.loads(found.out)["complete"] is False
    check_what_is_kept(tmp_path / "run", n_done)
    openai_server(port=three[2].port, **SCRIPT)
    again = run_command(*command, cwd=tmp_path)
    assert again.code == 0, again.err
    assert json.loads(again.out)["complete"] is True
    assert statuses_by_judge(tmp_path / "run")["j3"] == {"scored": N}


def check_what_is_kept(folder, least):
    """The others have judged all, the one that went down what it had; every answer has its grades."""
    statuses = statuses_by_judge(folder)
    assert statuses["j1"] == statuses["j2"] == {"scored": N}
    assert set(statuses["j3"]) <= {"scored", "provider_error"}
    n_kept = statuses["j3"].get("scored", 0)
    assert least <= n_kept < N
    grades = pq.read_table(folder / "grades.parquet").to_pylist()
    assert {row["status"] for row in grades if row["dimension"] != "composite"} == {"scored"}
    return n_kept


def statuses_by_judge(folder):
    found = {}
    for row in pq.read_table(folder / "verdicts.parquet").to_pylist():
        if row["dimension"] == "safety":
            counts = found.setdefault(row["judge"], {})
            counts[row["status"]] = counts.get(row["status"], 0) + 1
    return found
