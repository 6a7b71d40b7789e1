"""Adjusted p values for several tests."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray
from judge.agreement.named_options import check_option

Adjustment = Literal["holm", "bh", "by", "bonferroni"]


def adjust(p_values: npt.ArrayLike, method: Adjustment = "holm") -> FloatArray:
    """Return adjusted p values in the order given; compare each with the level wanted.

    Parameters
    ----------
    p_values
        Shape (m,), between 0 and 1.
    method
        ``holm`` and ``bonferroni`` bound the chance of any false rejection; ``bh`` the false discovery rate of
        independent or positively dependent tests; ``by`` that of any tests.

    Returns
    -------
    numpy.ndarray
        Shape (m,), between 0 and 1.

    Raises
    ------
    ValueError
        If a p value is no number between 0 and 1, or the method is unknown.

    References
    ----------
    Holm S (1979). Scand J Stat 6:65-70. https://www.jstor.org/stable/4615733.
    Benjamini Y, Hochberg Y (1995). J R Stat Soc B 57:289-300. doi:10.1111/j.2517-6161.1995.tb02031.x.
    Benjamini Y, Yekutieli D (2001). Ann Stat 29:1165-1188. doi:10.1214/aos/1013699998.

    Examples
    --------
    Benjamini and Hochberg (1995), section 4.1: of 15 p values at 0.05 Bonferroni's method rejects three, theirs four.

    >>> p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    >>> p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    >>> int((adjust(p, "bonferroni") <= 0.05).sum()), int((adjust(p, "bh") <= 0.05).sum())
    (3, 4)
    """
    check_option("an adjustment", method, get_args(Adjustment))
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not np.all((p >= 0) & (p <= 1)):
        raise ValueError("p values are numbers between 0 and 1")
    m = len(p)
    if m == 0:
        return p
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    ordered = p[order]
    if method == "bonferroni":
        adjusted = ordered * m
    elif method == "holm":
        adjusted = np.maximum.accumulate(ordered * (m - rank + 1))
    else:
        factor = float(np.sum(1 / rank)) if method == "by" else 1.0
        adjusted = np.minimum.accumulate((ordered * factor * m / rank)[::-1])[::-1]
    out = np.empty(m)
    out[order] = np.minimum(adjusted, 1.0)
    return out
