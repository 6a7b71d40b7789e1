"""A short outage costs nothing; a long one does not hold up the others."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from judge.call import CallFailure, CallRequest, Ledger, Port, PortOptions, Reply, Retries
from judge.call.parking import Parking
from judge.domain.panel import Judge

Servers = Callable[..., Any]


def test_a_parked_judge_is_tried_at_growing_intervals() -> None:
    now = [0.0]
    parking = Parking("a", after=2, probe_s=10.0, clock=lambda: now[0])
    parking.fail("one")
    assert parking.may_send()
    parking.fail("two")
    tries = []
    for now[0] in range(1, 80):
        if parking.may_send():
            tries.append(now[0])
            parking.fail("again")
    assert tries == [10, 20, 40]
    found = parking.parked
    assert found is not None
    assert (found.n_failures, found.message) == (5, "again")
    parking.succeed()
    assert parking.parked is None
    assert parking.may_send()


def test_those_who_wait_go_on_as_soon_as_the_judge_is_up() -> None:
    async def go() -> list[str]:
        parking = Parking("a", after=1, probe_s=60.0, grace_s=60.0)
        parking.fail("down")
        waiting = [asyncio.create_task(parking.wait()) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in waiting)
        parking.succeed()
        return list(await asyncio.wait_for(asyncio.gather(*waiting), 1))

    assert asyncio.run(go()) == ["free"] * 3


def test_nobody_waits_longer_than_the_grace() -> None:
    async def go() -> str:
        parking = Parking("a", after=1, probe_s=60.0, grace_s=0.05)
        parking.fail("down")
        return await asyncio.wait_for(parking.wait(), 1)

    assert asyncio.run(go()) == "none"


def ask(path: Path, server: Any, n: int, **options: Any) -> tuple[list[Reply | CallFailure], Port]:
    judge = Judge("a", "openai/m", api_base=server.base_url, max_concurrency=4)

    async def go() -> tuple[list[Reply | CallFailure], Port]:
        settings = PortOptions(retries=Retries(attempts=3, base_s=0.02), probe_s=0.2, **options)
        with Ledger(path) as ledger:
            async with Port(ledger, [judge], options=settings, random=Random(1)) as port:
                requests = [
                    CallRequest(judge.model, judge.api_base, {}, [{"role": "user", "content": f"q {i}"}])
                    for i in range(n)
                ]
                return list(await asyncio.gather(*(port.call(judge, request) for request in requests))), port

    return asyncio.run(go())


def test_a_short_outage_in_mid_run_loses_no_answer(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(latency_s=0.02, faults=[{"kind": "500", "after": 10, "until": 22}])
    outcomes, port = ask(tmp_path / "l.sqlite", server, 60)
    assert all(isinstance(one, Reply) for one in outcomes)
    assert port.parked == ()


def test_a_judge_that_stays_down_fails_the_rest_unsent_and_soon(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(faults=[{"kind": "500"}])
    started = time.monotonic()
    outcomes, port = ask(tmp_path / "l.sqlite", server, 200, grace_s=0.5)
    assert all(isinstance(one, CallFailure) and one.status == "provider_error" for one in outcomes)
    assert sum(isinstance(one, CallFailure) and one.is_parked for one in outcomes) >= 180
    assert [found.judge for found in port.parked] == ["a"]
    assert server.stats()["requests"] <= 40
    assert time.monotonic() - started < 15
