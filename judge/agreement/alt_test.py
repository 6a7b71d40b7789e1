"""The alternative annotator test: may a judge take the place of one of several annotators.

It is a cost-benefit test, not equivalence: at epsilon 0.2 it passes judges that are clearly worse than the annotators.
Read it beside non-inferiority and at several epsilons.

References
----------
Calderon N, Reichart R, Dror R (2025). The Alternative Annotator Test for LLM-as-a-Judge. ACL 2025, 16051-16081.
doi:10.18653/v1/2025.acl-long.782, arXiv:2501.10970.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import BCA, Estimate, FloatArray, Interval
from judge.agreement.inference import Label, finish
from judge.agreement.kappa import mean_of_defined
from judge.agreement.matrix import Table, as_levels, prepare
from judge.agreement.multiplicity import adjust
from judge.agreement.named_options import check_option
from judge.agreement.sums import SumStatistic, ratio

Score = Literal["accuracy", "neg_rmse"]
MIN_ITEMS = 30
FDR = 0.05
PASSES_AT = 0.5


@dataclass(frozen=True, slots=True)
class PhysicianWins:
    """The comparison with one physician, the others being the reference."""

    physician: int
    n_items: int
    rho_judge: float
    """Share of items on which the judge is at least as near the others as this physician."""
    rho_physician: float
    p_value: float | None
    """One-sided: mean of (physician wins - judge wins) is below epsilon. None: no variation, not rejected."""


def alt_test_omega(
    judge: npt.ArrayLike,
    physicians: npt.ArrayLike,
    epsilon: float = 0.2,
    *,
    score: Score = "neg_rmse",
    min_items: int = MIN_ITEMS,
) -> Estimate:
    """Share of the physicians whom the judge could replace at a given allowance epsilon.

    For each physician the judge's and the physician's labels are scored against the other physicians of the item; a
    tie counts for both. One-sided one-sample t tests, Benjamini-Yekutieli at 0.05 over the physicians.

    Parameters
    ----------
    judge
        Shape (n_items,): the judge's levels, NaN = missing.
    physicians
        Shape (n_items, n_physicians), NaN = missing. An item needs two physicians.
    epsilon
        What the judge is allowed for being cheaper, 0 to 1.
    score
        ``accuracy``: share of equal labels; ``neg_rmse``: minus the root mean squared difference.
    min_items
        Physicians with fewer items are left out.

    Returns
    -------
    Estimate
        Between 0 and 1; the judge passes from 0.5 on (``detail``). Undefined: ``needs_two_annotators``,
        ``too_few_items_per_annotator``, ``all_missing``.

    Raises
    ------
    ValueError
        If the shapes do not fit or epsilon is outside 0 to 1.

    References
    ----------
    Calderon N, Reichart R, Dror R (2025). ACL 2025, 16051-16081. doi:10.18653/v1/2025.acl-long.782.

    Examples
    --------
    Worked by hand. A judge who always agrees with all three physicians is as near as they: differences 0, below 0.2.

    >>> same = np.tile(np.arange(1.0, 6.0), 8)
    >>> alt_test_omega(same, np.column_stack([same, same, same]), 0.2, score="accuracy").value
    1.0
    """
    check_option("a score", score, get_args(Score))
    if not 0 <= epsilon <= 1:
        raise ValueError(f"epsilon lies between 0 and 1, not {epsilon}")
    variant = f"{score}@{epsilon:g}"
    matrix = _joined(judge, physicians)
    table, reason = _usable(matrix, min_items)
    if reason:
        return table.undefined_estimate("alt_test_omega", variant, reason)
    wins = physician_wins(matrix, score, epsilon, min_items)
    p_values = [1.0 if w.p_value is None else w.p_value for w in wins]
    adjusted = adjust(p_values, "by")
    is_rejected = [w.p_value is not None and bool(q < FDR) for w, q in zip(wins, adjusted, strict=True)]
    omega = float(np.mean(is_rejected))
    left_out = sorted(set(range(matrix.shape[1] - 1)) - {w.physician for w in wins})
    return Estimate(
        statistic="alt_test_omega",
        variant=variant,
        value=omega,
        method="one-sided t tests, Benjamini-Yekutieli over physicians at 0.05; ties to both sides",
        n_items=table.n_items,
        n_ratings=table.n_ratings,
        n_missing=table.n_missing,
        detail={
            **(table.detail or {}),
            "passes": omega >= PASSES_AT,
            "left_out": left_out,
            "physicians": [
                {
                    "physician": w.physician,
                    "n_items": w.n_items,
                    "rho_judge": w.rho_judge,
                    "rho_physician": w.rho_physician,
                    "p_value": w.p_value,
                    "p_adjusted": None if w.p_value is None else float(q),
                }
                for w, q in zip(wins, adjusted, strict=True)
            ],
        },
        warnings=_notes(wins, left_out),
    )


def _notes(wins: list[PhysicianWins], left_out: list[int]) -> tuple[str, ...]:
    notes = [f"physician {j + 1}: too few items, left out" for j in left_out]
    notes += [
        f"physician {w.physician + 1}: no variation (zero_variance), not rejected" for w in wins if w.p_value is None
    ]
    if len(wins) < 3:
        notes.append("two physicians: each is scored against the other alone")
    return tuple(notes)


def alt_test_rho(
    judge: npt.ArrayLike,
    physicians: npt.ArrayLike,
    *,
    score: Score = "neg_rmse",
    min_items: int = MIN_ITEMS,
    interval: Interval = BCA,
) -> Estimate:
    """Average probability that the judge is at least as near the other physicians as the one it would replace.

    Parameters
    ----------
    judge
        Shape (n_items,): the judge's levels, NaN = missing.
    physicians
        Shape (n_items, n_physicians), NaN = missing. An item needs two physicians.
    score
        ``accuracy`` or ``neg_rmse``.
    min_items
        Physicians with fewer items are left out.
    interval
        Bootstrap of items, or the influence function for ``analytic``.

    Returns
    -------
    Estimate
        Between 0 and 1, unweighted mean over physicians. Undefined as :func:`alt_test_omega`.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Calderon N, Reichart R, Dror R (2025). ACL 2025, 16051-16081. doi:10.18653/v1/2025.acl-long.782.

    Examples
    --------
    Worked by hand. A judge who always agrees with all three physicians.

    >>> same = np.tile(np.arange(1.0, 6.0), 8)
    >>> others = np.column_stack([same, same, same])
    >>> alt_test_rho(same, others, score="accuracy", interval=Interval("none")).value
    1.0
    """
    check_option("a score", score, get_args(Score))
    matrix = _joined(judge, physicians)
    table, reason = _usable(matrix, min_items)
    if reason:
        return table.undefined_estimate("alt_test_rho", score, reason)
    enough = [j for j in range(1, matrix.shape[1]) if int(_wins(matrix, j, score)[0].sum()) >= min_items]
    statistic = _rho_statistic(enough, score)
    label = Label("alt_test_rho", score, "unweighted mean over physicians; ties to both sides")
    return finish(table, statistic, label, interval)


def _joined(judge: npt.ArrayLike, physicians: npt.ArrayLike) -> FloatArray:
    table = as_levels(physicians)
    own = np.asarray(judge, dtype=np.float64)
    if own.shape != (len(table),):
        raise ValueError(f"the judge's levels have the shape {own.shape}, expected ({len(table)},)")
    return np.column_stack([own, table])


def _usable(matrix: FloatArray, min_items: int) -> tuple[Table, str | None]:
    """Return the items with the judge and two physicians, and the reason why the test is undefined."""
    is_used = ~np.isnan(matrix[:, 0]) & ((~np.isnan(matrix[:, 1:])).sum(axis=1) >= 2)
    table = prepare(np.where(is_used[:, None], matrix, np.nan), min_items=1, uses_scale=False)
    n_missing = int(np.isnan(matrix).sum())
    used = np.flatnonzero(is_used)
    n_each = [int(_wins(matrix, j, "accuracy")[0].sum()) for j in range(1, matrix.shape[1])]
    detail = {"min_items": min_items, "n_items_each": n_each}
    table = Table(matrix[used], table.scale, used, False, table.is_fractional, n_missing, None, detail, ())
    if np.isnan(matrix[:, 0]).all():
        return table, "all_missing"
    if int((~np.isnan(matrix[:, 1:])).any(axis=0).sum()) < 2:
        return table, "needs_two_annotators"
    return table, "too_few_items_per_annotator" if sum(n >= min_items for n in n_each) < 1 else None


def _wins(
    matrix: FloatArray, column: int, score: Score
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which items count for the physician in ``column``, where the judge wins, where the physician wins."""
    others = np.delete(matrix[:, 1:], column - 1, axis=1)
    is_rated = ~np.isnan(others)
    counts = ~np.isnan(matrix[:, 0]) & ~np.isnan(matrix[:, column]) & is_rated.any(axis=1)
    losses = [_loss(matrix[:, c], others, is_rated, score) for c in (0, column)]
    slack = 1e-9 * (1 + np.abs(losses[1]))
    return counts, counts & (losses[0] <= losses[1] + slack), counts & (losses[1] <= losses[0] + slack)


