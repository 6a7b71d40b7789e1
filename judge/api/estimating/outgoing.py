"""Calls as they would leave this machine, as text: each prompt once, with the calls that send it and what differs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from judge.call.request import CallRequest, without_credentials
from judge.call.routing import endpoint_of
from judge.domain.panel import Judge

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
    def endpoint(self) -> str:
        """Return where it would go, without credentials."""
        if self.judge.is_offline:
            return "this process"
        return without_credentials(endpoint_of(self.judge)) or f"{self.judge.model.partition('/')[0]}'s own"

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
            "endpoint": self.endpoint,
            "call_key": call.key,
            "model": call.model,
            "params": dict(call.params),
            "response_format": call.response_format,
            "messages": [dict(message) for message in call.messages],
        }


def prompts_text(calls: Sequence[Outgoing]) -> str:
    """Return all calls as text; calls with the same messages share one printing of them."""
    groups: dict[str, list[Outgoing]] = {}
    for one in calls:
        groups.setdefault(json.dumps([dict(message) for message in one.call.messages]), []).append(one)
    ordered = list(groups.values())
    lines: list[str] = []
    for number, group in enumerate(ordered, start=1):
        lines += _prompt(number, len(ordered), group, _reordered(group, ordered[: number - 1]))
    return "\n".join(lines)


def _prompt(number: int, n_prompts: int, group: Sequence[Outgoing], same_lines_as: int | None) -> list[str]:
    first = group[0]
    head = f"prompt {number} of {n_prompts}: " if n_prompts > 1 else ""
    other_order = f"; the lines are those of prompt {same_lines_as}, in another order" if same_lines_as else ""
    lines = [_RULE, f"{head}{_name(first)}, {_fate(first)}{other_order}", _settings(first)]
    if len(group) > 1:
        lines += ["The same messages, word for word, go to:", *(f"- {_differing(one, first)}" for one in group[1:])]
    for message in first.call.messages:
        lines += [f"--- {message['role']} ---", str(message["content"])]
    formats = {_format(one): one for one in reversed(group) if one.call.response_format is not None}
    for text, one in reversed(formats.items()):
        whose = "" if len(formats) == 1 else f" of {_name(one)}"
        lines += [f"--- response_format{whose} ---", text]
    return lines


def _differing(one: Outgoing, first: Outgoing) -> str:
    """Return whose call it is and all in which it differs from the one that is printed."""
    found = []
    if _fate(one) != _fate(first):
        found.append(_fate(one))
    if one.call.model != first.call.model:
        found.append(f"model {one.call.model}")
    if one.call.params != first.call.params:
        found.append(f"parameters {_params(one)}")
    if _format(one) != _format(first):
        found.append("another response_format" if one.call.response_format is not None else "no response_format")
    return f"{_name(one)}: {', '.join([*found, f'call_key {one.call.key}'])}"


def _reordered(group: Sequence[Outgoing], earlier: Sequence[Sequence[Outgoing]]) -> int | None:
    """Return the number of an earlier prompt that has the same lines in another order (criteria are shuffled)."""
    own = _sorted_lines(group[0])
    return next((number for number, other in enumerate(earlier, start=1) if _sorted_lines(other[0]) == own), None)


def _sorted_lines(one: Outgoing) -> list[tuple[str, list[str]]]:
    return [(str(message["role"]), sorted(str(message["content"]).splitlines())) for message in one.call.messages]


def _name(one: Outgoing) -> str:
    return f"judge {one.judge.id}, repeat {one.call.repeat}, {one.call.scope}"


def _fate(one: Outgoing) -> str:
    fate = "to be sent to" if one.leaves else "in the ledger already, not sent to" if one.is_in_ledger else "stays in"
    return f"{fate} {one.endpoint}"


def _settings(one: Outgoing) -> str:
    return f"model {one.call.model}, parameters {_params(one)}, call_key {one.call.key}"


def _params(one: Outgoing) -> str:
    return json.dumps(dict(one.call.params), ensure_ascii=False)


def _format(one: Outgoing) -> str:
    return json.dumps(one.call.response_format, ensure_ascii=False)
