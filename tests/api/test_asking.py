"""Asking in parts: what happens once a stop is requested."""

import asyncio
from types import SimpleNamespace

import pytest

from judge.api.grading.asking import StoppablePort
from judge.call.request import CallRequest
from judge.domain.panel import Judge

JUDGE = Judge(id="j", model="openai/m")
REQUEST = CallRequest("openai/m", None, {}, [{"role": "user", "content": "x"}])


class _Port:
    """Answers everything, and says what it was asked."""

    def __init__(self):
        self.asked = []

    def effective(self, request, judge_id):
        return request

    async def call(self, judge, request):
        self.asked.append(request.key)
        return "sent"


@pytest.mark.parametrize(("held", "expected"), [({REQUEST.key: "kept"}, "kept"), ({}, "interrupted")])
def test_after_a_stop_only_the_ledger_is_asked(held, expected):
    stop, port, ledger = SimpleNamespace(is_requested=False), _Port(), SimpleNamespace(get=held.get)
    stoppable = StoppablePort(port, ledger, stop)
    assert asyncio.run(stoppable.call(JUDGE, REQUEST)) == "sent"
    stop.is_requested = True
    found = asyncio.run(stoppable.call(JUDGE, REQUEST))
    assert getattr(found, "status", found) == expected
    assert port.asked == [REQUEST.key]
