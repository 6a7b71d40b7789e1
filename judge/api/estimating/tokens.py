"""Counting the tokens of a prompt without a connection: the tokenizer that comes with litellm, else bytes."""

import hashlib
import json
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from judge.call.request import CallRequest

PER_MESSAGE = 4
PER_REQUEST = 3
_BYTES_PER_TOKEN = 3.0
_KEPT_LINES = 4096
_KEPT_FIELDS = 512
_FIELD = "\n[["
"""Where a field of a prompt begins; most fields are the same in thousands of prompts."""
_TOKENIZERS = Path("litellm_core_utils", "tokenizers")
_SOURCE = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"
"""Where the tokenizer came from; its SHA-1 is the name under which the package keeps it."""
_DIVERTING = "CUSTOM_TIKTOKEN_CACHE_DIR"
"""Would have litellm look for the tokenizer elsewhere, and fetch it where it is not."""
_LINES = re.compile(r"(?<=\n)(?=\S)")
"""Where a text may be cut without a change to its tokens: the tokenizer never joins across a line's end."""


@dataclass(frozen=True)
class TokenCounter:
    """Counts tokens, and says how."""

    count_text: Callable[[str], int]
    words: str

    def count(self, request: CallRequest) -> int:
        """Return the tokens of a whole request: messages, their frame, and the reply's schema."""
        messages = sum(self.count_text(str(message.get("content") or "")) for message in request.messages)
        schema = 0
        if request.response_format is not None:
            schema = self.count_text(json.dumps(request.response_format, ensure_ascii=False))
        return messages + schema + PER_MESSAGE * len(request.messages) + PER_REQUEST


def token_counter() -> TokenCounter:
    """Return the best counter at hand; nothing is fetched.

    litellm would fetch a model's own tokenizer from a hub; we take the one that lies in its package, for all models.
    """
    encoding = _encoding()
    if encoding is None:
        return by_bytes()

    @lru_cache(maxsize=_KEPT_LINES)
    def count_line(line: str) -> int:
        return len(encoding.encode(line, disallowed_special=()))

    @lru_cache(maxsize=_KEPT_FIELDS)
    def count_field(field: str) -> int:
        return sum(map(count_line, _LINES.split(field)))

    def count(text: str) -> int:
        return sum(map(count_field, _fields(text)))

    return TokenCounter(
        count,
        f"tokens are counted on the rendered prompts with {encoding.name}, the tokenizer that comes with litellm "
        f"(nothing is fetched), plus {PER_MESSAGE} a message, {PER_REQUEST} a request and the reply's JSON Schema; the "
        "tokenizers of other models differ, by up to a fifth in English and more in Chinese",
    )


def _encoding() -> Any:
    """Return the tokenizer in litellm's package, None where it is not there: it would be fetched otherwise."""
    from judge.call.tame import litellm_module

    package = Path(litellm_module().__file__).parent
    if not (package / _TOKENIZERS / hashlib.sha1(_SOURCE.encode(), usedforsecurity=False).hexdigest()).is_file():
        return None
    diverted = os.environ.pop(_DIVERTING, None)
    try:
        return import_module("litellm.litellm_core_utils.default_encoding").encoding
    except (ImportError, AttributeError, OSError):
        return None
    finally:
        if diverted is not None:
            os.environ[_DIVERTING] = diverted


def _fields(text: str) -> list[str]:
    """Cut a text before each field, as a line's end is the end of a token."""
    first, *others = text.split(_FIELD)
    cut = [first, *(f"{_FIELD[1:]}{other}" for other in others)]
    return [*(f"{part}{_FIELD[0]}" for part in cut[:-1]), cut[-1]]


def by_bytes() -> TokenCounter:
    """Return the counter for where there is no tokenizer: one token for three bytes of UTF-8."""

    def count(text: str) -> int:
        return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN)

    return TokenCounter(
        count,
        f"no tokenizer is at hand: one token for {_BYTES_PER_TOKEN:g} bytes of the rendered prompts, which is more "
        "than tokenizers make of English and about what they make of Chinese",
    )
