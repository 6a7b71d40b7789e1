"""Prices of judges, cost of replies, and the cap on what a run may spend."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from judge.call.request import CallRequest, Usage
from judge.call.routing import endpoint_kind
from judge.domain.panel import Judge

PriceSource = Literal["panel", "litellm", "loopback", "unknown"]
_BYTES_PER_TOKEN = 3.0
"""Below what tokenizers make of English (4) and of Chinese (3): an estimate to reserve by must not be too small."""
_TOKENS_PER_MESSAGE = 8
_UNLIMITED_REPLY = 4096


@dataclass(frozen=True, slots=True)
class Tariff:
    """US dollars per token; None where nobody knows."""

    source: PriceSource
    input: float | None = None
    output: float | None = None
    cached: float | None = None
    """Per cached token of the prompt; None: as any other."""
    reasoning: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether a cost can be computed."""
        return self.input is not None and self.output is not None

    def cost(self, usage: Usage) -> float | None:
        """Return what a reply costs; None where price or tokens are unknown."""
        if self.input is None or self.output is None:
            return None
        if self.input == self.output == 0.0:
            return 0.0
        if usage.prompt is None or usage.completion is None:
            return None
        cached = min(usage.cached or 0, usage.prompt)
        reasoning = min(usage.reasoning or 0, usage.completion)
        return (
            (usage.prompt - cached) * self.input
            + cached * (self.input if self.cached is None else self.cached)
            + (usage.completion - reasoning) * self.output
            + reasoning * (self.output if self.reasoning is None else self.reasoning)
        )

    def reservation(self, prompt_tokens: int, max_tokens: int) -> float | None:
        """Return the most that an attempt can cost: nothing cached, the whole reply used."""
        if self.input is None or self.output is None:
            return None
        dearest = max(self.output, self.reasoning or 0.0)
        return prompt_tokens * self.input + (max_tokens or _UNLIMITED_REPLY) * dearest


def tariff_of(judge: Judge, cost_map: Mapping[str, Any] | None = None) -> Tariff:
    """Return a judge's prices: the panel file's; 0 on this machine; litellm's at the provider's own endpoint.

    Parameters
    ----------
    judge
        Whose prices.
    cost_map
        litellm's ``model_cost``; imported where it is needed and not given.
    """
    if judge.is_offline:
        return Tariff("loopback", 0.0, 0.0)
    if judge.price is not None:
        return Tariff("panel", judge.price.input_per_mtok / 1e6, judge.price.output_per_mtok / 1e6)
    if judge.api_base is not None:
        return Tariff("loopback", 0.0, 0.0) if endpoint_kind(judge.api_base) == "loopback" else Tariff("unknown")
    return _tariff_of_litellm(judge.model, cost_map)


def _tariff_of_litellm(model: str, cost_map: Mapping[str, Any] | None) -> Tariff:
    if cost_map is None:
        from judge.call.tame import litellm_module

        cost_map = litellm_module().model_cost
    provider, _, name = model.partition("/")
    entry = cost_map.get(model)
    if entry is None and (found := cost_map.get(name)) and found.get("litellm_provider") == provider:
        entry = found
    if entry is None or entry.get("input_cost_per_token") is None or entry.get("output_cost_per_token") is None:
        return Tariff("unknown")
    return Tariff(
        "litellm",
        float(entry["input_cost_per_token"]),
        float(entry["output_cost_per_token"]),
        _optional(entry.get("cache_read_input_token_cost")),
        _optional(entry.get("output_cost_per_reasoning_token")),
    )


def _optional(value: Any) -> float | None:
    return None if value is None else float(value)


def estimate_prompt_tokens(request: CallRequest) -> int:
    """Return an upper estimate of a prompt's tokens from its bytes; no tokenizer is loaded or fetched."""
    return math.ceil(request.n_bytes / _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE * len(request.messages)


class Budget:
    """A cap over all invocations of a run, kept with calls in flight: reserve before, settle after.

    While other calls are in flight, a call that does not fit waits for them to settle, for most cost less than they
    reserve; where none is in flight and it still does not fit, the cap is reached.
    """

    def __init__(self, max_usd: float | None, *, spent_usd: float = 0.0) -> None:
        self.max_usd = max_usd
        self.spent_usd = spent_usd
        self.reserved_usd = 0.0
        self.n_unknown = 0
        self.is_reached = False
        self.unfit_usd: float | None = None
        """What the cheapest call that did not fit could have cost."""
        self._n_reserved = 0
        self._settled = asyncio.Event()

    async def reserve(self, amount_usd: float) -> bool:
        """Set an amount aside; False where the cap does not allow it."""
        while not self._fits(amount_usd):
            if self._n_reserved == 0:
                self.is_reached = True
                self.unfit_usd = min(amount_usd, self.unfit_usd or amount_usd)
                return False
            self._settled.clear()
            await self._settled.wait()
        self.reserved_usd += amount_usd
        self._n_reserved += 1
        return True

    def settle(self, reserved_usd: float, cost_usd: float | None) -> None:
        """Replace a reservation by what it came to; None for an unknown price."""
        self.reserved_usd = max(0.0, self.reserved_usd - reserved_usd)
        self._n_reserved -= 1
        if cost_usd is None:
            self.n_unknown += 1
        else:
            self.spent_usd += cost_usd
        self._settled.set()

    def _fits(self, amount_usd: float) -> bool:
        return self.max_usd is None or self.spent_usd + self.reserved_usd + amount_usd <= self.max_usd + 1e-12
