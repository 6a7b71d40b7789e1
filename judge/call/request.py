"""One call to a model, and what can come of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from judge.domain.ids import sha256_json

FORMAT = "call/1"
FailureStatus = Literal["timeout", "provider_error", "over_budget", "too_long", "refused", "interrupted"]
"""All of them are statuses of an unscored verdict too."""
AttemptStatus = Literal["ok", "sent", "cancelled", "rate_limited", "rejected", "timeout", "provider_error", "too_long"]


def without_credentials(api_base: str | None) -> str | None:
    """Return an endpoint without user, password, query and fragment."""
    if api_base is None:
        return None
    parts = urlsplit(api_base)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


@dataclass(frozen=True)
class CallRequest:
    """The whole of what is sent to a model; ``timeout_s`` and ``response_id`` are ours and not part of the key."""

    model: str
    api_base: str | None
    params: Mapping[str, Any]
    """Decoding parameters as sent."""
    messages: Sequence[Mapping[str, Any]]
    response_format: Mapping[str, Any] | None = None
    """As OpenAI writes it: ``{"type": "json_schema", "json_schema": {...}}``, ``{"type": "json_object"}`` or None."""
    repeat: int = 0
    timeout_s: float = field(default=120.0, compare=False)
    response_id: str | None = field(default=None, compare=False)
    """Whose answer it is; lets ``judge ledger forget`` find what was sent and received for it."""
    scope: str = field(default="response", compare=False)
    """What is asked: the whole response, one dimension, one criterion; for the record only."""

    @cached_property
    def key(self) -> str:
        """SHA-256 of the canonical JSON of everything that can change the reply."""
        return sha256_json(
            {
                "format": FORMAT,
                "model": self.model,
                "api_base": without_credentials(self.api_base),
                "params": dict(self.params),
                "messages": [dict(message) for message in self.messages],
                "response_format": None if self.response_format is None else dict(self.response_format),
                "repeat": self.repeat,
            }
        )

    @cached_property
    def n_bytes(self) -> int:
        """Bytes of the prompt: the messages in UTF-8 and the response format."""
        n = sum(len(str(message.get("content") or "").encode("utf-8", "replace")) for message in self.messages)
        return n if self.response_format is None else n + len(str(self.response_format))

    @property
    def max_tokens(self) -> int:
        """The limit of the reply, 0 where none is sent."""
        for name in ("max_completion_tokens", "max_tokens"):
            if self.params.get(name) is not None:
                return int(self.params[name])
        return 0

    def changed(self, params: Mapping[str, Any], response_format: Mapping[str, Any] | None) -> "CallRequest":
        """Return the request with other parameters; itself where nothing differs."""
        if params == self.params and response_format == self.response_format:
            return self
        return replace(self, params=params, response_format=response_format)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counts them; None where it does not say."""

    prompt: int | None = None
    """All tokens of the prompt, cached ones among them."""
    cached: int | None = None
    completion: int | None = None
    """All tokens of the reply that are billed, reasoning among them."""
    reasoning: int | None = None

    @property
    def total(self) -> int | None:
        """Prompt and completion, None unless both are known."""
        return None if self.prompt is None or self.completion is None else self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that went (or may have gone) over the wire."""

    id: str
    number: int
    """From 1 within the call."""
    status: AttemptStatus
    sent_at: float
    """Seconds since the epoch."""
    latency_s: float = 0.0
    usage: Usage = Usage()
    cost_usd: float | None = None
    """None where no price is known; the reservation where the attempt ended without usage."""
    is_cost_estimated: bool = False
    served_model: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, from the wire or from the ledger."""

    key: str
    content: str
    finish_reason: str | None
    refusal: str | None
    usage: Usage
    cost_usd: float | None
    is_cost_estimated: bool
    served_model: str | None
    latency_s: float
    at: float = 0.0
    is_replayed: bool = False
    """Whether it came from the ledger; its cost was paid before."""
    attempts: tuple[Attempt, ...] = ()
    """All attempts of the call that obtained it, the last one successful."""
    dropped: tuple[str, ...] = ()
    """Parameters that were asked for and not sent, because the model refuses them."""

    @property
    def attempt(self) -> int:
        """How many attempts it took."""
        return len(self.attempts)

    def as_document(self) -> dict[str, Any]:
        """Return what the ledger keeps of it, as JSON types."""
        document = _members(self)
        del document["key"], document["is_replayed"]
        document["usage"] = _members(self.usage)
        document["attempts"] = [{**_members(one), "usage": _members(one.usage)} for one in self.attempts]
        document["dropped"] = list(self.dropped)
        return document


@dataclass(frozen=True, slots=True)
class CallFailure:
    """Why there is no reply. Never remembered as an answer: the next run asks again."""

    key: str
    status: FailureStatus
    message: str
    is_fatal: bool = False
    """Whether every further call to this judge would fail in the same way."""
    is_parked: bool = False
    """Whether it was not sent because the judge is down."""
    attempts: tuple[Attempt, ...] = ()

    @property
    def cost_usd(self) -> float | None:
        """What its attempts are booked at; None where one of them has no known price."""
        costs = [attempt.cost_usd for attempt in self.attempts]
        return None if None in costs else float(sum(cost for cost in costs if cost is not None))


def _members(value: Reply | Attempt | Usage) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}  # asdict copies deeply: four times as slow


def reply_from_document(key: str, document: Mapping[str, Any]) -> Reply:
    """Return the reply that the ledger keeps under a key.

    Raises
    ------
    KeyError, TypeError
        If the document is not one that ``Reply.as_document`` wrote.
    """
    members = dict(document)
    members["usage"] = Usage(**members["usage"])
    members["attempts"] = tuple(
        Attempt(**{**attempt, "usage": Usage(**attempt["usage"])}) for attempt in members["attempts"]
    )
    members["dropped"] = tuple(members["dropped"])
    return Reply(key=key, is_replayed=True, **members)
