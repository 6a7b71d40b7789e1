"""Corrected means of a run: the judge's levels of all answers, physicians' levels of a sample, cases, known chances.

The estimator is the sum over graded answers of w_i [Y_i - lambda_i (F_i - mean F)] / sum w_i, w = 1 / inclusion
probability (Hájek), mean F over all answers. It equals lambda mean(F) + mean(Y - lambda F). An answer that the panel
could not score takes mean F: it says nothing about its physicians' level.

One influence value a case, psi_c = lambda sum a_i (F_i - mean F) / A + sum w_i (residual_i - mean residual) / W, holds
the covariance of the two terms; the variance is the sum of psi² / (1 - h) over graded cases, h the case's share of the
weight (n/(n-1) where all are equal), and of psi² G/(G-1) over the G ungraded ones; t on 1 / sum h² - 1 degrees of
freedom (n - 1 where all are equal).
"""

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from judge.agreement.estimate import Estimate, FloatArray, IntArray
from judge.calibration.folds import BoolArray, folds_by_case
from judge.calibration.ppi import NOTHING, t_quantile

Lambda = float | Literal["cross-fit", "tuned"]
Target = Literal["cases", "these answers"]
N_FOLDS = 10
LEAST_LABELS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """All answers of one model in one dimension to which the dimension applies."""

    scores: FloatArray
    """Shape (M,): the panel's level F, NaN where it could not score."""
    labels: FloatArray
    """Shape (M,): the physicians' level Y, NaN where none graded."""
    cases: IntArray
    """Shape (M,): number of the case, the same numbers for all models of a run."""
    probability: FloatArray | None = None
    """Shape (M,): chance of having been drawn, None for a simple random sample."""

    @property
    def is_labelled(self) -> BoolArray:
        """Shape (M,): which answers have a physicians' level."""
        return ~np.isnan(self.labels)


@dataclass(frozen=True, slots=True)
class MeanOptions:
    """How a corrected mean is computed.

    ``target``: ``cases`` speaks of the population that the run's cases stand for, ``these answers`` of the mean that
    physicians would give on this very run (finite-population correction: nothing is left to chance where all are
    graded; all answers then take the mean of the cross-fitted lambdas, for with one each a run that is graded whole
    would miss its own mean). ``lam`` 0 is the physicians' own mean, 1 plain PPI.
    """

    lam: Lambda = "cross-fit"
    target: Target = "cases"
    level: float = 0.95
    bounds: tuple[float, float] | None = None
    """Ends of the scale, at which an interval is cut."""
    seed: int = 0
    """Shuffles cases into folds."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A mean with one influence value a case, from which differences are made."""

    value: float
    cases: IntArray
    """Shape (G,): numbers of the cases."""
    influence: FloatArray
    """Shape (G,)."""
    is_graded: BoolArray
    """Shape (G,)."""
    leverage: FloatArray
    """Shape (G,): share of the weight of the graded answers, 0 for a case without any."""
    lam: float
    n_graded: int
    notes: tuple[str, ...] = field(default=())


def corrected_mean(frame: Frame, options: MeanOptions | None = None) -> Estimate:
    """Mean level that physicians would have given, with a t interval clustered by case.

    Parameters
    ----------
    frame
        All answers.
    options
        Weight of the judge, target, level.

    Returns
    -------
    Estimate
        In levels. Undefined: ``too_few_labels`` below two graded cases.

    Examples
    --------
    Two of four answers graded, lambda 1: 4 + (2.5 - 3).

    >>> nan = float("nan")
    >>> frame = Frame(np.array([2.0, 4.0, 1.0, 3.0]), np.array([3.0, 5.0, nan, nan]), np.arange(4))
    >>> corrected_mean(frame, MeanOptions(lam=1.0)).value
    3.5
    """
    chosen = options or MeanOptions()
    fitted = fit_mean(frame, chosen)
    if fitted is None:
        n = len(np.unique(frame.cases[frame.is_labelled]))
        return Estimate(
            "corrected_mean", _name(chosen), undefined="too_few_labels", detail={"n": n, "minimum": LEAST_LABELS}
        )
    return estimate_of(fitted, chosen, "corrected_mean", len(frame.scores))


