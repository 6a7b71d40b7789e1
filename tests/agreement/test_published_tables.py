"""Small published tables, retyped, with the figures their authors or textbooks print, and values worked by hand."""

import numpy as np
import pytest

from judge.agreement import (
    ANALYTIC,
    NO_INTERVAL,
    adjust,
    bhapkar,
    bias,
    bland_altman,
    bowker,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    exact_agreement,
    fleiss_by_level,
    fleiss_kappa,
    gwet_ac1,
    icc,
    kendall_tau_b,
    kendall_w,
    krippendorff_alpha,
    light_kappa,
    lin_ccc,
    macro_f1,
    mcnemar,
    mean_absolute_error,
    miss_rate,
    pairs_from_table,
    pearson_r,
    scott_pi,
    sensitivity,
    sequential_limits,
    sign_flip_test,
    spearman_rho,
    specificity,
    stuart_maxwell,
    tost,
    wilcoxon_signed_rank,
    within_one,
)
from judge.agreement.intraclass import FORMS

NAN = np.nan
# Krippendorff (2011), section C: four observers (columns), twelve units (rows)
FOUR_OBSERVERS = np.array(
    [
        [1, 1, NAN, 1],
        [2, 2, 3, 2],
        [3, 3, 3, 3],
        [3, 3, 3, 3],
        [2, 2, 2, 2],
        [1, 2, 3, 4],
        [4, 4, 4, 4],
        [1, 1, 2, 1],
        [2, 2, 2, 2],
        [NAN, 5, 5, 5],
        [NAN, NAN, 1, 1],
        [NAN, NAN, 3, NAN],
    ]
)
# Shrout & Fleiss (1979), Table 2: six targets (rows), four judges (columns)
SIX_TARGETS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
# Bland & Altman (1986): peak flow by two meters, 17 subjects
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
PEAK_FLOW = np.array([WRIGHT, MINI], dtype=float).T
# Stuart (1955): unaided distance vision of 7,477 women, right eye (rows) and left eye (columns)
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
# Fleiss (1971): how many of six psychiatrists gave each of five diagnoses to thirty patients
DIAGNOSES = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)


