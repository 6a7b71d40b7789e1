"""Which models think before they write, so that a reply needs room for it: asked to by a parameter, or always."""

import re
from collections.abc import Mapping
from typing import Any

REASONING_PARAMS = frozenset({"reasoning_effort", "thinking"})
ALWAYS = re.compile(
    r"""
    (?:^|[/._:-])o[134](?![0-9a-z])                   # OpenAI o1, o3, o4 with all that follows: o3-mini
    | (?:^|[/._:-])gpt-5(?![0-9])(?!.*chat)           # gpt-5, gpt-5-mini, gpt-5.1; not gpt-5-chat
    | deepseek-reasoner | deepseek[-._/]?r1           # and what is distilled from R1
    | qwq
    | (?<!non-)(?<!non)(?<!no-)(?<!no)(?:thinking|reasoning)
    """,
    re.VERBOSE,
)
"""Families that always think, found anywhere in a litellm model name in lower case."""


def is_reasoning(model: str, params: Mapping[str, Any]) -> bool:
    """Whether a model thinks before it writes: it is asked to, or is of a family that always does.

    >>> is_reasoning("openai/o3", {}), is_reasoning("openai/gpt-4o", {}), is_reasoning("openai/gpt-5-chat-latest", {})
    (True, False, False)
    """
    return bool(REASONING_PARAMS & params.keys()) or ALWAYS.search(model.lower()) is not None
