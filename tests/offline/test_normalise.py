"""One form for every text, with a map back to the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.offline.normalise import normalise


@pytest.mark.parametrize(
    ("original", "plain"),
    [
        ("ＱＲＳ０．１２秒", "QRS0.12秒"),
        ("Ⅲ度房室傳導阻滯", "III度房室传导阻滞"),
        ("ST\u00adele\u200bvation", "STelevation"),
        ("≥1 mm — “wide”", '≥1 mm - "wide"'),
        ("АВ block", "AB block"),
        ("a\u00a0b", "a b"),
    ],
)
def test_width_hidden_characters_and_lookalikes_fold(original: str, plain: str) -> None:
    assert normalise(original).text == plain


def test_hidden_and_lookalike_characters_are_counted() -> None:
    assert normalise("ve\u200brapamil").n_hidden == 1
    assert normalise("plain text").n_hidden == 0


@given(st.text(max_size=200))
def test_every_span_lies_in_the_original(text: str) -> None:
    form = normalise(text)
    for start in range(0, len(form.text), 7):
        low, high = form.span(start, min(start + 3, len(form.text)))
        assert 0 <= low <= high <= len(text)


def test_a_span_leads_back_to_the_words_of_the_original() -> None:
    original = "见Ⅲ度房室阻滞"
    form = normalise(original)
    start = form.text.index("III")
    low, high = form.span(start, start + 3)
    assert original[low:high] == "Ⅲ"
