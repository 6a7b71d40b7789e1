"""What every statistic returns: a value with its interval, its counts and its reason where there is none."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.named_options import check_option

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
IntervalMethod = Literal["analytic", "percentile", "bca", "none"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic, how sure it is, and what it rests on; ``value`` is None exactly where ``undefined`` has a reason.

    No field is ever NaN: what cannot be computed is None, and ``undefined`` or ``warnings`` say why.
    """

    statistic: str
    """Name as in ``agreement.json``, e.g. ``cohen_kappa``."""
    variant: str = ""
    value: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float = 0.95
    ci_method: str | None = None
    p_value: float | None = None
    method: str = ""
    """One phrase on how value, standard error and test were computed."""
    n_items: int = 0
    """Items that entered the value."""
    n_ratings: int = 0
    n_missing: int = 0
    """Empty cells of the table of items by raters that was handed in."""
    n_resamples: int = 0
    n_resamples_undefined: int = 0
    undefined: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a NaN, and a value without or with a reason for not being there."""
        for name in ("value", "se", "ci_low", "ci_high", "p_value"):
            number = getattr(self, name)
            if number is not None and math.isnan(number):
                raise ValueError(f"{self.statistic} ({self.variant}): {name} is NaN")
        if (self.value is None) != (self.undefined is not None):
            raise ValueError(f"{self.statistic} ({self.variant}): value {self.value}, undefined {self.undefined}")

    @property
    def is_defined(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


class Draws:
    """Keeps the weights that were drawn last, so that all statistics of one table are resampled alike and faster.

    Parameters
    ----------
    max_cells
        Weights of more resamples times units than this are drawn block by block each time and not kept.
    """

    def __init__(self, max_cells: int = 16_000_000) -> None:
        self.max_cells = max_cells
        self._key: tuple[object, ...] | None = None
        self._weights: npt.NDArray[np.int32] | None = None

    def get(self, key: tuple[object, ...], draw: Callable[[], npt.NDArray[np.int32]]) -> npt.NDArray[np.int32]:
        """Return the weights of a key, drawing them if they were not the last ones."""
        if self._weights is None or key != self._key:
            self._key, self._weights = key, draw()
        return self._weights


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """How an interval is to be made.

    Parameters
    ----------
    method
        ``bca`` or ``percentile``: bootstrap of cases; ``analytic``: the formula of the statistic's literature where
        there is one, else the influence function; ``none``.
    level
        Coverage aimed at, between 0 and 1.
    n_resamples
        Bootstrap resamples.
    seed
        Seed of ``numpy.random.SeedSequence``.
    clusters
        Shape (n_items,): the case of each item. Items of one case are drawn together. None: each item is a case.
    """

    method: IntervalMethod = "bca"
    level: float = 0.95
    n_resamples: int = 2000
    seed: int = 0
    clusters: npt.NDArray[Any] | None = None
    draws: "Draws | None" = None
    """Where several statistics of one table share their resamples."""

    def __post_init__(self) -> None:
        """Refuse a level outside (0, 1) and a bootstrap without resamples."""
        check_option("the method of an interval", self.method, get_args(IntervalMethod))
        if not 0 < self.level < 1:
            raise ValueError(f"an interval's level lies between 0 and 1, not {self.level}")
        if self.n_resamples < 1:
            raise ValueError(f"a bootstrap needs at least 1 resample, not {self.n_resamples}")

    @property
    def is_bootstrap(self) -> bool:
        """Whether cases are resampled."""
        return self.method in ("percentile", "bca")


BCA = Interval()
ANALYTIC = Interval("analytic")
NO_INTERVAL = Interval("none")
