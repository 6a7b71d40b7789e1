import json

import pytest

from judge.calibration.rogan_gladen import JudgeCounts, post_stratified_rate, rogan_gladen


def arena(folder):
    document = json.loads((folder / "debias_arena/counts.json").read_text())
    c, t = document["counts"]["calibration"], document["counts"]["test"]
    n = t["judge_positive"] + t["judge_negative"]
    return JudgeCounts(c["TP"], c["FN"], c["FP"], c["TN"], t["judge_positive"], n), document["recomputed"]


@pytest.mark.reference
def test_published_variants_of_debias_arena_are_reproduced(reference_data):
    counts, expected = arena(reference_data)

    def row(found):
        return [found.value, found.ci_low, found.ci_high]

    assert row(rogan_gladen(counts, "pseudo_count", level=0.9)) == pytest.approx(expected["Rogan-Gladen"], abs=2e-6)
    assert row(post_stratified_rate(counts, level=0.9)) == pytest.approx(expected["EIF"], abs=2e-6)
    assert row(post_stratified_rate(counts, pooled=True, level=0.9)) == pytest.approx(expected["MLE"], abs=2e-6)
    textbook = rogan_gladen(counts)
    assert textbook.value == pytest.approx(expected["rogan_gladen_textbook"]["estimate"], abs=2e-6)
    assert textbook.variant == "textbook"


@pytest.mark.reference
def test_a_correction_that_divides_by_an_eighth_warns(reference_data):
    counts, _ = arena(reference_data)
    assert "0.125" in rogan_gladen(counts).warnings[0]


def test_a_raw_estimate_below_zero_is_reported_as_zero_with_the_raw_one_beside_it():
    found = rogan_gladen(JudgeCounts(9, 1, 4, 6, 1, 10))
    assert found.value == 0.0
    assert found.detail["raw"] == pytest.approx(-0.6)
    assert "below 0" in found.warnings[0]
    assert found.ci_high > 0.0


def test_hand_worked_standard_error_includes_the_unlabelled_answers():
    # se 0.9, sp 0.8, p 0.3, theta 1/7; var = [0.3*0.7/10 + theta^2*0.09/10 + (1-theta)^2*0.16/10] / 0.49
    small, large = (rogan_gladen(JudgeCounts(9, 1, 2, 8, 3 * k, 10 * k)) for k in (1, 100))
    theta = 1 / 7
    expected = (0.021 + theta**2 * 0.009 + (1 - theta) ** 2 * 0.016) ** 0.5 / 0.7
    assert small.se == pytest.approx(expected)
    assert large.se < small.se


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((0, 0, 2, 8, 3, 10), "no_labelled_positive"),
        ((5, 5, 0, 0, 3, 10), "no_labelled_negative"),
        ((5, 5, 5, 5, 0, 0), "no_unlabelled"),
        ((5, 5, 5, 5, 3, 10), "uninformative_judge"),
    ],
)
def test_what_cannot_be_corrected_is_undefined_with_the_reason(counts, reason):
    assert rogan_gladen(JudgeCounts(*counts)).undefined == reason


def test_a_judge_that_never_said_yes_leaves_the_post_stratified_rate_undefined():
    assert post_stratified_rate(JudgeCounts(0, 3, 0, 7, 0, 10)).undefined == "empty_judge_class"


def test_counts_that_are_no_counts_are_refused():
    with pytest.raises(ValueError, match="yes is part of all"):
        JudgeCounts(1, 1, 1, 1, 5, 4)
