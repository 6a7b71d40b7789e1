"""How many cases: sample sizes for kappa and ICC, power of the non-inferiority of Delta, group-sequential limits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.bootstrap import jackknife, point
from judge.agreement.estimate import FloatArray
from judge.agreement.intervals import z_quantile
from judge.agreement.kappa import fce_variance, mean_of_defined, pairs_statistic
from judge.agreement.sums import SumStatistic, units_of

Spending = Literal["obrien_fleming", "pocock"]


def _quantile(p: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(p))


def cases_for_kappa(
    rate_1: float, rate_2: float, kappa_0: float, kappa_1: float, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return how many cases a one-sided test of kappa = kappa_0 against kappa_1 needs, two raters, yes or no.

    Parameters
    ----------
    rate_1, rate_2
        Share of yes of each rater, in (0, 1).
    kappa_0, kappa_1
        Kappa under the null hypothesis and the one expected.
    alpha, power
        One-sided level and power.

    Raises
    ------
    ValueError
        If the rates cannot have such a kappa.

    References
    ----------
    Cantor AB (1996). Psychol Methods 1:150-153. doi:10.1037/1082-989X.1.2.150.

    Examples
    --------
    >>> cases_for_kappa(0.5, 0.5, 0.7, 0.85)
    117
    """
    variances = []
    for kappa in (kappa_0, kappa_1):
        chance = rate_1 * rate_2 + (1 - rate_1) * (1 - rate_2)
        both = (kappa * (1 - chance) + chance + rate_1 + rate_2 - 1) / 2
        cells = np.array([[both, rate_1 - both], [rate_2 - both, 1 - rate_1 - rate_2 + both]])
        if cells.min() < -1e-12:
            raise ValueError(f"rates {rate_1} and {rate_2} cannot have a kappa of {kappa}")
        variances.append(fce_variance(np.maximum(cells, 0), np.eye(2), kappa))
    return _cases(variances, kappa_1 - kappa_0, alpha, power)


