"""What one call cost and came to: the rows of calls.parquet."""

from dataclasses import dataclass
from typing import Literal

from judge.call.request import CallFailure, CallRequest, Reply
from judge.domain.panel import Judge
from judge.domain.verdict import VerdictStatus
from judge.panel.untrusted import well_formed

CallStatus = Literal["ok"] | VerdictStatus


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call; sums of tokens and money are over these."""

    call_key: str
    response_id: str
    judge: str
    repeat: int
    scope: str
    attempt: int
    """Which ask of the same part it was: 1, and up to 3 where the reply had faults."""
    status: CallStatus
    """``ok`` for a reply that was used, else the status that a verdict would have if this call were the last."""
    served_model: str | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    """None where no price is known."""
    is_cost_estimated: bool
    latency_s: float


def record_of(
    judge: Judge, call: CallRequest, answer: Reply | CallFailure, attempt: int, status: CallStatus
) -> CallRecord:
    """Return the record of a call that was answered or failed."""
    usage = answer.usage if isinstance(answer, Reply) else None
    if isinstance(answer, Reply):
        latency_s, is_estimated, served = answer.latency_s, answer.is_cost_estimated, answer.served_model
    else:
        latency_s = sum(one.latency_s for one in answer.attempts)
        is_estimated, served = any(one.is_cost_estimated for one in answer.attempts), None
    return CallRecord(
        call_key=answer.key,
        response_id=call.response_id or "",
        judge=judge.id,
        repeat=call.repeat,
        scope=call.scope,
        attempt=attempt,
        status=status,
        served_model=None if served is None else well_formed(served),
        prompt_tokens=usage.prompt if usage else None,
        cached_tokens=usage.cached if usage else None,
        completion_tokens=usage.completion if usage else None,
        cost_usd=answer.cost_usd,
        is_cost_estimated=is_estimated,
        latency_s=latency_s,
    )
