"""Where disagreement comes from: variance components of cases, raters and repeats, and what more of them would bring.

The design is crossed, cases by raters with repeats within, and may be unbalanced. Components are Henderson's method 1
(equal to the analysis of variance where nothing is missing); they are not forced above 0.

References
----------
Henderson CR (1953). Biometrics 9:226-252 (DOI not verified).
Searle SR, Casella G, McCulloch CE (1992). Variance Components. Wiley. doi:10.1002/9780470316856.
Brennan RL (2001). Generalizability Theory. Springer. doi:10.1007/978-1-4757-3456-0 (D-study).
"""

from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, finish
from judge.agreement.matrix import Table
from judge.agreement.named_options import check_option
from judge.agreement.sums import SumStatistic, ratio

Component = Literal["case", "rater", "repeat", "residual"]
COMPONENTS: tuple[Component, ...] = get_args(Component)
Decision = Literal["absolute", "relative"]
_N_ITEM_SUMS = 10


def variance_component(levels: npt.ArrayLike, component: Component, *, interval: Interval = BCA) -> Estimate:
    """Variance of ratings that goes back to cases, raters, repeats of one rater, or the rest.

    The rest is the interaction of case and rater; without repeats it holds the repeat error as well.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters) or (n_items, n_raters, n_repeats), NaN = missing.
    component
        Which one.
    interval
        Bootstrap of cases (it speaks of these raters), or the influence function for ``analytic``.

    Returns
    -------
    Estimate
        In squared levels; below 0 it is shown as estimated, with a warning.
        Undefined: ``all_missing``, ``too_few_raters``, ``one_item``, ``no_repeats``, ``not_crossed`` (the raters share
        too few cases to tell the components apart).

    Raises
    ------
    ValueError
        If the component is unknown, or the array has other than two or three axes.

    References
    ----------
    Searle SR, Casella G, McCulloch CE (1992). Variance Components. Wiley. doi:10.1002/9780470316856.
    Shrout PE, Fleiss JL (1979). Psychol Bull 86:420-428. doi:10.1037/0033-2909.86.2.420.

    Examples
    --------
    Shrout and Fleiss (1979), Table 2, with the mean squares of the paper: (11.24 - 1.02) / 4.

    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(variance_component(ratings, "case", interval=Interval("none")).value, 2)
    2.56
    """
    check_option("a component", component, COMPONENTS)
    table, n_repeats = _prepare(levels)
    if table.undefined:
        return table.undefined_estimate("variance_component", component)
    has_repeats = _has_repeats(table.levels, n_repeats)
    if component == "repeat" and not has_repeats:
        return table.undefined_estimate("variance_component", component, "no_repeats")
    statistic = components_statistic(table.levels, n_repeats, has_repeats)
    note = "" if has_repeats else "; without repeats the residual holds repeat error"
    label = Label("variance_component", component, f"Henderson's method 1{note}")
    index = COMPONENTS.index(component)
    estimate = finish(table, statistic, label, interval, index=index, when_undefined="not_crossed")
    if estimate.value is not None and estimate.value < 0:
        warnings = (*estimate.warnings, "negative: shown as estimated; a D-study takes it as 0")
        estimate = replace(estimate, warnings=warnings)
    return estimate


