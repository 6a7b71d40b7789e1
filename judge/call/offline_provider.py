"""The deterministic judge as a provider of litellm: ``offline/NAME``, no network, no tokens, price 0."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from judge.errors import ConfigError

PROVIDER = "offline"
JudgeFunction = Callable[[str], str]
"""From the canonical JSON of a ``judge-request/1`` to the JSON text of a verdict."""


class OfflineProvider:
    """Holds one judge function per rubric and finds the one that a request names."""

    def __init__(self, functions: Mapping[str, JudgeFunction] | None = None) -> None:
        self._functions = dict(functions or {})

    def add(self, rubric_hash: str, reply: JudgeFunction) -> None:
        """Make a judge known for a rubric."""
        self._functions[rubric_hash] = reply

    def reply(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """Return the verdict on a request, which is the content of its one message.

        Raises
        ------
        ConfigError
            If there is no judge for the rubric that the request names.
        """
        request = str(messages[-1]["content"])
        for known, judge in self._functions.items():
            if f'"rubric":"{known}"' in request:  # no text inside JSON holds bare quotes; the judge checks again
                return judge(request)
        rubric_hash = json.loads(request).get("rubric")
        function = self._functions.get(rubric_hash)
        if function is None:
            raise ConfigError(
                f"there is no offline judge for the rubric {str(rubric_hash)[:12]}…",
                hint="Build an OfflineJudge for the rubric and add it to the provider.",
            )
        return function(request)

    def install(self) -> None:
        """Register with litellm, so that ``litellm.acompletion(model="offline/lexicon")`` works in this process."""
        from judge.call.tame import litellm_module

        litellm = litellm_module()
        provider = self

        class Handler(litellm.CustomLLM):  # type: ignore[misc,name-defined]
            def completion(self, *_: Any, **arguments: Any) -> Any:
                return _filled(provider, **arguments)

            async def acompletion(self, *_: Any, **arguments: Any) -> Any:
                return _filled(provider, **arguments)

        others = [entry for entry in litellm.custom_provider_map if entry["provider"] != PROVIDER]
        litellm.custom_provider_map = [*others, {"provider": PROVIDER, "custom_handler": Handler()}]


def _filled(
    provider: OfflineProvider, *, model: str, messages: Sequence[Mapping[str, Any]], model_response: Any, **_: Any
) -> Any:
    model_response.model = model
    model_response.choices[0].message.content = provider.reply(messages)
    model_response.choices[0].finish_reason = "stop"
    return model_response
