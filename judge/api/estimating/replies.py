"""What is assumed of replies before any has come: their length, how often one is asked for again, how long it takes."""

from collections.abc import Iterator
from dataclasses import dataclass

from judge.call.request import CallRequest, Reply
from judge.domain.panel import Judge
from judge.domain.request import JudgeRequest
from judge.domain.rubric import Rubric
from judge.panel import reasoning
from judge.panel.judging import MAX_REASKS
from judge.panel.shape import Scope, part_of, scopes_of, shape_of

FRAME = 15
PER_CRITERION = 30
PER_LEVEL = 70
FOR_GATES = 60
FOR_REASONING = 2500
REASKED_SHARE = 0.03
PER_COMPLAINT = 80
"""Tokens of the message that says what was wrong with a reply."""
ECHO_TOKENS = 10_000
"""The most of a faulty reply that is sent back: 20,000 characters."""
MOST_ASKS = MAX_REASKS + 1
LATENCY_S = 1.0
TOKENS_PER_S = 60.0
LEAST_SEEN = 20
"""So many replies in the ledger, and their means are taken in place of the assumptions."""


@dataclass(frozen=True, slots=True)
class Part:
    """One call's part of a request, as far as the length of its reply depends on it."""

    n_criteria: int
    n_levels: int
    has_gates: bool

    @property
    def reply_tokens(self) -> int:
        """Return the assumed length of the reply's JSON."""
        return (
            FRAME + PER_CRITERION * self.n_criteria + PER_LEVEL * self.n_levels + (FOR_GATES if self.has_gates else 0)
        )


def parts_of(rubric: Rubric, request: JudgeRequest, judge: Judge) -> Iterator[Part]:
    """Yield the parts of a request in the order of ``Judging.first_calls``."""
    scopes = (Scope("response"),) if judge.is_offline else scopes_of(rubric, request, judge.granularity)
    for scope in scopes:
        shape = shape_of(rubric, scope)
        n_criteria = len(part_of(rubric, request, scope).criteria) if shape.has_criteria else 0
        yield Part(n_criteria, len(shape.scales), shape.has_gates)


def is_reasoning(judge: Judge) -> bool:
    """Whether the judge thinks before it writes."""
    return not judge.is_offline and reasoning.is_reasoning(judge.model, judge.params)


def assumed_reply(judge: Judge, part: Part, max_tokens: int) -> int:
    """Return the tokens of a reply as assumed, never more than its limit."""
    tokens = part.reply_tokens + (FOR_REASONING if is_reasoning(judge) else 0)
    return min(tokens, max_tokens) if max_tokens else tokens


@dataclass(slots=True)
class Seen:
    """Sums over replies that the ledger already holds."""

    n: int = 0
    counted: int = 0
    """Tokens of their prompts as we count."""
    prompt: int = 0
    """As the provider counted."""
    completion: int = 0
    latency_s: float = 0.0

    def add(self, counted: int, reply: Reply) -> None:
        """Take in a reply whose provider said how many tokens it was."""
        if reply.usage.prompt is None or reply.usage.completion is None:
            return
        self.n += 1
        self.counted += counted
        self.prompt += reply.usage.prompt
        self.completion += reply.usage.completion
        self.latency_s += reply.latency_s

    @property
    def suffices(self) -> bool:
        """Whether there are enough to go by."""
        return self.n >= LEAST_SEEN and self.counted > 0

    @property
    def prompt_ratio(self) -> float:
        """Return the provider's prompt tokens to ours."""
        return self.prompt / self.counted

    @property
    def reply_tokens(self) -> float:
        """Return the mean length of a reply."""
        return self.completion / self.n

    @property
    def mean_latency_s(self) -> float:
        """Return the mean time of a reply."""
        return self.latency_s / self.n


def limit_of(call: CallRequest) -> int:
    """Return the most tokens that a reply can have; where no limit is sent, what a reservation assumes."""
    return call.max_tokens or 4096
