"""Intervals of proportions and of transformed estimates."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Two limits and the method they come from."""

    low: float
    high: float
    method: str


def z_quantile(level: float) -> float:
    """Return the two-sided normal quantile of a level, 1.959964 for 0.95."""
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def normal_interval(value: float, se: float, level: float) -> tuple[float, float]:
    """Return value -/+ z se."""
    half = z_quantile(level) * se
    return value - half, value + half


def two_sided_normal_p(z: float) -> float:
    """Return the two-sided p value of a standard normal."""
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


def fisher_interval(r: float, se_z: float, level: float) -> tuple[float, float]:
    """Return the interval tanh(atanh r -/+ z se_z) for a coefficient strictly between -1 and 1."""
    low, high = normal_interval(math.atanh(r), se_z, level)
    return math.tanh(low), math.tanh(high)


def wilson(n_hits: int, n: int, level: float = 0.95) -> Limits:
    """Return Wilson's score interval of a proportion, without continuity correction.

    References
    ----------
    Wilson EB (1927). J Am Stat Assoc 22:209-212. doi:10.1080/01621459.1927.10502953.
    Newcombe RG (1998). Stat Med 17:857-872.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.

    Examples
    --------
    Newcombe (1998), Table I, 81 of 263: 0.2553 to 0.3662.

    >>> found = wilson(81, 263)
    >>> round(found.low, 4), round(found.high, 4)
    (0.2553, 0.3662)
    """
    _check_counts(n_hits, n)
    z = z_quantile(level)
    p = n_hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if n_hits == 0 else centre - half
    return Limits(low, 1.0 if n_hits == n else centre + half, "Wilson")


def clopper_pearson(n_hits: int, n: int, level: float = 0.95) -> Limits:
    """Return the exact interval of a proportion of independent draws.

    References
    ----------
    Clopper CJ, Pearson ES (1934). Biometrika 26:404-413. doi:10.1093/biomet/26.4.404.
    Newcombe RG (1998). Stat Med 17:857-872.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.

    Examples
    --------
    Newcombe (1998), Table I, 81 of 263: 0.2527 to 0.3676.

    >>> found = clopper_pearson(81, 263)
    >>> round(found.low, 4), round(found.high, 4)
    (0.2527, 0.3676)
    """
    from scipy.special import betaincinv

    _check_counts(n_hits, n)
    tail = (1 - level) / 2
    low = 0.0 if n_hits == 0 else float(betaincinv(n_hits, n - n_hits + 1, tail))
    high = 1.0 if n_hits == n else float(betaincinv(n_hits + 1, n - n_hits, 1 - tail))
    return Limits(low, high, "Clopper-Pearson")


def _check_counts(n_hits: int, n: int) -> None:
    if n < 1 or not 0 <= n_hits <= n:
        raise ValueError(f"{n_hits} of {n} is not a proportion")
