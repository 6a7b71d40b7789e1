"""The loopback judge does what its script says, and counts what it saw."""

import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.servers.openai_server import openai_server

__all__ = ["openai_server"]

SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "maxLength": 40},
        "quotes": {"type": "array", "items": {"type": "string"}},
        "level": {"type": "integer", "minimum": 1, "maximum": 5},
        "kind": {"enum": ["a", "b"]},
    },
}


def ask(
    server: Any, text: str = "hello there, sinus rhythm", model: str = "m", **more: Any
) -> tuple[int, dict[str, Any], Any]:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    request = urllib.request.Request(
        f"{server.base_url}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": "Bearer sk-test"},
    )
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as reply:
            return reply.status, json.loads(reply.read()), reply.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), error.headers


def with_schema() -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "v", "schema": SCHEMA}}}


def content(document: dict[str, Any]) -> str:
    return document["choices"][0]["message"]["content"]


def test_a_verdict_keeps_the_schema_and_is_the_same_for_the_same_request(openai_server: Any) -> None:
    server = openai_server()
    verdict = json.loads(content(ask(server, **with_schema())[1]))
    assert list(verdict) == ["reason", "quotes", "level", "kind"]
    assert 1 <= verdict["level"] <= 5
    assert verdict["kind"] in {"a", "b"}
    assert all(quote in "hello there, sinus rhythm" for quote in verdict["quotes"])
    assert json.loads(content(ask(server, **with_schema())[1])) == verdict
    assert json.loads(content(ask(server, text="other words")[1])).keys() == verdict.keys()
    assert server.stats()["paid_twice"] == 1


def test_a_fault_is_met_as_often_as_the_script_says(openai_server: Any) -> None:
    server = openai_server(faults=[{"kind": "429", "times": 2, "retry_after": 3}])
    statuses = [ask(server)[0] for _ in range(4)]
    assert statuses == [429, 429, 200, 200]
    assert server.stats()["by_status"] == {"429": 2, "200": 2}
    assert server.stats()["most_attempts"] == 4


def test_retry_after_is_sent_as_seconds_and_as_a_date(openai_server: Any) -> None:
    server = openai_server(
        faults=[
            {"kind": "429", "retry_after": 7, "match": "seconds"},
            {"kind": "503", "retry_after": "date:9", "match": "date"},
        ]
    )
    assert ask(server, "seconds")[2]["Retry-After"] == "7"
    assert ask(server, "date")[2]["Retry-After"].endswith("GMT")


def test_a_share_of_requests_is_hit_by_their_digest(openai_server: Any) -> None:
    server = openai_server(faults=[{"kind": "500", "share": 0.3}])
    failed = [ask(server, f"text {i}")[0] == 500 for i in range(100)]
    assert 15 <= sum(failed) <= 45
    assert [ask(server, f"text {i}")[0] == 500 for i in range(100)] == failed


def test_gates_of_the_server_refuse_keys_models_and_parameters(openai_server: Any) -> None:
    server = openai_server(models=["m"], refuses=["temperature", "json_schema"])
    assert ask(server, model="n")[0] == 404
    status, document, _ = ask(server, temperature=0)
    assert (status, document["error"]["param"]) == (400, "temperature")
    assert ask(server, **with_schema())[1]["error"]["param"] == "response_format"
    assert ask(server)[0] == 200
    server.control(api_key="another")
    assert ask(server)[0] == 401


@pytest.mark.parametrize(
    "kind",
    [
        "broken_json", "fenced", "chatty", "empty", "refusal_text", "truncated", "off_scale", "nan", "duplicate_keys",
        "two_verdicts", "megabyte",
    ],
)  # fmt: skip
def test_a_content_fault_changes_the_reply(openai_server: Any, kind: str) -> None:
    server = openai_server(faults=[{"kind": kind, "times": 1}])
    faulty, good = (content(ask(server, **with_schema())[1]) for _ in range(2))
    assert faulty != good
    json.loads(good)


def test_a_torn_connection_and_half_a_body_reach_the_client_as_failures(openai_server: Any) -> None:
    server = openai_server(faults=[{"kind": "reset", "match": "one"}, {"kind": "cut", "match": "two"}])
    for text in ("one", "two"):
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(server, text)
    assert server.stats()["ok"] == 0


def test_a_reply_file_writes_the_content(openai_server: Any, tmp_path: Path) -> None:
    path = tmp_path / "reply.py"
    path.write_text("def reply(body):\n    return body['messages'][-1]['content'].upper()\n", encoding="utf-8")
    server = openai_server(reply=f"{path}:reply")
    assert content(ask(server, "abc")[1]) == "ABC"


def test_requests_beyond_the_rate_are_answered_429(openai_server: Any) -> None:
    server = openai_server(rpm=3, retry_after=1)
    assert [ask(server)[0] for _ in range(5)] == [200, 200, 200, 429, 429]
