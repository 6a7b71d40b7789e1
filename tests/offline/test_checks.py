"""What does not fit: numbers against names, formulas of QTc, pairs that exclude one another."""

import pytest

from judge.offline.checks import findings
from judge.offline.measures import corrected_qt
from judge.offline.reading import read


def kinds(text: str) -> list[str]:
    return [finding.kind for finding in findings(read(text))]


def test_the_four_formulas_of_qtc() -> None:
    # QT 400 ms at RR 0.64 s (rate 93.75/min): Bazett 400/0.8 = 500; Fridericia 400/0.8618 = 464.2;
    # Framingham 400 + 154 * 0.36 = 455.4; Hodges 400 + 1.75 * 33.75 = 459.1
    by_name = corrected_qt(400, 0.64)
    assert by_name["bazett"] == pytest.approx(500)
    assert by_name["fridericia"] == pytest.approx(464.16, abs=0.01)
    assert by_name["framingham"] == pytest.approx(455.44)
    assert by_name["hodges"] == pytest.approx(459.0625)


@pytest.mark.parametrize(
    "text",
    [
        "First-degree AV block with a PR interval of 160 ms.",
        "RR interval 600 ms and heart rate 75 bpm.",
        "QT 400 ms, QTc 430 ms, heart rate 94 bpm.",
        "Left axis deviation with an axis of +60 degrees.",
        "Hyperkalaemia with a potassium of 4.1 mmol/L.",
    ],
)
def test_a_number_that_belies_its_name_is_an_error(text: str) -> None:
    assert "num_error" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "First-degree AV block with a PR interval of 240 ms.",
        "RR interval 800 ms and heart rate 75 bpm.",
        "QT 400 ms, QTc 500 ms by Bazett, heart rate 94 bpm.",
        "Hyperkalaemia with a potassium of 7.1 mmol/L.",
        "RBBB with a QRS of 140 ms.",
    ],
)
def test_numbers_that_fit_are_left_alone(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Mobitz II shows progressive PR prolongation.",
        "二度Ⅱ型房室传导阻滞的PR间期逐渐延长。",
        "Ventricular tachycardia. The QRS complexes are narrow QRS complexes.",
        "LBBB with a QRS of 90 ms.",
        "This is a normal ECG. There is third-degree AV block.",
    ],
)
def test_a_sign_of_the_other_thing_contradicts(text: str) -> None:
    assert "contradiction" in kinds(text)


def test_a_wenckebach_block_with_its_own_sign_contradicts_nothing() -> None:
    assert kinds("Mobitz I shows progressive PR prolongation until a beat is dropped.") == []