@pytest.mark.parametrize(
    ("metric", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_four_observers_twelve_units(metric, printed):
    value = krippendorff_alpha(FOUR_OBSERVERS, metric, interval=NO_INTERVAL).value
    assert round(value, 3) == printed


def test_complete_data_of_several_raters_expose_a_division_by_one():
    # alpha = 1 - (24 - 1) Do / De; a known R function gives 0.1226 here because it divides by 1 instead of m - 1
    value = krippendorff_alpha(SIX_TARGETS, "interval", interval=NO_INTERVAL).value
    assert value == pytest.approx(0.147308, abs=1e-6)


@pytest.mark.parametrize(("form", "printed"), list(zip(FORMS, (0.17, 0.29, 0.71, 0.44, 0.62, 0.91), strict=True)))
def test_six_targets_four_judges(form, printed):
    assert round(icc(SIX_TARGETS, form, interval=NO_INTERVAL).value, 2) == printed


def test_interval_of_the_mean_of_four_judges_uses_the_single_raters_rho():
    # Satterthwaite's degrees of freedom with rho = ICC(2,1): Spearman-Brown of 0.0188 and 0.7611
    found = icc(SIX_TARGETS, "ICC(2,k)", interval=ANALYTIC)
    assert (found.ci_low, found.ci_high) == pytest.approx((0.0711, 0.9272), abs=5e-5)


def test_thirty_patients_six_psychiatrists():
    rows = [np.repeat(np.arange(1.0, 6.0), [int(c) for c in row]) for row in DIAGNOSES.split()]
    levels = np.array(rows)
    assert round(fleiss_kappa(levels, scale=range(1, 6), interval=NO_INTERVAL).value, 3) == 0.430
    by_level = fleiss_by_level(levels, scale=range(1, 6))
    # Fleiss (1971), Table 2: depression and personality disorder .245, schizophrenia .520, neurosis .471, other .566
    assert [round(e.value, 3) for e in by_level.levels] == [0.245, 0.245, 0.520, 0.471, 0.566]
    assert by_level.z_null == pytest.approx(17.65, abs=0.01)
    assert krippendorff_alpha(levels, "nominal", interval=NO_INTERVAL).value == pytest.approx(0.433410, abs=1e-6)


def test_two_tables_of_the_kappa_paradox():
    # Feinstein & Cicchetti (1990): 85 % agreement in both; kappa .70 and .32
    one, two = pairs_from_table([[40, 9], [6, 45]]), pairs_from_table([[80, 10], [5, 5]])
    for levels, kappa, ac1 in ((one, 0.70, 0.701), (two, 0.32, 0.808)):
        assert exact_agreement(levels, interval=NO_INTERVAL).value == 0.85
        assert round(cohen_kappa(levels, interval=NO_INTERVAL).value, 2) == kappa
        assert gwet_ac1(levels, scale=[1, 2], interval=NO_INTERVAL).value == pytest.approx(ac1, abs=5e-4)
        assert brennan_prediger(levels, scale=[1, 2], interval=NO_INTERVAL).value == pytest.approx(0.70)
        both = (conger_kappa(levels, scale=[1, 2], interval=NO_INTERVAL), cohen_kappa(levels, interval=NO_INTERVAL))
        assert both[0].value == pytest.approx(both[1].value)
        fleiss = fleiss_kappa(levels, scale=[1, 2], interval=NO_INTERVAL).value
        assert scott_pi(levels, scale=[1, 2], interval=NO_INTERVAL).value == pytest.approx(fleiss)


def test_kappa_of_two_levels_comes_with_what_it_must_be_read_beside():
    # level 2 is yes: prevalence index (5 - 80) / 100, positive agreement 10 / 25
    found = cohen_kappa(pairs_from_table([[80, 10], [5, 5]]), interval=NO_INTERVAL).detail
    assert found["prevalence_index"] == pytest.approx(-0.75)
    assert found["pabak"] == pytest.approx(0.70)
    assert (found["positive_agreement"], found["negative_agreement"]) == pytest.approx((10 / 25, 160 / 175))


def test_cohens_weighted_example():
    # Cohen (1968): disagreement weights 0 1 3 / 1 0 6 / 3 6 0 give .348
    levels = pairs_from_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    cost = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    found = cohen_kappa(levels, 1 - cost / 6, scale=[1, 2, 3], interval=ANALYTIC)
    assert round(found.value, 3) == 0.348
    assert found.se == pytest.approx(0.0755, abs=5e-5)
    assert round(cohen_kappa(levels, scale=[1, 2, 3], interval=NO_INTERVAL).value, 3) == 0.492


def test_weights_use_declared_values_not_the_ranks_of_what_occurs():
    # levels 1, 4, 5 of 1..5; the ranks 1, 2, 3 of what occurs would give 0.4
    levels = np.array([[1, 1], [1, 5], [5, 5], [5, 1], [1, 1], [5, 5], [4, 5], [1, 1]], dtype=float)
    value = cohen_kappa(levels, "quadratic", scale=range(1, 6), interval=NO_INTERVAL).value
    # sums: x 23, y 24, xx 95, yy 104, xy 83; 2 (8 x 83 - 23 x 24) / (8 x 199 - 2 x 23 x 24) = 224 / 488
    assert value == pytest.approx(28 / 61)


def test_unequal_spacing_changes_the_weights():
    # scale 1, 2, 10: 1 - 2 is 1 of 9 apart, 2 - 10 is 8 of 9 apart
    levels = np.array([[1, 2], [2, 1], [10, 10], [1, 1], [2, 2], [10, 2]], dtype=float)
    even = np.where(levels == 10, 3, levels)
    spaced = cohen_kappa(levels, "linear", scale=[1, 2, 10], interval=NO_INTERVAL).value
    ranked = cohen_kappa(even, "linear", scale=[1, 2, 3], interval=NO_INTERVAL).value
    # observed cost (1+1+8)/6; expected: rows 1:2/6 2:2/6 10:2/6, columns 1:2/6 2:3/6 10:1/6
    # sum = 2*3*1 + 2*1*9 + 2*2*1 + 2*1*8 + 2*2*9 + 2*3*8 = 128 over 36; kappa = 1 - (10/6)/(128/36) = 17/32
    assert spaced == pytest.approx(17 / 32)
    assert ranked != pytest.approx(spaced)


def test_distance_vision_of_women():
    levels = pairs_from_table(VISION)
    assert stuart_maxwell(levels).value == pytest.approx(11.96, abs=0.005)
    assert bhapkar(levels).value == pytest.approx(11.98, abs=0.005)
    assert bowker(levels).value == pytest.approx(19.11, abs=0.005)
    assert (stuart_maxwell(levels).detail["df"], bowker(levels).detail["df"]) == (3, 6)


def test_equal_margins_by_chance_stay_in_the_test():
    # Cohen's 1968 table: 3 levels, so 2 degrees of freedom; a known R function drops a level here
    found = stuart_maxwell(pairs_from_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]]))
    assert found.value == pytest.approx(13.51, abs=0.005)
    assert found.detail["df"] == 2


