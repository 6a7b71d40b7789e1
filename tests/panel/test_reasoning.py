"""Models that always think get room for it; their plain namesakes do not."""

import pytest

from judge.panel.config import panel_of_models
from judge.panel.reasoning import is_reasoning


@pytest.mark.parametrize(
    "model",
    [
        "openai/o1", "openai/o3", "openai/o3-mini", "azure/o4-mini-2025-04-16", "openrouter/openai/o1-preview",
        "openai/gpt-5", "openai/gpt-5-mini", "openai/gpt-5.1", "deepseek/deepseek-reasoner",
        "together_ai/deepseek-ai/DeepSeek-R1", "bedrock/us.deepseek.r1-v1:0", "ollama/deepseek-r1:8b",
        "groq/qwen-qwq-32b", "openai/Qwen/QwQ-32B", "moonshot/kimi-k2-thinking", "openai/microsoft/Phi-4-reasoning",
        "vertex_ai/gemini-2.0-flash-thinking-exp",
    ],
)  # fmt: skip
def test_families_that_always_think_get_room_for_it(model):
    assert is_reasoning(model, {})
    (judge,) = panel_of_models([model]).judges
    assert judge.params == {"max_tokens": 16000}


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o", "openai/gpt-4o-mini", "openai/gpt-5-chat-latest", "openai/gpt-5.1-chat-latest",
        "deepseek/deepseek-chat", "xai/grok-4-fast-non-reasoning", "openai/solo1", "openai/llama-3-70b-o1x",
        "openrouter/qwen/qwen3-235b-no-thinking", "anthropic/claude-sonnet-4-5", "openai/gpt-50",
    ],
)  # fmt: skip
def test_their_namesakes_do_not(model):
    assert not is_reasoning(model, {})
    (judge,) = panel_of_models([model]).judges
    assert judge.params == {"max_tokens": 4000}


def test_a_model_that_is_asked_to_think_gets_room_too():
    assert is_reasoning("anthropic/claude-sonnet-4-5", {"thinking": {"type": "enabled"}})
    assert is_reasoning("openai/m", {"reasoning_effort": "low"})