def cases_for_kappa_levels(
    margins: Sequence[float], kappa_0: float, kappa_1: float, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return how many cases a one-sided test of unweighted kappa needs, two raters with equal margins on q levels.

    The variance is the greatest that these margins and this kappa allow, found by linear programming.

    Parameters
    ----------
    margins
        Share of each level, adding up to 1.
    kappa_0, kappa_1
        Kappa under the null hypothesis and the one expected.
    alpha, power
        One-sided level and power.

    Raises
    ------
    ValueError
        If the margins do not add up to 1, or cannot have such a kappa.

    References
    ----------
    Flack VF, Afifi AA, Lachenbruch PA, Schouten HJA (1988). Psychometrika 53:321-325. doi:10.1007/BF02294215.

    Examples
    --------
    >>> cases_for_kappa_levels([0.2, 0.25, 0.55], 0.4, 0.6)
    101
    """
    shares = np.asarray(margins, dtype=np.float64)
    if abs(float(shares.sum()) - 1) > 1e-9:
        raise ValueError("margins add up to 1")
    variances = [_greatest_variance(shares, kappa) for kappa in (kappa_0, kappa_1)]
    return _cases(variances, kappa_1 - kappa_0, alpha, power)


def _greatest_variance(margins: FloatArray, kappa: float) -> float:
    from scipy.optimize import linprog

    q = len(margins)
    chance = float(margins @ margins)
    agreement = kappa * (1 - chance) + chance
    pair_sum = np.add.outer(margins, margins)
    cost = ((1 - kappa) * pair_sum) ** 2
    diagonal = np.arange(q)
    cost[diagonal, diagonal] = (1 - 2 * margins * (1 - kappa)) ** 2
    rows = np.kron(np.eye(q), np.ones(q))
    columns = np.kron(np.ones(q), np.eye(q))
    equal = np.vstack([rows, columns, np.eye(q).ravel()[None, :]])
    found = linprog(-cost.ravel(), A_eq=equal, b_eq=np.concatenate([margins, margins, [agreement]]), method="highs")
    if not found.success:
        raise ValueError(f"these margins cannot have a kappa of {kappa}")
    return float((-found.fun - (kappa - chance * (1 - kappa)) ** 2) / (1 - chance) ** 2)


def _cases(variances: list[float], difference: float, alpha: float, power: float) -> int:
    if difference == 0:
        raise ValueError("the two kappas must differ")
    root = _quantile(1 - alpha) * math.sqrt(variances[0]) + _quantile(power) * math.sqrt(variances[1])
    return math.ceil((root / difference) ** 2 - 1e-9)


def cases_for_icc_test(rho_0: float, rho_1: float, k: int, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return how many cases a one-sided F test of ICC(1,1) = rho_0 against rho_1 needs with k ratings a case; round up.

    n = 1 + 2 (z_alpha + z_beta)² k / ((ln C)² (k - 1)) with C = (1 + k rho_0/(1-rho_0)) / (1 + k rho_1/(1-rho_1)).

    Parameters
    ----------
    rho_0, rho_1
        ICC under the null hypothesis and the one expected, in [0, 1).
    k
        Ratings a case, at least 2.
    alpha, power
        One-sided level and power.

    Raises
    ------
    ValueError
        If an ICC is outside [0, 1), they are equal, or k is below 2.

    References
    ----------
    Walter SD, Eliasziw M, Donner A (1998). Stat Med 17:101-110.
    doi:10.1002/(SICI)1097-0258(19980115)17:1<101::AID-SIM727>3.0.CO;2-E.

    Examples
    --------
    >>> math.ceil(cases_for_icc_test(0.6, 0.8, 2))
    39
    """
    if not (0 <= rho_0 < 1 and 0 <= rho_1 < 1) or rho_0 == rho_1 or k < 2:
        raise ValueError("two different ICCs in [0, 1) and at least 2 ratings a case are needed")
    odds = [1 + k * rho / (1 - rho) for rho in (rho_0, rho_1)]
    z = _quantile(1 - alpha) + _quantile(power)
    return 1 + 2 * z * z * k / (math.log(odds[0] / odds[1]) ** 2 * (k - 1))


def cases_for_icc_width(rho: float, k: int, width: float, *, level: float = 0.95) -> float:
    """Return how many cases give an interval of ICC of about this full width with k ratings a case; round up.

    n = 8 z² (1 - rho)² (1 + (k-1) rho)² / (k (k-1) width²) + 1.

    Parameters
    ----------
    rho
        ICC expected, in [0, 1).
    k
        Ratings a case, at least 2.
    width
        Full width wanted.
    level
        Of the interval.

    Raises
    ------
    ValueError
        If k is below 2 or the width not above 0.

    References
    ----------
    Bonett DG (2002). Stat Med 21:1331-1335. doi:10.1002/sim.1108.

    Examples
    --------
    >>> math.ceil(cases_for_icc_width(0.8, 2, 0.2))
    51
    """
    if k < 2 or width <= 0:
        raise ValueError("at least 2 ratings a case and a width above 0 are needed")
    z = z_quantile(level)
    return 8 * z * z * (1 - rho) ** 2 * (1 + (k - 1) * rho) ** 2 / (k * (k - 1) * width**2) + 1


def cases_for_delta(
    delta: float, se: float, n_cases: int, margin: float, *, alpha: float = 0.025, power: float = 0.8
) -> int | None:
    """Return how many fresh cases would show non-inferiority if Delta were as observed; None where it cannot.

    The standard error shrinks with the root of the number of cases. The cases must be new ones: adding to the old ones
    until the test passes is not what this number is for.

    Parameters
    ----------
    delta, se, n_cases
        Observed Delta, its standard error, and from how many cases.
    margin
        Above 0.
    alpha, power
        One-sided level and power.

    Examples
    --------
    (1.96 + 0.84)² x 100 x 0.04² / 0.10² = 125.6.

    >>> cases_for_delta(0.0, 0.04, 100, 0.10)
    126
    """
    room = delta + margin
    if room <= 0 or se <= 0:
        return None
    z = _quantile(1 - alpha) + _quantile(power)
    return math.ceil(n_cases * (z * se / room) ** 2)


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
    z = _quantile(1 - alpha)
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
    left_out = jackknife(delta, units)[:, 0]
    n = units.n
    centre = float(units.counts @ left_out) / n
    se = math.sqrt((n - 1) / n * float(units.counts @ (left_out - centre) ** 2))
    return float(point(delta, units)[0]), se


def sequential_limits(
    information: npt.ArrayLike, *, alpha: float = 0.025, spending: Spending = "obrien_fleming"
) -> tuple[float, ...]:
    """Return the one-sided limits of z at each look that keep the type I error over all looks at alpha.

    Alpha is spent as Lan and DeMets' versions of O'Brien-Fleming, 2 (1 - Phi(z_(alpha/2) / sqrt t)), or Pocock,
    alpha ln(1 + (e - 1) t), at the share t of the cases; every look must be recorded.

    Parameters
    ----------
    information
        Shape (n_looks,): share of the planned cases at each look, ascending, the last one 1.
    alpha
        One-sided, over all looks.
    spending
        Which function.

    Raises
    ------
    ValueError
        If the shares do not ascend from above 0 to 1.

    References
    ----------
    Lan KKG, DeMets DL (1983). Biometrika 70:659-663. doi:10.1093/biomet/70.3.659.
    Armitage P, McPherson CK, Rowe BC (1969). J R Stat Soc A 132:235-244. doi:10.2307/2343787 (recursion).

    Examples
    --------
    One look is a plain test.

    >>> [round(z, 2) for z in sequential_limits([1.0])]
    [1.96]
    """
    t = np.asarray(information, dtype=np.float64)
    if t.ndim != 1 or t.size == 0 or t[0] <= 0 or np.any(np.diff(t) <= 0) or abs(t[-1] - 1) > 1e-9:
        raise ValueError("looks are shares of the planned cases, ascending, above 0, the last one 1")
    spent = _spent(t, alpha, spending)
    steps = np.diff(np.concatenate([[0.0], spent]))
    limits: list[float] = []
    grid, density = np.array([0.0]), np.array([1.0])
    for k, step in enumerate(steps):
        gap = math.sqrt(t[k] - (t[k - 1] if k else 0.0))
        limit = _limit(grid, density, gap, float(step))
        limits.append(limit / math.sqrt(t[k]))
        grid, density = _carried_on(grid, density, gap, limit, math.sqrt(t[k]))
    return tuple(limits)


def _spent(t: FloatArray, alpha: float, spending: Spending) -> FloatArray:
    from scipy.special import ndtr

    if spending == "obrien_fleming":
        return np.asarray(2 * (1 - ndtr(_quantile(1 - alpha / 2) / np.sqrt(t))))
    return np.asarray(alpha * np.log(1 + (math.e - 1) * t))


def _limit(grid: FloatArray, mass: FloatArray, gap: float, step: float) -> float:
    """Return where the sum of the scores so far and the next increment passes with probability ``step``."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    def excess(limit: float) -> float:
        return float(mass @ ndtr(-(limit - grid) / gap)) - step

    return float(brentq(excess, -10.0, 40.0, xtol=1e-12))


def _carried_on(
    grid: FloatArray, mass: FloatArray, gap: float, limit: float, sd: float
) -> tuple[FloatArray, FloatArray]:
    """Return the distribution of the score among studies that went on, as masses on a Simpson grid."""
    n = 1201
    ends = np.linspace(-10 * sd, min(limit, 10 * sd), n)
    density = np.exp(-0.5 * ((ends[:, None] - grid[None, :]) / gap) ** 2) @ mass / (gap * math.sqrt(2 * math.pi))
    simpson = np.where(np.arange(n) % 2 == 1, 4.0, 2.0)
    simpson[[0, -1]] = 1.0
    return ends, density * simpson * (ends[1] - ends[0]) / 3
