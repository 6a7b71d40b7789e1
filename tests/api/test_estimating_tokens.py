"""Counting line by line gives what counting in one piece gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.api.estimating.tokens import by_bytes, token_counter
from judge.call.request import CallRequest


@pytest.fixture(scope="module")
def encoding():
    token_counter()
    from litellm.litellm_core_utils.default_encoding import encoding

    return encoding


PIECES = st.sampled_from(
    [
        "\n",
        "\n\n",
        " \n",
        "\r\n",
        "\t",
        "  ",
        " ",
        "a",
        "level",
        "5",
        "12.5",
        ":",
        "}\n",
        "'s",
        "心房颤动",
        "≥",
        "\u3000",
        "é",
        "🫀",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_cutting_at_line_ends_changes_no_count(encoding, text):
    assert token_counter().count_text(text) == len(encoding.encode(text, disallowed_special=()))


def test_a_special_token_in_an_answer_is_counted_as_text():
    assert token_counter().count_text("<|endoftext|>") > 1


def test_without_a_tokenizer_three_bytes_are_a_token_and_it_is_said():
    counter = by_bytes()
    # 6 bytes and 7 bytes: 2 + 3 tokens, 4 for each of two messages, 3 for the request
    request = CallRequest(
        "m", None, {}, [{"role": "system", "content": "心房"}, {"role": "user", "content": "rhythms"}]
    )
    assert counter.count(request) == 2 + 3 + 2 * 4 + 3
    assert "no tokenizer" in counter.words