def corrected_difference(one: Frame, other: Frame, options: MeanOptions | None = None) -> Estimate:
    """Mean level of one model minus another's, over the cases that both answered.

    Its influence value of a case is the difference of the two models': what a case does to both cancels.

    Returns
    -------
    Estimate
        In levels. Undefined: ``no_common_case``, ``too_few_labels`` where either has fewer than two graded cases.
    """
    chosen = options or MeanOptions()
    common = np.intersect1d(one.cases, other.cases)
    if len(common) == 0:
        return Estimate("corrected_difference", _name(chosen), undefined="no_common_case")
    parts = [fit_mean(_within(frame, common), chosen) for frame in (one, other)]
    if parts[0] is None or parts[1] is None:
        return Estimate("corrected_difference", _name(chosen), undefined="too_few_labels")
    first, second = parts[0], parts[1]
    fitted = Fitted(
        first.value - second.value,
        first.cases,
        first.influence - second.influence,
        first.is_graded | second.is_graded,
        (first.leverage + second.leverage) / 2,
        (first.lam + second.lam) / 2,
        min(first.n_graded, second.n_graded),
        tuple(dict.fromkeys((*first.notes, *second.notes))),
    )
    span = None if chosen.bounds is None else chosen.bounds[1] - chosen.bounds[0]
    options_of = MeanOptions(
        chosen.lam, chosen.target, chosen.level, None if span is None else (-span, span), chosen.seed
    )
    return estimate_of(fitted, options_of, "corrected_difference", len(common))


def fit_mean(frame: Frame, options: MeanOptions) -> Fitted | None:
    """Return the mean with its influence values, None below two graded cases."""
    cases, index = np.unique(frame.cases, return_inverse=True)
    index = index.reshape(-1)
    labelled = frame.is_labelled
    graded = np.unique(index[labelled])
    if len(graded) < LEAST_LABELS:
        return None
    importance = 1.0 / np.bincount(index)[index]
    scored = ~np.isnan(frame.scores)
    mean_score = float(np.average(frame.scores[scored], weights=importance[scored])) if scored.any() else 0.0
    centred = np.where(scored, frame.scores - mean_score, 0.0)
    weights = importance[labelled] / (1.0 if frame.probability is None else frame.probability[labelled])
    y, f, own = frame.labels[labelled], centred[labelled], index[labelled]
    total = float(weights.sum())
    lam, notes = _lambdas(y, f, weights, own, options)
    if options.target == "these answers":
        lam = np.full(len(y), float(weights @ lam) / total)
    residual = y - lam * f
    value = float(weights @ residual) / total
    kept = _left_to_chance(frame, labelled, options)
    influence = np.bincount(own, weights=kept * weights * (residual - value) / total, minlength=len(cases))
    mean_lam = float(weights @ lam) / total
    if options.target == "cases":
        by_case = np.bincount(index, weights=importance * centred, minlength=len(cases))
        influence = influence + mean_lam * by_case / float(importance.sum())
    is_graded = np.zeros(len(cases), dtype=bool)
    is_graded[graded] = True
    return Fitted(
        value=value,
        cases=np.asarray(cases),
        influence=np.asarray(influence, dtype=np.float64),
        is_graded=is_graded,
        leverage=np.asarray(np.bincount(own, weights=weights / total, minlength=len(cases)), dtype=np.float64),
        lam=mean_lam,
        n_graded=int(labelled.sum()),
        notes=notes,
    )


def _left_to_chance(frame: Frame, labelled: BoolArray, options: MeanOptions) -> FloatArray:
    """Return sqrt(1 - inclusion probability) of each graded answer where the target is this very run, else ones.

    Where fewer have a grade than were drawn (a split is left out, grades are missing), the chances are lowered until
    the weights 1 / chance add up to all answers: what nobody graded was left to chance, drawn or not.
    """
    if options.target == "cases":
        return np.ones(int(labelled.sum()))
    if frame.probability is not None:
        chance = frame.probability[labelled]
        graded_of_drawn = min(1.0, float((1 / chance).sum()) / len(labelled))
        return np.asarray(np.sqrt(np.maximum(0.0, 1 - chance * graded_of_drawn)))
    return np.full(int(labelled.sum()), math.sqrt(1 - float(labelled.mean())))


