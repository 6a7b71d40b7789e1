"""One judge, one response: render, call, read, check, ask again; every outcome is a verdict with a status."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from judge.call.request import CallFailure, CallRequest, Reply
from judge.domain.panel import Judge
from judge.domain.request import JudgeRequest
from judge.domain.rubric import Rubric
from judge.domain.verdict import LevelVerdict, Verdict, VerdictStatus
from judge.panel.combine import Judged, Outcome, combine, left_out
from judge.panel.faults import Fault, say_faults, status_of
from judge.panel.hashes import judge_hash_of, prompt_hash
from judge.panel.offline_program import check_offline_reply, render_offline
from judge.panel.output import response_format
from judge.panel.parse import ParsedReply, read_reply
from judge.panel.quotes import Sighting
from judge.panel.records import CallRecord, CallStatus, record_of
from judge.panel.render import shuffle_for
from judge.panel.replies import echo, standing
from judge.panel.shape import Scope, part_of, scopes_of, shape_of
from judge.panel.template import PromptBook
from judge.panel.tuned import read_program
from judge.panel.verify import Checked, check_reply
from judge.panel.wording import wording

__all__ = ["MAX_REASKS", "CallRecord", "Judged", "Judging", "Port", "unscored"]

MAX_REASKS = 2
_ECHOED = 20_000
"""Characters of a faulty reply that are sent back when it is asked again."""

Messages = Sequence[Mapping[str, str]]


class Port(Protocol):
    """The only way to a model."""

    async def call(self, judge: Judge, request: CallRequest) -> Reply | CallFailure:
        """Return the reply to a request, or why there is none."""
        ...


def unscored(
    request: JudgeRequest, response_id: str, judge: Judge, repeat: int, status: VerdictStatus, reason: str
) -> Judged:
    """Return the verdict that says for every dimension why there is no level; no call was made.

    A dimension that the case leaves out is not applicable, whatever happens to the others.
    """
    levels = tuple(
        left_out(request, dimension)
        if dimension in request.na_required
        else LevelVerdict(dimension, status, None, reason)
        for dimension in request.dimensions
    )
    return Judged(Verdict(response_id, request.case.case_id, judge.id, repeat, levels), ())


class Judging:
    """One judge on one rubric.

    Parameters
    ----------
    rubric
        The rubric of all requests.
    judge
        Who judges.
    port
        The way to the model.

    Raises
    ------
    ConfigError
        If the judge's tuned program cannot be used.
    """

    def __init__(self, rubric: Rubric, judge: Judge, port: Port) -> None:
        self.rubric = rubric
        self.judge = judge
        self._port = port
        self._formats: dict[Scope, dict[str, Any]] = {}
        if judge.is_offline:
            return
        program = None if judge.program is None else read_program(Path(judge.program), rubric)
        self._book = PromptBook(rubric, program)
        self._prompt_hash = prompt_hash(rubric, judge.granularity, program)
        self._judge_hash = judge_hash_of(judge, self._prompt_hash)

    async def verdict(self, request: JudgeRequest, response_id: str, repeat: int) -> Judged:
        """Judge one response once; a failure of the judge is a status, never an exception."""
        if self.judge.is_offline:
            outcomes = [await self._offline(request, response_id, repeat)]
        else:
            scopes = scopes_of(self.rubric, request, self.judge.granularity)
            outcomes = await _all([self._part(request, scope, response_id, repeat) for scope in scopes])
        return combine(request, response_id, self.judge.id, repeat, outcomes)

    def first_calls(self, request: JudgeRequest, response_id: str, repeat: int) -> tuple[CallRequest, ...]:
        """Return the calls that a request makes if no reply has a fault; nothing is sent."""
        if self.judge.is_offline:
            return (self._call(render_offline(request), Scope("response"), response_id, repeat),)
        scopes = scopes_of(self.rubric, request, self.judge.granularity)
        return tuple(
            self._call(self._messages(part_of(self.rubric, request, scope), scope, repeat), scope, response_id, repeat)
            for scope in scopes
        )

    async def _offline(self, request: JudgeRequest, response_id: str, repeat: int) -> Outcome:
        scope = Scope("response")
        call = self._call(render_offline(request), scope, response_id, repeat)
        reply = await self._port.call(self.judge, call)
        if isinstance(reply, CallFailure):
            return self._failed(request, scope, call, reply, [], 1)
        checked = check_offline_reply(request, reply.content)
        if not checked.faults:
            return Outcome(request, scope, (self._record(call, reply, 1, "ok"),), checked)
        record = self._record(call, reply, 1, "unparsable")
        return Outcome(request, scope, (record,), None, "unparsable", _said(checked.faults, request.language))

    async def _part(self, request: JudgeRequest, scope: Scope, response_id: str, repeat: int) -> Outcome:
        """Ask one part of a request, and again while the reply has faults, at most twice."""
        part = part_of(self.rubric, request, scope)
        messages: Messages = self._messages(part, scope, repeat)
        sighting = Sighting.of(part.answer)
        calls: list[CallRecord] = []
        for ask in range(1, MAX_REASKS + 2):
            call = self._call(messages, scope, response_id, repeat)
            reply = await self._port.call(self.judge, call)
            if isinstance(reply, CallFailure):
                return self._failed(part, scope, call, reply, calls, ask)
            stands = standing(reply)
            if stands is not None:
                calls.append(self._record(call, reply, ask, stands[0]))
                return Outcome(part, scope, tuple(calls), None, *stands)
            checked = self._read(part, scope, reply.content, sighting)
            is_used = not checked.faults or (ask > MAX_REASKS and checked.is_usable)
            calls.append(self._record(call, reply, ask, "ok" if is_used else status_of(checked.faults)))
            if is_used:
                return Outcome(part, scope, tuple(calls), checked)
            messages = [*messages, *_again(reply.content, checked.faults, part.language)]
        return Outcome(part, scope, tuple(calls), None, status_of(checked.faults), _said(checked.faults, part.language))

    def _read(self, part: JudgeRequest, scope: Scope, content: str, sighting: Sighting) -> Checked:
        said = read_reply(content, shape_of(self.rubric, scope))
        if isinstance(said, ParsedReply):
            return check_reply(self.rubric, part, said, sighting)
        return Checked((), (), (), None, None, said)

    def _failed(
        self,
        part: JudgeRequest,
        scope: Scope,
        call: CallRequest,
        failure: CallFailure,
        calls: list[CallRecord],
        ask: int,
    ) -> Outcome:
        record = self._record(call, failure, ask, failure.status)
        return Outcome(part, scope, (*calls, record), None, failure.status, failure.message)

    def _messages(self, part: JudgeRequest, scope: Scope, repeat: int) -> list[dict[str, str]]:
        is_list = sum(criterion.source == "rubric" for criterion in part.criteria) > 1
        shuffle = shuffle_for(part.case.case_id, part.answer, self._judge_hash, repeat) if is_list else 0
        return self._book.template(scope, part, shuffle).fill(self._book.slots(part, self._prompt_hash))

    def _call(self, messages: Messages, scope: Scope, response_id: str, repeat: int) -> CallRequest:
        if scope not in self._formats and not self.judge.is_offline:
            self._formats[scope] = response_format(shape_of(self.rubric, scope))
        return CallRequest(
            model=self.judge.model,
            api_base=self.judge.api_base,
            params=self.judge.params,
            messages=messages,
            response_format=self._formats.get(scope),
            repeat=repeat,
            timeout_s=self.judge.timeout_s,
            response_id=response_id,
            scope=str(scope),
        )

    def _record(self, call: CallRequest, answer: Reply | CallFailure, ask: int, status: CallStatus) -> CallRecord:
        return record_of(self.judge, call, answer, ask, status)


async def _all(asks: Sequence[Coroutine[Any, Any, Outcome]]) -> list[Outcome]:
    """Wait for all parts at once; where one raises, the others are stopped before it is passed on."""
    if len(asks) == 1:
        return [await asks[0]]
    tasks = [asyncio.create_task(ask) for ask in asks]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _again(content: str, faults: Iterable[Fault], language: str) -> Messages:
    """Return the two messages that go on with the conversation: what was said, and what is wrong with it."""
    words = wording(language)
    said = echo(content, limit=_ECHOED, cut=words["cut"], empty=words["empty_reply"])
    return [{"role": "assistant", "content": said}, {"role": "user", "content": say_faults(faults, words)}]


def _said(faults: Iterable[Fault], language: str) -> str:
    words = wording(language)
    return "; ".join(dict.fromkeys(fault.say(words) for fault in faults))[:1000]
