"""Do two raters use the levels alike: McNemar, Stuart-Maxwell, Bhapkar, Bowker."""

import math
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import Estimate, FloatArray
from judge.agreement.matrix import Table, prepare
from judge.agreement.named_options import check_option
from judge.agreement.tables import cross_table

McNemarVariant = Literal["exact", "asymptotic", "corrected", "mid_p"]
MCNEMAR_VARIANTS: tuple[McNemarVariant, ...] = get_args(McNemarVariant)


def mcnemar(
    levels: npt.ArrayLike, variant: McNemarVariant = "exact", *, scale: npt.ArrayLike | None = None
) -> Estimate:
    """Test whether two raters say yes equally often, from the two discordant counts b and c.

    ``exact``: binomial. ``asymptotic``: (b - c)² / (b + c). ``corrected``: (|b - c| - 1)² / (b + c). ``mid_p``: the
    exact p value less the probability of the observed count.

    Parameters
    ----------
    levels
        Shape (n_items, 2) of two levels, rows items, columns raters, NaN = missing.
    variant
        Which of the four.
    scale
        The two declared levels.

    Returns
    -------
    Estimate
        ``value`` is the statistic (for the binomial forms the smaller discordant count).
        Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap``, ``not_binary``, ``no_discordant_pairs``.

    Raises
    ------
    ValueError
        If the variant is unknown or a rating lies off the scale.

    References
    ----------
    McNemar Q (1947). Psychometrika 12:153-157. doi:10.1007/BF02295996.
    Fagerland MW, Lydersen S, Laake P (2013). BMC Med Res Methodol 13:91. doi:10.1186/1471-2288-13-91 (mid-p).

    Examples
    --------
    Fagerland et al. (2013), Table 1, airways of 21 children, b = 1 and c = 7: exact p 0.070, mid-p 0.039.

    >>> from judge.agreement.tables import pairs_from_table
    >>> airways = pairs_from_table([[1, 1], [7, 12]])
    >>> round(mcnemar(airways, "exact").p_value, 3), round(mcnemar(airways, "mid_p").p_value, 3)
    (0.07, 0.039)
    """
    check_option("a variant", variant, MCNEMAR_VARIANTS)
    table = prepare(levels, scale, min_items=1, uses_scale=False)
    if table.undefined:
        return table.undefined_estimate("mcnemar", variant)
    if len(table.scale) != 2:
        seen = "no_discordant_pairs" if len(table.scale) < 2 else "not_binary"
        return table.undefined_estimate("mcnemar", variant, seen)
    counts = cross_table(table.levels, table.scale)
    b, c = int(counts[0, 1]), int(counts[1, 0])
    if b + c == 0:
        return table.undefined_estimate("mcnemar", variant, "no_discordant_pairs")
    value, p_value = _mcnemar(b, c, variant)
    detail: dict[str, object] = {"b": b, "c": c, "difference_of_margins": (b - c) / table.n_items}
    return _test_estimate(table, "mcnemar", variant, value, p_value, detail)


def _mcnemar(b: int, c: int, variant: McNemarVariant) -> tuple[float, float]:
    from scipy.special import bdtr, chdtrc

    if variant in ("exact", "mid_p"):
        tail = 2 * float(bdtr(min(b, c), b + c, 0.5))
        if variant == "exact":
            return float(min(b, c)), min(1.0, tail)
        return float(min(b, c)), min(1.0, tail - math.comb(b + c, min(b, c)) / 2 ** (b + c))
    gap = abs(b - c) if variant == "asymptotic" else max(abs(b - c) - 1, 0)
    value = gap * gap / (b + c)
    return value, float(chdtrc(1, value))


def stuart_maxwell(levels: npt.ArrayLike, *, scale: npt.ArrayLike | None = None) -> Estimate:
    """Test whether two raters' margins are equal: d' S⁻ d with the covariance S under equal margins.

    Levels on which the raters never differ are left out; the degrees of freedom are the rank of S.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing.
    scale
        Declared levels.

    Returns
    -------
    Estimate
        Chi-square; ``detail`` has the degrees of freedom and the levels left out. Undefined: ``all_missing``,
        ``too_few_raters``, ``no_overlap``, ``fractional_levels``, ``no_discordant_pairs``.

    Raises
    ------
    ValueError
        If a rating lies off the scale.

    References
    ----------
    Stuart A (1955). Biometrika 42:412-416. doi:10.1093/biomet/42.3-4.412.
    Maxwell AE (1970). Br J Psychiatry 116:651-655. doi:10.1192/bjp.116.535.651.

    Examples
    --------
    Stuart (1955), right and left eyes of 7,477 women: 11.96 on 3 degrees of freedom.

    >>> from judge.agreement.tables import pairs_from_table
    >>> eyes = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
    >>> round(stuart_maxwell(pairs_from_table(eyes)).value, 2)
    11.96
    """
    return _marginal(levels, scale, "stuart_maxwell")


