"""Nothing that is, or looks like, a key survives in a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.call.scrub import LONGEST_MESSAGE, scrub, secrets_of


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Incorrect API key provided: sk-proj-abc123DEF456ghi", "abc123DEF456"),
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ("headers {'x-api-key': 'k1234567890'}", "k1234567890"),
        ("https://user:hunter22@host/v1 refused", "hunter22"),
        ("GET https://host/v1?api_key=abcdefgh1234", "abcdefgh1234"),
        ("key AIzaSyA1234567890abcdefghijklmnop", "1234567890abc"),
        ("Incorrect API key provided: sk-abcd************wxyz", "wxyz"),
    ],
)
def test_what_looks_like_a_key_is_redacted(text: str, secret: str) -> None:
    assert secret not in scrub(text, ())


def test_the_values_of_variables_named_like_secrets_are_redacted_longest_first() -> None:
    environ = {"MY_API_KEY": "short-secret", "OTHER_TOKEN": "short-secret-and-more", "HOME": "/home/somebody"}
    secrets = secrets_of(environ)
    assert secrets == ("short-secret-and-more", "short-secret")
    assert scrub("it is short-secret-and-more in /home/somebody", secrets) == "it is [redacted] in /home/somebody"


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=8, max_size=40), st.text(max_size=50))
def test_a_known_secret_never_survives(secret: str, around: str) -> None:
    assert secret not in scrub(f"{around}{secret}{around}", (secret,)) or secret in "[redacted]"


def test_a_long_message_is_cut() -> None:
    assert len(scrub("word " * 1000, ())) == LONGEST_MESSAGE + 1


def test_the_key_that_was_sent_is_removed_whatever_its_variable_is_called():
    assert scrub("no such key: ward7 (ward7)", (), key="ward7") == "no such key: [redacted] ([redacted])"
    assert scrub("an answer", (), key="an") == "an answer"
    assert scrub("an answer", (), key=None) == "an answer"


def test_a_key_with_its_middle_starred_out_is_removed():
    assert scrub("Incorrect API key provided: q7Lm****lain. See", ()) == "Incorrect API key provided: [redacted] See"
    assert scrub("a * b ** c", ()) == "a * b ** c"
