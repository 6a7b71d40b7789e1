"""One table over litellm's exceptions: what is tried again, what is a row, what stops the run."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from judge.call.request import AttemptStatus, FailureStatus
from judge.call.scrub import scrub

Handling = Literal["retry", "row", "negotiate", "stop"]
"""``negotiate``: a parameter may be at fault; where none is named, the call is a row."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done about one class of exception."""

    handling: Handling
    attempt: AttemptStatus
    failure: FailureStatus
    is_billed: bool
    """Whether the provider may have worked for us, so that the attempt is booked at its reservation."""
    is_congestion: bool = False
    """Whether fewer requests at once would help."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed attempt, understood."""

    rule: Rule
    message: str
    """Without keys."""
    param: str | None = None
    """The parameter that the provider names."""
    retry_after_s: float | None = None
    is_congestion: bool = False
    """Whether fewer requests at once would help."""


_RETRY = Rule("retry", "provider_error", "provider_error", True)
_UNSENT = Rule("retry", "rejected", "provider_error", False)
_LIMITED = Rule("retry", "rate_limited", "provider_error", False, is_congestion=True)
_BUSY = Rule("retry", "rejected", "provider_error", False, is_congestion=True)
_TIMEOUT = Rule("retry", "timeout", "timeout", True, is_congestion=True)
_ROW = Rule("row", "rejected", "provider_error", False)
_BILLED_ROW = Rule("row", "provider_error", "provider_error", True)
_REFUSED = Rule("row", "rejected", "refused", False)
_TOO_LONG = Rule("row", "too_long", "too_long", False)
_NEGOTIATE = Rule("negotiate", "rejected", "provider_error", False)
_STOP = Rule("stop", "rejected", "provider_error", False)

RULES: Mapping[str, Rule] = {
    "APIConnectionError": _RETRY,
    "APIError": _RETRY,
    "APIResponseValidationError": _RETRY,
    "AuthenticationError": _STOP,
    "BadGatewayError": _RETRY,
    "BadRequestError": _NEGOTIATE,
    "BlockedPiiEntityError": _ROW,
    "BudgetExceededError": _STOP,
    "CallerCredentialAuthenticationError": _STOP,
    "CallerCredentialRateLimitError": _LIMITED,
    "ContentPolicyViolationError": _REFUSED,
    "ContextWindowExceededError": _TOO_LONG,
    "EndpointNotSupportedByModelError": _STOP,
    "GuardrailRaisedException": _ROW,
    "ImageFetchError": _ROW,
    "InternalServerError": _RETRY,
    "InvalidRequestError": _NEGOTIATE,
    "JSONSchemaValidationError": _BILLED_ROW,
    "LiteLLMUnknownProvider": _STOP,
    "MalformedRequestFieldError": _NEGOTIATE,
    "MidStreamFallbackError": _RETRY,
    "MockException": _ROW,
    "ModelNotMappedError": _STOP,
    "ModifyResponseException": _ROW,
    "NotFoundError": _STOP,
    "OpenAIError": _RETRY,
    "PaymentRequiredError": _STOP,
    "PermissionDeniedError": _STOP,
    "RateLimitError": _LIMITED,
    "RejectedRequestError": _ROW,
    "SensitiveDataRouteException": _ROW,
    "ServiceUnavailableError": _BUSY,
    "Timeout": _TIMEOUT,
    "UnprocessableEntityError": _NEGOTIATE,
    "UnsupportedEndpointError": _STOP,
    "UnsupportedParamsError": _NEGOTIATE,
    "VectorStoreSearchError": _ROW,
}
"""By name, so that litellm need not be imported to read it; a test fails on a class of litellm that is not here."""

_BY_STATUS: Mapping[int, Rule] = {
    400: _NEGOTIATE, 401: _STOP, 402: _STOP, 403: _STOP, 404: _STOP, 408: _TIMEOUT, 413: _TOO_LONG, 422: _NEGOTIATE,
    429: _LIMITED, 503: _BUSY, 504: _TIMEOUT, 529: _BUSY,
}  # fmt: skip
"""For classes that litellm uses for several statuses."""
_GENERIC = frozenset({"APIError", "OpenAIError", "APIConnectionError", "InternalServerError"})
_OUT_OF_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_error"})
_NEVER_SENT = frozenset({"ConnectError", "ConnectionRefusedError", "ClientConnectorError", "UnsupportedProtocol"})
_LONGEST_RETRY_AFTER_S = 3600.0


def understand(error: BaseException, *, now: float | None = None, key: str | None = None) -> Fault:
    """Return what an exception of litellm (or of our own time limit) means for the call; ``key`` is kept out of it."""
    rule = _rule(error)
    body = getattr(error, "body", None)
    body = body.get("error", body) if isinstance(body, dict) else {}
    body = body if isinstance(body, dict) else {}
    if rule is _LIMITED and _OUT_OF_MONEY & {body.get("code"), body.get("type")}:
        rule = _STOP
    if any(isinstance(cause, UnicodeError) for cause in _causes(error)):
        rule = _ROW  # the text itself cannot be sent
    elif rule.is_billed and any(type(cause).__name__ in _NEVER_SENT for cause in _causes(error)):
        rule = _UNSENT
    param = body.get("param")
    return Fault(
        rule=rule,
        message=scrub(f"{type(error).__name__}: {getattr(error, 'message', None) or error}", key=key),
        param=param if isinstance(param, str) and param else None,
        retry_after_s=retry_after(error, time.time() if now is None else now) if rule.handling == "retry" else None,
        is_congestion=rule.is_congestion,
    )


def _rule(error: BaseException) -> Rule:
    if isinstance(error, TimeoutError):
        return _TIMEOUT
    for base in type(error).__mro__:
        rule = RULES.get(base.__name__)
        if rule is not None:
            status = getattr(error, "status_code", None)
            return _BY_STATUS.get(status, rule) if base.__name__ in _GENERIC and isinstance(status, int) else rule
    return _RETRY


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _ in range(10):
        if found is None:
            return
        yield found
        found = found.__cause__ or found.__context__


def retry_after(error: BaseException, now: float) -> float | None:
    """Return how many seconds the provider asks to wait, None where it does not say.

    Both forms of the header are read: seconds, and an HTTP date; negative and absurd values are put into range.
    """
    for headers in _headers(error):
        for name in ("retry-after-ms", "retry-after"):
            seconds = _seconds(headers.get(name) or headers.get(name.title()), now, is_ms=name.endswith("ms"))
            if seconds is not None:
                return min(max(0.0, seconds), _LONGEST_RETRY_AFTER_S)
    return None


def _headers(error: BaseException) -> Iterator[Any]:
    for cause in _causes(error):
        response = getattr(cause, "response", None)
        for headers in (
            getattr(cause, "litellm_response_headers", None),
            getattr(cause, "headers", None),
            getattr(response, "headers", None),
        ):
            if hasattr(headers, "get"):
                yield headers


def _seconds(value: Any, now: float, *, is_ms: bool) -> float | None:
    if not isinstance(value, str | int | float):
        return None
    try:
        return float(value) / (1000.0 if is_ms else 1.0)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(str(value)).timestamp() - now
    except (ValueError, TypeError):
        return None