def _loss(own: FloatArray, others: FloatArray, is_rated: npt.NDArray[np.bool_], score: Score) -> FloatArray:
    """Return how far a label is from the others of its item; only its order matters, so no root is taken."""
    gap = np.where(is_rated & ~np.isnan(own)[:, None], others - own[:, None], 0.0)
    apart = (np.abs(gap) > 1e-12).astype(np.float64) if score == "accuracy" else gap**2
    total: FloatArray = apart.sum(axis=1)
    return total


def physician_wins(matrix: FloatArray, score: Score, epsilon: float, min_items: int = MIN_ITEMS) -> list[PhysicianWins]:
    """Return the comparison with each physician who has enough items.

    Parameters
    ----------
    matrix
        Shape (n_items, 1 + n_physicians), the judge first.
    score, epsilon, min_items
        As in :func:`alt_test_omega`.
    """
    found = []
    for column in range(1, matrix.shape[1]):
        counts, judge_wins, own_wins = _wins(matrix, column, score)
        n = int(counts.sum())
        if n < min_items:
            continue
        difference = own_wins[counts].astype(np.float64) - judge_wins[counts]
        p_value = _one_sided_p(difference, epsilon)
        found.append(PhysicianWins(column - 1, n, float(judge_wins.sum() / n), float(own_wins.sum() / n), p_value))
    return found


def _one_sided_p(difference: FloatArray, epsilon: float) -> float | None:
    from scipy.special import stdtr

    n, mean = len(difference), float(difference.mean())
    se = float(np.std(difference, ddof=1)) / float(np.sqrt(n))
    if se == 0:
        return None if abs(mean - epsilon) < 1e-12 else float(mean > epsilon)
    return float(stdtr(n - 1, (mean - epsilon) / se))


def _rho_statistic(columns: list[int], score: Score) -> SumStatistic:
    def features(levels: FloatArray) -> FloatArray:
        parts = [_wins(levels, column, score)[:2] for column in columns]
        return np.hstack([np.stack(part, axis=1) for part in parts]).astype(np.float64)

    def values(sums: FloatArray) -> FloatArray:
        counted = sums.reshape(len(sums), len(columns), 2)
        return mean_of_defined(ratio(counted[:, :, 1], counted[:, :, 0]))[:, None]

    return SumStatistic(features, values, 2 * len(columns))
