"""Power of the non-inferiority of Delta by simulation."""

import math
from dataclasses import dataclass

import numpy as np

from judge.agreement.bootstrap import jackknife, jackknife_se, point
from judge.agreement.estimate import FloatArray
from judge.agreement.kappa import mean_of_defined, pairs_statistic
from judge.agreement.plans import normal_quantile
from judge.agreement.sums import SumStatistic, units_of


@dataclass(frozen=True, slots=True)
class DeltaDesign:
    """A study of one judge against crossed physicians on an ordinal scale."""

    n_cases: int
    n_physicians: int = 3
    margin: float = 0.1
    noise_sd: float = 0.7
    """Physicians' error in standard deviations of the true quality."""
    judge_noise_sd: float = 0.7
    judge_shift: float = 0.0
    """Leniency of the judge in standard deviations of the true quality."""
    cuts: tuple[float, ...] = (-1.2, -0.4, 0.4, 1.2)
    """Where true quality plus error passes to the next level."""


@dataclass(frozen=True, slots=True)
class SimulatedPower:
    """What a simulated study finds."""

    power: float
    """Share of studies whose lower limit lies above -margin."""
    monte_carlo_se: float
    mean_delta: float
    sd_delta: float
    n_studies: int


def simulate_delta(design: DeltaDesign, *, n_studies: int = 400, alpha: float = 0.025, seed: int = 0) -> SimulatedPower:
    """Return how often a study would show non-inferiority of Delta (quadratic kappa, case jackknife, normal limit).

    Parameters
    ----------
    design
        Sizes, margin, noise.
    n_studies
        Simulated studies.
    alpha
        One-sided level.
    seed
        Seed of ``numpy.random.SeedSequence``.

    Examples
    --------
    >>> simulate_delta(DeltaDesign(n_cases=60), n_studies=20).n_studies
    20
    """
    z = normal_quantile(1 - alpha)
    children = np.random.SeedSequence(seed).spawn(n_studies)
    found = np.array([_one_study(design, np.random.default_rng(child)) for child in children])
    usable = found[~np.isnan(found).any(axis=1)]
    passed = float(np.sum(usable[:, 0] - z * usable[:, 1] > -design.margin)) / n_studies
    error = math.sqrt(max(passed * (1 - passed), 1e-12) / n_studies)
    return SimulatedPower(passed, error, float(usable[:, 0].mean()), float(usable[:, 0].std(ddof=1)), n_studies)


def _one_study(design: DeltaDesign, rng: np.random.Generator) -> tuple[float, float]:
    """Return Delta and its jackknife standard error in one simulated study, NaN where undefined."""
    k = design.n_physicians
    quality = rng.normal(size=(design.n_cases, 1))
    sd = np.array([design.judge_noise_sd, *[design.noise_sd] * k])
    shift = np.array([design.judge_shift, *[0.0] * k])
    rated = quality + shift + sd * rng.normal(size=(design.n_cases, k + 1))
    levels = np.searchsorted(np.asarray(design.cuts), rated.ravel()).reshape(rated.shape) + 1.0
    pairs = [(i, j) for j in range(1, k + 1) for i in range(j)]
    pairs.sort()
    each = pairs_statistic(pairs, "quadratic", np.arange(1.0, len(design.cuts) + 2))

    def values(sums: FloatArray) -> FloatArray:
        kappas = each.values(sums)
        return (mean_of_defined(kappas[:, :k]) - mean_of_defined(kappas[:, k:]))[:, None]

    delta = SumStatistic(each.features, values, each.width)
    units = units_of(levels, delta)
    se = jackknife_se(jackknife(delta, units)[:, 0], units.counts.astype(np.float64))
    return float(point(delta, units)[0]), math.nan if se is None else se
