"""From one judge's counts to its tokens and money, as expected and at the most."""

from dataclasses import dataclass

from judge.api.estimating.counting import JudgeCount
from judge.api.estimating.replies import (
    ECHO_TOKENS,
    LATENCY_S,
    MOST_ASKS,
    PER_COMPLAINT,
    REASKED_SHARE,
    TOKENS_PER_S,
    is_reasoning,
)
from judge.call.money import PriceSource, Tariff
from judge.domain.panel import Granularity, Judge


@dataclass(frozen=True, slots=True)
class JudgeEstimate:
    """What one judge would be asked, cost and take."""

    id: str
    model: str
    is_offline: bool
    granularity: Granularity
    repeats: int
    is_reasoning: bool
    n_calls: int
    """Each call asked once."""
    n_in_ledger: int
    n_to_send: int
    prompt_tokens: int
    """Of the calls to send, each asked once."""
    reply_tokens: int
    """As expected, of the calls to send, each asked once."""
    reply_tokens_ceiling: int
    n_reasks: float
    """Calls that are expected to be asked again, once."""
    reask_prompt_tokens: int
    reask_reply_tokens: int
    n_seen: int
    """Replies in the ledger whose means replace the assumptions; 0 where there are too few."""
    latency_s: float
    """Of one call, as expected."""
    longest_call_tokens: int
    price_source: PriceSource
    input_per_mtok: float | None
    output_per_mtok: float | None
    usd: float | None
    """Re-asks included; None where the price is unknown."""
    usd_ceiling: float | None
    usd_ceiling_reasked: float | None
    seconds: float = 0.0
    bound_by: str = ""

    @property
    def expected_calls(self) -> float:
        """Return the calls to send, re-asks included."""
        return self.n_to_send + self.n_reasks

    @property
    def expected_tokens(self) -> int:
        """Return prompt and reply tokens, re-asks included."""
        return self.prompt_tokens + self.reply_tokens + self.reask_prompt_tokens + self.reask_reply_tokens


@dataclass(frozen=True, slots=True)
class _Expected:
    """Sums over the calls to send, corrected by what the ledger shows."""

    n: int
    prompt: float
    reply: float
    limit: int

    @property
    def reask_prompt(self) -> float:
        """Return the prompt tokens of the calls that are asked again: the first prompt, the reply, what was wrong."""
        return REASKED_SHARE * (self.prompt + self.reply + PER_COMPLAINT * self.n)

    @property
    def prompt_at_most(self) -> float:
        """Return the prompt tokens if every call were asked as often as a call ever is, each reply at its limit."""
        echoed = min(self.limit, ECHO_TOKENS * self.n) + PER_COMPLAINT * self.n
        return MOST_ASKS * self.prompt + sum(range(MOST_ASKS)) * echoed


def judge_estimate(judge: Judge, count: JudgeCount, tariff: Tariff) -> JudgeEstimate:
    """Return a judge's tokens and money."""
    seen = count.seen
    n = count.n_to_send
    expected = _Expected(
        n=0 if judge.is_offline else n,
        prompt=count.prompt_tokens * (seen.prompt_ratio if seen.suffices else 1.0),
        reply=min(count.limit_tokens, n * seen.reply_tokens) if seen.suffices else count.assumed_reply_tokens,
        limit=count.limit_tokens,
    )
    reask_reply = REASKED_SHARE * expected.reply
    mean_reply = expected.reply / n if n else 0.0
    assumed_latency_s = 0.0 if judge.is_offline else LATENCY_S + mean_reply / TOKENS_PER_S
    return JudgeEstimate(
        id=judge.id,
        model=judge.model,
        is_offline=judge.is_offline,
        granularity=judge.granularity,
        repeats=judge.repeats,
        is_reasoning=is_reasoning(judge),
        n_calls=count.n_calls,
        n_in_ledger=count.n_in_ledger,
        n_to_send=n,
        prompt_tokens=round(expected.prompt),
        reply_tokens=round(expected.reply),
        reply_tokens_ceiling=expected.limit,
        n_reasks=REASKED_SHARE * expected.n,
        reask_prompt_tokens=round(expected.reask_prompt),
        reask_reply_tokens=round(reask_reply),
        n_seen=seen.n if seen.suffices else 0,
        latency_s=seen.mean_latency_s if seen.suffices else assumed_latency_s,
        longest_call_tokens=count.longest_call,
        price_source=tariff.source,
        input_per_mtok=_per_mtok(tariff.input),
        output_per_mtok=_per_mtok(tariff.output),
        usd=_usd(tariff, expected.prompt + expected.reask_prompt, expected.reply + reask_reply, at_most=False),
        usd_ceiling=_usd(tariff, expected.prompt, expected.limit, at_most=True),
        usd_ceiling_reasked=_usd(tariff, expected.prompt_at_most, MOST_ASKS * expected.limit, at_most=True),
    )


def _usd(tariff: Tariff, prompt: float, reply: float, *, at_most: bool) -> float | None:
    """Return what tokens cost; nothing cached; at most: every token of the reply at the dearer of its two prices."""
    if tariff.input is None or tariff.output is None:
        return None
    output = max(tariff.output, tariff.reasoning or 0.0) if at_most else tariff.output
    return prompt * tariff.input + reply * output


def _per_mtok(price: float | None) -> float | None:
    return None if price is None else round(price * 1e6, 6)
