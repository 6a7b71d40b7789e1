"""A real OpenAI-compatible server on loopback whose behaviour is written down beforehand, and a fixture that starts it.

As a program
------------
``python tests/servers/openai_server.py [--port 0] [--script FILE.json] [--reply FILE.py:FUNCTION] [--log FILE]``
prints one line, ``{"port": 40123, "pid": 7}``, when it listens, and serves until it is terminated:

- ``POST /v1/chat/completions``  the judge
- ``GET  /stats``    counters (below)
- ``GET  /log``      one entry per request: ``at`` (seconds since the epoch), ``key`` (SHA-256 of the body's canonical
  JSON), ``model``, ``kind``, ``status``, ``seconds``, ``ok`` (whether the whole reply was written), ``key_hash`` (first
  eight hex digits of the SHA-256 of the bearer key), ``label``; ``--log FILE`` appends the same as JSON lines
- ``POST /control``  a JSON object like the script; its members replace those in force
- ``POST /reset``    counters and log back to nothing

The script (a JSON object, all members optional)::

    {"latency_s": 0.0,            seconds before a reply, or [least, most] (uniform by request)
     "faults": [FAULT, ...],      the first that applies to a request wins
     "by_model": {"m": {...}},    latency_s, faults, served_model, reply for one model name only
     "refuses": ["temperature"],  400 naming the parameter; also "response_format" or "json_schema"
     "models": ["m"],             any other name is answered 404
     "api_key": "k",              any other bearer key is answered 401
     "max_concurrent": 8,         429 for a request beyond so many in flight
     "rpm": 60,                   429 for a request beyond so many in the last 60 s
     "retry_after": 1,            Retry-After of these 429s: seconds, "date:SECONDS" or null
     "reply": "FILE.py:FUNCTION", who writes the content, see below
     "usage": [100, 50],          prompt and completion tokens; by default counted from the characters
     "label": "record (\\d+)"}     what the log calls a request: the first group of this pattern in its messages

A FAULT is ``{"kind": KIND}`` with optional ``share`` (0–1 of all distinct requests, chosen by their digest), ``times``
(a request meets it so often and is then served; default always), ``match`` (text that must stand in the messages),
``after`` / ``until`` (ordinal numbers of requests to the server, from 1), ``retry_after``, ``seconds``, ``param``,
``message``, ``model``.

Kinds that replace the reply: ``429 500 502 503 401 403 404 400 400_param context`` (HTTP statuses), ``reset`` (the
connection is torn down), ``hang`` (no byte for ``seconds``, default 3600), ``trickle`` (the whole reply in 20 pieces
over ``seconds``), ``cut`` (half a body, then torn down), ``html`` (200 with a page), ``no_choices``.
Kinds that change it: ``broken_json`` ``fenced`` ``chatty`` ``empty`` ``refusal`` ``refusal_text`` ``truncated``
``off_scale`` ``nan`` ``duplicate_keys`` ``two_verdicts`` ``wrong_ids`` ``megabyte`` ``no_usage`` ``wrong_model``
``cached`` ``reasoning`` ``content_filter``.

The content: ``FUNCTION(body: dict) -> str`` of the reply file gets the request's body. Without one it is a plausible
verdict made from the JSON schema in ``response_format`` (or, under JSON mode and plain text, the last schema that this
server saw for the model, else ``{"level": 3}``), the same for the same request: enums, bounds and lengths are kept,
texts are words of the last message, so that quotes are really there.

In a test
---------
``openai_server(**script)`` is a factory fixture; it returns a ``JudgeServer`` with ``base_url``, ``stats()``,
``log()``, ``control(**script)``, ``reset()``, ``stop()``. All servers are stopped at the end of the test. A conftest
takes it by ``from tests.servers.openai_server import openai_server``.

``/stats``: ``requests`` (arrived), ``ok`` (whole 200 replies), ``by_status``, ``by_kind``, ``by_model``, ``distinct``
(different bodies), ``most_attempts`` (for one body), ``paid_twice`` (bodies with more than one whole 200 reply),
``most_concurrent``, ``most_per_minute``.
"""

