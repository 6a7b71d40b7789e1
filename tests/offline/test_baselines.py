"""BLEU-1, ROUGE-L and METEOR by hand-worked values."""

import math

import pytest

from judge.offline.baselines import bleu1, meteor, rouge_l


def test_bleu_1_clips_counts_and_penalises_brevity() -> None:
    # "the the the cat" against "the cat sat on the mat": the 2 of 3 + cat 1 of 1 = 3 of 4; brevity exp(1 - 6/4)
    assert bleu1("the the the cat", ["the cat sat on the mat"]) == pytest.approx(math.exp(1 - 6 / 4) * 3 / 4)


def test_rouge_l_is_the_f_measure_of_the_longest_common_subsequence() -> None:
    # police ... the gunman: common subsequence "police the gunman" = 3; 2 * 3 / (4 + 4)
    assert rouge_l("police kill the gunman", ["police killed the gunman"]) == pytest.approx(0.75)


def test_meteor_weighs_recall_and_punishes_chunks() -> None:
    # all 3 words match in 1 chunk: F = 1, penalty 0.5 * (1/3)^3
    assert meteor("a b c", ["a b c"]) == pytest.approx(1 - 0.5 / 27)
    # "killed" matches "kills" by stem: all 2 match in 1 chunk
    assert meteor("police killed", ["police kills"]) == pytest.approx(1 - 0.5 / 8)


def test_chinese_is_compared_by_character() -> None:
    # 房颤 against 房扑: 1 of 2 characters
    assert bleu1("房颤", ["房扑"], "zh") == pytest.approx(0.5)
    assert rouge_l("房颤", ["房扑"], "zh") == pytest.approx(0.5)


@pytest.mark.parametrize("measure", [bleu1, rouge_l, meteor])
def test_the_best_reference_counts_and_none_is_undefined(measure: object) -> None:
    assert callable(measure)
    assert measure("a b", ["x y", "a b"], "en") == measure("a b", ["a b"], "en")
    assert measure("a b", [], "en") is None
    assert measure("", ["a b"], "en") is None
