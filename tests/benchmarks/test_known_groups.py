"""The known-groups benchmark: its interval, its lines, and what it must show on the dataset where that is at hand."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
N_ROWS = 100
"""Rows a file and group here; the command takes 300."""


@pytest.fixture(scope="module")
def benchmark() -> Any:
    """The benchmark's module, imported as ``python -m`` does it."""
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module("tests.benchmarks.known_groups")
    finally:
        sys.path.remove(str(ROOT))


@pytest.fixture(scope="module")
def lines(benchmark: Any) -> list[Any]:
    """All lines on the dataset."""
    if not benchmark.FOLDER.is_dir():
        pytest.skip(f"reference data not present: {benchmark.FOLDER}")
    return benchmark.measure_known_groups(N_ROWS, seed=7)


def test_the_interval_is_wilsons(benchmark: Any) -> None:
    # p = .95, n = 100, z2 = 3.8415: middle (.95 + .0192) / 1.0384 = .93335,
    # half 1.96 / 1.0384 * sqrt(.000475 + .000096) = .04510
    low, high = benchmark.wilson(95, 100)
    assert low == pytest.approx(0.88825, abs=1e-4)
    assert high == pytest.approx(0.97846, abs=1e-4)


def test_without_pairs_there_is_no_share_and_no_interval(benchmark: Any) -> None:
    line = benchmark.Line("a", "EBK", "what", 10, 0, 0, 0.95)
    assert benchmark.wilson(0, 0) == (None, None)
    assert line.share is None
    assert line.is_reached is False


def test_a_target_is_missed_where_too_few_pairs_are_scored(benchmark: Any) -> None:
    assert benchmark.Line("a", "EBK", "what", 100, 89, 89, 0.95).is_reached is False
    assert benchmark.Line("a", "EBK", "what", 100, 90, 90, 0.95).is_reached is True
    assert benchmark.Line("b", "all", "for comparison", 100, 90, 0, None).is_reached is None


def test_the_table_shows_share_interval_and_what_was_missed(benchmark: Any) -> None:
    text = benchmark.table([benchmark.Line("c", "CK", "own above another", 100, 100, 95, 0.97)])
    assert "0.950" in text
    assert "0.888 to 0.978" in text
    assert text.endswith("MISSED")


@pytest.mark.reference
def test_every_group_that_has_a_target_reaches_it(benchmark: Any, lines: list[Any]) -> None:
    missed = [line for line in lines if line.is_reached is False]
    assert missed == [], "\n" + benchmark.table(missed)


@pytest.mark.reference
def test_lexical_measures_put_the_opposite_first(lines: list[Any]) -> None:
    by_measure = [line for line in lines if line.what.startswith("the same by")]
    assert len(by_measure) == 3
    assert all(line.share < 0.2 for line in by_measure)


@pytest.mark.reference
def test_the_same_seed_gives_the_same_lines(benchmark: Any) -> None:
    if not benchmark.FOLDER.is_dir():
        pytest.skip(f"reference data not present: {benchmark.FOLDER}")
    assert benchmark.measure_known_groups(3, seed=1) == benchmark.measure_known_groups(3, seed=1)