import argparse
import asyncio
import contextlib
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from random import Random
from typing import Any

import pytest

HERE = Path(__file__).resolve()
STATUS_MESSAGES = {
    "400": ("invalid_request_error", None, "the request is not valid"),
    "401": ("invalid_request_error", "invalid_api_key", "Incorrect API key provided"),
    "403": ("permission_error", None, "You have no access to this model"),
    "404": ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it"),
    "429": ("requests", "rate_limit_exceeded", "Rate limit reached"),
    "500": ("server_error", None, "The server had an error"),
    "502": ("server_error", None, "Bad gateway"),
    "503": ("server_error", None, "Overloaded"),
    "context": (
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens. Please reduce the length of the messages.",
    ),
}


# ------------------------------------------------------------------------------------------------ content of a reply


def make_content(schema: Any, body: dict[str, Any]) -> str:
    """Return a plausible verdict for a JSON schema, the same for the same request."""
    text = " ".join(_texts(body)[-1:])
    random = Random(body_key(body))
    return json.dumps(_instance(schema, schema, random, text.split() or ["none"]), ensure_ascii=False)


def _instance(schema: Any, root: Any, random: Random, words: list[str]) -> Any:
    if not isinstance(schema, dict):
        return None
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part]
        return _instance(target, root, random, words)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return _instance(random.choice(schema[word]), root, random, words)
    if "allOf" in schema:
        return _instance(schema["allOf"][0], root, random, words)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return random.choice(schema["enum"])
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = random.choice(kind)
    return _TYPES.get(kind, _null)(schema, root, random, words)


def _object(schema: Any, root: Any, random: Random, words: list[str]) -> Any:
    return {name: _instance(s, root, random, words) for name, s in schema.get("properties", {}).items()}


def _array(schema: Any, root: Any, random: Random, words: list[str]) -> Any:
    prefix = schema.get("prefixItems", [])
    least = schema.get("minItems", len(prefix))
    n = max(least, len(prefix), random.randint(least, max(least, min(least + 2, schema.get("maxItems", 2)))))
    return [_instance(prefix[i] if i < len(prefix) else schema.get("items"), root, random, words) for i in range(n)]


def _string(schema: Any, root: Any, random: Random, words: list[str]) -> Any:
    at = random.randrange(len(words))
    return " ".join(words[at : at + 5])[: schema.get("maxLength", 200)]


def _integer(schema: Any, root: Any, random: Random, words: list[str]) -> Any:
    low = int(schema.get("minimum", 1))
    return random.randint(low, int(schema.get("maximum", low + 4)))


def _number(schema: Any, root: Any, random: Random, words: list[str]) -> Any:
    return _integer(schema, root, random, words)


def _boolean(schema: Any, root: Any, random: Random, words: list[str]) -> Any:
    return random.random() < 0.5


def _null(schema: Any, root: Any, random: Random, words: list[str]) -> Any:
    return None


