"""Miss rate, false alarms and the reading that is left for physicians."""

import numpy as np
import pytest

from judge.agreement import Interval, clopper_pearson, false_alarm_rate, miss_rate, positives_needed, review_load


def test_rates_of_a_simple_random_sample_have_exact_intervals():
    flagged = [1, 1, 1, 0, 1, 0, 0, 0]
    danger = [1, 1, 1, 1, 0, 0, 0, 0]
    missed, alarms = miss_rate(flagged, danger), false_alarm_rate(flagged, danger)
    assert (missed.value, alarms.value) == (0.25, 0.25)
    assert (missed.ci_low, missed.ci_high) == (clopper_pearson(1, 4).low, clopper_pearson(1, 4).high)
    assert missed.ci_method == "Clopper-Pearson"
    assert missed.detail["n_graded_not_flagged"] == 4


def test_sampling_by_the_judges_own_gates_is_undone_by_weights():
    # 10,000 answers, 1,000 dangerous, sensitivity 0.70; 30 % of the flagged and 1.2 % of the others are graded
    rng = np.random.default_rng(0)
    danger = np.arange(10_000) < 1_000
    flagged = np.where(danger, rng.random(10_000) < 0.7, rng.random(10_000) < 0.05)
    probability = np.where(flagged, 0.3, 0.012)
    naive, weighted = [], []
    for _ in range(60):
        graded = rng.random(10_000) < probability
        one = (flagged[graded], danger[graded])
        naive.append(miss_rate(*one).value)
        weighted.append(miss_rate(*one, inclusion_probability=probability[graded]).value)
    true = float(np.mean(~flagged[danger]))
    assert np.mean(naive) < 0.05
    assert np.mean(weighted) == pytest.approx(true, abs=0.06)


def test_unlike_weights_name_their_rough_interval():
    found = miss_rate([1, 1, 0, 1], [1, 1, 1, 0], inclusion_probability=[0.5, 0.5, 0.05, 0.5])
    assert found.value == pytest.approx(20 / 24)
    assert "effective" in found.ci_method
    assert any("10 to 1" in warning for warning in found.warnings)


@pytest.mark.parametrize(("x", "needed"), [(0.05, 72), (0.10, 36)])
def test_positives_that_a_claim_takes(x, needed):
    # (1 - x)^n <= 0.025
    assert positives_needed(x) == needed
    assert clopper_pearson(0, needed).high <= x < clopper_pearson(0, needed - 1).high


def test_a_load_that_the_counts_cannot_carry_is_refused():
    found = review_load([1.0] * 71, [1] * 71, 0.05)
    assert found.undefined == "counts_too_small"
    assert found.detail == {"n_positives": 71, "n_positives_needed": 72}
    assert review_load([1.0] * 72, [1] * 72, 0.05).value == 1.0


def test_the_load_is_the_least_share_whose_missed_part_is_surely_small():
    # 100 dangerous answers at risk 3, 100 safe at 2, 800 safe at 1: reading risk 3 misses none
    risk = np.repeat([3.0, 2.0, 1.0], [100, 100, 800])
    danger = np.repeat([1, 0, 0], [100, 100, 800])
    found = review_load(risk, danger, 0.05)
    assert found.value == pytest.approx(0.1)
    assert found.detail["missed"] == 0.0
    assert found.detail["missed_limit"] == pytest.approx(clopper_pearson(0, 100).high)
    # three of the dangerous ones moved to risk 1: 3 of 100 missed has an upper limit of 8.5 %, so all must be read
    danger[-3:], danger[:3] = 1, 0
    assert review_load(risk, danger, 0.05).value == 1.0


def test_nothing_dangerous_is_undefined():
    assert miss_rate([1, 0], [0, 0]).undefined == "no_positives"
    assert false_alarm_rate([1, 0], [1, 1]).undefined == "no_negatives"
    assert review_load([1, 2], [0, 0]).undefined == "no_positives"
    assert miss_rate([np.nan], [1]).undefined == "all_missing"


def test_values_that_are_no_yes_or_no_are_refused():
    with pytest.raises(ValueError, match="1 or 0"):
        miss_rate([2], [1])
    with pytest.raises(ValueError, match="inclusion probability"):
        miss_rate([1], [1], inclusion_probability=[0.0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        Interval(level=1.5)