def reliability(
    levels: npt.ArrayLike,
    n_raters: int,
    n_repeats: int = 1,
    *,
    decision: Decision = "absolute",
    interval: Interval = BCA,
) -> Estimate:
    """Reliability that the mean of k raters with m repeats each would have (D-study).

    absolute (Phi): case / (case + (rater + residual) / k + repeat / (k m)); relative (E rho²) leaves out the rater
    component. Phi(k) is ICC(2,k) and E rho²(k) ICC(3,k) where nothing is missing. Negative components count as 0.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters) or (n_items, n_raters, n_repeats), NaN = missing.
    n_raters
        k, at least 1.
    n_repeats
        m, at least 1; above 1 the ratings must hold repeats.
    decision
        ``absolute`` counts raters' severity as error, ``relative`` does not.
    interval
        Bootstrap of cases, or the influence function for ``analytic``.

    Returns
    -------
    Estimate
        Between 0 and 1. Undefined: as :func:`variance_component`, ``no_repeats`` (m above 1 without repeats),
        ``no_variation``.

    Raises
    ------
    ValueError
        If k or m is below 1.

    References
    ----------
    Brennan RL (2001). Generalizability Theory. Springer. doi:10.1007/978-1-4757-3456-0.
    Shrout PE, Fleiss JL (1979). Psychol Bull 86:420-428. doi:10.1037/0033-2909.86.2.420.

    Examples
    --------
    Shrout and Fleiss (1979), Table 2: ICC(2,4) = .62.

    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(reliability(ratings, 4, interval=Interval("none")).value, 2)
    0.62
    """
    check_option("a decision", decision, get_args(Decision))
    if n_raters < 1 or n_repeats < 1:
        raise ValueError(f"raters and repeats are at least 1, not {n_raters} and {n_repeats}")
    variant = f"k={n_raters},m={n_repeats}" + ("" if decision == "absolute" else ",relative")
    table, have_repeats = _prepare(levels)
    has_repeats = not table.undefined and _has_repeats(table.levels, have_repeats)
    reason = table.undefined or ("no_repeats" if n_repeats > 1 and not has_repeats else None)
    if reason:
        return table.undefined_estimate("reliability", variant, reason)
    inner = components_statistic(table.levels, have_repeats, has_repeats)

    def values(sums: FloatArray) -> FloatArray:
        case, rater, repeat, residual = np.where(np.isnan(v := inner.values(sums)), 0.0, np.maximum(v, 0.0)).T
        error = residual / n_raters + repeat / (n_raters * n_repeats)
        error = error + (rater / n_raters if decision == "absolute" else 0.0)
        found = ratio(case, case + error, scale=np.abs(v[:, 0]) + error)
        return np.where(np.isnan(v[:, 0]), np.nan, found)[:, None]

    statistic = SumStatistic(inner.features, values, inner.width)
    label = Label("reliability", variant, f"D-study, {decision} decisions; negative components as 0")
    return finish(table, statistic, label, interval)


def _prepare(levels: npt.ArrayLike) -> tuple[Table, int]:
    """Return the table with the repeats of each rater side by side, and how many there are."""
    array = np.asarray(levels, dtype=np.float64)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise ValueError(f"levels must have two axes (items, raters) or three (with repeats), not {array.ndim}")
    is_rated = ~np.isnan(array)
    raters = np.flatnonzero(is_rated.any(axis=(0, 2)))
    items = np.flatnonzero(is_rated.any(axis=(1, 2)))
    kept = array[np.ix_(items, raters)]
    n_missing = int(array.size - is_rated.sum())
    reason = None
    if not is_rated.any():
        reason = "all_missing"
    elif len(raters) < 2:
        reason = "too_few_raters"
    elif len(items) < 2:
        reason = "one_item"
    flat = kept.reshape(len(items), len(raters) * array.shape[2])
    seen = np.unique(flat[~np.isnan(flat)])
    return Table(flat, seen, items.astype(np.int64), False, False, n_missing, reason), array.shape[2]


def _has_repeats(flat: FloatArray, n_repeats: int) -> bool:
    cells = flat.reshape(len(flat), -1, n_repeats)
    return bool(((~np.isnan(cells)).sum(axis=2) > 1).any())


