"""dspy reaches a judge through the port: same ledger, same books, its own decoding."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from judge.call import CallRequest, Ledger, Port, PortOptions, Retries
from judge.call.engine import AsyncPortEngine, PortEngine
from judge.domain.panel import Judge

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
Servers = Callable[..., Any]


def judge_at(server: Any) -> Judge:
    return Judge("a", "openai/m", api_base=server.base_url, params={"temperature": 0, "max_tokens": 77})


@contextmanager
def port_elsewhere(path: Path, judge: Judge) -> Iterator[tuple[Port, asyncio.AbstractEventLoop]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def make(ledger: Ledger) -> Port:
        return Port(ledger, [judge], options=PortOptions(retries=Retries(attempts=1)))

    with Ledger(path) as ledger:
        port = asyncio.run_coroutine_threadsafe(make(ledger), loop).result()
        try:
            yield port, loop
        finally:
            asyncio.run_coroutine_threadsafe(port.aclose(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def test_a_program_of_dspy_asks_the_judge_and_the_ledger_answers_the_second_time(
    openai_server: Servers, tmp_path: Path
) -> None:
    import dspy

    server = openai_server(reply=f"{_reply_file(tmp_path)}:reply")
    judge = judge_at(server)
    with port_elsewhere(tmp_path / "l.sqlite", judge) as (port, loop):
        lm = dspy.LM(
            "judge/a", engine=PortEngine(port, judge, loop), async_engine=AsyncPortEngine(port, judge, loop=loop),
            cache=False, num_retries=0,
        )  # fmt: skip
        program = dspy.Predict("question -> level: int")
        with dspy.context(lm=lm, adapter=dspy.JSONAdapter()):
            first = program(question="how good?")
            second = asyncio.run(program.acall(question="how good?"))
    assert (first.level, second.level) == (4, 4)
    assert server.stats()["requests"] == 1
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert [logged.scope for logged in ledger.attempts()] == ["program"]


def test_decoding_stated_by_the_caller_is_refused(openai_server: Servers, tmp_path: Path) -> None:
    import dspy
    from dspy.lm15 import Config, Message, Request, UnsupportedFeatureError

    judge = judge_at(openai_server())
    with port_elsewhere(tmp_path / "l.sqlite", judge) as (port, loop):
        engine = PortEngine(port, judge, loop)
        request = Request(model="judge/a", messages=(Message.user("x"),), config=Config(temperature=1.0))
        with pytest.raises(UnsupportedFeatureError, match="decoding is the judge's own"):
            engine.complete(request)
        lm = dspy.LM("judge/a", engine=engine, cache=False, num_retries=0)
        assert lm.supports_response_schema
        assert lm.supported_params == {"response_format"}


@pytest.mark.parametrize(
    ("kind", "error"), [("500", "ProviderError"), ("401", "AuthError"), ("context", "ContextLengthError")]
)
def test_a_failure_is_an_error_of_dspys_own_kind(openai_server: Servers, tmp_path: Path, kind: str, error: str) -> None:
    from dspy import lm15

    judge = judge_at(openai_server(faults=[{"kind": kind}]))
    with port_elsewhere(tmp_path / "l.sqlite", judge) as (port, loop):
        request = lm15.Request(model="judge/a", messages=(lm15.Message.user("x"),))
        with pytest.raises(getattr(lm15, error)):
            PortEngine(port, judge, loop).complete(request)


def test_the_request_is_the_one_the_judge_would_get_otherwise(openai_server: Servers, tmp_path: Path) -> None:
    from dspy import lm15

    from judge.call.engine import call_request_of

    judge = judge_at(openai_server())
    request = lm15.Request(model="judge/a", system="be strict", messages=(lm15.Message.user("x"),))
    messages = [{"role": "system", "content": "be strict"}, {"role": "user", "content": "x"}]
    expected = CallRequest(judge.model, judge.api_base, judge.params, messages)
    assert call_request_of(request, judge).key == expected.key


def _reply_file(folder: Path) -> Path:
    path = folder / "reply.py"
    path.write_text("def reply(body):\n    return '{\"level\": 4}'\n", encoding="utf-8")
    return path
