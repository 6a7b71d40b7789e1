"""Lin's concordance correlation coefficient."""

import math

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, Spread, finish
from judge.agreement.intervals import fisher_interval, normal_interval
from judge.agreement.kappa import quadratic_statistic
from judge.agreement.matrix import prepare
from judge.agreement.sums import SumStatistic


def lin_ccc(levels: npt.ArrayLike, *, interval: Interval = BCA) -> Estimate:
    """How close two raters lie to the line of equality: correlation times a penalty for shift and scale.

    ccc = 2 s_xy / (s_x² + s_y² + (mean x - mean y)²) with 1/n moments (Lin 1989); with 1/(n-1) moments it differs in
    the later decimals. The analytic interval is Fisher's z with the variance of the 2000 erratum over n - 2.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing; any real ratings.
    interval
        How the interval is made.

    Returns
    -------
    Estimate
        Between -1 and 1; ``detail``: Pearson's r, the bias correction C_b and the plain normal limits.
        Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``, ``no_variation``.

    Raises
    ------
    ValueError
        If there are more than two raters.

    References
    ----------
    Lin LI-K (1989). Biometrics 45:255-268. doi:10.2307/2532051.
    Lin LI-K (2000). Biometrics 56:324-325. doi:10.1111/j.0006-341X.2000.00324.x (erratum).
    Bland JM, Altman DG (1986). Lancet 327:307-310. doi:10.1016/S0140-6736(86)90837-8.

    Examples
    --------
    The two peak flow meters of Bland and Altman (1986), the example of R's epi.ccc, which computes 0.94274.

    >>> wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    >>> mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    >>> round(lin_ccc(np.array([wright, mini]).T, interval=Interval("none")).value, 5)
    0.94274
    """
    if np.asarray(levels).ndim == 2 and np.asarray(levels).shape[1] > 2:
        raise ValueError("Lin's coefficient is for two raters; take pairs of columns")
    table = prepare(levels, need="pair", uses_scale=False)
    if table.undefined:
        return table.undefined_estimate("lin_ccc")
    x, y = table.levels[:, 0], table.levels[:, 1]
    label = Label("lin_ccc", "", "1/n moments; variance of Lin 1989 with the 2000 erratum over n - 2")
    statistic = _centred(float(np.rint(table.levels.mean())))
    return finish(table, statistic, label, interval, analytic=lambda value: _spread(x, y, value, interval.level))


def _centred(centre: float) -> SumStatistic:
    """Return the coefficient from moments about a centre, which keeps large numbers exact."""
    plain = quadratic_statistic([(0, 1)])
    return SumStatistic(lambda levels: plain.features(levels - centre), plain.values, plain.width)


def _spread(x: FloatArray, y: FloatArray, ccc: float, level: float) -> Spread:
    n, sd_x, sd_y = len(x), float(np.std(x)), float(np.std(y))
    if sd_x == 0 or sd_y == 0:
        return Spread(warnings=("one rater used a single level: the coefficient is 0 by construction, no interval",))
    r = float(np.mean((x - x.mean()) * (y - y.mean()))) / (sd_x * sd_y)
    detail: dict[str, object] = {"pearson_r": r, "bias_correction": ccc / r if r else None}
    if n <= 2 or r == 0 or abs(ccc) >= 1 - 1e-12:
        return Spread(detail=detail, warnings=("the variance is undefined here: no interval",))
    u2 = (float(x.mean()) - float(y.mean())) ** 2 / (sd_x * sd_y)
    variance = (
        (1 - r**2) * ccc**2 * (1 - ccc**2) / r**2 + 2 * ccc**3 * (1 - ccc) * u2 / r - ccc**4 * u2**2 / (2 * r**2)
    ) / (n - 2)
    se = math.sqrt(max(variance, 0.0))
    low, high = fisher_interval(ccc, se / (1 - ccc**2), level)
    detail["normal_limits"] = list(normal_interval(ccc, se, level))
    return Spread(se, low, high, "Fisher z (Lin 1989, erratum 2000)", None, detail)
