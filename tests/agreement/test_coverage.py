"""How often 95 % intervals hold the truth, by simulation.

400 replications by default, each count within two Monte Carlo errors of the band of 93 to 97 %. The full size, 3,000
replications, is run by ``JUDGE_COVERAGE_REPLICATIONS=3000 pytest tests/agreement/test_coverage.py``.

Estimand of every interval here: these raters, cases at random. The F interval of ICC(2,1) speaks of raters at random
and is therefore wide for these raters.
"""

import os

import numpy as np
import pytest

from judge.agreement import icc
from judge.agreement.bootstrap import interval_of, jackknife, point, resample
from judge.agreement.estimate import ANALYTIC
from judge.agreement.intraclass import FORMS, icc_statistic
from judge.agreement.kappa import quadratic_statistic
from judge.agreement.krippendorff import alpha_statistic
from judge.agreement.shift import bias_statistic
from judge.agreement.sums import stack, units_of

REPLICATIONS = int(os.environ.get("JUDGE_COVERAGE_REPLICATIONS", "400"))
ERROR = float(np.sqrt(0.95 * 0.05 / REPLICATIONS))
SCALE = np.arange(1.0, 6.0)
CUTS = [-1.1, -0.35, 0.35, 1.1]
SEVERITY = np.array([-0.15, 0.0, 0.15])
NAMES = ("ordinal alpha", "quadratic kappa and ccc", "ICC(2,1)", "bias")


def study(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return ratings of n items by three raters of fixed severity on five well-spread levels."""
    rated = rng.normal(size=(n, 1)) + SEVERITY + 0.7 * rng.normal(size=(n, 3))
    return np.searchsorted(CUTS, rated.ravel()).reshape(rated.shape) + 1.0


def four(levels: np.ndarray):
    """Return alpha, quadratic kappa (which is Lin's coefficient) and bias of raters 1 and 3, ICC(2,1)."""
    return stack(
        [
            alpha_statistic(levels, "ordinal", SCALE),
            quadratic_statistic([(0, 2)]),
            icc_statistic(levels),
            _first_and_third(),
        ]
    )


def _first_and_third():
    plain = bias_statistic()
    return type(plain)(lambda levels: plain.features(levels[:, [0, 2]]), plain.values, plain.width)


COLUMNS = (0, 1, 2 + FORMS.index("ICC(2,1)"), 2 + len(FORMS))


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """Return the four values in a study of 400,000 items."""
    levels = study(np.random.default_rng(77), 400_000)
    statistic = four(levels)
    return point(statistic, units_of(levels, statistic))[list(COLUMNS)]


@pytest.mark.parametrize("n", [100, 200])
def test_bootstrap_intervals_hold_the_truth_as_often_as_they_say(n, truth):
    hits = np.zeros(len(COLUMNS))
    for child in np.random.SeedSequence(n).spawn(REPLICATIONS):
        levels = study(np.random.default_rng(child), n)
        statistic = four(levels)
        units = units_of(levels, statistic)
        values, left_out = resample(statistic, units, 600, child), jackknife(statistic, units)
        theta = point(statistic, units)
        for which, column in enumerate(COLUMNS):
            ends = interval_of(
                values[:, column], theta[column], "bca", 0.95, (left_out[:, column], units.counts.astype(float))
            )
            hits[which] += ends.low <= truth[which] <= ends.high
    for name, coverage in zip(NAMES, hits / REPLICATIONS, strict=True):
        assert 0.93 - 2 * ERROR <= coverage <= 0.97 + 2 * ERROR, (name, n, coverage)


@pytest.mark.parametrize("n", [100, 200])
def test_f_interval_of_the_icc_is_at_least_as_wide_as_these_raters_need(n, truth):
    hits = 0
    for child in np.random.SeedSequence(n + 1).spawn(REPLICATIONS):
        found = icc(study(np.random.default_rng(child), n), "ICC(2,1)", interval=ANALYTIC)
        hits += found.ci_low <= truth[2] <= found.ci_high
    assert hits / REPLICATIONS >= 0.93 - 2 * ERROR


def six_dimensions(rng: np.random.Generator, n_cases: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two raters' levels of six dimensions a case, correlated 0.6 within the case, and the case of each row."""
    shared = np.sqrt(0.6)
    quality = shared * rng.normal(size=(n_cases, 1)) + np.sqrt(0.4) * rng.normal(size=(n_cases, 6))
    noise = np.sqrt(0.6) * rng.normal(size=(n_cases, 1, 2)) + np.sqrt(0.4) * rng.normal(size=(n_cases, 6, 2))
    rated = quality[:, :, None] + 0.7 * noise
    levels = np.searchsorted(CUTS, rated.ravel()).reshape(-1, 2) + 1.0
    return levels, np.repeat(np.arange(n_cases), 6)


def test_pooling_dimensions_needs_cases_to_be_drawn_not_ratings():
    statistic = quadratic_statistic([(0, 1)])
    levels, _ = six_dimensions(np.random.default_rng(1), 60_000)
    truth = float(point(statistic, units_of(levels, statistic))[0])
    hits = np.zeros(2)
    for child in np.random.SeedSequence(5).spawn(REPLICATIONS):
        levels, cases = six_dimensions(np.random.default_rng(child), 100)
        for which, clusters in enumerate((cases, None)):
            units = units_of(levels, statistic, clusters)
            values = resample(statistic, units, 500, child)[:, 0]
            ends = interval_of(values, float(point(statistic, units)[0]), "percentile", 0.95)
            hits[which] += ends.low <= truth <= ends.high
    by_case, by_rating = hits / REPLICATIONS
    assert by_case >= 0.92 - 2 * ERROR
    assert by_rating < 0.88
