"""Fleiss' kappa level by level, and its test of no agreement beyond chance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judge.agreement.chance import level_counts
from judge.agreement.estimate import Estimate
from judge.agreement.intervals import two_sided_normal_p
from judge.agreement.matrix import prepare


@dataclass(frozen=True, slots=True)
class FleissByLevel:
    """One estimate a level, and the overall test."""

    levels: tuple[Estimate, ...]
    z_null: float | None
    """Overall kappa over its standard error where true kappa is 0."""


def fleiss_by_level(levels: npt.ArrayLike, *, scale: npt.ArrayLike | None = None) -> FleissByLevel:
    """Return for each level how well raters tell it from all others together.

    kappa_j = 1 - sum x_ij (m - x_ij) / (n m (m-1) p_j q_j) for n items of m raters each, with null standard error
    sqrt(2 / (n m (m-1))); overall sqrt(2) sqrt((sum p q)² - sum p q (q - p)) / (sum p q sqrt(n m (m-1))).

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing. Only complete items enter.
    scale
        Declared levels, ascending.

    Returns
    -------
    FleissByLevel
        Estimates in the order of the scale, ``variant`` the level, ``se`` and ``p_value`` under no agreement.
        A level is undefined (``no_variation``) where no rating or every rating is at it; all are where the table is.

    References
    ----------
    Fleiss JL, Nee JCM, Landis JR (1979). Psychol Bull 86:974-977. doi:10.1037/0033-2909.86.5.974.
    Fleiss JL (1971). Psychol Bull 76:378-382. doi:10.1037/h0031619.
    Gamer M et al. (2019). R package irr 0.84.1, https://cran.r-project.org/package=irr (the data of the example).

    Examples
    --------
    Fleiss (1971), 30 patients, six psychiatrists, five diagnoses; irr prints .245, .245, .520, .471 and .566.

    >>> counts = (
    ...     "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    ...     "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
    ... )
    >>> ratings = [np.repeat(np.arange(1, 6), [int(c) for c in row]) for row in counts.split()]
    >>> [round(e.value, 3) for e in fleiss_by_level(ratings, scale=range(1, 6)).levels]
    [0.245, 0.245, 0.52, 0.471, 0.566]
    """
    table = prepare(levels, scale, need="complete")
    if table.undefined or table.is_fractional:
        reason = table.undefined or "fractional_levels"
        names = [f"{v:g}" for v in table.scale]
        return FleissByLevel(tuple(table.undefined_estimate("fleiss_kappa", name, reason) for name in names), None)
    counts = level_counts(table.levels, table.scale)
    n, m = len(counts), table.n_raters
    p = counts.sum(axis=0) / (n * m)
    spread = p * (1 - p)
    split = np.sum(counts * (m - counts), axis=0)
    se = float(np.sqrt(2 / (n * m * (m - 1))))
    found = []
    for j, level in enumerate(table.scale):
        if spread[j] == 0:
            found.append(table.undefined_estimate("fleiss_kappa", f"{level:g}", "no_variation"))
            continue
        kappa = 1 - float(split[j]) / (n * m * (m - 1) * float(spread[j]))
        found.append(
            Estimate(
                statistic="fleiss_kappa",
                variant=f"{level:g}",
                value=kappa,
                se=se,
                p_value=two_sided_normal_p(kappa / se),
                method="one level against all others; null standard error (Fleiss, Nee & Landis 1979)",
                n_items=n,
                n_ratings=table.n_ratings,
                n_missing=table.n_missing,
                detail={"z_null": kappa / se},
            )
        )
    total = float(spread.sum())
    if total == 0:
        return FleissByLevel(tuple(found), None)
    overall = 1 - float(split.sum()) / (n * m * (m - 1) * total)
    se_null = np.sqrt(2 * (total**2 - float(np.sum(spread * (1 - 2 * p))))) / (total * np.sqrt(n * m * (m - 1)))
    return FleissByLevel(tuple(found), float(overall / se_null))
