"""Canonical JSON and the hashes that name things."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no NaN, UTF-8 characters as they are.

    Raises
    ------
    ValueError
        If the value holds NaN or an infinity.
    TypeError
        If the value is not made of JSON types.
    """
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sha256_text(text: str) -> str:
    """Return the SHA-256 of a text (UTF-8, lone surrogates kept) as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sha256_json(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON as 64 hex digits."""
    return sha256_text(canonical_json(value))


def digest(parts: Iterable[str]) -> str:
    """Return the SHA-256 of several texts, so that no two lists of texts run into one another."""
    return sha256_json(list(parts))
