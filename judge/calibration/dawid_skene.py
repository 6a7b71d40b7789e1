"""Dawid and Skene's confusion matrices of judges, without a gold standard, by EM from several starts.

It takes judges to err independently of one another given the true level, which judges of one model family do not.

References
----------
Dawid AP, Skene AM (1979). Appl Stat 28:20-28. doi:10.2307/2346806.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from judge.agreement.estimate import FloatArray

_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class DawidSkene:
    """What EM converged to from the best of its starts."""

    prevalence: FloatArray
    """Shape (q,)."""
    confusion: FloatArray
    """Shape (judges, q true, q given): rows add up to 1."""
    posterior: FloatArray
    """Shape (items, q): chance of each true level."""
    log_likelihood: float
    """Of the best start, without the multinomial constant."""
    log_likelihoods: tuple[float, ...]
    """Of every start: where they differ there are local optima."""
    n_iterations: int
    has_converged: bool


def fit_dawid_skene(
    counts: npt.ArrayLike,
    *,
    n_starts: int = 5,
    rng: Generator | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 2000,
    labels: npt.ArrayLike | None = None,
) -> DawidSkene:
    """Fit prevalence and confusion matrices.

    Parameters
    ----------
    counts
        Shape (items, judges, q): how often a judge gave an item each level; zeros where it did not score.
    n_starts
        The first start is the share of votes; the others are that, disturbed. They need ``rng``.
    rng
        Disturbs the starts.
    tolerance
        EM ends where the log-likelihood rises by less.
    labels
        Shape (items,): number of the level that physicians gave, -1 where none did; those items stay at it.

    Raises
    ------
    ValueError
        If the counts have not three axes, an item has no vote, or several starts come without ``rng``.
    """
    votes = np.asarray(counts, dtype=np.float64)
    if votes.ndim != 3:
        raise ValueError(f"counts have three axes (items, judges, levels), not {votes.ndim}")
    if np.any(votes.sum(axis=(1, 2)) == 0):
        raise ValueError("an item without any vote cannot be placed; leave it out")
    if n_starts > 1 and rng is None:
        raise ValueError("several starts need a random generator")
    known = np.full(len(votes), -1) if labels is None else np.asarray(labels, dtype=np.int64)
    shares = votes.sum(axis=1) / votes.sum(axis=(1, 2))[:, None]
    starts = [shares]
    if rng is not None:
        q = votes.shape[2]
        starts += [0.5 * shares + 0.5 * rng.dirichlet(np.ones(q), len(votes)) for _ in range(n_starts - 1)]
    fits = [_em(votes, _held(start, known), known, tolerance, max_iterations) for start in starts]
    best = max(fits, key=lambda fit: fit.log_likelihood)
    return DawidSkene(
        best.prevalence,
        best.confusion,
        best.posterior,
        best.log_likelihood,
        tuple(fit.log_likelihood for fit in fits),
        best.n_iterations,
        best.has_converged,
    )


def _held(posterior: FloatArray, known: npt.NDArray[np.int64]) -> FloatArray:
    held = posterior.copy()
    rows = np.flatnonzero(known >= 0)
    held[rows] = 0.0
    held[rows, known[rows]] = 1.0
    return held


def _em(
    votes: FloatArray, posterior: FloatArray, known: npt.NDArray[np.int64], tolerance: float, max_iterations: int
) -> DawidSkene:
    before = -np.inf
    n_judges, q = votes.shape[1:]
    flat = votes.reshape(len(votes), n_judges * q)
    is_ruled_out = (known[:, None] >= 0) & (np.arange(q) != known[:, None])
    for step in range(1, max_iterations + 1):
        prevalence = posterior.mean(axis=0)
        given = (posterior.T @ flat).reshape(q, n_judges, q).transpose(1, 0, 2)
        row = given.sum(axis=2, keepdims=True)
        confusion = np.divide(given, row, out=np.full(given.shape, 1 / q), where=row > 0)
        logs = np.log(np.maximum(confusion, _TINY)).transpose(0, 2, 1).reshape(n_judges * q, q)
        joint = flat @ logs + np.log(np.maximum(prevalence, _TINY))
        joint[is_ruled_out] = -np.inf
        top = joint.max(axis=1, keepdims=True)
        scaled = np.exp(joint - top)
        total = scaled.sum(axis=1, keepdims=True)
        posterior = scaled / total
        now = float(np.sum(top + np.log(total)))
        if now - before < tolerance:
            return DawidSkene(prevalence, confusion, posterior, now, (), step, True)
        before = now
    return DawidSkene(prevalence, confusion, posterior, before, (), max_iterations, False)
