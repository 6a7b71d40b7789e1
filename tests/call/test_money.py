"""Costs are right where tokens are known, and the cap holds with calls in flight."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from judge.call import CallFailure, CallRequest, Ledger, Port, PortOptions, Reply, Retries
from judge.call.money import Budget, Tariff, estimate_prompt_tokens, tariff_of
from judge.call.request import Usage
from judge.domain.panel import Judge, Price
from judge.errors import ConfigError

Servers = Callable[..., Any]


def test_cached_and_reasoning_tokens_are_priced_as_reported() -> None:
    tariff = Tariff("litellm", input=10e-6, output=40e-6, cached=1e-6, reasoning=80e-6)
    usage = Usage(prompt=1000, cached=600, completion=200, reasoning=50)
    # 400 × 10 + 600 × 1 + 150 × 40 + 50 × 80 = 4,000 + 600 + 6,000 + 4,000 micro-dollars
    assert tariff.cost(usage) == pytest.approx(14_600e-6)


def test_without_a_price_of_their_own_cached_and_reasoning_tokens_cost_as_others() -> None:
    tariff = Tariff("panel", input=10e-6, output=40e-6)
    assert tariff.cost(Usage(1000, 600, 200, 50)) == pytest.approx((10_000 + 8_000) * 1e-6)


def test_unknown_tokens_have_no_cost_unless_everything_is_free() -> None:
    assert Tariff("panel", 1e-6, 1e-6).cost(Usage()) is None
    assert Tariff("unknown").cost(Usage(1, 0, 1)) is None
    assert Tariff("loopback", 0.0, 0.0).cost(Usage()) == 0.0


@pytest.mark.parametrize(
    ("judge", "source"),
    [
        (Judge("a", "offline/lexicon"), "loopback"),
        (Judge("a", "openai/m", api_base="http://127.0.0.1:1/v1"), "loopback"),
        (Judge("a", "openai/m", api_base="http://127.0.0.1:1/v1", price=Price(1, 2)), "panel"),
        (Judge("a", "openai/gpt-4o", api_base="https://gateway.example/v1"), "unknown"),
        (Judge("a", "openai/gpt-4o"), "litellm"),
        (Judge("a", "openai/of-our-own"), "unknown"),
    ],
)
def test_a_price_of_litellm_counts_only_at_the_providers_own_endpoint(judge: Judge, source: str) -> None:
    cost_map = {"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}
    assert tariff_of(judge, cost_map).source == source


def test_prompt_tokens_are_estimated_from_above_in_both_languages() -> None:
    from judge.call.tame import litellm_module

    counter = litellm_module().token_counter
    for text in (
        "The patient has atrial fibrillation with a rapid ventricular response. " * 20,
        "患者心房颤动伴快速心室率，建议控制心室率。" * 20,
    ):
        messages = [{"role": "user", "content": text}]
        request = CallRequest("openai/gpt-4o", None, {}, messages)
        assert estimate_prompt_tokens(request) >= counter(model="gpt-4o", messages=messages)


def test_the_budget_waits_for_calls_in_flight_and_refuses_only_when_none_is_left() -> None:
    async def go() -> None:
        budget = Budget(1.0, spent_usd=0.2)
        assert await budget.reserve(0.7)
        waiting = asyncio.create_task(budget.reserve(0.5))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        budget.settle(0.7, 0.1)
        assert await waiting
        budget.settle(0.5, 0.45)
        assert not await budget.reserve(0.5)
        assert budget.is_reached
        assert budget.spent_usd == pytest.approx(0.75)
        assert budget.unfit_usd == 0.5
        assert not await budget.reserve(0.3)
        assert not await budget.reserve(0.6)
        assert budget.unfit_usd == 0.3  # the cheapest of those that did not fit

    asyncio.run(go())


def priced(server: Any, **more: Any) -> Judge:
    return Judge(id="a", model="openai/m", api_base=server.base_url, price=Price(10.0, 100.0), **more)


def ask_all(path: Path, judge: Judge, n: int, **options: Any) -> tuple[list[Reply | CallFailure], Port]:
    async def go() -> tuple[list[Reply | CallFailure], Port]:
        with Ledger(path) as ledger:
            settings = {"run": "r", "retries": Retries(attempts=2, base_s=0.01), **options}
            async with Port(ledger, [judge], options=PortOptions(**settings), random=Random(1)) as port:
                requests = [
                    CallRequest(
                        judge.model, judge.api_base, {"max_tokens": 100}, [{"role": "user", "content": f"text {i}"}],
                        timeout_s=judge.timeout_s,
                    )
                    for i in range(n)
                ]  # fmt: skip
                return list(await asyncio.gather(*(port.call(judge, request) for request in requests))), port

    return asyncio.run(go())


def test_the_cap_holds_with_calls_in_flight_and_over_all_invocations(openai_server: Servers, tmp_path: Path) -> None:
    # each call: 100 × $10/M + 50 × $100/M = $0.006; a reservation is at least 100 × $100/M = $0.01
    server = openai_server(latency_s=0.05, usage=[100, 50])
    path = tmp_path / "l.sqlite"
    judge = priced(server)
    first, port = ask_all(path, judge, 30, max_usd=0.1)
    n_first = sum(isinstance(reply, Reply) for reply in first)
    assert port.budget.spent_usd == pytest.approx(n_first * 0.006)
    assert port.budget.spent_usd <= 0.1
    assert n_first >= 14  # $0.09 at least are used
    assert {f.status for f in first if isinstance(f, CallFailure)} == {"over_budget"}
    assert port.budget.unfit_usd is not None
    assert port.budget.spent_usd + port.budget.unfit_usd > 0.1
    assert any(f"up to ${port.budget.unfit_usd:.4f}" in f.message for f in first if isinstance(f, CallFailure))
    assert server.stats()["requests"] == n_first
    second, port = ask_all(path, judge, 30, max_usd=0.1)
    assert sum(isinstance(reply, Reply) for reply in second) == n_first
    assert server.stats()["requests"] == n_first
    _, port = ask_all(path, judge, 30, max_usd=0.15)
    assert server.stats()["requests"] > n_first
    assert port.budget.spent_usd <= 0.15


def test_another_run_on_the_same_ledger_has_a_cap_of_its_own(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(usage=[100, 50])
    judge = priced(server)
    ask_all(tmp_path / "l.sqlite", judge, 5)
    replies, port = ask_all(tmp_path / "l.sqlite", judge, 5, run="other", max_usd=0.001)
    assert all(isinstance(reply, Reply) and reply.is_replayed for reply in replies)
    assert port.budget.spent_usd == 0.0


@pytest.mark.parametrize("kind", ["no_usage", "hang", "500"])
def test_a_call_that_ends_without_usage_is_booked_at_its_reservation(
    openai_server: Servers, tmp_path: Path, kind: str
) -> None:
    server = openai_server(faults=[{"kind": kind}])
    options = {"retries": Retries(attempts=1)}
    (outcome,), port = ask_all(
        tmp_path / "l.sqlite", priced(server, timeout_s=0.5 if kind == "hang" else 60.0), 1, **options
    )
    # "text 0" has 6 bytes: 2 tokens, and 8 for the message: 10 × $10/M + 100 × $100/M
    assert outcome.cost_usd == pytest.approx(0.0101)
    assert outcome.attempts[-1].is_cost_estimated
    with Ledger(tmp_path / "l.sqlite") as ledger:
        spent = ledger.spent("r")
    assert (spent.cost_usd, spent.n_estimated) == (pytest.approx(0.0101), 1)
    assert port.budget.reserved_usd == 0.0


def test_a_refusal_for_rate_costs_nothing(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(faults=[{"kind": "429", "times": 1}], usage=[100, 50])
    (reply,), port = ask_all(tmp_path / "l.sqlite", priced(server), 1)
    assert isinstance(reply, Reply)
    assert port.budget.spent_usd == pytest.approx(0.006)


def test_tokens_that_a_provider_reports_as_cached_or_reasoning_reach_the_reply(
    openai_server: Servers, tmp_path: Path
) -> None:
    server = openai_server(usage=[100, 50], faults=[{"kind": "cached", "match": "text 0"}, {"kind": "reasoning"}])
    (cached, reasoning), _ = ask_all(tmp_path / "l.sqlite", priced(server), 2)
    assert (cached.usage.cached, reasoning.usage.reasoning) == (50, 25)


def test_a_cap_and_an_unknown_price_do_not_go_together(tmp_path: Path) -> None:
    judge = Judge("a", "openai/m", api_base="https://gateway.example/v1")
    with pytest.raises(ConfigError, match="price of openai/m is not known"):
        ask_all(tmp_path / "l.sqlite", judge, 0, max_usd=1.0)
    ask_all(tmp_path / "l.sqlite", judge, 0)
