"""What may end a run: kill -9, a signal, a full disk; the same command goes on where it was.

Twenty kills at random moments of a whole run: ``python -m tests.benchmarks.kill_many``.
"""

import random
import signal

import pyarrow.parquet as pq
import pytest

import judge
from judge.call.ledger import open_ledger
from judge.call.upkeep import export
from tests.acceptance.crashing import MOST_IN_FLIGHT, SCRIPT, TABLES, Crashing, n_replies
from tests.acceptance.processes import ended, kill, settled, start_command, wait_until
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

N = 150
N_KILLS = 3


@pytest.fixture
def crashing(openai_server, tmp_path):
    return Crashing(tmp_path, [openai_server(**SCRIPT) for _ in range(2)], N)


def test_a_run_killed_again_and_again_asks_twice_only_for_what_was_in_flight(crashing, monkeypatch):
    draw = random.Random(1)
    ledger = crashing.place / "killed" / "ledger.sqlite"
    n_sent = n_held = 0
    for _ in range(N_KILLS):
        process = start_command(*crashing.command("killed"), cwd=crashing.place)
        until = n_sent + draw.randint(10, 80)
        wait_until(lambda until=until: crashing.n_requests() >= until, process)
        kill(process)
        assert not (crashing.place / "killed" / "run" / "manifest.json").exists()
        now_sent, now_held = settled(crashing.servers), n_replies(ledger)
        assert now_sent - n_sent - (now_held - n_held) <= MOST_IN_FLIGHT
        n_sent, n_held = now_sent, now_held
    monkeypatch.chdir(crashing.place)
    run = judge.grade(crashing.file, panel=crashing.panel, out="killed/run")
    assert run.is_complete
    assert crashing.n_requests() - n_sent == 2 * N - n_held
    assert {server.stats()["distinct"] for server in crashing.servers} == {N}
    whole = judge.grade(crashing.file, panel=crashing.panel, out="whole/run")
    for table in TABLES:
        assert run.table(table).equals(whole.table(table)), table


def test_a_run_on_a_copy_of_the_ledger_made_in_mid_run_pays_only_for_what_the_copy_lacks(crashing, monkeypatch):
    process = start_command(*crashing.command("first"), cwd=crashing.place)
    wait_until(lambda: crashing.n_requests() >= 100, process)
    export(crashing.place / "first" / "ledger.sqlite", crashing.place / "copy.sqlite")
    assert ended(process).code == 0
    for server in crashing.servers:
        server.reset()
    with open_ledger(crashing.place / "copy.sqlite") as ledger:
        n_held = sum(logged.attempt.status == "ok" for logged in ledger.attempts())
    assert 0 < n_held < 2 * N
    monkeypatch.chdir(crashing.place)
    run = judge.grade(crashing.file, panel=crashing.panel, out="fresh/run", ledger="copy.sqlite")
    assert run.is_complete
    assert crashing.n_requests() == 2 * N - n_held
    for table in TABLES:
        assert run.table(table).equals(pq.read_table(crashing.place / "first" / "run" / f"{table}.parquet")), table


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_without_waiting_for_replies_keeps_what_is_done_and_exits_130(
    openai_server, tmp_path, number
):
    server = openai_server(reply=reply_file(), latency_s=0.2)
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=200))
    panel = write_panel(tmp_path / "panel.yaml", [server], max_concurrency=4)
    process = start_command("grade", file, "--panel", panel, "--out", "run", cwd=tmp_path)
    wait_until(lambda: server.stats()["ok"] >= 5, process)
    server.control(latency_s=60)
    before = server.stats()["ok"]
    process.send_signal(number)
    found = ended(process)
    assert found.code == 130, found.err
    assert server.stats()["ok"] <= before + 4, "only what was on its way when replies became slow is answered"
    assert "goes on from here" in found.err
    assert "Traceback" not in found.err
    grades = pq.read_table(tmp_path / "run" / "grades.parquet").to_pylist()
    assert len({row["response_id"] for row in grades}) == 400
    verdicts = pq.read_table(tmp_path / "run" / "verdicts.parquet").to_pylist()
    assert {row["status"] for row in verdicts} == {"scored", "interrupted"}
