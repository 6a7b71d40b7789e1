"""The language of a text by its scripts."""

import pytest

from judge.dataset.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What does ST elevation in V1 to V4 suggest?", "en"),
        ("Qu'est-ce que l'intervalle QT prolongé ?", "en"),
        ("What is atrial fibrillation (房颤) on the ECG?", "en"),
        ("ST段抬高提示什么？", "zh"),
        ("请解释Wolff-Parkinson-White综合征的心电图", "zh"),
        ("QTc>500 ms 怎么办", "zh"),
        ("心電図で何がわかりますか", "ja"),
        ("심전도는 무엇을 보여 줍니까", "ko"),
        ("Что показывает ЭКГ?", "und"),
        ("12 / 80 ?", "und"),
        ("", "und"),
    ],
)
def test_script_shares_decide(text: str, language: str) -> None:
    assert detect_language(text) == language