def _lambdas(
    y: FloatArray, f: FloatArray, weights: FloatArray, own: IntArray, options: MeanOptions
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return lambda of each graded answer: fixed, tuned on all, or tuned on the other folds of cases."""
    if isinstance(options.lam, int | float):
        return np.full(len(y), float(options.lam)), ()
    if np.ptp(f) <= NOTHING:
        return np.zeros(len(y)), ("the judge's levels do not vary: lambda 0, the result is the physicians' mean",)
    everything = np.ones(len(y), dtype=bool)
    if options.lam == "tuned" or len(np.unique(own)) < 2 * LEAST_LABELS:
        return np.full(len(y), _slope(y, f, weights, own, everything)), ()
    fold = folds_by_case(own, N_FOLDS, np.random.default_rng(options.seed))
    found = np.zeros(len(y))
    for k in np.unique(fold):
        found[fold == k] = _slope(y, f, weights, own, fold != k)
    return found, ()


def _slope(
    y: FloatArray,
    f: FloatArray,
    weights: FloatArray,
    own: IntArray,
    used: BoolArray,
) -> float:
    """Return the lambda within 0 and 1 that makes the case sums of weighted residuals vary least."""
    y, f, weights, own = y[used], f[used], weights[used], own[used]
    total = float(weights.sum())
    _, place = np.unique(own, return_inverse=True)
    by_y = np.bincount(place.reshape(-1), weights=weights * (y - float(weights @ y) / total))
    by_f = np.bincount(place.reshape(-1), weights=weights * (f - float(weights @ f) / total))
    spread = float(by_f @ by_f)
    return min(max(float(by_y @ by_f) / spread, 0.0), 1.0) if spread > NOTHING else 0.0


def estimate_of(fitted: Fitted, options: MeanOptions, statistic: str, n_items: int) -> Estimate:
    """Return a fitted mean or difference as an estimate with its t interval."""
    graded = fitted.influence[fitted.is_graded]
    rest = fitted.influence[~fitted.is_graded]
    n, n_rest = len(graded), len(rest)
    share = fitted.leverage[fitted.is_graded]
    degrees = 1 / float(share @ share) - 1
    variance = float(np.sum(graded**2 / (1 - share)))
    variance += float(rest @ rest) * n_rest / (n_rest - 1) if n_rest > 1 else 0.0
    se = math.sqrt(variance)
    low: float | None = None
    high: float | None = None
    notes = fitted.notes
    if se <= NOTHING and not (options.target == "these answers" and n_rest == 0):
        notes = (*notes, "the labels do not vary: no interval")
    else:
        half = t_quantile(options.level, degrees) * se
        lowest, highest = options.bounds or (-math.inf, math.inf)
        low, high = max(fitted.value - half, lowest), min(fitted.value + half, highest)
    return Estimate(
        statistic,
        _name(options),
        value=fitted.value,
        se=se,
        ci_low=low,
        ci_high=high,
        ci_level=options.level,
        ci_method=None if low is None else f"t, {degrees:.4g} degrees of freedom, by case",
        n_items=n_items,
        n_ratings=fitted.n_graded,
        detail={"lambda": fitted.lam, "n_graded": fitted.n_graded, "n_cases": n, "target": options.target},
        warnings=notes,
    )


def _within(frame: Frame, common: IntArray) -> Frame:
    kept = np.isin(frame.cases, common)
    chance = None if frame.probability is None else frame.probability[kept]
    return Frame(frame.scores[kept], frame.labels[kept], frame.cases[kept], chance)


def _name(options: MeanOptions) -> str:
    return f"lambda {options.lam:g}" if isinstance(options.lam, int | float) else f"ppi++ {options.lam}"
