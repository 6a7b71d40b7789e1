"""Has a judge changed under its name? A canary subset graded again, held against what it got when it was calibrated."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from judge.calibration.ppi import t_quantile

State = Literal["valid", "expired", "not_enough_data"]
TOLERANCE = 0.25
"""Mean shift, in levels, that a calibration may live with."""
LEAST_CASES = 10


@dataclass(frozen=True, slots=True)
class Drift:
    """What the canaries say."""

    state: State
    n_answers: int
    n_cases: int
    shift: float | None
    """Mean of now minus then, in levels."""
    ci_low: float | None
    ci_high: float | None
    exact_share: float | None
    """Share of canaries with the very same level."""
    reason: str


def drift_of(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    cases: npt.ArrayLike,
    *,
    tolerance: float = TOLERANCE,
    n_claims: int = 1,
) -> Drift:
    """Hold the levels of a canary subset against those of the day of calibration.

    ``valid`` where the 95 % interval of the mean shift (t, by case) is within the tolerance; ``expired`` where it is
    not and the interval at 1 - 0.05 / ``n_claims`` excludes 0, or where canaries are no longer scored by the share of
    one in five.

    Parameters
    ----------
    before, after
        Shape (n,): levels then and now, NaN where unscored.
    cases
        Shape (n,): case of each.
    tolerance
        In levels.
    n_claims
        How many such comparisons can each end a calibration: of an unchanged judge that wavers, all of them together
        give a false alarm in at most one check of twenty (Bonferroni).
    """
    was, now = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    names = np.asarray(cases)
    both = ~np.isnan(was) & ~np.isnan(now)
    n_was = int((~np.isnan(was)).sum())
    n_cases = len(np.unique(names[both]))
    if n_was and 1 - int(both.sum()) / n_was >= 0.2:
        lost = n_was - int(both.sum())
        return Drift(
            "expired", n_was, n_cases, None, None, None, None, f"{lost} of {n_was} canaries are not scored now"
        )
    if n_cases < LEAST_CASES:
        reason = f"{n_cases} canary cases, at least {LEAST_CASES} are needed"
        return Drift("not_enough_data", int(both.sum()), n_cases, None, None, None, None, reason)
    change = (now - was)[both]
    _, place = np.unique(names[both], return_inverse=True)
    means = np.bincount(place.reshape(-1), weights=change) / np.bincount(place.reshape(-1))
    shift = float(means.mean())
    error = float(np.std(means, ddof=1)) / float(np.sqrt(n_cases))
    half = t_quantile(0.95, n_cases - 1) * error
    low, high = shift - half, shift + half
    is_shifted = abs(shift) > t_quantile(1 - 0.05 / n_claims, n_cases - 1) * error
    state, reason = _judged(low, high, tolerance, is_shifted=is_shifted)
    return Drift(state, len(change), n_cases, shift, low, high, float(np.mean(change == 0)), reason)


def _judged(low: float, high: float, tolerance: float, *, is_shifted: bool) -> tuple[State, str]:
    shown = f"mean shift within {low:+.2f} and {high:+.2f} levels"
    if -tolerance <= low and high <= tolerance:
        return "valid", f"{shown}, inside the tolerance of {tolerance:g}"
    if is_shifted:
        return "expired", f"{shown}: the judge grades otherwise than when it was calibrated"
    return "not_enough_data", f"{shown}: neither inside the tolerance of {tolerance:g} nor a proven shift"
