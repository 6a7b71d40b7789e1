"""How fast seventeen statistics are resampled: ``python -m tests.benchmarks.agreement`` from the project root.

47,211 items, five raters, five levels, 1,000 bootstrap resamples of items: ordinal alpha, quadratic kappa of all ten
pairs, the six ICC forms. The same run times the plain loop over the ``krippendorff`` package for alpha alone (a few
resamples, scaled up: the loop is linear in them), compares the values, and looks at memory for 1,000 and 10,000
resamples.
"""

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from judge.agreement.bootstrap import point, resample
from judge.agreement.intraclass import icc_statistic
from judge.agreement.kappa import quadratic_statistic
from judge.agreement.krippendorff import alpha_statistic
from judge.agreement.sums import SumStatistic, stack, units_of

N_ITEMS, N_RATERS, N_LEVELS, N_RESAMPLES = 47_211, 5, 5, 1_000
SCALE = np.arange(1.0, N_LEVELS + 1)


def made_up_levels(n_items: int = N_ITEMS, seed: int = 20) -> np.ndarray:
    """Return ordinal levels of raters who share a true quality, with noise and severity of their own."""
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=(n_items, 1))
    severity = np.linspace(-0.2, 0.2, N_RATERS)
    rated = quality + severity + 0.9 * rng.normal(size=(n_items, N_RATERS))
    return np.searchsorted([-1.2, -0.4, 0.4, 1.2], rated.ravel()).reshape(rated.shape) + 1.0


def seventeen(levels: np.ndarray) -> SumStatistic:
    """Return alpha, ten kappas and six ICC forms as one statistic."""
    return stack(
        [
            alpha_statistic(levels, "ordinal", SCALE),
            quadratic_statistic(list(combinations(range(N_RATERS), 2))),
            icc_statistic(levels),
        ]
    )


def alpha_alone(levels: np.ndarray, n_resamples: int = N_RESAMPLES) -> np.ndarray:
    """Return bootstrap values of ordinal alpha, from the raw table on."""
    statistic = alpha_statistic(levels, "ordinal", SCALE)
    return resample(statistic, units_of(levels, statistic), n_resamples, 0)


def all_seventeen(levels: np.ndarray, n_resamples: int = N_RESAMPLES) -> np.ndarray:
    """Return bootstrap values of all seventeen statistics, from the raw table on."""
    statistic = seventeen(levels)
    return resample(statistic, units_of(levels, statistic), n_resamples, 0)


def plain_loop(levels: np.ndarray, n_resamples: int) -> float:
    """Return the seconds a resample takes with the ``krippendorff`` package."""
    import krippendorff

    rng = np.random.default_rng(0)
    start = time.perf_counter()
    for _ in range(n_resamples):
        drawn = levels[rng.integers(0, len(levels), len(levels))]
        krippendorff.alpha(reliability_data=drawn.T, level_of_measurement="ordinal", value_domain=SCALE)
    return (time.perf_counter() - start) / n_resamples


def best_of(function: Callable[[], Any], n_times: int) -> float:
    """Return the least seconds of several runs."""
    seconds = []
    for _ in range(n_times):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def peak_mb(function: Callable[[], Any]) -> float:
    """Return the greatest memory that Python objects and arrays took in a run, in MB."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def measure(n_times: int = 3, loop_resamples: int = 10) -> dict[str, float]:
    """Return all figures of the benchmark."""
    import krippendorff

    levels = made_up_levels()
    statistic = alpha_statistic(levels, "ordinal", SCALE)
    ours = float(point(statistic, units_of(levels, statistic))[0])
    theirs = float(krippendorff.alpha(levels.T, level_of_measurement="ordinal", value_domain=SCALE))
    seventeen_s = best_of(lambda: all_seventeen(levels), n_times)
    start = time.process_time()
    all_seventeen(levels)
    seventeen_cpu_s = time.process_time() - start
    alpha_s = best_of(lambda: alpha_alone(levels), n_times)
    loop_s = plain_loop(levels, loop_resamples) * N_RESAMPLES
    return {
        "seventeen_s": seventeen_s,
        "seventeen_cpu_s": seventeen_cpu_s,
        "alpha_s": alpha_s,
        "krippendorff_loop_s": loop_s,
        "alpha_speedup": loop_s / alpha_s,
        "alpha_difference": abs(ours - theirs),
        "peak_mb_1000": peak_mb(lambda: all_seventeen(levels, 1_000)),
        "peak_mb_10000": peak_mb(lambda: all_seventeen(levels, 10_000)),
        "n_units": float(len(units_of(levels, seventeen(levels)).counts)),
    }


def main() -> None:
    """Print the figures as one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="runs of each timing, the best counts")
    parser.add_argument("--loop", type=int, default=10, help="resamples of the plain loop, scaled up to 1,000")
    options = parser.parse_args()
    print(json.dumps(measure(options.times, options.loop), indent=2))


if __name__ == "__main__":
    main()
