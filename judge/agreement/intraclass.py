"""The six intraclass correlation coefficients of Shrout and Fleiss, with McGraw and Wong's F intervals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, Spread, finish
from judge.agreement.matrix import as_levels, prepare
from judge.agreement.named_options import check_option
from judge.agreement.sums import SumStatistic, ratio

Form = Literal["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"]
FORMS: tuple[Form, ...] = get_args(Form)
_ESTIMAND = {
    "1": "raters at random, another set for each item",
    "2": "raters at random, the same for all items, absolute agreement",
    "3": "these raters, consistency",
}


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Two-way analysis of variance without replication."""

    n: int
    k: int
    between_items: float
    between_raters: float
    residual: float
    within_items: float


def icc(levels: npt.ArrayLike, form: Form = "ICC(2,1)", *, interval: Interval = BCA) -> Estimate:
    """Share of the variance of ratings (or of their mean over raters) that lies between items.

    With mean squares between items MSR, between raters MSC, residual MSE and within items MSW of n items, k raters:
    ICC(1,1) = (MSR - MSW) / (MSR + (k-1) MSW), ICC(2,1) = (MSR - MSE) / (MSR + (k-1) MSE + k (MSC - MSE) / n),
    ICC(3,1) = (MSR - MSE) / (MSR + (k-1) MSE); ICC(1,k) = (MSR - MSW) / MSR,
    ICC(2,k) = (MSR - MSE) / (MSR + (MSC - MSE) / n), ICC(3,k) = (MSR - MSE) / MSR.

    Parameters
    ----------
    levels
        Shape (n_items, n_raters), rows items, columns raters, NaN = missing. Only items that all raters rated enter;
        in form 1 also rotating raters, if each item has equally many ratings.
    form
        Which of the six; ``k`` is the mean of these raters.
    interval
        ``analytic``: F intervals, for raters at random in forms 1 and 2. A bootstrap of items speaks of these raters.

    Returns
    -------
    Estimate
        At most 1, not clipped below, where it may pass -1. ``p_value`` tests 0 by F. ``detail`` has mean squares, F and
        the estimand. Undefined: ``all_missing``, ``too_few_raters``, ``no_overlap`` (no complete item), ``one_item``,
        ``no_variation``, ``constant_input`` (a rater gave one level only while others vary).

    Raises
    ------
    ValueError
        If the form is not one of the six.

    References
    ----------
    Shrout PE, Fleiss JL (1979). Psychol Bull 86:420-428. doi:10.1037/0033-2909.86.2.420.
    McGraw KO, Wong SP (1996). Psychol Methods 1:30-46. doi:10.1037/1082-989X.1.1.30.

    Examples
    --------
    Shrout and Fleiss (1979), Table 2: six targets, four judges, ICC(2,1) = .29.

    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(icc(ratings, "ICC(2,1)", interval=Interval("none")).value, 2)
    0.29
    """
    check_option("an ICC", form, FORMS)
    array = as_levels(levels)
    table = prepare(_without_names(array) if form[4] == "1" else array, need="complete", uses_scale=False)
    reason = table.undefined or _constant_reason(table.levels)
    if reason:
        return table.undefined_estimate("icc", form, reason)
    squares = mean_squares(table.levels)
    label = Label("icc", form, f"two-way mean squares; estimand: {_ESTIMAND[form[4]]}")
    estimate_of = _f_spread(form, squares, interval.level)
    estimate = finish(
        table, icc_statistic(table.levels), label, interval, analytic=estimate_of, index=FORMS.index(form)
    )
    who = "these raters, cases at random" if interval.is_bootstrap else _ESTIMAND[form[4]]
    return replace(estimate, detail={**estimate.detail, "interval_estimand": who})


def _without_names(levels: FloatArray) -> FloatArray:
    """Return the ratings moved to the left where every item has equally many: form 1 does not ask who rated."""
    is_rated = ~np.isnan(levels)
    n_rated = is_rated.sum(axis=1)
    counts = np.unique(n_rated[n_rated >= 2])
    if len(counts) != 1 or counts[0] == levels.shape[1]:
        return levels
    rows = np.flatnonzero(n_rated == counts[0])
    moved = np.full((len(levels), int(counts[0])), np.nan)
    moved[rows] = levels[rows][is_rated[rows]].reshape(len(rows), -1)
    return moved


def _constant_reason(levels: FloatArray) -> str | None:
    if np.ptp(levels) == 0:
        return "no_variation"
    return "constant_input" if bool(np.any(np.ptp(levels, axis=0) == 0)) else None


def mean_squares(levels: FloatArray) -> MeanSquares:
    """Return the mean squares of a complete table, shape (n_items, n_raters), both at least 2."""
    n, k = levels.shape
    x = levels - levels.mean()
    items, raters = x.mean(axis=1), x.mean(axis=0)
    residual = x - items[:, None] - raters[None, :]
    return MeanSquares(
        n=n,
        k=k,
        between_items=float(k * np.sum(items**2) / (n - 1)),
        between_raters=float(n * np.sum(raters**2) / (k - 1)),
        residual=float(np.sum(residual**2) / ((n - 1) * (k - 1))),
        within_items=float(np.sum((x - items[:, None]) ** 2) / (n * (k - 1))),
    )


