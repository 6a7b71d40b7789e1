"""Two one-sided tests: is a rater's mean shift smaller than a margin stated beforehand."""

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate
from judge.agreement.matrix import prepare


def tost(levels: npt.ArrayLike, margin: float | None, *, alpha: float = 0.05) -> Estimate:
    """Test that the mean difference of two raters lies within -/+ a margin, by two paired one-sided t tests.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing; difference is first minus second.
    margin
        In levels, above 0, stated before the ratings were seen; None is undefined (``no_margin_stated``).
    alpha
        Level of each of the two tests; the interval is the t interval at 1 - 2 alpha that they invert.

    Returns
    -------
    Estimate
        ``value`` is the mean difference, ``p_value`` the greater of the two; equivalence where it is below alpha.
        Undefined: ``no_margin_stated``, ``all_missing``, ``too_few_raters``, ``no_overlap``, ``one_item``,
        ``no_variation`` (all differences equal).

    Raises
    ------
    ValueError
        If the margin is not above 0, or there are more than two raters.

    References
    ----------
    Schuirmann DJ (1987). J Pharmacokinet Biopharm 15:657-680. doi:10.1007/BF01068419.

    Examples
    --------
    Six pairs, margin 0.5: pingouin's documentation of tost prints 0.954854 on 5 degrees of freedom.

    >>> pairs = np.array([[4, 7, 8, 6, 3, 2], [6, 8, 7, 10, 11, 9]]).T
    >>> round(tost(pairs, 0.5).p_value, 6)
    0.954854
    """
    variant = "" if margin is None else f"@{margin:g}"
    if margin is not None and not margin > 0:
        raise ValueError(f"a margin of equivalence is above 0, not {margin}")
    if np.asarray(levels).ndim == 2 and np.asarray(levels).shape[1] > 2:
        raise ValueError("equivalence is between two raters; take pairs of columns")
    table = prepare(levels, uses_scale=False)
    if margin is None or table.undefined:
        return table.undefined_estimate("tost", variant, table.undefined or "no_margin_stated")
    difference = table.levels[:, 0] - table.levels[:, 1]
    n, mean = len(difference), float(difference.mean())
    se = float(np.std(difference, ddof=1)) / float(np.sqrt(n))
    if se <= 1e-12:
        return table.undefined_estimate("tost", variant, "no_variation")
    return _tested(table.undefined_estimate("tost", variant, "-"), mean, se, n, (margin, alpha))


def _tested(blank: Estimate, mean: float, se: float, n: int, margin_alpha: tuple[float, float]) -> Estimate:
    from dataclasses import replace

    from scipy.special import stdtr, stdtrit

    margin, alpha = margin_alpha
    t_lower, t_upper = (mean + margin) / se, (mean - margin) / se
    p_lower, p_upper = float(stdtr(n - 1, -t_lower)), float(stdtr(n - 1, t_upper))
    half = float(stdtrit(n - 1, 1 - alpha)) * se
    return replace(
        blank,
        value=mean,
        undefined=None,
        se=se,
        ci_low=mean - half,
        ci_high=mean + half,
        ci_level=1 - 2 * alpha,
        ci_method=f"t, {n - 1} degrees of freedom",
        p_value=max(p_lower, p_upper),
        method="two one-sided paired t tests",
        detail={"margin": margin, "t_lower": t_lower, "t_upper": t_upper, "p_lower": p_lower, "p_upper": p_upper},
    )
