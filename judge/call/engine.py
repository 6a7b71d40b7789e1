"""dspy's way to the port: an engine that owns model, endpoint and decoding of one judge.

``dspy.LM("judge/ID", engine=PortEngine(...), async_engine=AsyncPortEngine(...), cache=False, num_retries=0)``
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from judge.call.port import Port
from judge.call.request import CallFailure, CallRequest, Reply
from judge.domain.panel import Judge
from judge.errors import BackendError

_OWNED = ("temperature", "max_tokens", "top_p", "top_k", "seed", "stop", "reasoning", "logprobs")
_FINISH = {"length": "length", "content_filter": "content_filter"}


class AsyncPortEngine:
    """One judge as an asynchronous engine of dspy; every request goes through ledger, limits and budget.

    Parameters
    ----------
    port
        An open port that knows the judge.
    judge
        Whose model, endpoint and decoding are used; a request that states decoding of its own is refused.
    loop
        The event loop that the port lives in, where it is not the one that calls.
    repeat
        Which of several draws of the same request is meant.
    """

    supports_function_calling = False
    supports_reasoning = False
    supports_response_schema = True
    """The port weakens what the model does not take, and remembers it."""
    supported_params = frozenset({"response_format"})

    def __init__(
        self, port: Port, judge: Judge, *, loop: asyncio.AbstractEventLoop | None = None, repeat: int = 0
    ) -> None:
        self._port = port
        self._judge = judge
        self._loop = loop
        self._repeat = repeat

    async def complete(self, request: Any) -> Any:
        """Return the response to one canonical request.

        Raises
        ------
        dspy.lm15.LM15Error
            If there is no reply, by its reason.
        """
        from dspy.clients.engines.base import validate_request

        validate_request(request)
        call = call_request_of(request, self._judge, self._repeat)
        if self._loop is None or self._loop is asyncio.get_running_loop():
            return _response(await _ask(self._port, self._judge, call), request)
        elsewhere = asyncio.run_coroutine_threadsafe(_ask(self._port, self._judge, call), self._loop)
        return _response(await asyncio.wrap_future(elsewhere), request)

    def stream(self, request: Any) -> AsyncIterator[Any]:  # noqa: ARG002
        """Refuse: a verdict is read whole."""
        raise _no_stream()

    async def aclose(self) -> None:
        """Do nothing: the port is borrowed."""


class PortEngine:
    """The same for synchronous callers; the port lives in an event loop that runs in another thread."""

    supports_function_calling = AsyncPortEngine.supports_function_calling
    supports_reasoning = AsyncPortEngine.supports_reasoning
    supports_response_schema = AsyncPortEngine.supports_response_schema
    supported_params = AsyncPortEngine.supported_params

    def __init__(self, port: Port, judge: Judge, loop: asyncio.AbstractEventLoop, *, repeat: int = 0) -> None:
        self._port = port
        self._judge = judge
        self._loop = loop
        self._repeat = repeat

    def complete(self, request: Any) -> Any:
        """Return the response to one canonical request; blocks the calling thread, which must not be the loop's.

        Raises
        ------
        dspy.lm15.LM15Error
            If there is no reply, by its reason.
        """
        from dspy.clients.engines.base import validate_request

        validate_request(request)
        call = call_request_of(request, self._judge, self._repeat)
        asked = asyncio.run_coroutine_threadsafe(_ask(self._port, self._judge, call), self._loop)
        return _response(asked.result(), request)

    def stream(self, request: Any) -> Iterator[Any]:  # noqa: ARG002
        """Refuse: a verdict is read whole."""
        raise _no_stream()

    def close(self) -> None:
        """Do nothing: the port is borrowed."""


def call_request_of(request: Any, judge: Judge, repeat: int = 0) -> CallRequest:
    """Return a canonical request of dspy as a call to a judge.

    Raises
    ------
    dspy.lm15.UnsupportedFeatureError
        If the request states decoding of its own, or holds anything but text.
    """
    from dspy.clients.lm15_boundary import request_kwargs
    from dspy.lm15 import UnsupportedFeatureError

    stated = [name for name in _OWNED if getattr(request.config, name) not in (None, ())]
    if stated or request.config.extensions:
        names = ", ".join([*stated, *(request.config.extensions or {})])
        raise UnsupportedFeatureError(f"decoding is the judge's own, a request may not state {names}")
    body = request_kwargs(request, "chat")
    if body.get("tools"):
        raise UnsupportedFeatureError("a judge is given no tools")
    return CallRequest(
        model=judge.model,
        api_base=judge.api_base,
        params=judge.params,
        messages=body["messages"],
        response_format=body.get("response_format"),
        repeat=repeat,
        timeout_s=judge.timeout_s,
        scope="program",
    )


async def _ask(port: Port, judge: Judge, call: CallRequest) -> Reply | CallFailure | BackendError:
    try:
        return await port.call(judge, call)
    except BackendError as error:
        return error


def _response(outcome: Reply | CallFailure | BackendError, request: Any) -> Any:
    from dspy import lm15

    if isinstance(outcome, BackendError):
        raise lm15.AuthError(str(outcome)) from outcome
    if isinstance(outcome, CallFailure):
        raise _failure(outcome)
    parts: list[Any] = [lm15.TextPart(outcome.content)]
    if outcome.refusal and not outcome.content:
        parts = [lm15.RefusalPart(outcome.refusal)]
    usage = outcome.usage
    return lm15.Response(
        id=None,
        model=outcome.served_model or request.model,
        message=lm15.Message.assistant(parts),
        finish_reason=_FINISH.get(outcome.finish_reason or "", "stop"),
        usage=lm15.Usage(
            input_tokens=usage.prompt, output_tokens=usage.completion, reasoning_tokens=usage.reasoning
        ),
    )  # fmt: skip


def _failure(failure: CallFailure) -> Exception:
    from dspy import lm15

    if failure.status == "over_budget":
        out_of_money: Exception = lm15.BillingError(failure.message)
        return out_of_money
    kinds = {"timeout": lm15.TimeoutError, "too_long": lm15.ContextLengthError, "refused": lm15.InvalidRequestError}
    kind: type[Exception] = kinds.get(failure.status, lm15.ProviderError)
    return kind(failure.message)


def _no_stream() -> Exception:
    from dspy.lm15 import UnsupportedFeatureError

    refusal: Exception = UnsupportedFeatureError("a judge's replies are not streamed")
    return refusal
