"""``judge ledger``: what a person sees of what was sent, received and paid."""

import asyncio
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from judge.call.ledger import Ledger, LoggedAttempt, Negotiated
from judge.call.request import Attempt, CallRequest, Reply, Usage
from judge.cli.ledger import ledger
from judge.domain.panel import Judge
from judge.errors import DataError, JudgeError, StoreError

JUDGE = Judge("sonnet", "openai/m", api_base="http://127.0.0.1:1/v1")


def call(text: str, response_id: str) -> CallRequest:
    return CallRequest(
        JUDGE.model, JUDGE.api_base, {"max_tokens": 9}, [{"role": "user", "content": text}], response_id=response_id
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    async def fill() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as opened:
            for number, (response_id, cost) in enumerate((("r1", 0.25), ("r2", None))):
                request = call(f"text {number}", response_id)
                attempt = Attempt(f"s-{number}", 1, "ok", 1.7e9, 0.5, Usage(1000, 400, 50, 0), cost)
                reply = Reply(
                    request.key, f'{{"said": "private-{response_id}"}}', "stop", None, attempt.usage, cost, False,
                    "m-2", 0.5, at=1.7e9, attempts=(attempt,),
                )  # fmt: skip
                logged = LoggedAttempt(attempt, request.key, "run", "sonnet", "host", 9, response_id=response_id)
                await opened.put(JUDGE, request, reply, logged)
            failed = Attempt("s-9", 1, "timeout", 1.7e9, cost_usd=0.5, is_cost_estimated=True)
            opened.post_attempt(LoggedAttempt(failed, "k", "other", "sonnet", "host", 9))
            await opened.note_negotiated("openai/m", "http://127.0.0.1:1/v1", Negotiated("temperature", ""), 1.0)

    asyncio.run(fill())
    return tmp_path / "ledger.sqlite"


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(ledger, [str(argument) for argument in arguments], catch_exceptions=False)


def test_show_prints_attempts_tokens_and_money_of_each_judge(place: Path) -> None:
    shown = run("show", place)
    assert shown.exit_code == 0
    row = next(line for line in shown.stdout.splitlines() if line.startswith("sonnet"))
    assert row.split()[:8] == ["sonnet", "3", "2", "1", "0", "2,000", "800", "100"]
    assert "$0.7500 (1 estimated, 1 of unknown price)" in row
    assert "refuses temperature; sent: nothing" in shown.stdout


def test_show_of_one_run_counts_that_run_only(place: Path) -> None:
    document = json.loads(run("show", place, "--run", "run", "--json").stdout)
    (line,) = document["lines"]
    assert (line["n_attempts"], line["cost_usd"], line["n_unknown"]) == (2, 0.25, 1)


def test_show_of_a_key_prints_the_reply(place: Path) -> None:
    shown = run("show", place, "--key", call("text 0", "").key)
    assert "private-r1" in shown.stdout
    assert "1000 + 50 tokens, $0.2500" in shown.stdout
    with pytest.raises(DataError, match="no reply under"):
        run("show", place, "--key", "0" * 64)


def test_a_folder_stands_for_the_ledger_in_it_or_beside_it(place: Path, tmp_path: Path) -> None:
    run_folder = tmp_path / "answers-12345678"
    run_folder.mkdir()
    assert run("show", tmp_path).exit_code == 0
    assert run("show", run_folder).exit_code == 0
    with pytest.raises(StoreError, match="is not there"):
        run("show", tmp_path / "nowhere")


def test_verify_says_whole_or_names_the_damage(place: Path) -> None:
    assert "whole. 2 replies, 3 attempts." in run("verify", place).stdout
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE replies SET value = '{}' WHERE response_id = 'r1'")
    connection.close()
    with pytest.raises(JudgeError, match="not the one that was stored") as caught:
        run("verify", place)
    assert caught.value.exit_code == 1
    (key,) = re.findall(r"reply ([0-9a-f]{64}): ", str(caught.value))
    assert "1 replies deleted" in run("forget", place, "--key", key).stdout
    assert "whole. 1 replies" in run("verify", place).stdout


def test_forget_takes_the_first_digits_of_a_key(place: Path) -> None:
    assert "1 replies deleted" in run("forget", place, "--key", call("text 0", "").key[:12]).stdout


def test_forget_of_an_unknown_answer_is_exit_3_and_deletes_nothing(place: Path) -> None:
    with pytest.raises(DataError, match='did you mean "r1"') as caught:
        run("forget", place, "--response-id", "r2", "--response-id", "r1x")
    assert caught.value.exit_code == 3
    assert "whole. 2 replies" in run("verify", place).stdout
    refused = CliRunner().invoke(ledger, ["forget", str(place), "--response-id", "nobody", "--json"])
    assert isinstance(refused.exception, DataError)
    assert json.loads(refused.stdout) == {"n_replies": 0, "n_attempts": 0, "is_erased": False}


def test_export_writes_a_copy_that_verifies(place: Path, tmp_path: Path) -> None:
    document = json.loads(run("export", place, tmp_path / "copy.sqlite", "--json").stdout)
    assert document["bytes"] == (tmp_path / "copy.sqlite").stat().st_size
    assert "2 replies" in run("verify", tmp_path / "copy.sqlite").stdout


def test_forget_deletes_what_one_answer_received(place: Path) -> None:
    shown = run("forget", "--response-id", "r1", place)
    assert "1 replies deleted" in shown.stdout
    content = b"".join(file.read_bytes() for file in place.parent.glob("ledger.sqlite*"))
    assert b"private-r1" not in content
    assert b"private-r2" in content
    assert json.loads(run("show", place, "--json").stdout)["lines"][0]["cost_usd"] == 0.75


def test_forget_finds_the_calls_of_an_answer_in_its_run(place: Path, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path / "run"
    folder.mkdir()
    table = pa.table({"response_id": ["twin", "r1"], "call_key": [call("text 1", "").key, call("text 0", "").key]})
    pq.write_table(table, folder / "calls.parquet")
    check = folder / "drift" / "2026-11-24-0a1b2c3d"
    check.mkdir(parents=True)
    (check / "ledger.sqlite").touch()
    shown = run("forget", "--response-id", "twin", folder)
    assert "1 replies deleted" in shown.stdout
    assert "still hold the verdicts" in shown.stdout
    assert "1 with a ledger of their own" in shown.stdout


def test_forget_wants_to_know_what(place: Path) -> None:
    with pytest.raises(DataError, match="nothing to forget"):
        run("forget", place)
