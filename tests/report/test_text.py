"""Texts of others are safe to look at."""

import pytest

from judge.report.text import pad, shorten, visible, width


@pytest.mark.parametrize("code", [0x00, 0x1B, 0x7F, 0x200B, 0x200F, 0x202E, 0x2066, 0xFEFF, 0xD800, 0xE000])
def test_hidden_characters_are_spelt_out(code):
    assert visible(f"a{chr(code)}b") == f"a⟨U+{code:04X}⟩b"


@pytest.mark.parametrize("space", ["\n", "\r\n", "\t", chr(0x2028), chr(0x2029), "  "])
def test_breaks_become_one_space(space):
    assert visible(f"a{space}b") == "a b"


def test_a_long_text_is_cut_with_an_ellipsis():
    assert visible("x" * 300, 10) == "x" * 9 + "…"
    assert visible("x" * 10, 10) == "x" * 10


def test_ordinary_text_of_any_script_is_left_alone():
    assert visible("ST段抬高 ≥ 1 mm – naïve") == "ST段抬高 ≥ 1 mm – naïve"


def test_the_result_can_always_be_written_as_utf_8():
    visible("".join(map(chr, range(0xD7F0, 0xD810)))).encode("utf-8")


def test_chinese_takes_two_columns_and_a_combining_mark_none():
    assert width("ab诊断") == 6
    assert width("é") == 1


def test_padding_counts_columns_not_characters():
    assert pad("诊断", 6) == "诊断  "
    assert pad("诊断", 6, right=True) == "  诊断"
    assert pad("too long", 3) == "too long"


def test_shortening_keeps_both_ends():
    assert shorten("abcdefghij", 7) == "abc…hij"


def test_shortening_counts_columns_too():
    assert shorten("诊断准确性很好", 8) == "诊断…好"  # four columns, one, and of the three left a whole character
    assert width(shorten("诊断准确性很好", 8)) <= 8
    assert shorten("诊断", 4) == "诊断"
