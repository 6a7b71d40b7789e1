"""What a model refuses is given up once, noted, remembered, and nothing else is."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from judge.call import CallFailure, CallRequest, Ledger, Port, PortOptions, Reply, Retries
from judge.call.faults import Fault, Rule
from judge.call.negotiation import Negotiation
from judge.domain.panel import Judge

Servers = Callable[..., Any]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": {"type": "object", "properties": {}}}}
REFUSED = Rule("negotiate", "rejected", "provider_error", is_billed=False)


def request_of(params: dict[str, Any], response_format: Any = SCHEMA) -> CallRequest:
    return CallRequest("openai/m", None, params, [{"role": "user", "content": "x"}], response_format)


def refusal(message: str, param: str | None = None) -> Fault:
    return Fault(REFUSED, message, param)


@pytest.mark.parametrize(
    ("message", "param", "left"),
    [
        ("Unsupported parameter: 'temperature' is not supported.", "temperature", {"max_tokens", "seed"}),
        ("gpt-5 models don't support temperature=0. Only temperature=1 is supported.", None, {"max_tokens", "seed"}),
        ("openrouter does not support parameters: ['seed'], for model=m", None, {"temperature", "max_tokens"}),
        ("1 validation error: seed: Extra inputs are not permitted", None, {"temperature", "max_tokens"}),
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens",
         {"temperature", "seed", "max_completion_tokens"}),
    ],
)  # fmt: skip
def test_the_parameter_that_is_named_is_given_up(message: str, param: str | None, left: set[str]) -> None:
    request = request_of({"temperature": 0, "max_tokens": 50, "seed": 1})
    negotiation = Negotiation()
    assert negotiation.learn(request, refusal(message, param)) is not None
    assert set(negotiation.apply(request).params) == left
    assert negotiation.apply(request).max_tokens == 50


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 50. This model supports at most 10 completion tokens.",
        "Invalid value for temperature: must be at most 1.",
        "The request is not valid",
        "Your prompt is not supported",
    ],
)
def test_a_wrong_value_or_an_unnamed_fault_gives_nothing_up(message: str) -> None:
    request = request_of({"temperature": 3, "max_tokens": 50})
    assert Negotiation().learn(request, refusal(message)) is None


def test_structured_output_is_weakened_step_by_step() -> None:
    request, negotiation = request_of({"max_tokens": 50}), Negotiation()
    message = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
    negotiation.learn(negotiation.apply(request), refusal(message, "response_format"))
    assert negotiation.apply(request).response_format == {"type": "json_object"}
    assert negotiation.dropped(request) == ("json_schema>json_object",)
    negotiation.learn(negotiation.apply(request), refusal("json_object is not supported", "response_format"))
    assert negotiation.apply(request).response_format is None
    assert negotiation.dropped(request) == ("json_schema",)


def test_a_limit_of_the_reply_is_renamed_once_and_never_dropped() -> None:
    request, negotiation = request_of({"max_tokens": 50}, None), Negotiation()
    assert negotiation.learn(request, refusal("Unsupported parameter: 'max_tokens'", "max_tokens")) is not None
    sent = negotiation.apply(request)
    assert dict(sent.params) == {"max_completion_tokens": 50}
    assert negotiation.learn(sent, refusal("Unsupported: 'max_completion_tokens'", "max_completion_tokens")) is None


def ask(path: Path, server: Any, params: dict[str, Any], n: int = 1) -> tuple[list[Reply | CallFailure], Port]:
    judge = Judge("a", "openai/m", api_base=server.base_url)

    async def go() -> tuple[list[Reply | CallFailure], Port]:
        with Ledger(path) as ledger:
            options = PortOptions(retries=Retries(attempts=2, base_s=0.01))
            async with Port(ledger, [judge], options=options, random=Random(1)) as port:
                requests = [
                    CallRequest(
                        judge.model, judge.api_base, params, [{"role": "user", "content": f"q {i}"}], SCHEMA
                    )
                    for i in range(n)
                ]  # fmt: skip
                return list(await asyncio.gather(*(port.call(judge, request) for request in requests))), port

    return asyncio.run(go())


def test_the_whole_negotiation_with_a_server_costs_one_request_a_part_and_is_remembered(
    openai_server: Servers, tmp_path: Path
) -> None:
    server = openai_server(refuses=["temperature", "response_format", "max_tokens"])
    path = tmp_path / "l.sqlite"
    (reply,), port = ask(path, server, {"temperature": 0, "max_tokens": 50})
    assert isinstance(reply, Reply)
    assert reply.dropped == ("max_tokens>max_completion_tokens", "temperature", "json_schema")
    assert [(one.name, one.becomes) for one in port.negotiated("a")] == [
        ("json_object", ""),
        ("json_schema", "json_object"),
        ("max_tokens", "max_completion_tokens"),
        ("temperature", ""),
    ]
    assert server.stats()["requests"] == 5
    (again, other), _ = ask(path, server, {"temperature": 0, "max_tokens": 50}, n=2)
    assert isinstance(again, Reply)
    assert isinstance(other, Reply)
    assert again.is_replayed
    assert not other.is_replayed
    assert server.stats()["requests"] == 6  # what is refused is not tried again


def test_many_calls_at_once_negotiate_to_the_same_end(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(refuses=["temperature", "json_schema"], latency_s=0.05)
    replies, _ = ask(tmp_path / "l.sqlite", server, {"temperature": 0, "max_tokens": 50}, n=20)
    assert all(isinstance(reply, Reply) for reply in replies)
    assert server.stats()["by_status"]["200"] == 20
    assert server.stats()["by_status"]["400"] == 2  # one call went first, and found out for all


def test_a_bad_request_that_names_nothing_is_a_row_after_one_request(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(faults=[{"kind": "400"}])
    (failure,), _ = ask(tmp_path / "l.sqlite", server, {"temperature": 0})
    assert isinstance(failure, CallFailure)
    assert failure.status == "provider_error"
    assert server.stats()["requests"] == 1


def test_a_server_that_refuses_whatever_is_sent_is_not_asked_for_ever(openai_server: Servers, tmp_path: Path) -> None:
    server = openai_server(faults=[{"kind": "400_param", "param": "temperature"}])
    (failure,), _ = ask(tmp_path / "l.sqlite", server, {"temperature": 0})
    assert isinstance(failure, CallFailure)
    assert server.stats()["requests"] == 2


def test_a_parameter_that_litellm_itself_knows_the_model_refuses_is_dropped_before_it_is_sent(
    openai_server: Servers, tmp_path: Path
) -> None:
    server = openai_server()
    judge = Judge("a", "openai/gpt-5", api_base=server.base_url)

    async def go() -> Reply | CallFailure:
        with Ledger(tmp_path / "l.sqlite") as ledger:
            async with Port(ledger, [judge]) as port:
                request = CallRequest(
                    judge.model, judge.api_base, {"temperature": 0, "max_tokens": 50},
                    [{"role": "user", "content": "x"}],
                )  # fmt: skip
                return await port.call(judge, request)

    reply = asyncio.run(go())
    assert isinstance(reply, Reply)
    assert "temperature" in reply.dropped
    assert server.stats()["requests"] == 1