def bhapkar(levels: npt.ArrayLike, *, scale: npt.ArrayLike | None = None) -> Estimate:
    """Test whether two raters' margins are equal, with the covariance at the observed margins: SM / (1 - SM / n).

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing.
    scale
        Declared levels.

    Returns
    -------
    Estimate
        Chi-square; undefined as :func:`stuart_maxwell`.

    Raises
    ------
    ValueError
        If a rating lies off the scale.

    References
    ----------
    Bhapkar VP (1966). J Am Stat Assoc 61:228-235. doi:10.1080/01621459.1966.10502021.
    Keefe TJ (1982). Biometrika 69:683-684 (DOI not verified; relation to Stuart's statistic).
    Uebersax J (2006). McNemar tests of marginal homogeneity, https://www.john-uebersax.com/stat/mcnemar.htm.

    Examples
    --------
    The example of Uebersax (2006), for which R's bhapkarTest prints 15.423 on 2 degrees of freedom.

    >>> from judge.agreement.tables import pairs_from_table
    >>> round(bhapkar(pairs_from_table([[20, 10, 5], [3, 30, 15], [0, 5, 40]])).value, 3)
    15.423
    """
    return _marginal(levels, scale, "bhapkar")


def bowker(levels: npt.ArrayLike, *, scale: npt.ArrayLike | None = None) -> Estimate:
    """Test whether two raters' cross table is symmetric: sum of (n_ij - n_ji)² / (n_ij + n_ji) over i < j.

    Pairs of levels that never occur are left out of the sum and of the degrees of freedom.

    Parameters
    ----------
    levels
        Shape (n_items, 2), rows items, columns raters, NaN = missing.
    scale
        Declared levels.

    Returns
    -------
    Estimate
        Chi-square; undefined as :func:`stuart_maxwell`.

    Raises
    ------
    ValueError
        If a rating lies off the scale.

    References
    ----------
    Bowker AH (1948). J Am Stat Assoc 43:572-574. doi:10.1080/01621459.1948.10483284.

    Examples
    --------
    Drug (rows) and placebo (columns), three levels, RExRepos' page on Bowker's test: 12.27 on 3 degrees of freedom.

    >>> from judge.agreement.tables import pairs_from_table
    >>> round(bowker(pairs_from_table([[14, 7, 9], [5, 26, 19], [1, 7, 12]])).value, 2)
    12.27
    """
    table, counts, reason = _counts(levels, scale)
    if counts is None:
        return table.undefined_estimate("bowker", "", reason)
    upper = np.triu_indices(len(counts), 1)
    one, other = counts[upper], counts.T[upper]
    occurs = one + other > 0
    value = float(np.sum((one[occurs] - other[occurs]) ** 2 / (one[occurs] + other[occurs])))
    return _chi_square(table, "bowker", value, int(occurs.sum()), {})


def _marginal(levels: npt.ArrayLike, scale: npt.ArrayLike | None, name: str) -> Estimate:
    table, counts, reason = _counts(levels, scale)
    if counts is None:
        return table.undefined_estimate(name, "", reason)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    gap = rows - columns
    off_diagonal = counts - np.diag(np.diag(counts))
    covariance = np.diag(off_diagonal.sum(axis=1) + off_diagonal.sum(axis=0)) - off_diagonal - off_diagonal.T
    differ = np.flatnonzero(np.diag(covariance) > 0)
    covariance, gap = covariance[np.ix_(differ, differ)], gap[differ]
    df = int(np.linalg.matrix_rank(covariance))
    value = float(gap @ np.linalg.pinv(covariance, hermitian=True) @ gap)
    if name == "bhapkar":
        if value >= table.n_items - 1e-9:
            return table.undefined_estimate(name, "", "no_concordant_pairs")
        value /= 1 - value / table.n_items
    never = [
        float(v)
        for v, total in zip(table.scale, off_diagonal.sum(axis=0) + off_diagonal.sum(axis=1), strict=True)
        if total == 0
    ]
    return _chi_square(table, name, value, df, {"levels_left_out": never})


def _counts(levels: npt.ArrayLike, scale: npt.ArrayLike | None) -> tuple[Table, FloatArray | None, str | None]:
    table = prepare(levels, scale, min_items=1, uses_scale=False)
    if table.undefined:
        return table, None, None
    if table.is_fractional and table.is_declared:
        return table, None, "fractional_levels"
    counts = cross_table(table.levels, table.scale)
    if np.trace(counts) == counts.sum():
        return table, None, "no_discordant_pairs"
    return table, counts, None


def _chi_square(table: Table, name: str, value: float, df: int, detail: dict[str, object]) -> Estimate:
    from scipy.special import chdtrc

    return _test_estimate(table, name, "", value, float(chdtrc(df, value)), {"df": df, **detail})


def _test_estimate(
    table: Table, name: str, variant: str, value: float, p_value: float, detail: dict[str, object]
) -> Estimate:
    return Estimate(
        statistic=name,
        variant=variant,
        value=value if math.isfinite(value) else None,
        p_value=p_value,
        method="test of equal use of the levels",
        n_items=table.n_items,
        n_ratings=table.n_ratings,
        n_missing=table.n_missing,
        detail=detail,
        warnings=table.warnings,
    )
