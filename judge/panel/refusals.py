"""What a panel file may not hold: credentials, and litellm options that would change what a call is."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from judge.domain.ids import canonical_json

_CREDENTIAL_WORDS = ("api_key", "apikey", "token", "secret", "password", "authorization", "credential", "bearer")
_FAMILIES = (
    (
        "it retries: the port retries by itself, and pays for each attempt once",
        "num_retries max_retries retry_policy retry_strategy cooldown_time",
    ),
    ("it caches: the ledger is the only cache", "cache caching cache_key no-cache no-store ttl"),
    (
        "it falls back: another model is another judge, list it as one",
        "fallbacks context_window_fallback_dict context_window_fallbacks content_policy_fallbacks default_fallbacks "
        "model_list fallback_dict",
    ),
    ("it streams: replies are read whole", "stream stream_options"),
    (
        "it mocks: a run holds no made-up replies",
        "mock_response mock_tool_calls mock_timeout mock_delay mock_testing_fallbacks",
    ),
    ("it asks for several replies: use `repeats`, one request each", "n best_of num_generations"),
    ("it could carry a credential: use `api_key_env`", "headers extra_headers default_headers"),
    (
        "it is set by a field of the panel entry, or by judge itself",
        "model messages api_base base_url timeout request_timeout response_format tools functions tool_choice "
        "custom_llm_provider rpm tpm",
    ),
)
_REFUSED: Mapping[str, str] = {name: why for why, names in _FAMILIES for name in names.split()}


_LIMITS = ("max_tokens", "max_completion_tokens")


def params_faults(params: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a judge's decoding parameters, a text a fault; no value is ever quoted."""
    faults = [f"`params.{name}` is refused, {_REFUSED[name]}" for name in params if name in _REFUSED]
    faults += [
        f"`params.{name}` is no whole number from 1 upwards"
        for name in _LIMITS
        if name in params and not _is_count(params[name])
    ]
    return faults + [
        f"`params.{name}` holds what JSON cannot (a date, .nan, .inf)" for name in params if not _is_json(params[name])
    ]


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_json(value: Any) -> bool:
    try:
        canonical_json(value)
    except (TypeError, ValueError):
        return False
    return True


def is_credential(key: str) -> bool:
    """Return whether a key of a panel file names something that would hold a credential."""
    folded = key.lower().replace("-", "_")
    if folded in {"api_key_env", "max_tokens", "max_completion_tokens", "input_per_mtok", "output_per_mtok"}:
        return False
    return any(word in folded for word in _CREDENTIAL_WORDS) and not folded.endswith(("_tokens", "token_ids"))


def find_credentials(value: Any, where: tuple[str, ...]) -> list[str]:
    """Return a fault for every place below ``value`` that would hold a credential; none is ever quoted."""
    if isinstance(value, dict):
        return [
            fault
            for key, inner in value.items()
            for fault in (
                [_credential_fault((*where, str(key)))]
                if is_credential(str(key))
                else find_credentials(inner, (*where, str(key)))
            )
        ]
    if isinstance(value, list):
        return [fault for index, inner in enumerate(value) for fault in find_credentials(inner, (*where, str(index)))]
    if isinstance(value, str) and "://" in value and _carries_credential(value):
        return [f"`{'.'.join(where)}` is a URL that carries a credential; put the key into an environment variable "
                "and name it in `api_key_env`"]  # fmt: skip
    return []


def _credential_fault(where: tuple[str, ...]) -> str:
    return (
        f"`{'.'.join(where)}` would hold a credential; keep the key in an environment variable and name that "
        "variable in `api_key_env`"
    )


def _carries_credential(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.username is not None or any(word in parts.query.lower() for word in (*_CREDENTIAL_WORDS, "key="))
