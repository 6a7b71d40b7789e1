"""Under every fault at once nothing is lost, nothing is invented, nothing hangs, nothing is paid for twice."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from judge.call import CallFailure, CallRequest, Ledger, Port, PortOptions, Reply, Retries
from judge.domain.panel import Judge, Price

Servers = Callable[..., Any]
PASSING = ["429", "500", "503", "reset", "cut", "html", "no_choices"]
ANSWERED = ["broken_json", "empty", "refusal", "truncated", "off_scale", "two_verdicts", "no_usage", "wrong_model"]
N = 300


def faults() -> list[dict[str, Any]]:
    passing = [
        {"kind": kind, "share": 0.04, "times": 1, **({"retry_after": 0.1} if kind == "429" else {})}
        for kind in PASSING
    ]  # fmt: skip
    return [
        *passing,
        {"kind": "hang", "share": 0.01, "times": 1, "seconds": 60},
        {"kind": "500", "share": 0.02},
        {"kind": "context", "share": 0.01},
        *({"kind": kind, "share": 0.03} for kind in ANSWERED),
    ]


def test_every_call_ends_in_a_reply_or_a_failure_and_the_books_balance(openai_server: Servers, tmp_path: Path) -> None:
    servers = [openai_server(latency_s=[0.0, 0.02], usage=[100, 50], faults=faults()) for _ in range(2)]
    judges = [
        Judge(
            f"j{i}", "openai/m", api_base=server.base_url, price=Price(1.0, 1.0), max_concurrency=16, timeout_s=5.0
        )
        for i, server in enumerate(servers)
    ]  # fmt: skip
    options = PortOptions(
        run="r", retries=Retries(attempts=3, rate_limited=6, base_s=0.02, cap_s=0.2), park_after=1000
    )  # fmt: skip

    async def go() -> list[Reply | CallFailure]:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, judges, options=options, random=Random(1)) as port:
                calls = [
                    port.call(
                        judge,
                        CallRequest(
                            judge.model, judge.api_base, {"max_tokens": 60},
                            [{"role": "user", "content": f"text {i}"}], timeout_s=judge.timeout_s,
                        ),
                    )
                    for i in range(N)
                    for judge in judges
                ]  # fmt: skip
                async with asyncio.timeout(1200):
                    return list(await asyncio.gather(*calls))

    first = asyncio.run(go())
    assert len(first) == 2 * N
    statuses = Counter("reply" if isinstance(one, Reply) else one.status for one in first)
    assert set(statuses) <= {"reply", "provider_error", "timeout", "too_long"}
    assert statuses["provider_error"] >= 1
    assert statuses["too_long"] >= 1
    n_sent = sum(server.stats()["requests"] for server in servers)
    assert all(server.stats()["most_attempts"] <= 3 + 6 for server in servers)
    # a reply that arrives after our time limit, or whose connection is cut, is the server's only reason to serve twice
    assert sum(server.stats()["paid_twice"] for server in servers) <= 2 * len(PASSING) * 0.04 * N * 2

    n_hung = sum(entry["kind"] == "hang" and not entry["ok"] for server in servers for entry in server.log())
    with Ledger(tmp_path / "l.sqlite") as ledger:
        n_timeouts = sum(one.attempt.status == "timeout" for one in ledger.attempts("r"))
        logged = list(ledger.attempts("r"))
        surplus = len(logged) - n_sent  # a request that ran into its time limit before the server saw it
        assert 0 <= surplus <= n_timeouts - n_hung
        assert all(one.attempt.status != "sent" for one in logged)
        booked = sum(one.attempt.cost_usd or 0.0 for one in logged)
        in_outcomes = sum(attempt.cost_usd or 0.0 for one in first for attempt in one.attempts)
        assert abs(booked - in_outcomes) < 1e-9
        assert abs(ledger.spent("r").cost_usd - booked) < 1e-9
        assert all(ledger.get(one.key) is not None for one in first if isinstance(one, Reply))
        assert all(ledger.get(one.key) is None for one in first if isinstance(one, CallFailure))

    second = asyncio.run(go())
    again = {one.key: one for one in second if isinstance(one, Reply)}
    for one in first:
        if isinstance(one, Reply):
            assert again[one.key].content == one.content
            assert again[one.key].is_replayed
