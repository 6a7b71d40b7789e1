"""Exactly what would leave this machine for one answer: ``judge estimate --show-prompt``."""

import json
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from judge.api.estimating_counting import Calls
from judge.api.options import GradeOptions
from judge.api.plan import Plan, make_plan
from judge.api.presenting import Shown
from judge.call.ledger import Ledger, open_ledger
from judge.call.request import CallRequest, without_credentials
from judge.call.routing import endpoint_of
from judge.dataset.answers import Item
from judge.domain.panel import Judge
from judge.errors import DataError, did_you_mean
from judge.panel.request import build_request

_RULE = "=" * 100


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call as it would be sent."""

    judge: Judge
    call: CallRequest
    is_in_ledger: bool

    @property
    def leaves(self) -> bool:
        """Whether anything would be sent at all."""
        return not self.judge.is_offline and not self.is_in_ledger

    @property
    def document(self) -> dict[str, Any]:
        """Return the call as JSON types."""
        call = self.call
        return {
            "judge": self.judge.id,
            "repeat": call.repeat,
            "scope": call.scope,
            "sent": self.leaves,
            "in_ledger": self.is_in_ledger,
            "endpoint": _endpoint(self.judge),
            "call_key": call.key,
            "model": call.model,
            "params": dict(call.params),
            "response_format": call.response_format,
            "messages": [dict(message) for message in call.messages],
        }


def show_prompt(options: GradeOptions, response_id: str) -> Shown:
    """Return every call on one answer as it would be sent, judge by judge; nothing is sent.

    Raises
    ------
    ConfigError, DataError, StoreError
        As ``grade`` would, and if no answer has the id.
    """
    plan = make_plan(options)
    item = _item(plan, response_id)
    calls = () if item.response.is_blank else outgoing(plan, item)
    document = {
        "format": "judge-prompts/1",
        "response_id": response_id,
        "is_blank": item.response.is_blank,
        "calls": [one.document for one in calls],
    }
    text = "\n".join(map(_text, calls)) if calls else f"{response_id}: the answer is blank; nothing is asked."
    return Shown(text, document)


def outgoing(plan: Plan, item: Item) -> tuple[Outgoing, ...]:
    """Return the first calls of all judges on one answer."""
    request = build_request(plan.rubric, item.case, item.response)
    with open_ledger(plan.ledger) if plan.ledger.is_file() else nullcontext() as ledger:
        calls = Calls(plan, ledger)
        return tuple(
            Outgoing(judge, call, _holds(ledger, call))
            for judge in plan.panel.judges
            for repeat in range(1, judge.repeats + 1)
            for call in calls.of(judge, request, item.response.response_id, repeat)
        )


def _holds(ledger: Ledger | None, call: CallRequest) -> bool:
    return ledger is not None and ledger.get(call.key) is not None


def _item(plan: Plan, response_id: str) -> Item:
    for item in plan.answers.items:
        if item.response.response_id == response_id:
            return item
    known = [item.response.response_id for item in plan.answers.items[:10_000]]
    raise DataError(
        f'no answer has the response_id "{response_id}"{did_you_mean(response_id, known)}',
        hint=f"The first is {known[0]}." if known else "There are no answers.",
    )


def _endpoint(judge: Judge) -> str:
    if judge.is_offline:
        return "this process"
    return without_credentials(endpoint_of(judge)) or f"{judge.model.partition('/')[0]}'s own"


def _text(one: Outgoing) -> str:
    call = one.call
    fate = "to be sent to" if one.leaves else "in the ledger already, not sent to" if one.is_in_ledger else "stays in"
    params = json.dumps(dict(call.params), ensure_ascii=False)
    lines = [
        _RULE,
        f"judge {one.judge.id}, repeat {call.repeat}, {call.scope}: {fate} {_endpoint(one.judge)}",
        f"model {call.model}, parameters {params}, call_key {call.key}",
    ]
    for message in call.messages:
        lines += [f"--- {message['role']} ---", str(message["content"])]
    if call.response_format is not None:
        lines += ["--- response_format ---", json.dumps(call.response_format, ensure_ascii=False)]
    return "\n".join(lines)
