"""When another model than the one asked for has answered."""

import pytest

from judge.domain.case import Case
from judge.panel.aggregate_flags import dimension_flags, is_same_model
from judge.panel.repeats import JudgeLevel
from judge.resources import find_rubric
from judge.rubric.load import load_rubric


@pytest.mark.parametrize(
    ("requested", "served", "expected"),
    [
        ("openai/gpt-4o", "gpt-4o", True),
        ("openai/gpt-4o", "gpt-4o-2024-08-06", True),
        ("openai/gpt-4o", "gpt-4o-mini", False),
        ("openai/gpt-4o-mini", "gpt-4o", False),
        ("anthropic/claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022", True),
        ("anthropic/claude-sonnet-4", "claude-sonnet-4-5-20250929", True),  # cannot be told from a date by its form
        ("openrouter/meta/Llama-3", "meta/llama-3", True),
        ("ollama/llama3:8b", "llama3:70b", False),
        ("offline/lexicon", "offline/lexicon", True),
    ],
)
def test_snapshots_of_a_model_are_that_model(requested, served, expected):
    assert is_same_model(requested, served) is expected


@pytest.mark.parametrize(
    ("rubric", "levels", "expected"),
    [
        ("ecg-clinical-reasoning", (3, 4), ()),
        ("ecg-clinical-reasoning", (2, 4), ("disagreement",)),
        ("open-answer", (5, 9), ()),
        ("open-answer", (4, 9), ("disagreement",)),
    ],
)
def test_judges_disagree_who_lie_half_the_scale_apart(rubric, levels, expected):
    loaded = load_rubric(find_rubric(rubric))
    opinions = [JudgeLevel(f"j{level}", "scored", float(level)) for level in levels]
    assert dimension_flags(loaded, loaded.dimensions[0], Case("c", "q"), opinions, (), None) == expected
