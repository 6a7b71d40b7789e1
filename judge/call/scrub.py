"""Keeps keys out of everything that is stored or shown."""

import os
import re
from collections.abc import Mapping

_REDACTED = "[redacted]"
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(_|$)", re.IGNORECASE)
_SHORTEST = 6
_SHORTEST_NAMED = 3
"""A key that the panel file names is one, however short; below it hardly a word would be left."""
_PATTERNS = (
    re.compile(r"(?i)(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"),
    re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf|ghp|glpat)[-_][A-Za-z0-9_*-]{8,}"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{20,}"),
    re.compile(r"\bAKIA[A-Z0-9]{12,}"),
    re.compile(r"(?i)((?:api[-_]?key|access[-_]?token|x-api-key|authorization)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;}]{6,}"),
    re.compile(r"(?i)(\w+://)[^\s/@]+@"),
    re.compile(r"[^\s*\"'<>]{0,16}\*{3,}[^\s*\"'<>]{0,16}"),  # a key with its middle starred out, as providers echo it
)
LONGEST_MESSAGE = 500


def secrets_of(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the values of all variables that are named like a secret, longest first."""
    source = os.environ if environ is None else environ
    values = {v.strip() for k, v in source.items() if _SECRET_NAME.search(k) and len(v.strip()) >= _SHORTEST}
    return tuple(sorted(values, key=lambda value: (-len(value), value)))


def scrub(text: str, secrets: tuple[str, ...] | None = None, *, key: str | None = None) -> str:
    """Return a message without anything that is, or looks like, a key; shortened to a readable length.

    ``key`` is the one that was sent: its variable may have a name that tells nothing.
    """
    if key is not None and len(key.strip()) >= _SHORTEST_NAMED:
        text = text.replace(key.strip(), _REDACTED)
    for secret in secrets_of() if secrets is None else secrets:
        text = text.replace(secret, _REDACTED)
    for pattern in _PATTERNS:
        text = pattern.sub(lambda found: f"{found[1] if found.re.groups else ''}{_REDACTED}", text)
    text = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"
