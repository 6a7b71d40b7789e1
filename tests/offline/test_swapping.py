"""The swap table turns opposites in one pass, keeps the case of the text, and leaves look-alikes alone."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import pytest

_PATH = Path(__file__).with_name("swapping.py")
_SPEC = importlib.util.spec_from_file_location("swapping", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
swapping = importlib.util.module_from_spec(_SPEC)
sys.modules["swapping"] = swapping
_SPEC.loader.exec_module(swapping)


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("ST elevation in the left leads", "ST depression in the right leads"),
        ("Left axis, LBBB and HYPERKALAEMIA", "Right axis, RBBB and HYPOKALAEMIA"),
        ("hypocalcaemia prolongs the QT interval", "hypercalcaemia shortens the QT interval"),
        ("Long QT of at least 480 ms, > 20 mm", "Short QT of at most 480 ms, < 20 mm"),
        ("Incomplete block, irregular", "Complete block, regular"),
        ("reduced flow", "increased flow"),
    ],
)
def test_english_opposites_change_places_and_keep_their_case(text: str, swapped: str) -> None:
    assert swapping.swap(text) == swapped


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("ST段抬高，完全性左束支传导阻滞", "ST段压低，不完全性右束支传导阻滞"),
        ("不完全性右束支传导阻滞", "完全性左束支传导阻滞"),
        ("高钾血症，QRS波增宽", "低钾血症，QRS波变窄"),
        ("血流动力学不稳定", "血流动力学稳定"),
    ],
)
def test_chinese_opposites_change_places_longest_first(text: str, swapped: str) -> None:
    assert swapping.swap(text, "zh") == swapped


@pytest.mark.parametrize(
    "text",
    [
        "The patient has no rights here",
        "a bright, hypertrophic, hyperacute finding",
        "if left untreated, with regular check-ups and the right to refuse",
        "nothing of the kind",
        "",
    ],
)
def test_look_alikes_are_left_alone_and_nothing_to_swap_is_none(text: str) -> None:
    assert swapping.swap(text) is None


def test_chinese_look_alikes_are_left_alone() -> None:
    assert swapping.swap("约三天左右，用左西孟旦", "zh") is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_swapping_every_pair_twice_gives_the_pair_back(language: str) -> None:
    for one, two in swapping.table()[language]["pairs"]:
        assert swapping.swap(one, language).lower() == two.lower()
        assert swapping.swap(two, language).lower() == one.lower()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_term_stands_in_two_pairs(language: str) -> None:
    section = swapping.table()[language]
    terms = [term.lower() for pair in section["pairs"] for term in pair]
    terms += [term.lower() for term in section["one_way"]] + [term.lower() for term in section["keep"]]
    assert [term for term, n in Counter(terms).items() if n > 1] == []


@pytest.mark.parametrize(
    ("text", "flipped", "language"),
    [
        ("Yes, you have the right to ask. You may go.", "No, you do not have the right to ask. You may go.", "en"),
        ("No, you cannot demand it.", "Yes, you can demand it.", "en"),
        ("YES. You should be told.", "NO. You should be told.", "en"),
        ("可以，患者有权查阅病历。", "不可以，患者无权查阅病历。", "zh"),
        ("没有。医生应当说明。", "有。医生应当说明。", "zh"),
    ],
)
def test_polarity_is_turned_in_the_opening_and_the_first_verb_only(text: str, flipped: str, language: str) -> None:
    assert swapping.flip_polarity(text, language) == flipped


def test_without_polarity_there_is_no_flip() -> None:
    assert swapping.flip_polarity("Perhaps so.") is None
