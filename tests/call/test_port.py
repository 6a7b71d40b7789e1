"""The port looks in the ledger, sends once, retries within bounds, and books what it cannot know."""

import asyncio
import gc
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from judge.call import CallFailure, CallRequest, Ledger, OfflineProvider, Port, PortOptions, Reply, Retries
from judge.call.tame import litellm_module
from judge.domain.panel import Judge, Price
from judge.errors import BackendError, ConfigError, StoreError

QUICK = Retries(attempts=3, rate_limited=4, base_s=0.01, cap_s=0.05)


def judge_at(server: Any, **more: Any) -> Judge:
    members: dict[str, Any] = {"id": "a", "model": "openai/judge-a", "api_base": server.base_url, "timeout_s": 60.0}
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


def test_identical_requests_in_flight_are_sent_once(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(latency_s=0.2)
    judge = judge_at(server)
    replies, _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)] * 10)
    assert len({reply.content for reply in replies if isinstance(reply, Reply)}) == 1
    assert server.stats()["requests"] == 1


@pytest.mark.parametrize("kind", ["500", "502", "503", "reset", "cut", "html", "no_choices", "429"])
def test_a_passing_fault_is_tried_again_and_both_attempts_are_on_record(
    openai_server: Servers, tmp_path: Path, kind: str
) -> None:
    server = openai_server(faults=[{"kind": kind, "times": 1}])
    judge = judge_at(server)
    (reply,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    assert isinstance(reply, Reply)
    assert reply.attempt == 2
    assert reply.attempts[0].status == {"429": "rate_limited", "503": "rejected"}.get(kind, "provider_error")
    assert server.stats()["requests"] == 2
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert [logged.attempt.status for logged in ledger.attempts()] == [a.status for a in reply.attempts]


@pytest.mark.parametrize(("kind", "n"), [("500", 3), ("reset", 3), ("429", 4), ("503", 3)])
def test_retries_stay_within_bounds_as_the_server_counts_them(
    openai_server: Servers, tmp_path: Path, kind: str, n: int
) -> None:
    server = openai_server(faults=[{"kind": kind}])
    judge = judge_at(server)
    (failure,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    assert isinstance(failure, CallFailure)
    assert failure.status == "provider_error"
    assert server.stats()["requests"] == n == len(failure.attempts)


def test_a_failure_is_not_remembered_as_an_answer(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(faults=[{"kind": "500", "times": 3}])
    judge = judge_at(server)
    (failure,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    (reply,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    assert isinstance(failure, CallFailure)
    assert isinstance(reply, Reply)
    assert not reply.is_replayed


@pytest.mark.parametrize("kind", ["hang", "trickle"])
def test_a_reply_that_takes_too_long_is_a_timeout_within_its_time(
    openai_server: Servers, tmp_path: Path, kind: str
) -> None:
    server = openai_server(faults=[{"kind": kind, "seconds": 600}])
    judge = judge_at(server, timeout_s=0.5)
    options = {"retries": Retries(attempts=1)}
    (failure,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)], **options)
    assert isinstance(failure, CallFailure)
    assert failure.status == "timeout"
    assert 0.4 < failure.attempts[0].latency_s < 300  # not the ten minutes in which the reply would have come


@pytest.mark.parametrize("retry_after", [1, "1.5", "date:2"])
def test_retry_after_is_waited_for_in_both_forms(openai_server: Servers, tmp_path: Path, retry_after: Any) -> None:
    server = openai_server(faults=[{"kind": "429", "times": 1, "retry_after": retry_after}])
    judge = judge_at(server)
    (reply,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    assert isinstance(reply, Reply)
    first, second = server.log()
    assert second["at"] - first["at"] >= 0.95  # an HTTP date is cut to whole seconds


@pytest.mark.parametrize("kind", ["401", "403", "404"])
def test_a_refused_key_or_model_stops_before_more_is_spent(openai_server: Servers, tmp_path: Path, kind: str) -> None:
    server = openai_server(faults=[{"kind": kind}])
    judge = judge_at(server)

    async def go() -> None:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [judge], options=PortOptions(retries=QUICK)) as port:
                for text in ("one", "two"):
                    with pytest.raises(BackendError, match="judge a: the provider refuses"):
                        await port.call(judge, request_of(judge, text))

    asyncio.run(go())
    assert server.stats()["requests"] == 1


def test_the_models_own_odd_replies_are_answers_and_remembered(openai_server: Servers, tmp_path: Path) -> None:
    kinds = ["empty", "refusal", "truncated", "broken_json", "megabyte", "wrong_model", "content_filter"]
    server = openai_server(faults=[{"kind": kind, "match": f"[{kind}]"} for kind in kinds])
    judge = judge_at(server)
    requests = [request_of(judge, f"[{kind}]") for kind in kinds]
    replies, _ = run_calls(tmp_path / "l.sqlite", judge, requests)
    found = dict(zip(kinds, replies, strict=True))
    assert found["empty"].content == ""
    assert found["refusal"].refusal == "I cannot judge this answer."
    assert found["truncated"].finish_reason == "length"
    assert found["content_filter"].finish_reason == "content_filter"
    assert found["wrong_model"].served_model == "another-model"
    assert len(found["megabyte"].content) > 1_000_000
    again, _ = run_calls(tmp_path / "l.sqlite", judge, requests)
    assert [reply.content for reply in again] == [reply.content for reply in replies]
    assert server.stats()["requests"] == len(kinds)


def test_a_context_that_is_too_long_is_a_status_of_its_own(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(faults=[{"kind": "context"}])
    judge = judge_at(server)
    (failure,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    assert isinstance(failure, CallFailure)
    assert failure.status == "too_long"
    assert server.stats()["requests"] == 1


def test_a_judge_that_is_down_is_parked_while_the_other_goes_on(
    openai_server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    up, down = openai_server(), openai_server(faults=[{"kind": "500"}])
    a, b = judge_at(up), judge_at(down, id="b", model="openai/judge-b")

    async def go() -> tuple[list[Any], list[Any], Any, Any]:
        options = PortOptions(retries=Retries(attempts=1, base_s=0.01), park_after=3, probe_s=600.0, grace_s=0.0)
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [a, b], options=options) as port:
                good, bad = [], []
                for i in range(10):
                    good.append(await port.call(a, request_of(a, str(i))))
                    bad.append(await port.call(b, request_of(b, str(i))))
                parked = port.parked
                down.control(faults=[])
                assert isinstance(await port.call(b, request_of(b, "too soon")), CallFailure)
                monkeypatch.setattr(port._lanes["b"].parking, "_clock", lambda: time.monotonic() + 600)
                assert isinstance(await port.call(b, request_of(b, "probe")), Reply)
                return good, bad, parked, port.parked

    good, bad, parked, after = asyncio.run(go())
    assert all(isinstance(reply, Reply) for reply in good)
    assert [failure.is_parked for failure in bad] == [False] * 2 + [True] * 8
    assert [found.judge for found in parked] == ["b"]
    assert after == ()
    assert down.stats()["requests"] == 4


def test_litellm_does_not_look_up_a_price_that_the_panel_states(
    openai_server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[Any] = []
    monkeypatch.setattr(litellm_module().cost_calculator, "completion_cost", lambda **named: looked_up.append(named))
    judge = judge_at(openai_server(), price=Price(1.0, 1.0))
    (reply,), _ = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge)])
    assert isinstance(reply, Reply)
    assert reply.cost_usd == pytest.approx((reply.usage.total or 0) / 1e6)
    assert reply.cost_usd > 0
    assert looked_up == []


def test_a_dead_endpoint_costs_nothing_and_is_parked(tmp_path: Path) -> None:
    judge = Judge(id="a", model="openai/x", api_base="http://127.0.0.1:9/v1", price=Price(1.0, 1.0))
    failures, port = run_calls(tmp_path / "l.sqlite", judge, [request_of(judge, str(i)) for i in range(3)], grace_s=0.5)
    assert all(isinstance(failure, CallFailure) and failure.cost_usd == 0.0 for failure in failures)
    assert [found.judge for found in port.parked] == ["a"]


def test_judges_that_differ_in_endpoint_temperature_or_repeat_never_share_a_reply(
    openai_server: Servers, tmp_path: Path
) -> None:
    one, two = openai_server(), openai_server()
    a, b = judge_at(one), judge_at(two, id="b")
    run_calls(tmp_path / "l.sqlite", a, [request_of(a)])
    run_calls(tmp_path / "l.sqlite", b, [request_of(b)])
    run_calls(
        tmp_path / "l.sqlite",
        a,
        [request_of(a, params={"temperature": 1, "max_tokens": 100}), request_of(a, repeat=1)],
    )
    assert (one.stats()["requests"], two.stats()["requests"]) == (3, 1)


def test_the_offline_judge_goes_the_same_way_and_leaves_litellm_alone(tmp_path: Path) -> None:
    judge = Judge(id="lexicon", model="offline/lexicon")
    provider = OfflineProvider({"r" * 64: lambda request: f'{{"n": {len(request)}}}'})
    content = '{"rubric":"' + "r" * 64 + '"}'
    request = CallRequest(judge.model, None, {}, [{"role": "user", "content": content}])

    async def go() -> list[Reply | CallFailure]:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [judge], offline=provider) as port:
                return [await port.call(judge, request), await port.call(judge, request)]

    first, second = asyncio.run(go())
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert first.content == second.content == f'{{"n": {len(content)}}}'
    assert (first.cost_usd, first.usage.total, first.served_model) == (0.0, 0, "lexicon")
    assert second.is_replayed


def test_the_offline_judge_asked_directly_answers_as_through_litellm(tmp_path: Path) -> None:
    from judge.call.backend import LitellmBackend, answer_of
    from judge.call.tame import litellm_module, without_bookkeeping

    judge = Judge(id="lexicon", model="offline/lexicon")
    provider = OfflineProvider({"r" * 64: lambda request: request.upper()})
    provider.install()
    request = CallRequest(judge.model, None, {}, [{"role": "user", "content": '{"rubric":"' + "r" * 64 + '"}'}])

    async def go() -> None:
        direct = await LitellmBackend(provider).complete(judge, request)
        with without_bookkeeping():
            response = await litellm_module().acompletion(
                model=judge.model, messages=list(request.messages), max_retries=0, num_retries=0
            )
        through = answer_of(response)
        assert (direct.content, direct.finish_reason, direct.served_model) == (
            through.content,
            through.finish_reason,
            through.served_model,
        )

    asyncio.run(go())


def test_a_waiter_that_gives_up_does_not_take_the_reply_from_the_others(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(latency_s=0.3)
    judge = judge_at(server)

    async def go() -> list[Any]:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [judge], options=PortOptions(retries=QUICK)) as port:
                waiters = [asyncio.create_task(port.call(judge, request_of(judge))) for _ in range(3)]
                await asyncio.sleep(0.1)
                waiters[0].cancel()
                return list(await asyncio.gather(*waiters, return_exceptions=True))

    gone, *others = asyncio.run(go())
    assert isinstance(gone, asyncio.CancelledError)
    assert all(isinstance(reply, Reply) for reply in others)
    assert server.stats()["requests"] == 1


def test_who_asks_while_the_last_waiter_gives_up_is_answered_all_the_same(
    openai_server: Servers, tmp_path: Path
) -> None:
    server = openai_server(latency_s=0.3)
    judge = judge_at(server)

    async def go() -> Any:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [judge], options=PortOptions(retries=QUICK)) as port:
                first = asyncio.create_task(port.call(judge, request_of(judge)))
                await asyncio.sleep(0.1)
                first.cancel()
                await asyncio.sleep(0)  # the work is cancelled now, and not yet over
                return await port.call(judge, request_of(judge))

    assert isinstance(asyncio.run(go()), Reply)


class Hanging:
    """A backend that never answers."""

    def prepare(self, judges: Any) -> None:
        pass

    async def complete(self, judge: Judge, request: CallRequest) -> Any:
        await asyncio.sleep(60)

    async def aclose(self) -> None:
        pass


def test_calls_that_are_let_go_when_the_disk_is_full_leave_no_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge("a", "openai/m", api_base="http://127.0.0.1:1")
    complaints: list[str] = []

    def full(logged: Any) -> None:
        raise StoreError("disk is full", hint="")

    async def go() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [judge], options=PortOptions(), backend=Hanging()) as port:
                calls = [asyncio.ensure_future(port.call(judge, request_of(judge, str(n)))) for n in range(3)]
                await asyncio.sleep(1.0)
                monkeypatch.setattr(ledger, "post_attempt", full)
                for call in calls:
                    call.cancel()
                await asyncio.gather(*calls, return_exceptions=True)
            gc.collect()

    asyncio.run(go())
    gc.collect()
    assert complaints == []


def test_a_judge_that_the_port_was_not_opened_for_is_refused(tmp_path: Path) -> None:
    judge = Judge(id="lexicon", model="offline/lexicon")
    with pytest.raises(ConfigError, match="not one of the judges"):
        run_calls(tmp_path / "l.sqlite", judge, [])
        asyncio.run(_call_stranger(tmp_path, judge))


async def _call_stranger(tmp_path: Path, judge: Judge) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        async with Port(ledger, [judge]) as port:
            stranger = Judge(id="x", model="offline/lexicon")
            await port.call(stranger, CallRequest(stranger.model, None, {}, []))
