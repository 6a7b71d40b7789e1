"""What a calibration set of some size will be able to tell, before anyone grades."""

import math
from dataclasses import dataclass

from judge.agreement.intervals import clopper_pearson
from judge.agreement.safety import positives_needed
from judge.agreement.simulation import DeltaDesign, simulate_delta
from judge.calibration.ppi import t_quantile

_CORRELATIONS = (0.0, 0.5, 0.7, 0.9)
_MARGINS = (0.05, 0.1, 0.15)
_WIDTHS = (0.1, 0.15, 0.2, 0.3)
_MOST_CASES = 100_000


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """Expected precision of a set."""

    n_cases: int
    n_cases_in_run: int
    sd: float
    """Of the levels, taken from the panel's."""
    half_widths: dict[str, float]
    """Of a model's mean, in levels, by correlation of judge and physicians; 0 is physicians alone."""
    cases_for_width: dict[str, int]
    """Cases for a half-width in levels, physicians alone."""
    power: dict[str, float]
    """Chance to show that a judge as good as a physician is no worse, by margin of kappa; three crossed physicians."""
    n_physicians: int
    n_gate_positives: float
    """Answers with a confirmed or pending gate that the draw expects."""
    limit_if_none_missed: float | None
    """Upper 95 % limit of the miss rate if none of those were missed."""
    positives_for_5_per_cent: int

    def lines(self) -> tuple[str, ...]:
        """Return the plan in words, a line a figure."""
        widths = ", ".join(f"±{width:.2f} (r {r})" for r, width in self.half_widths.items())
        needed = ", ".join(f"±{width}: {n}" for width, n in self.cases_for_width.items())
        power = ", ".join(f"{margin}: {share:.0%}" for margin, share in self.power.items())
        limit = "no gate expected" if self.limit_if_none_missed is None else f"{self.limit_if_none_missed:.1%}"
        return (
            f"{self.n_cases} of {self.n_cases_in_run} cases; SD of the panel's levels {self.sd:.2f}",
            f"a model's mean, by the correlation r of panel and physicians: {widths}",
            f"cases for an interval of a model's mean, physicians alone: {needed}",
            f"chance to show no worse than a physician ({self.n_physicians} physicians), by margin of kappa: {power}",
            f"gates: about {self.n_gate_positives:.0f} positives; upper limit of the miss rate if none is missed: "
            f"{limit} (5 % takes {self.positives_for_5_per_cent})",
        )


def plan_sample(
    n_cases: int, n_cases_in_run: int, sd: float, n_gate_positives: float, *, n_physicians: int = 3, seed: int = 0
) -> SamplePlan:
    """Return what so many graded cases will tell.

    Half-widths: t s sqrt((1 - r² (1 - n/N)) / n). Power: 100 simulated studies at the physicians' error of
    STATISTICS' design, lower limit of Delta above minus the margin.
    """
    share = n_cases / max(n_cases_in_run, n_cases)
    quantile = t_quantile(0.95, n_cases - 1) if n_cases > 1 else math.inf
    widths = {
        f"{r:g}": quantile * sd * math.sqrt((1 - r**2 * (1 - share)) / n_cases) for r in _CORRELATIONS if n_cases > 1
    }
    power = {}
    if n_cases >= 10:
        for margin in _MARGINS:
            design = DeltaDesign(n_cases=min(n_cases, 1000), n_physicians=n_physicians, margin=margin)
            power[f"{margin:g}"] = simulate_delta(design, n_studies=100, seed=seed).power
    n_whole = math.floor(n_gate_positives)
    return SamplePlan(
        n_cases,
        n_cases_in_run,
        sd,
        widths,
        {f"{width:g}": cases_for_half_width(sd, width) for width in _WIDTHS},
        power,
        n_physicians,
        n_gate_positives,
        clopper_pearson(0, n_whole).high if n_whole else None,
        positives_needed(0.05),
    )


def cases_for_half_width(sd: float, half_width: float) -> int:
    """Return the least number of cases at which t s / sqrt(n) is at most the half-width.

    Examples
    --------
    1.96 / 0.2 squared is 96; Student's t asks for a few more.

    >>> cases_for_half_width(1.0, 0.2)
    99
    """
    if half_width <= 0:
        raise ValueError("a half-width lies above 0")
    low, high = 2, _MOST_CASES
    while low < high:
        middle = (low + high) // 2
        if t_quantile(0.95, middle - 1) * sd / math.sqrt(middle) <= half_width:
            high = middle
        else:
            low = middle + 1
    return low
