"""The port looks in the ledger, sends once, retries within bounds, and books what it cannot know."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from judge.call import CallFailure, CallRequest, Ledger, OfflineProvider, Port, PortOptions, Reply, Retries
from judge.domain.panel import Judge, Price
from judge.errors import BackendError, ConfigError

QUICK = Retries(attempts=3, rate_limited=4, base_s=0.01, cap_s=0.05)


def judge_at(server: Any, **more: Any) -> Judge:
    members: dict[str, Any] = {"id": "a", "model": "openai/judge-a", "api_base": server.base_url, "timeout_s": 5.0}
    return Judge(**{**members, **more})


def request_of(judge: Judge, text: str = "hello", **more: Any) -> CallRequest:
    members: dict[str, Any] = {
        "model": judge.model,
        "api_base": judge.api_base,
        "params": {"temperature": 0, "max_tokens": 100},
        "messages": [{"role": "user", "content": text}],
        "timeout_s": judge.timeout_s,
    }
    return CallRequest(**{**members, **more})


def run_calls(
    path: Path, judge: Judge, requests: list[CallRequest], **options: Any
) -> tuple[list[Reply | CallFailure], Port]:
    async def go() -> tuple[list[Reply | CallFailure], Port]:
        with Ledger(path) as ledger:
            async with Port(
                ledger, [judge], options=PortOptions(**{"retries": QUICK, **options}), random=Random(1)
            ) as port:
                return list(await asyncio.gather(*(port.call(judge, request) for request in requests))), port

    return asyncio.run(go())


Servers = Callable[..., Any]


def test_a_reply_is_replayed_without_a_request(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server()
    judge = judge_at(server)
    (first,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    (second,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert (first.is_replayed, second.is_replayed) == (False, True)
    assert (second.content, second.usage, second.attempts) == (first.content, first.usage, first.attempts)
    assert server.stats()["requests"] == 1
