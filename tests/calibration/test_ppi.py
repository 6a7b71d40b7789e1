import json
from dataclasses import replace

import numpy as np
import pytest

from judge.calibration.ppi import CLASSICAL, PPI, PPI_LOGIT, PPI_PLUS, PPI_PY, ppi_mean
from tests.calibration.simulated import reference_case

NAN = float("nan")


def arena_arrays(counts):
    c, t = counts["calibration"], counts["test"]
    y = np.repeat([1, 1, 0, 0], [c["TP"], c["FN"], c["FP"], c["TN"]])
    f = np.repeat([1, 0, 1, 0], [c["TP"], c["FN"], c["FP"], c["TN"]])
    return y, f, np.repeat([1, 0], [t["judge_positive"], t["judge_negative"]])


@pytest.mark.reference
@pytest.mark.parametrize(("name", "lam"), [("ppi_mean_lam_0", 0.0), ("ppi_mean_lam_1", 1.0)])
def test_reference_cases_agree_with_ppi_py_and_with_the_recommended_interval(reference_data, name, lam):
    case = reference_case(reference_data, name)
    given, expected = case["input"], case["expected"]
    arrays = given["Y"], given["Yhat"], given["Yhat_unlabeled"]
    found = ppi_mean(*arrays, replace(PPI_PY, lam=lam))
    assert found.value == pytest.approx(expected["theta"], abs=1e-8)
    assert found.se == pytest.approx(expected["se"], abs=1e-8)
    assert (found.ci_low, found.ci_high) == pytest.approx(expected["ci95"], abs=1e-8)
    ours = ppi_mean(*arrays, replace(PPI_PLUS, lam=lam))
    assert (ours.ci_low, ours.ci_high) == pytest.approx(expected["recommended_ci95_t_ddof1"], abs=1e-8)


@pytest.mark.reference
def test_the_fifteen_published_rows_of_chattogovar_are_reproduced(reference_data):
    expected = json.loads((reference_data / "chattogovar/expected.json").read_text())["ppi_oracle"]
    from tests.calibration.simulated import chattogovar

    table = chattogovar(reference_data)
    assert len(expected["rows"]) == 15
    for row in expected["rows"]:
        y, f, u = table[row["model"], row["dimension"]]
        assert (len(y), len(u)) == (row["n"], row["N"])
        plain = ppi_mean(y, f, u, replace(PPI_PY, lam=1.0))
        assert [plain.value, plain.ci_low, plain.ci_high] == pytest.approx(row["ppi_lambda_1"], abs=2e-6)
        tuned = ppi_mean(y, f, u, PPI_PY)
        assert tuned.detail["lambda"] == pytest.approx(row["lambda_auto"], abs=2e-6)
        assert [tuned.value, tuned.ci_low, tuned.ci_high] == pytest.approx(row["ppi_lambda_auto"], abs=2e-6)
        own = ppi_mean(y, f, u, replace(PPI_PY, lam=0.0))
        assert [own.value, own.ci_low, own.ci_high] == pytest.approx(
            [row["human_mean"], *row["classical_ci"]], abs=2e-6
        )


@pytest.mark.reference
def test_the_published_rates_of_debias_arena_are_reproduced_under_the_names_of_their_variants(reference_data):
    document = json.loads((reference_data / "debias_arena/counts.json").read_text())
    y, f, u = arena_arrays(document["counts"])
    expected = document["recomputed"]

    def row(variant):
        found = ppi_mean(y, f, u, variant, level=0.9)
        return [found.value, found.ci_low, found.ci_high]

    assert row(replace(PPI_LOGIT, lam=1.0)) == pytest.approx(expected["PPI"], abs=2e-6)
    assert row(PPI_LOGIT) == pytest.approx(expected["PPI++"], abs=2e-6)
    assert ppi_mean(y, f, u, PPI_LOGIT).detail["lambda"] == pytest.approx(expected["PPIpp_lambda"], abs=2e-6)
    assert row(replace(PPI_PY, lam=1.0)) == pytest.approx(expected["wald_ddof0"]["lambda_1"], abs=2e-6)
    assert row(PPI_PY) == pytest.approx(expected["wald_ddof0"]["lambda_auto"], abs=2e-6)


def test_lambda_0_is_the_classical_mean_and_interval():
    from scipy import stats

    y = np.array([4.0, 3, 5, 2, 4, 4, 3, 5, 1, 4])
    found = ppi_mean(y, y[::-1], np.arange(30) % 5, CLASSICAL)
    classical = stats.t.interval(0.95, 9, loc=y.mean(), scale=stats.sem(y))
    assert found.value == pytest.approx(y.mean())
    assert (found.ci_low, found.ci_high) == pytest.approx(classical)


def test_lambda_1_is_plain_ppi():
    found = ppi_mean([1, 3, 2], [2, 4, 4], [2, 3, 5, 5], PPI)
    assert found.value == pytest.approx(15 / 4 + 2 - 10 / 3)


def test_a_judge_whose_levels_never_vary_leaves_the_physicians_mean():
    found = ppi_mean([4, 3, 5, 4, 2], [4] * 5, [4] * 6)
    assert found.detail["lambda"] == 0.0
    assert found.value == pytest.approx(3.6)
    assert "do not vary" in found.warnings[0]


def test_one_label_is_undefined_and_never_an_interval_of_width_zero():
    found = ppi_mean([4], [4], [3, 4, 5])
    assert found.undefined == "too_few_labels"
    assert (found.value, found.ci_low) == (None, None)
    assert found.detail == {"n": 1, "minimum": 2}


def test_labels_that_never_vary_give_no_interval():
    found = ppi_mean([4, 4, 4], [4, 4, 4], [4, 4, 3], PPI_PLUS)
    assert found.value == 4.0
    assert found.ci_low is None
    assert any("no interval" in warning for warning in found.warnings)


def test_missing_levels_are_refused():
    with pytest.raises(ValueError, match="finite"):
        ppi_mean([1, NAN], [1, 2], [3])
    with pytest.raises(ValueError, match="same length"):
        ppi_mean([1, 2], [1], [3])