def components_statistic(flat: FloatArray, n_repeats: int, has_repeats: bool) -> SumStatistic:
    """Return the components case, rater, repeat, residual as functions of sums over cases.

    Parameters
    ----------
    flat
        Shape (n_items, n_raters * n_repeats), the repeats of each rater side by side.
    n_repeats
        Columns a rater.
    has_repeats
        Whether repeat and residual can be told apart; otherwise repeat is NaN.
    """
    n_raters = flat.shape[1] // n_repeats
    known = flat[~np.isnan(flat)]
    centre = float(known.mean()) if known.size else 0.0

    def features(rows: FloatArray) -> FloatArray:
        cells = rows.reshape(len(rows), n_raters, n_repeats) - centre
        is_rated = ~np.isnan(cells)
        n = is_rated.sum(axis=2).astype(np.float64)
        y = np.where(is_rated, cells, 0.0)
        total, in_case, sums = y.sum(axis=2), n.sum(axis=1), y.sum(axis=(1, 2))
        per_case = np.maximum(in_case, 1)
        items = [
            in_case,
            np.sum(y * y, axis=(1, 2)),
            sums**2 / per_case,
            np.sum(total**2 / np.maximum(n, 1), axis=1),
            np.sum(n > 0, axis=1),
            (in_case > 0).astype(np.float64),
            np.sum(n * n, axis=1) / per_case,
            in_case**2,
            np.sum(n * n, axis=1),
            sums,
        ]
        return np.hstack([np.stack(items, axis=1), total, n, n * n])

    def values(sums: FloatArray) -> FloatArray:
        return _solve(sums, has_repeats)

    return SumStatistic(features, values, _N_ITEM_SUMS + 3 * n_raters, len(COMPONENTS))


def _solve(sums: FloatArray, has_repeats: bool) -> FloatArray:
    """Equate the four quadratic forms T_A - T_mu, T_B - T_mu, T_AB - T_A - T_B + T_mu, T_0 - T_AB to their means."""
    n, squares, t_case, t_cell, n_cells, n_cases, by_case, case_sq, cell_sq, total = sums[:, :_N_ITEM_SUMS].T
    y_rater, n_rater, sq_rater = np.split(sums[:, _N_ITEM_SUMS:], 3, axis=1)
    has_rater = n_rater > 0
    each = np.where(has_rater, n_rater, 1.0)
    t_rater = np.sum(y_rater**2 / each, axis=1)
    by_rater = np.sum(sq_rater / each, axis=1)
    n_active = has_rater.sum(axis=1).astype(np.float64)
    safe_n = np.maximum(n, 1)
    t_mean = total**2 / safe_n
    mean_case, mean_rater, mean_cell = case_sq / safe_n, np.sum(n_rater**2, axis=1) / safe_n, cell_sq / safe_n
    zero = np.zeros(len(sums))
    # rows: forms; columns: variance of case, rater, interaction, repeat error
    forms = np.stack([t_case - t_mean, t_rater - t_mean, t_cell - t_case - t_rater + t_mean, squares - t_cell], axis=1)
    expected = np.stack(
        [
            np.stack([n - mean_case, by_case - mean_rater, by_case - mean_cell, n_cases - 1], axis=1),
            np.stack([by_rater - mean_case, n - mean_rater, by_rater - mean_cell, n_active - 1], axis=1),
            np.stack(
                [
                    mean_case - by_rater,
                    mean_rater - by_case,
                    n - by_case - by_rater + mean_cell,
                    n_cells - n_cases - n_active + 1,
                ],
                axis=1,
            ),
            np.stack([zero, zero, zero, n - n_cells], axis=1),
        ],
        axis=1,
    )
    size = 4 if has_repeats else 3
    solved = _solve_each(expected[:, :size, :size], forms[:, :size])
    out = np.full((len(sums), len(COMPONENTS)), np.nan)
    out[:, 0], out[:, 1], out[:, 3] = solved[:, 0], solved[:, 1], solved[:, 2]
    if has_repeats:
        out[:, 2] = solved[:, 3]
    return out


def _solve_each(matrices: FloatArray, right: FloatArray) -> FloatArray:
    """Solve each small system, NaN where it is singular."""
    scale = np.maximum(np.abs(matrices).max(axis=(1, 2)), 1e-300)
    scaled = matrices / scale[:, None, None]
    is_fine = np.abs(np.linalg.det(scaled)) > 1e-9
    scaled[~is_fine] = np.eye(matrices.shape[1])
    solved = np.linalg.solve(scaled, (right / scale[:, None])[:, :, None])[:, :, 0]
    solved[~is_fine] = np.nan
    return np.asarray(solved)
