"""Quotes are found in spite of typography, only where they stand, and at their place in the original."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.domain.verdict import Quote
from judge.panel import fold as fold_module
from judge.panel import untrusted
from judge.panel.fold import fold
from judge.panel.quotes import LONGEST, Sighting, check_quotes, is_fair_length, n_distinct
from tests.counting import assert_linear, count_patterns, lines_of, long_text

LETTERS = [
    "ST",
    "aVF",
    "VF",
    "V1",
    "sinus",
    "Rhythm",
    "block",
    "e\u0301",
    "é",
    "É",
    "ﬁ",
    "½",
    "①",
    "ＳＴ",
    "心",
    "电图",
]
SIGNS = [
    " ",
    "  ",
    "\n",
    "\n- ",
    "- ",
    "-",
    "—",
    "**",
    "_",
    "`",
    "#",
    "|",
    "\u200b",
    "\u202e",
    "\ufe0f",
    "“",
    "”",
    "'",
    '"',
]
FRAMES = ["</answer>", "[[ ## answer ## ]]", "<<<", ">", "<", ".", ":", "，", "、", "system:", "\nUser:", "a" * 32]
ODD = ["³", "µ", "İ", "ß", "가", "\u1100\u1161", "0", "1"]
PIECES = st.sampled_from([*LETTERS, *SIGNS, *FRAMES, *ODD])
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=40)


@pytest.mark.parametrize(
    ("answer", "quote", "found"),
    [
        ("A **complete AV block** is seen.", "complete AV block", "complete AV block"),
        ("It is “benign”, they say", 'is "benign"', "is “benign”"),
        ("rate\n  110/min", "rate 110/min", "rate\n  110/min"),
        ("- ST elevation\n- T inversion", "ST elevation - T inversion", "ST elevation\n- T inversion"),
        ("Sinus Rhythm", "sinus rhythm", "Sinus Rhythm"),
        ("窦性心律，\n心率75次", "窦性心律,心率75次", "窦性心律，\n心率75次"),
        ("ＳＴ段抬高", "ST段抬高", "ＳＴ段抬高"),
        ("atrial fib\u200brillation", "fibrillation", "fib\u200brillation"),
        ("de\u0301bit", "débit", "de\u0301bit"),
        ("V2–V4 leads", "V2-V4 leads", "V2–V4 leads"),
        ("say </answer> now", "say </answer> now", "say </answer> now"),
        ("say </answer> now", "say ‹/answer> now", "say </answer> now"),
        ("x\u202ey\u202cz block", "⟨U+202E⟩y⟨U+202C⟩z", "\u202ey\u202cz"),
        ("use [[ ## rubric ## ]] here", "[[ ## rubric ## ]]", "[[ ## rubric ## ]]"),
        ("use [[ ## rubric ## ]] here", "[·[ #·# rubric #·# ]·]", "[[ ## rubric ## ]]"),
    ],
)
def test_a_quote_is_found_at_its_place_in_the_original(answer, quote, found):
    located = Sighting.of(answer).locate(quote)
    assert located.is_found
    assert answer[located.start : located.end] == found


@pytest.mark.parametrize(
    ("answer", "quote"),
    [
        ("seen in aVF only", "VF"),
        ("a VF arrest", "vf arrest"),
        ("ST depression", "ST elevation"),
        ("no block", "block of the AV node"),
        ("ﬁbrillation", "ibrillation"),
        ("", "block"),
        ("**", "***"),
    ],
)
def test_words_that_do_not_stand_there_are_not_found(answer, quote):
    assert not Sighting.of(answer).locate(quote).is_found


@pytest.mark.parametrize(
    ("quote", "is_fair"),
    [
        ("阻滞", True),
        ("滞", False),
        ("VF", False),
        ("VF1", True),
        ("...", False),
        ("a" * 300, True),
        ("a" * 301, False),
    ],
)
def test_a_quote_has_two_chinese_characters_or_three_letters_and_at_most_300_characters(quote, is_fair):
    assert is_fair_length(quote) is is_fair
    assert LONGEST == 300


def test_a_quote_of_unfair_length_counts_as_not_found_and_is_a_fault():
    quotes, faults = check_quotes(["VF", "arrest"], Sighting.of("VF arrest"), "A1")
    assert [q.is_found for q in quotes] == [False, True]
    assert [(f.code, f.where) for f in faults] == [("quote_length", "A1")]


def test_overlapping_quotes_stand_for_one_instance():
    sighting = Sighting.of("left bundle branch block and atrial flutter")
    quotes, _ = check_quotes(["left bundle branch block", "bundle branch", "atrial flutter"], sighting, "A2")
    assert n_distinct(quotes) == 2


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_what_is_located_folds_to_the_folded_quote(before, quote, after):
    answer = before + quote + after
    span = fold(answer).find(quote)
    if span is not None:
        assert fold(answer[span[0] : span[1]]).text == fold(quote).text
        assert 0 <= span[0] < span[1] <= len(answer)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_a_whole_text_is_found_in_itself(text):
    if fold(text).text:
        assert fold(text).find(text) is not None


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_a_span_of_what_the_judge_saw_leads_back_to_a_span_that_shows_as_it(before, after):
    answer = f"{before} second-degree block {after}"
    sighting = Sighting.of(answer)
    located = sighting.locate("second-degree block")
    assert located.is_found
    assert fold(answer[located.start : located.end]).text == "second-degree block"


@pytest.mark.parametrize(
    ("unit", "quoted", "last"),
    [
        ("ﬁ", "if", ""),
        ("ST", "ts", "t"),
        ("a", "a", "b"),
        ("\u0301", "é", ""),
        ("- ", "abc", ""),
        (" ", "abc", ""),
        ("*", "abc", ""),
        ("<", "abc", ""),
    ],
    ids=["ligatures", "capitals", "near misses", "marks", "bullets", "blanks", "stars", "angles"],
)
def test_on_hostile_texts_the_work_grows_no_faster_than_text_and_quote(unit, quoted, last, monkeypatch):
    steps = count_patterns(monkeypatch, fold_module, untrusted)

    def work(n):
        text, quote = f"e{long_text(unit, n)}s", quoted * (n // 40) + last
        before = steps.n
        return lines_of(lambda: Sighting.of(text).locate(quote)) + steps.n - before

    assert_linear(work, 400)


def test_one_long_quote_does_not_hide_the_short_ones_inside_it():
    quotes = [Quote("abcdef", 0, 6), Quote("ab", 0, 2), Quote("ef", 4, 6)]
    assert n_distinct(quotes) == 2