_TYPES: dict[str, Callable[..., Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "null": _null,
}


def _texts(body: dict[str, Any]) -> list[str]:
    texts = []
    for message in body.get("messages", []):
        content = message.get("content")
        if isinstance(content, list):
            content = " ".join(part.get("text", "") for part in content if isinstance(part, dict))
        texts.append(content or "")
    return texts


def body_key(body: dict[str, Any]) -> str:
    """Return the SHA-256 of a request body's canonical JSON."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


# ------------------------------------------------------------------------------------------ faults in a good reply


def _scaled(value: Any, name: str | None, change: Callable[[str | None, Any], Any]) -> Any:
    if isinstance(value, dict):
        return {k: _scaled(v, k, change) for k, v in value.items()}
    if isinstance(value, list):
        return [_scaled(v, name, change) for v in value]
    return change(name, value)


def _off_scale(content: str) -> str:
    return json.dumps(
        _scaled(
            json.loads(content),
            None,
            lambda _, v: 999 if isinstance(v, int | float) and not isinstance(v, bool) else v,
        )
    )


def _not_a_number(content: str) -> str:
    return json.dumps(
        _scaled(
            json.loads(content),
            None,
            lambda _, v: float("nan") if isinstance(v, int | float) and not isinstance(v, bool) else v,
        )
    )


def _wrong_ids(content: str) -> str:
    return json.dumps(_scaled(json.loads(content), None, lambda name, v: f"no-such-{v}" if name == "id" else v))


def _duplicate_keys(content: str) -> str:
    found = json.loads(content)
    if not isinstance(found, dict) or not found:
        return '{"level": 1, "level": 5}'
    members = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in found.items()]
    return "{" + ", ".join([*members, *members[-1:]]) + "}"


CONTENT_FAULTS: dict[str, Callable[[str], str]] = {
    "broken_json": lambda c: c[:-1].replace('"', "'", 1),
    "fenced": lambda c: f"```json\n{c}\n```",
    "chatty": lambda c: f"Certainly! Here is my assessment of the answer.\n\n{c}\n\nLet me know if you need more.",
    "empty": lambda _: "",
    "refusal_text": lambda _: "I'm sorry, but I can't help with that.",
    "truncated": lambda c: c[: max(1, len(c) // 2)],
    "off_scale": _off_scale,
    "nan": _not_a_number,
    "duplicate_keys": _duplicate_keys,
    "two_verdicts": lambda c: f"{c}\n{c}",
    "wrong_ids": _wrong_ids,
    "megabyte": lambda c: c + " " + "x" * 1_048_576,
}


# ------------------------------------------------------------------------------------------------------- the server


@dataclass
class Counters:
    """What the server saw."""

    requests: int = 0
    in_flight: int = 0
    most_concurrent: int = 0
    most_per_minute: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    by_model: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    served: Counter[str] = field(default_factory=Counter)
    minute: deque[float] = field(default_factory=deque)
    log: list[dict[str, Any]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Return the counters as JSON."""
        return {
            "requests": self.requests,
            "ok": sum(self.served.values()),
            "by_status": dict(self.by_status),
            "by_kind": dict(self.by_kind),
            "by_model": dict(self.by_model),
            "distinct": len(self.attempts),
            "most_attempts": max(self.attempts.values(), default=0),
            "paid_twice": sum(1 for n in self.served.values() if n > 1),
            "most_concurrent": self.most_concurrent,
            "most_per_minute": self.most_per_minute,
            "in_flight": self.in_flight,
        }


class Served:
    """The behaviour of one server: script, counters and the handler."""

    def __init__(self, script: dict[str, Any], log_path: Path | None = None) -> None:
        self.script = script
        self.counters = Counters()
        self.schemas: dict[str, Any] = {}
        self.hits: Counter[tuple[int, str]] = Counter()
        self.replies: dict[str, Callable[[dict[str, Any]], str]] = {}
        self.log_path = log_path
        self.accepted: deque[float] = deque()

    async def chat(self, request: Any) -> Any:
        """Answer one chat completion as the script says."""
        body = await request.json()
        at = time.time()
        counters, key = self.counters, body_key(body)
        ordinal = self._arrive(body, key)
        fault = self._fault(body, key, ordinal, request.headers)
        entry = {
            "at": at,
            "key": key,
            "model": body.get("model"),
            "kind": fault["kind"] if fault else "plain",
            "status": 0,
            "ok": False,
            "key_hash": hashlib.sha256(request.headers.get("Authorization", "")[7:].encode()).hexdigest()[:8],
            "label": self._label(body),
        }
        try:
            status, ok, response = await self._answer(request, body, key, fault)
            entry.update(status=status, ok=ok)
            if ok and status == 200:
                counters.served[key] += 1
            return response
        finally:
            counters.in_flight -= 1
            counters.by_status[str(entry["status"])] += 1
            counters.by_kind[str(entry["kind"])] += 1
            entry["seconds"] = round(time.time() - at, 4)
            self._write(entry)

    def _arrive(self, body: dict[str, Any], key: str) -> int:
        counters, now = self.counters, time.monotonic()
        counters.requests += 1
        counters.in_flight += 1
        counters.most_concurrent = max(counters.most_concurrent, counters.in_flight)
        counters.by_model[str(body.get("model"))] += 1
        counters.attempts[key] += 1
        counters.minute.append(now)
        while counters.minute[0] <= now - 60:
            counters.minute.popleft()
        counters.most_per_minute = max(counters.most_per_minute, len(counters.minute))
        schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
        if schema is not None:
            self.schemas[str(body.get("model"))] = schema
        return counters.requests

    def _write(self, entry: dict[str, Any]) -> None:
        self.counters.log.append(entry)
        if self.log_path is not None:
            with self.log_path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def _label(self, body: dict[str, Any]) -> str | None:
        if "label" not in self.script:
            return None
        found = re.search(self.script["label"], "\n".join(_texts(body)))
        return found[1] if found else None

    def _setting(self, body: dict[str, Any], name: str, default: Any = None) -> Any:
        own = self.script.get("by_model", {}).get(body.get("model"), {})
        return own.get(name, self.script.get(name, default))

    def _fault(self, body: dict[str, Any], key: str, ordinal: int, headers: Any) -> dict[str, Any] | None:
        return self._gatekeeping(body, headers) or self._scripted(body, key, ordinal)

    def _gatekeeping(self, body: dict[str, Any], headers: Any) -> dict[str, Any] | None:
        script, retry_after = self.script, self.script.get("retry_after")
        if "api_key" in script and headers.get("Authorization") != f"Bearer {script['api_key']}":
            return {"kind": "401"}
        if "models" in script and body.get("model") not in script["models"]:
            return {"kind": "404"}
        for name in self._setting(body, "refuses", []):
            if _is_present(body, name):
                return {"kind": "400_param", "param": "response_format" if name == "json_schema" else name}
        if self.counters.in_flight > script.get("max_concurrent", float("inf")):
            return {"kind": "429", "retry_after": retry_after}
        return self._beyond_rpm(script.get("rpm"), retry_after)

    def _beyond_rpm(self, rpm: int | None, retry_after: Any) -> dict[str, Any] | None:
        if rpm is None:
            return None
        now = time.monotonic()
        while self.accepted and self.accepted[0] <= now - 60:
            self.accepted.popleft()
        if len(self.accepted) >= rpm:
            return {"kind": "429", "retry_after": retry_after}
        self.accepted.append(now)
        return None

    def _scripted(self, body: dict[str, Any], key: str, ordinal: int) -> dict[str, Any] | None:
        own = self.script.get("by_model", {}).get(body.get("model"), {}).get("faults", [])
        for number, fault in enumerate([*own, *self.script.get("faults", [])]):
            if self._applies(number, fault, body, key, ordinal):
                self.hits[number, key] += 1
                return dict(fault)
        return None

    def _applies(self, number: int, fault: dict[str, Any], body: dict[str, Any], key: str, ordinal: int) -> bool:
        draw = int(hashlib.sha256(f"{number}{key}".encode()).hexdigest()[:12], 16) / 16**12
        return (
            draw < fault.get("share", 1.0)
            and self.hits[number, key] < fault.get("times", float("inf"))
            and ("match" not in fault or any(fault["match"] in text for text in _texts(body)))
            and fault.get("after", 0) <= ordinal <= fault.get("until", float("inf"))
        )

    async def _answer(
        self, request: Any, body: dict[str, Any], key: str, fault: dict[str, Any] | None
    ) -> tuple[int, bool, Any]:
        from aiohttp import web

        kind = fault["kind"] if fault else "plain"
        if kind not in {"429", "401", "404"}:
            await asyncio.sleep(self._latency(body, key))
        if fault and (kind in STATUS_MESSAGES or kind == "400_param"):
            status, document = _error(fault)
            return status, True, web.json_response(document, status=status, headers=_retry_after(fault))
        if kind == "reset":
            _tear_down(request)
            return 0, False, web.Response()
        if kind == "hang":
            await asyncio.sleep(float(fault["seconds"]) if fault and "seconds" in fault else 3600.0)
        if kind == "html":
            page = "<html><body>Welcome to the proxy</body></html>"
            return 200, True, web.Response(text=page, content_type="text/html")
        text = json.dumps(self._document(body, key, fault or {"kind": "plain"}), ensure_ascii=False)
        if kind in {"trickle", "cut"}:
            return await self._in_pieces(request, text.encode(), fault or {})
        return 200, True, web.Response(text=text, content_type="application/json")

    async def _in_pieces(self, request: Any, raw: bytes, fault: dict[str, Any]) -> tuple[int, bool, Any]:
        from aiohttp import web

        reply = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(raw))})
        await reply.prepare(request)
        size = len(raw) // 20 + 1
        for number, at in enumerate(range(0, len(raw), size)):
            if fault["kind"] == "cut" and number == 10:
                _tear_down(request)
                return 200, False, reply
            await reply.write(raw[at : at + size])
            await asyncio.sleep(float(fault.get("seconds", 0.0)) / 20)
        await reply.write_eof()
        return 200, True, reply

    def _latency(self, body: dict[str, Any], key: str) -> float:
        latency = self._setting(body, "latency_s", 0.0)
        if isinstance(latency, list):
            return Random(key).uniform(latency[0], latency[1])
        return float(latency)

    def _content(self, body: dict[str, Any]) -> str:
        place = self._setting(body, "reply")
        if place is not None:
            if place not in self.replies:
                self.replies[place] = load_function(place)
            return self.replies[place](body)
        schema = self.schemas.get(str(body.get("model")))
        return make_content(schema, body) if schema is not None else '{"level": 3}'

    def _document(self, body: dict[str, Any], key: str, fault: dict[str, Any]) -> dict[str, Any]:
        kind = fault["kind"]
        content = CONTENT_FAULTS.get(kind, lambda c: c)(self._content(body))
        message: dict[str, Any] = {"role": "assistant", "content": content}
        if kind == "refusal":
            message.update(content=None, refusal="I cannot judge this answer.")
        if kind == "reasoning":
            message["reasoning_content"] = "First I read the answer, then I weighed it."
        finish = {"truncated": "length", "content_filter": "content_filter"}.get(kind, "stop")
        served = fault.get("model", "another-model") if kind == "wrong_model" else None
        document: dict[str, Any] = {
            "id": f"chatcmpl-{key[:12]}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": served or self._setting(body, "served_model") or body.get("model"),
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }
        if kind == "no_choices":
            document["choices"] = []
        if kind != "no_usage":
            document["usage"] = self._usage(body, content, kind)
        return document

    def _usage(self, body: dict[str, Any], content: str, kind: str) -> dict[str, Any]:
        fixed = self._setting(body, "usage")
        prompt, completion = fixed or (sum(len(t) for t in _texts(body)) // 4 + 1, len(content) // 4 + 1)
        usage: dict[str, Any] = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
        if kind == "cached":
            usage["prompt_tokens_details"] = {"cached_tokens": prompt // 2}
        if kind == "reasoning":
            usage["completion_tokens_details"] = {"reasoning_tokens": completion // 2}
        return usage


def _is_present(body: dict[str, Any], name: str) -> bool:
    if name == "json_schema":
        return (body.get("response_format") or {}).get("type") == "json_schema"
    return name in body


def _error(fault: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    kind = fault["kind"]
    if kind == "400_param":
        name = fault.get("param", "temperature")
        message = fault.get("message", f"Unsupported parameter: '{name}' is not supported with this model.")
        return 400, {
            "error": {
                "message": message,
                "type": "invalid_request_error",
                "param": name,
                "code": "unsupported_parameter",
            }
        }
    kind_of_error, code, message = STATUS_MESSAGES[kind]
    document = {
        "message": fault.get("message", message),
        "type": kind_of_error,
        "param": None,
        "code": fault.get("code", code),
    }
    return 400 if kind == "context" else int(kind), {"error": document}


def _retry_after(fault: dict[str, Any]) -> dict[str, str]:
    wanted = fault.get("retry_after")
    if wanted is None:
        return {}
    if isinstance(wanted, str) and wanted.startswith("date:"):
        return {"Retry-After": formatdate(time.time() + float(wanted[5:]), usegmt=True)}
    return {"Retry-After": str(wanted)}


def _tear_down(request: Any) -> None:
    if request.transport is not None:
        request.transport.abort()


def load_function(place: str) -> Callable[[dict[str, Any]], str]:
    """Return the function named by ``FILE.py:FUNCTION``."""
    path, _, name = place.rpartition(":")
    spec = importlib.util.spec_from_file_location("scripted_reply", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[dict[str, Any]], str] = getattr(module, name)
    return function


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until cancelled."""
    from aiohttp import web

    script = json.loads(arguments.script.read_text(encoding="utf-8")) if arguments.script else {}
    if arguments.reply:
        script["reply"] = arguments.reply
    state = {"served": Served(script, arguments.log)}

    async def control(request: Any) -> Any:
        state["served"].script.update(await request.json())
        return web.json_response(state["served"].script)

    async def reset(_: Any) -> Any:
        state["served"] = Served(state["served"].script, arguments.log)
        return web.json_response({})

    async def chat(request: Any) -> Any:
        return await state["served"].chat(request)

    async def stats(_: Any) -> Any:
        return web.json_response(state["served"].counters.summary())

    async def log(_: Any) -> Any:
        return web.json_response(state["served"].counters.log)

    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_post("/v1/chat/completions", chat)
    application.router.add_get("/stats", stats)
    application.router.add_get("/log", log)
    application.router.add_post("/control", control)
    application.router.add_post("/reset", reset)
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", arguments.port, backlog=1024)
    await site.start()
    port = runner.addresses[0][1]
    sys.stdout.write(json.dumps({"port": port, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description="A scripted OpenAI-compatible server on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--reply", help="FILE.py:FUNCTION that writes the content of a reply")
    parser.add_argument("--log", type=Path)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


# ------------------------------------------------------------------------------------------------------ in a test


class JudgeServer:
    """A running server."""

    def __init__(self, folder: Path, script: dict[str, Any], port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "script.json"
        path.write_text(json.dumps(script), encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, str(HERE), "--script", str(path), "--port", str(port)], stdout=subprocess.PIPE, text=True
        )
        if self._process.stdout is None:
            raise RuntimeError("no pipe to the server")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start: {self._process.wait()}")
        self.port = int(json.loads(line)["port"])
        self.base_url = f"http://127.0.0.1:{self.port}/v1"

    def stats(self) -> dict[str, Any]:
        """Return the counters."""
        found: dict[str, Any] = self._ask("/stats")
        return found

    def log(self) -> list[dict[str, Any]]:
        """Return one entry per request."""
        found: list[dict[str, Any]] = self._ask("/log")
        return found

    def control(self, **script: Any) -> None:
        """Replace members of the script."""
        self._ask("/control", script)

    def reset(self) -> None:
        """Forget counters, log and what faults were met."""
        self._ask("/reset", {})

    def stop(self) -> None:
        """End the process; a second time does nothing."""
        self._process.terminate()
        self._process.wait(120)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _ask(self, path: str, document: Any = None) -> Any:
        raw = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=raw, headers={"Content-Type": "application/json"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as reply:
            return json.loads(reply.read())


@pytest.fixture
def openai_server(tmp_path: Path) -> Iterator[Callable[..., JudgeServer]]:
    """Return a function that starts a server with a script."""
    running: list[JudgeServer] = []

    def start(*, port: int = 0, **script: Any) -> JudgeServer:
        server = JudgeServer(tmp_path / f"server-{len(running)}", script, port)
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


if __name__ == "__main__":
    main()
