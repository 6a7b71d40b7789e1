"""Weights of a panel's judges, learned from physicians' grades and held against the plain median."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judge.agreement.estimate import FloatArray, IntArray
from judge.calibration.dawid_skene import fit_dawid_skene
from judge.calibration.folds import BoolArray, folds_by_case

Rule = Literal["median", "inverse_variance", "dawid_skene"]
N_FOLDS = 5
PRIOR_ANSWERS = 20
"""A judge's error variance is shrunk towards that of all judges as if it had been seen on so many more answers."""
_LEAST_VARIANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class JudgedAnswers:
    """Levels of the judges of a panel on answers that physicians graded."""

    levels: FloatArray
    """Shape (n, judges), NaN where a judge did not score; dimensions may be stacked."""
    target: FloatArray
    """Shape (n,)."""
    cases: IntArray
    weights: FloatArray
    """Shape (n,): 1 / inclusion probability."""
    scale: FloatArray

    def take(self, kept: BoolArray) -> "JudgedAnswers":
        """Return the answers for which ``kept`` is true."""
        return JudgedAnswers(self.levels[kept], self.target[kept], self.cases[kept], self.weights[kept], self.scale)


@dataclass(frozen=True, slots=True)
class PanelWeights:
    """Weights by judge, adding up to 1, and what cross-validation says of them."""

    rule: Rule
    weights: Mapping[str, float]
    """Equal where ``rule`` is ``median``."""
    errors: Mapping[str, float]
    """Cross-validated mean squared error after removal of the shift, by rule."""
    log_likelihoods: tuple[float, ...] = ()
    """Of the starts of Dawid and Skene's EM; where they differ there are local optima."""
    reason: str = ""


def learn_weights(judges: Sequence[str], judged: JudgedAnswers, rng: np.random.Generator) -> PanelWeights:
    """Learn weights and keep them only if they beat the plain median by more than one standard error.

    Each rule is fitted on four fifths of the cases and its squared error taken on the rest, the mean shift of the
    fitting part removed, because a corrected grade loses it anyway.
    """
    equal = {judge: 1 / len(judges) for judge in judges}
    if len(judges) < 2 or len(np.unique(judged.cases)) < N_FOLDS:
        return PanelWeights("median", equal, {}, reason="one judge" if len(judges) < 2 else "too few graded cases")
    folds = folds_by_case(judged.cases, N_FOLDS, rng)
    seeds = rng.integers(0, 2**32, size=2)
    rules: Mapping[Rule, Callable[[JudgedAnswers], FloatArray | None]] = {
        "median": lambda _: None,
        "inverse_variance": inverse_variance,
        "dawid_skene": lambda part: dawid_skene_weights(part, np.random.default_rng(seeds[0]), n_starts=1)[0],
    }
    losses = {rule: _losses(judged, folds, fit) for rule, fit in rules.items()}
    errors = {str(rule): float(np.average(loss, weights=judged.weights)) for rule, loss in losses.items()}
    best: Rule = min(("inverse_variance", "dawid_skene"), key=lambda rule: errors[rule])
    by_em, likelihoods = dawid_skene_weights(judged, np.random.default_rng(seeds[1]))
    gain, se = _gain(losses["median"] - losses[best], judged)
    if gain <= se:
        reason = f"{best} gains {gain:.3f} over the median, within one standard error ({se:.3f})"
        return PanelWeights("median", equal, errors, likelihoods, reason)
    found = inverse_variance(judged) if best == "inverse_variance" else by_em
    learned = dict(zip(judges, found.tolist(), strict=True))
    return PanelWeights(best, learned, errors, likelihoods, f"gains {gain:.3f} over the median (SE {se:.3f})")


def inverse_variance(judged: JudgedAnswers) -> FloatArray:
    """Return weights in inverse proportion to the judges' error variances, shrunk towards their mean; shape (judges,).

    The variance of a judge is that of level - target about its mean: a constant shift is no noise.
    """
    error = judged.levels - judged.target[:, None]
    known = ~np.isnan(error)
    weights = np.where(known, judged.weights[:, None], 0.0)
    mass = np.maximum(weights.sum(axis=0), 1e-12)
    filled = np.where(known, error, 0.0)
    mean = (weights * filled).sum(axis=0) / mass
    variance = (weights * np.where(known, error - mean, 0.0) ** 2).sum(axis=0) / mass
    n = known.sum(axis=0)
    pooled = float(np.average(variance, weights=np.maximum(n, 1)))
    shrunk = (n * variance + PRIOR_ANSWERS * pooled) / (n + PRIOR_ANSWERS)
    return _normalised(1 / np.maximum(shrunk, _LEAST_VARIANCE))


