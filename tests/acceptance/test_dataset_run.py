"""ECG-Expert-QA, imported and graded offline: right answers above wrong ones."""

import pytest

pytestmark = pytest.mark.reference


def test_answers_made_from_the_dataset_come_out_in_their_order(reference_data, tmp_path, monkeypatch):
    from tests.benchmarks.dataset_run import is_in_order, measured

    if not (reference_data / "ecg-expert-qa").is_dir():
        pytest.skip("reference data not present: ../shared/data/ecg-expert-qa")
    result = measured(n_answers=1_500, seed=7)
    assert result["n_answers"] >= 1_400
    assert result["scored_share"] >= 0.9
    assert is_in_order(result), result["kinds"]
