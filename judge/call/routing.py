"""Where a judge's requests go, and whether they may and can go there."""

import ipaddress
import os
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

from judge.domain.panel import Judge
from judge.errors import ConfigError

EndpointKind = Literal["loopback", "private", "public"]
_REDIRECTING = ("{provider}_API_BASE", "{provider}_BASE_URL", "{provider}_BASE")
_ON_THIS_MACHINE = {"ollama": "http://localhost:11434", "ollama_chat": "http://localhost:11434"}
"""Providers whose own endpoint is this machine."""


def endpoint_kind(api_base: str | None, private_hosts: Sequence[str] = ()) -> EndpointKind:
    """Return whether an endpoint is on this machine, named as private, or anywhere else; None is a provider's own."""
    if api_base is None:
        return "public"
    host = (urlsplit(api_base if "//" in api_base else f"//{api_base}").hostname or "").rstrip(".").lower()
    if _is_loopback(host):
        return "loopback"
    return "private" if host in {private.rstrip(".").lower() for private in private_hosts} else "public"


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def endpoint_of(judge: Judge) -> str | None:
    """Return where a judge's requests go: its ``api_base``, else this machine's server of a local provider."""
    return judge.api_base or _ON_THIS_MACHINE.get(judge.model.partition("/")[0])


def check_allowed(judge: Judge, *, local_only: bool, private_hosts: Sequence[str]) -> None:
    """Refuse an endpoint off this machine where the panel says so.

    Raises
    ------
    ConfigError
        If ``local_only`` is set and the endpoint is public.
    """
    if judge.is_offline or not local_only:
        return
    endpoint = endpoint_of(judge)
    if endpoint_kind(endpoint, private_hosts) == "public":
        raise ConfigError(
            f"judge {judge.id}: local_only is set, and {endpoint or judge.model} is not on this machine",
            hint="Add its host to private_hosts if answers may go there, or set local_only: false.",
        )


def check_routable(judge: Judge, environ: Mapping[str, str] | None = None) -> None:
    """Check, without a connection, that litellm knows the way and that the key is there.

    Raises
    ------
    ConfigError
        If the model's name leads nowhere, the key's variable is not set, or the environment diverts the requests.
    """
    if judge.is_offline:
        return
    source = os.environ if environ is None else environ
    _check_key(judge, source)
    from judge.call.tame import litellm_module

    litellm = litellm_module()
    try:
        provider = litellm.get_llm_provider(model=judge.model, api_base=judge.api_base)[1]
    except Exception as error:  # its own BadRequestError, or a ValueError of its parts
        known = ", ".join(("anthropic", "azure", "bedrock", "gemini", "hosted_vllm", "ollama", "openai", "openrouter"))
        raise ConfigError(
            f"judge {judge.id}: litellm cannot route the model {judge.model!r}",
            hint=f"Write PROVIDER/MODEL, e.g. with {known}; for a server that speaks OpenAI's language "
            "openai/MODEL with api_base.",
        ) from error
    _check_diversion(judge, provider, source)
    if judge.api_key_env is None and judge.api_base is None:
        _check_usual_key(judge, litellm, source)


def _check_key(judge: Judge, environ: Mapping[str, str]) -> None:
    if judge.api_key_env is not None and not environ.get(judge.api_key_env, "").strip():
        raise ConfigError(
            f"judge {judge.id}: the environment variable {judge.api_key_env} is not set",
            hint=f"export {judge.api_key_env}=… in the shell that runs judge; keys are never written into files.",
        )


def _check_diversion(judge: Judge, provider: str, environ: Mapping[str, str]) -> None:
    if judge.api_base is not None:
        return
    for pattern in _REDIRECTING:
        name = pattern.format(provider=provider.upper())
        if environ.get(name, "").strip():
            raise ConfigError(
                f"judge {judge.id}: the environment variable {name} would send its requests to another endpoint",
                hint=f"Unset {name}, or write the endpoint into the panel file as api_base.",
            )


def _check_usual_key(judge: Judge, litellm: object, environ: Mapping[str, str]) -> None:
    found = getattr(litellm, "validate_environment")(model=judge.model)  # noqa: B009  (litellm is untyped)
    missing = [name for name in found.get("missing_keys", []) if not environ.get(name, "").strip()]
    if missing and not found.get("keys_in_environment"):
        raise ConfigError(
            f"judge {judge.id}: {judge.model} needs {' and '.join(missing)} in the environment",
            hint=f"export {missing[0]}=…, or name another variable with api_key_env.",
        )
