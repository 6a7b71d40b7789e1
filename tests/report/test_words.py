"""Both languages of the card say everything."""

import re
from typing import get_args

import pytest

from judge.domain.grade import GradeStatus
from judge.domain.rubric import GateTier
from judge.domain.verdict import Absence, VerdictStatus
from judge.panel.aggregate_flags import dimension_flags, response_flags
from judge.report.estimates import Why
from judge.report.words import LANGUAGES, Words


def test_both_languages_have_every_key():
    assert Words.of("en").known == Words.of("zh").known


def test_both_languages_fill_the_same_places():
    english, chinese = (Words.of(language) for language in LANGUAGES)
    for key in english.known:
        places = [sorted(set(re.findall(r"{(\w+)}", words(key)))) for words in (english, chinese)]
        assert places[0] == places[1], key


def test_no_word_is_empty_or_left_untranslated():
    english, chinese = (Words.of(language) for language in LANGUAGES)
    for key in english.known:
        assert english(key).strip()
        if english(key).count(" ") > 2 and key != "html_lang":
            assert re.search(r"[\u4e00-\u9fff]", chinese(key)), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("status", (*get_args(VerdictStatus), *get_args(GradeStatus))),
        ("tier", get_args(GateTier)),
        ("why", get_args(Why)),
        ("cell", tuple(f"absence_{kind}" for kind in get_args(Absence))),
    ],
)
def test_every_code_has_a_word(language, group, codes):
    known = Words.of(language).known
    assert {f"{group}.{code}" for code in codes} <= known


def test_every_flag_of_the_panel_has_a_word():
    import inspect

    sources = inspect.getsource(response_flags) + inspect.getsource(dimension_flags)
    flags = {*re.findall(r'^ +"(\w+)": ', sources, re.M), *re.findall(r'add\("(\w+)"\)', sources)}
    assert {"injection_suspected", "disagreement"} <= flags
    known = {key.removeprefix("flag.") for key in Words.of("en").known if key.startswith("flag.")}
    assert flags | {"coverage_gap", "na_overridden", "majority_tie"} <= known


def test_an_unknown_language_falls_back_to_the_first():
    assert Words.of("fr").language == LANGUAGES[0]


def test_an_unknown_code_is_shown_as_it_is():
    assert Words.of("en").named("flag", "brand_new") == "brand_new"


def test_a_missing_key_is_an_error():
    with pytest.raises(KeyError):
        Words.of("en")("nothing.of.the.kind")