def test_peak_flow_bias_and_limits():
    found = bias(PEAK_FLOW, interval=ANALYTIC)
    assert round(found.value, 1) == -2.1
    assert (round(found.ci_low, 1), round(found.ci_high, 1)) == (-22.0, 17.8)
    assert round(found.detail["sd"], 1) == 38.8
    # with multiplier 1.96 instead of the paper's 2: -2.1 -/+ 1.96 x 38.77
    assert bland_altman(PEAK_FLOW, "lower").value == pytest.approx(-78.1, abs=0.05)
    assert bland_altman(PEAK_FLOW, "upper").value == pytest.approx(73.9, abs=0.05)
    assert not bland_altman(PEAK_FLOW, "upper").warnings
    assert round(lin_ccc(PEAK_FLOW, interval=NO_INTERVAL).value, 3) == 0.943


def test_limits_of_whole_levels_carry_the_caution():
    found = bland_altman(np.array([[1, 2], [3, 3], [5, 4], [2, 2]]), "lower")
    assert any("not quantiles" in warning for warning in found.warnings)


def test_darwins_maize():
    gaps = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    found = sign_flip_test(gaps, alternative="greater")
    assert (found.detail["count"], found.detail["n_arrangements"]) == (863, 32768)
    random = sign_flip_test([*gaps, *gaps], n_resamples=2000)
    assert random.p_value > 0
    assert random.detail["n_arrangements"] == 2000


def test_fifteen_p_values_of_1995():
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]
    assert sum(adjust(p, "bh") <= 0.05) == 4
    assert sum(adjust(p, "bonferroni") <= 0.05) == 3
    assert adjust(p[::-1], "holm")[::-1].tolist() == adjust(p, "holm").tolist()
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust([0.5, np.nan])


def test_group_sequential_limits_of_five_equal_looks():
    # O'Brien-Fleming type spending, one-sided 0.025: 4.877, 3.357, 2.680, 2.290, 2.031
    limits = sequential_limits([0.2, 0.4, 0.6, 0.8, 1.0])
    assert [round(z, 3) for z in limits] == [4.877, 3.357, 2.680, 2.290, 2.031]
    with pytest.raises(ValueError, match="ascending"):
        sequential_limits([0.5, 0.4, 1.0])


def test_signed_ranks_with_ties_and_zeros():
    gaps = [1, 1, -1, 2, 2, 0, 1, -1, 1, 0]
    # wilcox: six |1| share rank 3.5, two |2| share 7.5; W- = 2 x 3.5 = 7, W+ = 4 x 3.5 + 15 = 29
    found = wilcoxon_signed_rank(gaps, "wilcox exact")
    assert (found.detail["w_plus"], found.detail["w_minus"], found.value) == (29.0, 7.0, 7.0)
    # 2 P(W- <= 7) of 256 sign patterns: at most two 3.5s (22), or one 7.5 alone is above 7: 2 x 22 / 256
    assert found.p_value == pytest.approx(2 * 22 / 256)
    # pratt: two zeros take rank 1.5, six |1| rank 5.5, two |2| rank 9.5; W- = 11
    assert wilcoxon_signed_rank(gaps, "pratt exact").value == 11.0


