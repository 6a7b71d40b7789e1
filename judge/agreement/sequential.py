"""Limits for a test that is looked at several times while cases are added."""

import math
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray
from judge.agreement.named_options import check_option
from judge.agreement.plans import normal_quantile

Spending = Literal["obrien_fleming", "pocock"]


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
    Four equal looks at 0.025 one-sided, the limits of gsDesign and ldbounds: 4.333, 2.963, 2.359, 2.014.

    >>> [round(z, 3) for z in sequential_limits([0.25, 0.5, 0.75, 1.0])]
    [4.333, 2.963, 2.359, 2.014]
    """
    check_option("spending", spending, get_args(Spending))
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
        return np.asarray(2 * (1 - ndtr(normal_quantile(1 - alpha / 2) / np.sqrt(t))))
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