def dawid_skene_weights(
    judged: JudgedAnswers, rng: np.random.Generator, *, n_starts: int = 4
) -> tuple[FloatArray, tuple[float, ...]]:
    """Return weights from confusion matrices fitted with the physicians' levels as known, and the log-likelihoods.

    Levels between two of the scale go to the nearest. A judge's error variance is that of its confusion matrix.
    """
    scale, q = judged.scale, len(judged.scale)
    place = np.abs(judged.levels[:, :, None] - scale).argmin(axis=2)
    known = ~np.isnan(judged.levels)
    counts = np.eye(q)[place] * known[:, :, None]
    has_vote = known.any(axis=1)
    near = np.abs(judged.target[:, None] - scale).argmin(axis=1)
    is_sure = np.abs(judged.target - scale[near]) < 1e-9
    fitted = fit_dawid_skene(
        counts[has_vote] + 0.0, n_starts=n_starts, rng=rng, labels=np.where(is_sure, near, -1)[has_vote], tolerance=1e-4
    )
    off = scale[None, :] - scale[:, None]
    confusion = (fitted.confusion * _support(fitted.posterior, q) + 1 / q) / (_support(fitted.posterior, q) + 1)
    joint = fitted.prevalence[None, :, None] * confusion
    mean = (joint * off).sum(axis=(1, 2))
    variance = (joint * off**2).sum(axis=(1, 2)) - mean**2
    return _normalised(1 / np.maximum(variance, _LEAST_VARIANCE)), fitted.log_likelihoods


def _support(posterior: FloatArray, q: int) -> FloatArray:
    """Return how many answers each true level's row rests on, shape (1, q, 1)."""
    return np.asarray(posterior.sum(axis=0).reshape(1, q, 1))


def pooled_levels(levels: FloatArray, weights: FloatArray | None) -> FloatArray:
    """Return the panel's level of each answer: the median without weights, else the weighted mean of who scored."""
    if weights is None:
        return _medians(levels)
    known = ~np.isnan(levels)
    mass = (known * weights).sum(axis=1)
    total = (np.where(known, levels, 0.0) * weights).sum(axis=1)
    pooled: FloatArray = np.divide(total, mass, out=np.full(len(levels), np.nan), where=mass > 0)
    return pooled


def _medians(levels: FloatArray) -> FloatArray:
    """Return the median of each row without its NaN, NaN where there is nothing else."""
    ascending = np.sort(levels, axis=1)
    n, row = np.count_nonzero(~np.isnan(levels), axis=1), np.arange(len(levels))
    middle = (ascending[row, np.maximum(n - 1, 0) // 2] + ascending[row, np.minimum(n // 2, levels.shape[1] - 1)]) / 2
    return np.asarray(middle, dtype=np.float64)


def _losses(judged: JudgedAnswers, folds: IntArray, fit: Callable[[JudgedAnswers], FloatArray | None]) -> FloatArray:
    losses = np.zeros(len(judged.target))
    for fold in np.unique(folds):
        inside, held = judged.take(folds != fold), judged.take(folds == fold)
        weights = fit(inside)
        error = pooled_levels(inside.levels, weights) - inside.target
        known = ~np.isnan(error)
        shift = float(np.average(error[known], weights=inside.weights[known])) if known.any() else 0.0
        losses[folds == fold] = np.nan_to_num((pooled_levels(held.levels, weights) - shift - held.target) ** 2)
    return losses


def _gain(difference: FloatArray, judged: JudgedAnswers) -> tuple[float, float]:
    """Return the weighted mean difference and its standard error over cases."""
    total = float(judged.weights.sum())
    mean = float(judged.weights @ difference) / total
    _, place = np.unique(judged.cases, return_inverse=True)
    sums = np.bincount(place.reshape(-1), weights=judged.weights * (difference - mean)) / total
    n = len(sums)
    return mean, float(np.sqrt(sums @ sums * n / (n - 1)))


def _normalised(weights: FloatArray) -> FloatArray:
    return np.asarray(weights / weights.sum(), dtype=np.float64)
