"""The stroke score follows from the case; an answer's own number is held against it."""

import pytest

from judge.offline.reading import read
from judge.offline.risk_scores import stated_score, stroke_score
from tests.offline.asking import ask, case


@pytest.mark.parametrize(
    ("told", "with_sex", "without_sex"),
    [
        # 79: 2, hypertension 1, diabetes 1
        ("Man of 79, atrial fibrillation, hypertension, diabetes.", 4, 4),
        # 68: 1, hypertension 1, stroke 2, female 1
        ("68岁女性，房颤，高血压，两年前脑卒中。无糖尿病、心力衰竭和血管疾病。", 5, 4),
        ("50-year-old man with atrial fibrillation, no hypertension.", 0, 0),
    ],
)
def test_the_score_counts_what_the_case_states(told: str, with_sex: int, without_sex: int) -> None:
    score = stroke_score(read(told))
    assert score is not None
    assert (score.with_sex, score.without_sex) == (with_sex, without_sex)


@pytest.mark.parametrize("told", ["Man of 79 with hypertension.", "Atrial fibrillation with hypertension."])
def test_without_fibrillation_or_age_there_is_no_score(told: str) -> None:
    assert stroke_score(read(told)) is None


def test_the_number_beside_the_score_is_the_one_stated() -> None:
    found = stated_score(read("The CHA2DS2-VASc score is 4, so anticoagulate."), "SC_VASC")
    assert found is not None
    assert found[0] == 4


@pytest.mark.parametrize(("answer", "met"), [("CHA2DS2-VASc is 4.", True), ("CHA2DS2-VASc is 2.", False)])
def test_a_wrong_score_does_not_meet_the_criterion(answer: str, met: bool) -> None:
    about = case(
        "What is the CHA2DS2-VASc score?",
        ["CHA2DS2-VASc is 4."],
        task="GRA",
        context="Man of 79, atrial fibrillation, hypertension, diabetes.",
    )
    verdict = next(c for c in ask(answer, about)["criteria"] if c["id"] == "KI4")
    assert verdict["met"] is met
