"""How many cases: sample sizes for kappa, ICC and the non-inferiority of Delta."""

import math
from collections.abc import Sequence

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.agreement.intervals import z_quantile
from judge.agreement.kappa import fce_variance


def normal_quantile(p: float) -> float:
    """Return the normal quantile of a probability."""
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
    Gamer M et al. (2019). R package irr 0.84.1, https://cran.r-project.org/package=irr (the data of the example).

    Examples
    --------
    The help page of irr's N.cohen.kappa prints 96 for its example, in which kappa_0 is 0.85 and kappa_1 is 0.7; the
    problem that it states in words is the other way round.

    >>> cases_for_kappa(0.5, 0.5, 0.85, 0.7), cases_for_kappa(0.5, 0.5, 0.7, 0.85)
    (96, 117)
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
    Flack VF, Afifi AA, Lachenbruch PA, Schouten HJA (1988). Psychometrika 53:321-325 (DOI not verified).
    Gamer M et al. (2019). R package irr 0.84.1, https://cran.r-project.org/package=irr (the data of the example).

    Examples
    --------
    The help page of irr's N2.cohen.kappa prints 101.

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
    root = normal_quantile(1 - alpha) * math.sqrt(variances[0]) + normal_quantile(power) * math.sqrt(variances[1])
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
    Worked with the paper's formula, 1 + 2 k (1.645 + 0.842)² / ((k - 1) (ln C)²) with
    C = (1 + k rho_0 / (1 - rho_0)) / (1 + k rho_1 / (1 - rho_1)) = 4 / 9.

    >>> math.ceil(cases_for_icc_test(0.6, 0.8, 2))
    39
    """
    if not (0 <= rho_0 < 1 and 0 <= rho_1 < 1) or rho_0 == rho_1 or k < 2:
        raise ValueError("two different ICCs in [0, 1) and at least 2 ratings a case are needed")
    odds = [1 + k * rho / (1 - rho) for rho in (rho_0, rho_1)]
    z = normal_quantile(1 - alpha) + normal_quantile(power)
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
    Bonett DG (2002). Stat Med 21:1331-1335. doi:10.1002/sim.1108, formula 3.

    Examples
    --------
    Bonett (2002): four raters, ICC 0.85, width 0.2 need 19.2 cases.

    >>> round(cases_for_icc_width(0.85, 4, 0.2), 1)
    19.2
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
    z = normal_quantile(1 - alpha) + normal_quantile(power)
    return math.ceil(n_cases * (z * se / room) ** 2)
