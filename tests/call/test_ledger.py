"""The ledger keeps every reply, survives a kill, two processes and a full disk, and gives nothing away."""

import asyncio
import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from judge.call import CallRequest, Ledger, Port, PortOptions, Reply, Retries
from judge.call.forgetting import check_known, forget, whole_keys
from judge.call.ledger import LoggedAttempt, Negotiated
from judge.call.request import Attempt, Usage
from judge.call.schema import VERSION, prepare
from judge.call.upkeep import export, summarise, verify
from judge.domain.panel import Judge
from judge.errors import DataError, StoreError
from tests.acceptance.processes import kill, settled, wait_until

Servers = Callable[..., Any]
JUDGE = Judge("a", "openai/m", api_base="http://127.0.0.1:1/v1")
DRIVER = Path(__file__).with_name("driver.py")


def request_of(text: str, **more: Any) -> CallRequest:
    members: dict[str, Any] = {"params": {"max_tokens": 10}, "messages": [{"role": "user", "content": text}], **more}
    return CallRequest(JUDGE.model, JUDGE.api_base, **members)


def reply_to(request: CallRequest, content: str = "{}") -> Reply:
    attempt = Attempt("s-1", 1, "ok", 100.0, 0.5, Usage(10, 2, 5, 1), 0.01, served_model="m-2025")
    return Reply(
        request.key, content, "stop", None, attempt.usage, 0.01, False, "m-2025", 0.5, at=100.5, attempts=(attempt,)
    )  # fmt: skip


def logged_of(request: CallRequest, reply: Reply, **more: Any) -> LoggedAttempt:
    return LoggedAttempt(
        reply.attempts[-1], request.key, "run", "a", "host", 15, response_id=request.response_id, **more
    )  # fmt: skip


def stored(path: Path, *texts: str, **more: Any) -> list[Reply]:
    async def go() -> list[Reply]:
        with Ledger(path) as ledger:
            replies = []
            for number, text in enumerate(texts):
                request = request_of(text, **more)
                reply = reply_to(request, f'{{"text": "{text}"}}')
                attempt = Attempt(f"s-{number}", 1, "ok", 100.0 + number, 0.5, Usage(10, 2, 5, 1), 0.01)
                logged = LoggedAttempt(attempt, request.key, "run", "a", "host", 15, response_id=request.response_id)
                replies.append(await ledger.put(JUDGE, request, reply, logged))
            return replies

    return asyncio.run(go())


def test_what_is_put_is_got_whole(tmp_path: Path) -> None:
    (reply,) = stored(tmp_path / "l.sqlite", "one")
    with Ledger(tmp_path / "l.sqlite") as ledger:
        found = ledger.get(reply.key)
        assert found is not None
        assert found.is_replayed
        assert replace(found, is_replayed=False) == reply
        assert ledger.get("0" * 64) is None


def test_a_reply_with_half_a_surrogate_pair_and_chinese_is_kept_as_it_is(tmp_path: Path) -> None:
    async def go() -> None:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            for number, text in enumerate(("\ud83d 心房颤动", "心房颤动 \U0001f600")):
                request = request_of(f"question {number}")
                await ledger.put(JUDGE, request, reply_to(request, text))
                found = ledger.get(request.key)
                assert found is not None
                assert found.content == text

    asyncio.run(go())


def test_the_first_reply_to_a_request_stays_and_is_what_a_later_put_returns(tmp_path: Path) -> None:
    async def go() -> Reply:
        request = request_of("same")
        with Ledger(tmp_path / "l.sqlite") as one, Ledger(tmp_path / "l.sqlite") as two:
            await one.put(JUDGE, request, reply_to(request, "first"))
            return await two.put(JUDGE, request, reply_to(request, "second"))

    assert asyncio.run(go()).content == "first"