def test_correlations_of_ties_by_hand():
    levels = np.array([[1, 1], [1, 2], [2, 2], [3, 3]], dtype=float)
    # pairs 6: concordant 4 (1-3, 1-4, 2-4, 3-4), ties x 1, ties y 1: 4 / sqrt(5 x 5)
    assert kendall_tau_b(levels, interval=NO_INTERVAL).value == pytest.approx(0.8)
    # ranks 1.5 1.5 3 4 and 1 2.5 2.5 4: cov 3.75, both 4.5
    assert spearman_rho(levels, interval=NO_INTERVAL).value == pytest.approx(3.75 / 4.5)
    assert pearson_r(levels, interval=NO_INTERVAL).value == pytest.approx(2 / np.sqrt(2.75 * 2))


def test_concordance_of_three_rankings():
    # rank sums 3, 7, 8 around 6: S = 9 + 1 + 4 = 14, W = 12 x 14 / (9 x 24)
    levels = np.array([[1, 1, 1], [2, 3, 2], [3, 2, 3]], dtype=float)
    assert kendall_w(levels, "uncorrected", interval=NO_INTERVAL).value == pytest.approx(168 / 216)


def test_raw_agreement_by_hand():
    levels = np.array([[1, 1, 2], [3, 3, 3], [1, 3, NAN]], dtype=float)
    # shares of equal pairs 1/3, 1, 0; within one 1, 1, 0; mean distances 2/3, 0, 2
    assert exact_agreement(levels, interval=NO_INTERVAL).value == pytest.approx(4 / 9)
    assert within_one(levels, scale=[1, 2, 3], interval=NO_INTERVAL).value == pytest.approx(2 / 3)
    assert mean_absolute_error(levels, interval=NO_INTERVAL).value == pytest.approx(8 / 9)


def test_mean_of_pairwise_kappas_lists_each():
    levels = np.array([[1, 1, 1], [1, 2, 1], [2, 2, 2], [2, 2, 2]], dtype=float)
    found = light_kappa(levels, scale=[1, 2], interval=NO_INTERVAL)
    assert found.detail["pairs"] == pytest.approx({"0-1": 0.5, "0-2": 1.0, "1-2": 0.5})


def test_liver_scans_of_bmj_1994():
    scans = pairs_from_table([[54, 27], [32, 231]], scale=[0, 1])
    assert round(sensitivity(scans, interval=ANALYTIC).value, 2) == 0.90
    assert round(specificity(scans, interval=ANALYTIC).value, 2) == 0.63


def test_healthbench_macro_f1_of_its_own_test():
    table = [[1, 1, 1, 0], [0, 1, 0, NAN], [1, 0, NAN, NAN]]
    found = macro_f1(table, scale=[0, 1], interval=NO_INTERVAL)
    assert found.detail["f1"] == pytest.approx({"1": 4 / 7, "0": 2 / 5})


def test_mcnemar_by_hand():
    levels = pairs_from_table([[80, 10], [5, 5]])
    assert mcnemar(levels, "corrected").value == pytest.approx(16 / 15)
    # 2 P(X <= 5) of a binomial of 15: 2 x 4944 / 32768
    assert mcnemar(levels, "exact").p_value == pytest.approx(2 * 4944 / 32768)
    assert mcnemar(levels, "mid_p").p_value == pytest.approx((2 * 4944 - 3003) / 32768)


def test_equivalence_needs_a_margin():
    assert tost([[1, 2], [2, 2]], None).undefined == "no_margin_stated"
    with pytest.raises(ValueError, match="above 0"):
        tost([[1, 2], [2, 2]], 0)


def test_zero_misses_of_thirty_leave_twelve_percent():
    found = miss_rate([1] * 30, [1] * 30)
    assert found.value == 0.0
    assert found.ci_high == pytest.approx(1 - 0.025 ** (1 / 30))
