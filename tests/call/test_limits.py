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
from judge.call.faults import Fault, Rule
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
        async with asyncio.timeout(60):
            await limiter.acquire(5)
        assert limiter.n_in_flight == 1

    asyncio.run(go())


def test_a_request_of_an_earlier_run_counts_as_one_that_came_late() -> None:
    limiter = Limiter(rpm=1, clock=lambda: 1000.0)
    limiter.fill([(62.0, 0)])  # sent 62 s ago, and at the server perhaps 57 s ago
    assert limiter.window.wait_s(0, 1000.0) == pytest.approx(3.0 + 0.25)
    limiter = Limiter(rpm=1, clock=lambda: 1000.0)
    limiter.fill([(2.0, 0)])  # nothing comes later than now
    assert limiter.window.wait_s(0, 1000.0) == pytest.approx(60.25)


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
        async with asyncio.timeout(60):
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
    for module, name in (
        (limits_module, "_ARRIVAL_S"),
        (limits_module, "FIRST_ARRIVAL_S"),
        (lanes_module, "FIRST_ARRIVAL_S"),
    ):  # a busy machine may take as long as it likes to send
        monkeypatch.setattr(module, name, 600.0)
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


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in whose time nothing takes long but to wait: where nobody can go on, it is at once so much later."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0]._when)  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


class Busy:
    """A server in virtual time that takes so many at once and refuses the others."""

    def __init__(self, capacity: int, latency_s: float) -> None:
        self.capacity = capacity
        self.latency_s = latency_s
        self.n_in_service = self.n_refused = 0
        self.served_at: list[float] = []

    async def is_served(self) -> bool:
        if self.n_in_service >= self.capacity:
            self.n_refused += 1
            return False
        self.n_in_service += 1
        await asyncio.sleep(self.latency_s)
        self.n_in_service -= 1
        self.served_at.append(asyncio.get_running_loop().time())
        return True


async def call_until_served(limiter: Limiter, server: Busy, retry_after_s: float | None, random: Random) -> None:
    n_refused = 0
    while True:
        slot = await limiter.acquire(0)
        await asyncio.sleep(0.001)  # the way to the server
        if await server.is_served():
            limiter.succeed(slot, tokens=None, latency_s=server.latency_s)
            return
        n_refused += 1
        limiter.fail(slot, is_congestion=True, retry_after_s=retry_after_s)
        fault = Fault(Rule("rate", "rate_limited", "provider_error", is_billed=False), "", retry_after_s=retry_after_s)
        await asyncio.sleep(Retries().delay_s(n_refused, fault, random) or 0.0)


@pytest.mark.parametrize("retry_after_s", [None, 1.0])
@pytest.mark.parametrize(("capacity", "ceiling"), [(6, 48), (8, 64)])
def test_a_server_that_refuses_what_is_too_much_is_kept_busy(
    capacity: int, ceiling: int, retry_after_s: float | None
) -> None:
    server, random, n = Busy(capacity, 0.5), Random(1), 600

    async def go() -> None:
        limiter = Limiter(max_concurrency=ceiling, clock=asyncio.get_running_loop().time)
        await asyncio.gather(*(call_until_served(limiter, server, retry_after_s, random) for _ in range(n)))

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(go())
    settled = server.served_at[n // 4 : -2 * capacity]
    mean_in_service = (len(settled) - 1) / (settled[-1] - settled[0]) * server.latency_s  # Little's law
    assert mean_in_service >= 0.9 * capacity
    assert server.n_refused <= 0.05 * n + 2 * ceiling, "it goes on knocking at a closed door"


def test_a_server_that_refuses_what_is_too_much_answers_all_after_few_attempts(
    openai_server: Servers, tmp_path: Path
) -> None:
    server = openai_server(latency_s=0.5, max_concurrent=6)
    judge = Judge("a", "openai/m", api_base=server.base_url, max_concurrency=48)
    replies = ask_all(tmp_path / "l.sqlite", judge, [str(i) for i in range(150)])
    assert all(isinstance(reply, Reply) for reply in replies)
    assert server.stats()["most_attempts"] <= 13
    assert server.stats()["requests"] <= 1.05 * 150 + 2 * 48