def test_the_key_covers_all_that_can_change_the_reply_and_nothing_else() -> None:
    base = request_of("x")
    others = [
        request_of("y"),
        request_of("x", params={"max_tokens": 11}),
        request_of("x", repeat=1),
        request_of("x", response_format={"type": "json_object"}),
        CallRequest("openai/other", base.api_base, base.params, base.messages),
        CallRequest(base.model, "http://127.0.0.1:2/v1", base.params, base.messages),
        CallRequest(base.model, None, base.params, base.messages),
    ]
    assert len({base.key, *(other.key for other in others)}) == len(others) + 1
    assert request_of("x", timeout_s=1.0, response_id="r", scope="s").key == base.key
    with_password = CallRequest(base.model, "http://user:pass@127.0.0.1:1/v1", base.params, base.messages)
    assert with_password.key == base.key
    assert request_of("x", params=dict(reversed([("max_tokens", 10), ("seed", 1)]))).key == (
        request_of("x", params={"max_tokens": 10, "seed": 1}).key
    )


def test_the_file_is_private_and_its_settings_are_the_safe_ones(tmp_path: Path) -> None:
    stored(tmp_path / "l.sqlite", "one")
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with sqlite3.connect(tmp_path / "l.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_attempts_come_back_in_time_and_are_summed_by_run(tmp_path: Path) -> None:
    stored(tmp_path / "l.sqlite", "one", "two")

    async def more() -> None:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            for run, cost, estimated in (("run", 0.5, True), ("other", None, False)):
                attempt = Attempt(f"{run}-x", 1, "timeout", 200.0, cost_usd=cost, is_cost_estimated=estimated)
                ledger.post_attempt(LoggedAttempt(attempt, "k", run, "a", "host", 7))

    asyncio.run(more())
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert [logged.attempt.id for logged in ledger.attempts("run")] == ["s-0", "s-1", "run-x"]
        assert [logged.window_tokens for logged in ledger.recent(150.0)] == [7, 7]
        spent = ledger.spent("run")
        assert (spent.cost_usd, spent.n_attempts, spent.n_estimated) == (pytest.approx(0.52), 3, 1)
        assert ledger.spent("other").n_unknown == 1
        assert ledger.spent("none").cost_usd == 0.0


def test_what_a_model_refuses_is_remembered_by_model_and_endpoint(tmp_path: Path) -> None:
    async def note() -> None:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            await ledger.note_negotiated("openai/m", "http://h/v1", Negotiated("temperature", "", "no"), 1.0)

    asyncio.run(note())
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert ledger.negotiated("openai/m", "http://h/v1") == (Negotiated("temperature", "", "no"),)
        assert ledger.negotiated("openai/m", None) == ()


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to be looked at as one" * 20, encoding="utf-8")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    before = text.read_bytes()
    for path in (text, other):
        with pytest.raises(StoreError):
            Ledger(path)
    assert text.read_bytes() == before


def test_a_ledger_of_another_version_is_migrated_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    stored(path, "one")
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(StoreError, match=f"version {VERSION + 1}; this program reads version {VERSION}"):
        Ledger(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION - 1}")
    connection.close()
    with pytest.raises(StoreError, match="release of judge that wrote it"):
        Ledger(path)
    prepare(path, {VERSION - 1: lambda c: c.execute("CREATE TABLE migrated (x)")})
    with Ledger(path) as ledger:
        assert len(list(ledger.attempts())) == 1
    assert verify(path).problems == ()


def test_verify_finds_a_changed_reply(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    reply, _ = stored(path, "one", "two")
    assert verify(path).problems == ()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE replies SET value = replace(value, 'one', 'won') WHERE key = ?", (reply.key,))
    connection.close()
    (problem,) = verify(path).problems
    assert problem.startswith(f"reply {reply.key}: ")


def test_forgetting_an_answer_erases_the_bytes_and_keeps_the_cost(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    stored(path, "patient-alpha", response_id="r1")
    stored(path, "patient-beta", response_id="r2")
    found = forget(path, response_ids=["r1"])
    assert (found.n_replies, found.is_erased) == (1, True)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"patient-alpha" not in content
    assert b"patient-beta" in content
    with Ledger(path) as ledger:
        assert ledger.get(request_of("patient-alpha").key) is None
        assert ledger.spent("run").n_attempts == 1  # both attempts of the helper have the id s-0
    assert forget(path, response_ids=["r1"]).is_erased is False  # there was nothing left to erase


def test_twelve_digits_mean_a_key_where_no_other_begins_so(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    reply, _ = stored(path, "one", "two")
    assert whole_keys(path, [reply.key[:12]]) == whole_keys(path, [reply.key]) == {reply.key}
    with pytest.raises(DataError, match="no key of a call"):
        whole_keys(path, [reply.key[:11]])
    with pytest.raises(DataError, match="holds no call under"):
        whole_keys(path, ["0" * 12])
    twin = reply.key[:-1] + ("0" if reply.key[-1] != "0" else "1")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE replies SET key = ? WHERE key != ?", (twin, reply.key))
    connection.close()
    with pytest.raises(DataError, match="several calls whose keys begin with"):
        whole_keys(path, [reply.key[:12]])


def test_a_key_that_damage_has_changed_can_still_be_named(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    stored(path, "one")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE replies SET key = 'Z'")
    connection.close()
    assert "reply Z: its key is not a SHA-256" in verify(path).problems
    assert forget(path, keys=whole_keys(path, ["Z"])).n_replies == 1


def test_answers_that_nothing_is_known_of_are_refused_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    stored(path, "one", response_id="answer-1")
    check_known(path, ["answer-1", "blank"], also_known=["blank"])
    with pytest.raises(DataError, match="nothing is there of 1 of 2 answers") as caught:
        check_known(path, ["answer-1", "answer-l"])
    assert caught.value.problems == ('"answer-l", did you mean "answer-1"?',)


def test_a_copy_made_in_mid_run_is_whole_and_goes_on(tmp_path: Path) -> None:
    path, copy = tmp_path / "l.sqlite", tmp_path / "copies" / "c.sqlite"

    async def go() -> None:
        with Ledger(path) as ledger:
            for i in range(5):
                request = request_of(str(i))
                await ledger.put(JUDGE, request, reply_to(request))
            export(path, copy)
            request = request_of("later")
            await ledger.put(JUDGE, request, reply_to(request))

    asyncio.run(go())
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert verify(copy).n_replies == 5
    with Ledger(copy) as ledger:
        assert ledger.get(request_of("4").key) is not None
    with pytest.raises(StoreError, match="there already"):
        export(path, copy)


def test_a_full_disk_ends_in_a_message_and_a_whole_ledger(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"

    async def fill() -> int:
        n = 0
        with Ledger(path) as ledger:
            connection = ledger._writer._connection
            connection.execute("PRAGMA max_page_count = 60")  # SQLite reports SQLITE_FULL, as on a full disk
            for i in range(1000):
                request = request_of(str(i))
                await ledger.put(JUDGE, request, reply_to(request, "x" * 2000))
                n += 1
        return n

    with pytest.raises(StoreError, match="cannot be written"):
        asyncio.run(fill())
    found = verify(path)
    assert found.problems == ()
    assert found.n_replies > 20
    with Ledger(path) as ledger:
        assert all(ledger.get(request_of(str(i)).key) is not None for i in range(found.n_replies))


def start_driver(path: Path, base_url: str, n: int, **more: Any) -> "subprocess.Popen[str]":
    arguments = {"ledger": str(path), "api_base": base_url, "n": n, **more}
    return subprocess.Popen(
        [sys.executable, str(DRIVER), json.dumps(arguments)], stdout=subprocess.PIPE, text=True, cwd=path.parent
    )


def result_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def test_killed_in_mid_run_only_what_was_in_flight_is_asked_again(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(latency_s=[0.02, 0.08])
    path = tmp_path / "l.sqlite"
    n_sent = n_held = 0
    for after in (15, 40, 90):
        process = start_driver(path, server.base_url, 120)
        wait_until(lambda after=after: server.stats()["ok"] >= after, process)
        kill(process)
        now_sent, now_held = settled([server]), verify(path).n_replies
        # eight in flight at each kill, and what was answered just before it
        assert now_sent - n_sent - (now_held - n_held) <= 16
        n_sent, n_held = now_sent, now_held
    result = result_of(start_driver(path, server.base_url, 120))
    stats = server.stats()
    assert result["n_replies"] == 120
    assert stats["distinct"] == 120
    assert stats["requests"] - n_sent == 120 - n_held
    assert stats["most_attempts"] <= 4
    again = result_of(start_driver(path, server.base_url, 120))
    assert server.stats()["requests"] == stats["requests"]
    assert again["digest"] == result["digest"]
    assert verify(path).problems == ()


def test_two_processes_on_one_ledger_lose_nothing_and_agree(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(latency_s=[0.0, 0.02])
    path = tmp_path / "l.sqlite"
    processes = [start_driver(path, server.base_url, 100, shuffle=i) for i in range(2)]
    one, two = map(result_of, processes)
    assert one["digest"] == two["digest"]
    assert one["n_replies"] == two["n_replies"] == 100
    found = verify(path)
    assert (found.n_replies, found.problems) == (100, ())
    assert found.n_attempts == server.stats()["requests"]


def test_a_key_is_nowhere_in_the_ledger_nor_in_what_is_said(
    openai_server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "very-private-0123456789abcdef"
    monkeypatch.setenv("MY_PRIVATE_KEY", key)
    echo = f"your key {key} and Bearer {key} and sk-abcdefghijklmnop are wrong"
    server = openai_server(
        faults=[{"kind": "500", "message": echo, "match": "bad"}, {"kind": "400", "message": echo, "match": "odd"}]
    )
    judge = Judge("a", "openai/m", api_base=server.base_url, api_key_env="MY_PRIVATE_KEY")

    async def go() -> list[Any]:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            options = PortOptions(retries=Retries(attempts=2, base_s=0.01))
            async with Port(ledger, [judge], options=options, random=Random(1)) as port:
                return [
                    await port.call(
                        judge, CallRequest(judge.model, judge.api_base, {}, [{"role": "user", "content": text}])
                    )
                    for text in ("good", "bad", "odd")
                ]

    outcomes = asyncio.run(go())
    assert isinstance(outcomes[0], Reply)
    assert "[redacted]" in outcomes[1].message
    said = repr(outcomes) + str(summarise(tmp_path / "l.sqlite"))
    content = b"".join(file.read_bytes() for file in tmp_path.glob("l.sqlite*"))
    for secret in (key, "sk-abcdefghijklmnop"):
        assert secret not in said
        assert secret.encode() not in content
    assert {entry["key_hash"] for entry in server.log()} == {__import__("hashlib").sha256(key.encode()).hexdigest()[:8]}


def test_a_cancelled_call_is_booked_and_its_slot_is_free_again(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(faults=[{"kind": "hang", "seconds": 600, "match": "slow"}])
    from judge.domain.panel import Price

    judge = Judge("a", "openai/m", api_base=server.base_url, max_concurrency=1, price=Price(10.0, 100.0))

    async def go() -> float:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [judge], options=PortOptions(run="r")) as port:
                slow = CallRequest(
                    judge.model, judge.api_base, {"max_tokens": 100}, [{"role": "user", "content": "slow"}]
                )
                task = asyncio.create_task(port.call(judge, slow))
                while not server.stats()["in_flight"]:
                    await asyncio.sleep(0.02)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                quick = CallRequest(judge.model, judge.api_base, {"max_tokens": 9}, [{"role": "user", "content": "q"}])
                async with asyncio.timeout(300):
                    assert isinstance(await port.call(judge, quick), Reply)
                return port.budget.reserved_usd

    assert asyncio.run(go()) == 0.0
    with Ledger(tmp_path / "l.sqlite") as ledger:
        first = next(ledger.attempts("r"))
    assert first.attempt.status == "cancelled"
    assert first.attempt.is_cost_estimated
    assert first.attempt.cost_usd == pytest.approx(10 * 10e-6 + 100 * 100e-6)  # 4 bytes: 2 tokens, 8 for the message


def test_closing_the_port_cancels_what_is_in_flight(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(faults=[{"kind": "hang", "seconds": 600}])
    judge = Judge("a", "openai/m", api_base=server.base_url)

    async def go() -> None:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [judge], options=PortOptions(run="r")) as port:
                tasks = [
                    asyncio.create_task(
                        port.call(judge, CallRequest(judge.model, judge.api_base, {}, [{"role": "user", "content": t}]))
                    )
                    for t in "abcdef"
                ]
                while server.stats()["in_flight"] < 6:
                    await asyncio.sleep(0.02)
            await asyncio.gather(*tasks, return_exceptions=True)
            assert all(task.cancelled() for task in tasks)

    asyncio.run(go())
    assert server.stats()["ok"] == 0


def test_a_place_that_cannot_hold_a_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(StoreError, match=r"l\.sqlite") as caught:
        Ledger(tmp_path / "file" / "l.sqlite")
    assert caught.value.exit_code == 5
