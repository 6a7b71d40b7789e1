"""litellm as we want it: no connection, cache, retry, callback or setting of its own, whatever the environment says."""

import logging
import os
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

_OURS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # prices from the package, not from the network
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_MODE": "PRODUCTION",  # no .env file is read
}
_DIVERTING = ("USE_LITELLM_PROXY", "LITELLM_MODIFY_PARAMS", "LITELLM_DROP_PARAMS", "LITELLM_LOG")
"""Variables that litellm reads while it works, and that would change what is sent, or where."""
_SETTINGS: dict[str, Any] = {
    "suppress_debug_info": True,
    "disable_hf_tokenizer_download": True,
    "telemetry": False,
    "set_verbose": False,
    "drop_params": False,
    "modify_params": False,
    "use_litellm_proxy": False,
    "route_all_chat_openai_to_responses": False,
    "enable_anthropic_prompt_caching": False,
    "enable_json_schema_validation": False,
    "cache": None,
    "num_retries": None,
    "num_retries_per_request": None,
    "model_fallbacks": None,
    "default_fallbacks": None,
    "context_window_fallbacks": None,
    "content_policy_fallbacks": None,
    "api_key": None,
    "openai_key": None,
    "api_base": None,
    "headers": None,
    "organization": None,
    "max_budget": 0.0,
}
_EMPTIED = (
    "callbacks", "input_callback", "success_callback", "failure_callback", "service_callback", "_async_input_callback",
    "_async_success_callback", "_async_failure_callback", "pre_call_rules", "post_call_rules",
)  # fmt: skip
_LET_GO = r"coroutine '\w+\.a\w*completion\w*' was never awaited"
"""What Python says of a call that is cancelled while litellm prepares it in a thread: nothing was sent."""
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")


@cache
def litellm_module() -> Any:
    """Import litellm and return it tamed; the first call takes seconds, the others nothing.

    Where the program that uses us imported litellm before, its settings are overwritten: a judge must not depend on
    them.
    """
    with _environment(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import litellm

        for name in _SETTINGS:
            getattr(litellm, name, None)  # lazy members are made now, in the tame environment
        _warm(litellm)
    for name, value in _SETTINGS.items():
        setattr(litellm, name, value)
    for name in _EMPTIED:
        setattr(litellm, name, [])
    litellm.model_alias_map = {}
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
    warnings.filterwarnings("ignore", _LET_GO, RuntimeWarning)
    return litellm


def _warm(litellm: Any) -> None:
    """Have litellm build what it builds at its first call, while its warnings are silenced; nothing is sent."""
    messages = [{"role": "user", "content": "x"}]
    litellm.completion(model="openai/none", messages=messages, api_key="none", mock_response="x", max_retries=0)


@contextmanager
def without_bookkeeping() -> Iterator[None]:
    """Run litellm without its logging of each call, which costs a fifth of the time and can only leak."""
    try:
        from litellm._internal_context import is_internal_call
    except ImportError:  # a release that has no such switch: its bookkeeping stays, without callbacks
        yield
        return
    token = is_internal_call.set(True)
    try:
        yield
    finally:
        is_internal_call.reset(token)


def unpriced_record(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the argument that lets litellm keep its record of a call without reckoning the call's price.

    litellm looks a price up at every reply, for a quarter of its own time, and where the panel file or nobody knows
    the price nobody reads it. Empty where a release has no such record.
    """
    record = _unpriced_class()
    if record is None:
        return {}
    return {
        "litellm_logging_obj": record(
            model=arguments["model"],
            messages=arguments["messages"],
            stream=False,
            call_type="acompletion",
            start_time=datetime.now(),  # noqa: DTZ005  (litellm subtracts it from a naive time)
            litellm_call_id=str(uuid.uuid4()),
            function_id="",
            kwargs={},
        )
    }


@cache
def _unpriced_class() -> Any:
    try:
        from litellm.litellm_core_utils.litellm_logging import Logging

        class Unpriced(Logging):  # type: ignore[misc]
            def response_cost_calculator(self, *_: Any, **__: Any) -> None:
                return None

            _response_cost_calculator = response_cost_calculator

        Unpriced(
            model="none", messages=[], stream=False, call_type="acompletion", start_time=datetime.now(),  # noqa: DTZ005
            litellm_call_id="", function_id="", kwargs={},
        )  # fmt: skip
    except Exception:  # noqa: BLE001  (a release that has another record: its price is looked up, at its cost)
        return None
    return Unpriced


@contextmanager
def _environment() -> Iterator[None]:
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("LITELLM_")}
    for name in _DIVERTING:
        os.environ.pop(name, None)
    os.environ.update(_OURS)
    try:
        yield
    finally:
        for name, value in hidden.items():
            if name not in _OURS and name not in _DIVERTING:
                os.environ[name] = value