def icc_statistic(levels: FloatArray) -> SumStatistic:
    """Return all six forms, in the order of ``FORMS``, from n, rater sums, squared item sums and squares.

    Incomplete items add nothing.
    """
    k = levels.shape[1]
    known = levels[np.flatnonzero(~np.isnan(levels).any(axis=1))]
    centre = float(np.rint(known.mean())) if known.size else 0.0

    def features(rows: FloatArray) -> FloatArray:
        is_complete = np.asarray(~np.isnan(rows).any(axis=1), dtype=np.float64)
        x = np.where(is_complete[:, None] > 0, rows - centre, 0.0)
        ends = np.stack([is_complete, x.sum(axis=1) ** 2, np.sum(x * x, axis=1)], axis=1)
        return np.hstack([ends, x])

    return SumStatistic(features, lambda sums: _six_forms(sums, k), 3 + k, len(FORMS))


def _six_forms(sums: FloatArray, k: int) -> FloatArray:
    n, item_squares, squares = sums[:, 0], sums[:, 1], sums[:, 2]
    raters = sums[:, 3:]
    correction = ratio(raters.sum(axis=1) ** 2, n * k)
    total = squares - correction
    rows = item_squares / k - correction
    columns = ratio(np.sum(raters**2, axis=1), n) - correction
    msr = ratio(rows, n - 1)
    msc = columns / (k - 1)
    mse = ratio(total - rows - columns, (n - 1) * (k - 1))
    msw = ratio(total - rows, n * (k - 1))
    size = ratio(squares, n)
    between = (msr - msw, msr - mse, msr - mse)
    single = (
        msr + (k - 1) * msw,
        msr + (k - 1) * mse + k * ratio(msc - mse, n),
        msr + (k - 1) * mse,
    )
    averaged = (msr, msr + ratio(msc - mse, n), msr)
    values = [ratio(b, d, scale=size) for b, d in zip(between * 2, single + averaged, strict=True)]
    return np.stack(values, axis=1)


def _f_spread(form: Form, squares: MeanSquares, level: float) -> Callable[[float], Spread]:
    def spread(value: float) -> Spread:
        detail = {
            "n": squares.n,
            "k": squares.k,
            "msr": squares.between_items,
            "msc": squares.between_raters,
            "mse": squares.residual,
            "msw": squares.within_items,
            "estimand": _ESTIMAND[form[4]],
        }
        below = ("negative: reported as it is, not clipped at 0",) if value < 0 else ()
        error = squares.within_items if form[4] == "1" else squares.residual
        if error <= 1e-12 * squares.between_items or value >= 1 - 1e-12:
            return Spread(detail=detail, warnings=(*below, "no error variance: F is infinite, no interval"))
        return _with_limits(form, squares, level, detail, below)

    return spread


def _with_limits(
    form: Form, squares: MeanSquares, level: float, detail: dict[str, object], below: tuple[str, ...]
) -> Spread:
    from scipy.special import fdtrc, fdtri

    n, k = squares.n, squares.k
    error, df = (squares.within_items, n * (k - 1)) if form[4] == "1" else (squares.residual, (n - 1) * (k - 1))
    f = squares.between_items / error
    detail |= {"F": f, "df1": n - 1, "df2": df}
    p_value = float(fdtrc(n - 1, df, f))
    upper_tail = (1 + level) / 2
    if form[4] == "2":
        low, high = _random_rater_limits(squares, upper_tail)
    else:
        f_low = f / float(fdtri(n - 1, df, upper_tail))
        f_high = f * float(fdtri(df, n - 1, upper_tail))
        low, high = (f_low - 1) / (f_low + k - 1), (f_high - 1) / (f_high + k - 1)
    if form.endswith("k)"):
        low, high = _averaged(low, k), _averaged(high, k)
    return Spread(None, low, high, "F (McGraw & Wong 1996)", p_value, detail, below)


def _random_rater_limits(squares: MeanSquares, upper_tail: float) -> tuple[float, float]:
    """Return the limits of ICC(2,1), Satterthwaite's degrees of freedom at the estimate (McGraw & Wong 1996)."""
    from scipy.special import fdtri

    n, k = squares.n, squares.k
    msr, msc, mse = squares.between_items, squares.between_raters, squares.residual
    rho = (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n)
    a = k * rho / (n * (1 - rho))
    b = 1 + k * rho * (n - 1) / (n * (1 - rho))
    v = (a * msc + b * mse) ** 2 / ((a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1)))
    f_low = float(fdtri(n - 1, v, upper_tail))
    f_high = float(fdtri(v, n - 1, upper_tail))
    rest = k * msc + (k * n - k - n) * mse
    low = n * (msr - f_low * mse) / (f_low * rest + n * msr)
    high = n * (f_high * msr - mse) / (rest + n * f_high * msr)
    return low, high


def _averaged(single: float, k: int) -> float:
    """Return the Spearman-Brown value of the mean of k raters."""
    return k * single / (1 + (k - 1) * single)
