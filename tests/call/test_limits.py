"""Rates as the server sees them stay within limits, also over a restart; concurrency finds what the server takes."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from judge.call import CallRequest, Ledger, Port, PortOptions, Reply, Retries
from judge.call import limits as limits_module
from judge.call.adaptive import Adaptive
from judge.call.lanes import endpoint_name
from judge.call.limits import Limiter, Window
from judge.domain.panel import Judge

Servers = Callable[..., Any]


def test_a_window_lets_so_many_through_and_names_the_wait() -> None:
    window = Window(rpm=3)
    for at in (0.0, 1.0, 2.0):
        assert window.wait_s(0, at) == 0.0
        window.add(0, at)
    assert window.wait_s(0, 3.0) == pytest.approx(57.0 + 0.25)
    assert window.wait_s(0, 60.26) == 0.0


def test_tokens_count_as_reserved_until_they_are_known() -> None:
    window = Window(tpm=1000)
    first = window.add(600, 0.0)
    assert window.wait_s(600, 1.0) == pytest.approx(59.0 + 0.25)
    window.correct(first, 300)
    assert window.wait_s(600, 1.0) == 0.0
    assert window.wait_s(701, 1.0) > 0.0


def test_a_request_beyond_the_whole_limit_goes_alone() -> None:
    window = Window(tpm=100)
    assert window.wait_s(500, 0.0) == 0.0
    window.add(500, 0.0)
    assert window.wait_s(1, 0.0) == pytest.approx(60.25)


def test_a_request_that_was_not_sent_leaves_no_trace() -> None:
    async def go() -> None:
        limiter = Limiter(rpm=1, max_concurrency=1)
        limiter.unused(await limiter.acquire(5))
        async with asyncio.timeout(1):
            await limiter.acquire(5)
        assert limiter.n_in_flight == 1

    asyncio.run(go())


def test_those_who_wait_are_served_in_the_order_of_asking() -> None:
    async def go() -> list[int]:
        limiter, order = Limiter(max_concurrency=2), []

        async def work(i: int) -> None:
            slot = await limiter.acquire(0)
            order.append(i)
            await asyncio.sleep(0.001)
            limiter.succeed(slot, tokens=None, latency_s=0.001)

        await asyncio.gather(*(work(i) for i in range(20)))
        return order

    assert asyncio.run(go()) == list(range(20))


def test_a_waiter_that_is_cancelled_takes_nothing_with_it() -> None:
    async def go() -> int:
        limiter = Limiter(max_concurrency=1)
        slot = await limiter.acquire(0)
        waiting = asyncio.create_task(limiter.acquire(0))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        limiter.succeed(slot, tokens=None, latency_s=0.1)
        async with asyncio.timeout(1):
            await limiter.acquire(0)
        return limiter.n_in_flight

    assert asyncio.run(go()) == 1


def test_concurrency_halves_when_all_are_refused_and_creeps_back() -> None:
    adaptive = Adaptive(64)
    adaptive.refuse(epoch=0)
    assert adaptive.limit == 32
    adaptive.refuse(epoch=0)  # sent under the old limit: says nothing
    assert adaptive.limit == 32
    for _ in range(32):
        adaptive.succeed(0.1)
    assert adaptive.limit == 33


def test_concurrency_never_leaves_its_bounds() -> None:
    adaptive = Adaptive(3)
    for _ in range(20):
        adaptive.refuse(adaptive.epoch)
    assert adaptive.limit == 1
    for _ in range(500):
        adaptive.succeed(0.1)
    assert adaptive.limit == 3


def test_replies_that_become_slow_lower_concurrency_a_little() -> None:
    adaptive = Adaptive(32)
    for _ in range(32):
        adaptive.succeed(1.0)
    for _ in range(32):
        adaptive.succeed(4.0)
    assert adaptive.limit == 30


def test_judges_at_one_endpoint_and_key_share_limits_unless_the_panel_says_otherwise() -> None:
    a = Judge("a", "openai/x", api_base="https://u:p@host/v1/", api_key_env="K")
    b = Judge("b", "openai/y", api_base="https://host/v1", api_key_env="K")
    assert endpoint_name(a, "endpoint") == endpoint_name(b, "endpoint") == "https://host/v1 K"
    assert endpoint_name(a, "judge") != endpoint_name(b, "judge")


def ask_all(path: Path, judge: Judge, texts: list[str], **options: Any) -> list[Any]:
    async def go() -> list[Any]:
        settings = {"retries": Retries(attempts=3, rate_limited=12, base_s=0.05, cap_s=0.5), **options}
        with Ledger(path) as ledger:
            async with Port(ledger, [judge], options=PortOptions(**settings), random=Random(1)) as port:
                requests = [
                    CallRequest(judge.model, judge.api_base, {"max_tokens": 10}, [{"role": "user", "content": text}])
                    for text in texts
                ]
                return list(await asyncio.gather(*(port.call(judge, request) for request in requests)))

    return asyncio.run(go())


def test_the_rate_seen_by_the_server_holds_over_a_restart(
    openai_server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import judge.call.lanes as lanes_module

    monkeypatch.setattr(limits_module, "WINDOW_S", 3.0)  # a minute of three seconds
    monkeypatch.setattr(lanes_module, "WINDOW_S", 3.0)
    server = openai_server()
    judge = Judge("a", "openai/m", api_base=server.base_url, rpm=10)
    for start in (0, 8):
        replies = ask_all(tmp_path / "l.sqlite", judge, [str(i) for i in range(start, start + 8)])
        assert all(isinstance(reply, Reply) for reply in replies)
    times = sorted(entry["at"] for entry in server.log())
    assert len(times) == 16
    most = max(sum(1 for t in times if start <= t < start + 3.0) for start in times)
    assert most <= 10


def test_throughput_settles_near_what_the_server_takes(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(latency_s=0.5, max_concurrent=6)
    judge = Judge("a", "openai/m", api_base=server.base_url, max_concurrency=48)
    replies = ask_all(tmp_path / "l.sqlite", judge, [str(i) for i in range(150)])
    assert all(isinstance(reply, Reply) for reply in replies)
    served = [entry for entry in server.log() if entry["ok"] and entry["status"] == 200]
    start, end = served[0]["at"] + 3.0, max(entry["at"] for entry in served)
    # mean number in service (Little's law), which a busy test machine does not change: 6 would be all
    busy = sum(
        max(0.0, min(end, entry["at"] + entry["seconds"]) - max(start, entry["at"])) for entry in served
    ) / (end - start)  # fmt: skip
    assert busy >= 0.85 * 6
    assert server.stats()["most_attempts"] <= 13
