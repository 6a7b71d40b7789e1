"""The one place where a request becomes a call of ``litellm.acompletion``, and its response an answer of ours."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from judge.call.money import tariff_of
from judge.call.offline_provider import OfflineProvider
from judge.call.request import CallRequest, Usage
from judge.call.tame import litellm_module, unpriced_record, without_bookkeeping
from judge.domain.panel import Judge
from judge.errors import ConfigError

_NO_KEY = "none"
"""Sent to an endpoint of the panel file that needs no key, lest litellm send the key of another provider there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of a provider, reduced to what we keep."""

    content: str
    finish_reason: str | None
    refusal: str | None
    usage: Usage
    served_model: str | None
    cost_usd: float | None = None
    """litellm's own reckoning, where it has one."""


class Backend(Protocol):
    """Whoever answers requests."""

    def prepare(self, judges: Sequence[Judge]) -> None:
        """Do what takes long before the first request."""

    async def complete(self, judge: Judge, request: CallRequest) -> Answer:
        """Send one request, once."""

    async def aclose(self) -> None:
        """Close connections."""


class EmptyResponseError(Exception):
    """A provider's response holds no choice, or is no completion at all."""


class LitellmBackend:
    """Sends through litellm; a judge of our own process is asked directly, by the function litellm would call."""

    def __init__(self, offline: OfflineProvider | None = None) -> None:
        self._offline = offline
        self._priced_by_litellm: set[str] = set()

    def prepare(self, judges: Sequence[Judge]) -> None:
        """Import litellm now, where a judge needs it: its seconds must not count against a request's time limit."""
        if any(not judge.is_offline for judge in judges):
            litellm_module()
        self._priced_by_litellm = {judge.id for judge in judges if tariff_of(judge).source == "litellm"}

    async def complete(self, judge: Judge, request: CallRequest) -> Answer:
        """Send one request, once: litellm's and the SDK's retries, fallbacks and caches are off."""
        if judge.is_offline:
            return self._ask_offline(judge, request)
        arguments = arguments_for(judge, request)
        litellm = litellm_module()
        record = {} if judge.id in self._priced_by_litellm else unpriced_record(arguments)
        with without_bookkeeping():
            response = await litellm.acompletion(**arguments, **record)
        return answer_of(response)

    async def aclose(self) -> None:
        """Close litellm's connections, which belong to the running event loop."""
        if litellm_module.cache_info().currsize:
            litellm = litellm_module()
            await litellm.close_litellm_async_clients()
            litellm.in_memory_llm_clients_cache.flush_cache()

    def _ask_offline(self, judge: Judge, request: CallRequest) -> Answer:
        if self._offline is None:
            raise ConfigError(f"judge {judge.id}: no offline judge was built for this run")
        content = self._offline.reply(request.messages)
        return Answer(content, "stop", None, Usage(0, 0, 0, 0), request.model.partition("/")[2], 0.0)


def arguments_for(judge: Judge, request: CallRequest) -> dict[str, Any]:
    """Return the arguments of ``litellm.acompletion``; the key is read from the environment now and kept nowhere.

    Raises
    ------
    ConfigError
        If the judge's key is not in the environment.
    """
    arguments: dict[str, Any] = {
        **request.params,
        "model": request.model,
        "messages": [dict(message) for message in request.messages],
        "timeout": request.timeout_s,
        "max_retries": 0,
        "num_retries": 0,
        "drop_params": False,
    }
    if request.response_format is not None:
        arguments["response_format"] = dict(request.response_format)
    if judge.api_base is not None:
        arguments["api_base"] = judge.api_base
    if judge.api_key_env is not None:
        key = os.environ.get(judge.api_key_env, "").strip()
        if not key:
            raise ConfigError(f"judge {judge.id}: the environment variable {judge.api_key_env} is not set")
        arguments["api_key"] = key
    elif judge.api_base is not None:
        arguments["api_key"] = _NO_KEY
    return arguments


def answer_of(response: Any) -> Answer:
    """Return what we keep of a response of litellm.

    Raises
    ------
    EmptyResponseError
        If there is no choice in it.
    """
    choices = getattr(response, "choices", None)
    if not choices:
        raise EmptyResponseError("the provider's response holds no choice")
    message = choices[0].message
    extras = getattr(message, "provider_specific_fields", None) or {}
    refusal = getattr(message, "refusal", None) or (extras.get("refusal") if isinstance(extras, Mapping) else None)
    hidden = getattr(response, "_hidden_params", None) or {}
    cost = hidden.get("response_cost") if hasattr(hidden, "get") else None
    return Answer(
        content=message.content or "",
        finish_reason=choices[0].finish_reason,
        refusal=refusal or None,
        usage=usage_of(getattr(response, "usage", None)),
        served_model=getattr(response, "model", None),
        cost_usd=float(cost) if isinstance(cost, int | float) else None,
    )


def usage_of(usage: Any) -> Usage:
    """Return a response's tokens; litellm writes 0 where the provider says nothing, which is *unknown* here."""
    prompt, completion = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    if not isinstance(prompt, int) or not isinstance(completion, int) or prompt + completion == 0:
        return Usage()
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
    reasoning = getattr(getattr(usage, "completion_tokens_details", None), "reasoning_tokens", None)
    total = getattr(usage, "total_tokens", None)
    if reasoning and total and prompt + completion + reasoning == total:
        completion += reasoning  # some providers report it beside the completion, all bill it
    return Usage(prompt, cached, completion, reasoning)
