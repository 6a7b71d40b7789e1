"""Ratings of several raters as arrays: one slice a dimension and group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray

RaterRole = Literal["judge", "physician", "panel"]
YES_NO_PREFIXES = ("gate:", "criterion:")


@dataclass(frozen=True, slots=True)
class Rater:
    """Who rates. ``panel`` is what a panel of judges makes of its verdicts."""

    id: str
    role: RaterRole
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """A dimension's declared levels."""

    values: tuple[float, ...]
    names: tuple[str, ...] | None = None
    is_ordered: bool = True
    is_declared: bool = True

    @property
    def shown(self) -> list[float | str]:
        """The levels as a reader knows them."""
        return list(self.names) if self.names is not None else [int(v) if v == int(v) else v for v in self.values]


@dataclass(frozen=True, slots=True)
class Rating:
    """One row of the interchange table, its level as a number (None = missing)."""

    item: str
    rater: str
    dimension: str
    level: float | None
    case_id: str
    repeat: int = 0
    stratum: str = "natural"
    inclusion_probability: float | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    """Values of the columns that one may group by."""


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """The ratings of one dimension in one group, as arrays."""

    dimension: str
    group: Mapping[str, str]
    scale: Scale
    raters: tuple[Rater, ...]
    items: tuple[str, ...]
    repeats: FloatArray
    """Shape (items, raters, repeats), NaN = missing; each rater's repeats in ascending order."""
    cases: npt.NDArray[Any]
    probability: FloatArray | None
    """Inclusion probability of each item, None for a simple random sample."""

    @property
    def levels(self) -> FloatArray:
        """Each rater's lowest repeat, shape (items, raters)."""
        return self.repeats[:, :, 0]

    @property
    def is_yes_no(self) -> bool:
        """Whether the dimension is a gate or a criterion."""
        return self.dimension.startswith(YES_NO_PREFIXES)

    def columns(self, *roles: RaterRole) -> list[int]:
        """Return the columns of the raters with these roles who rated anything here."""
        n_rated = np.count_nonzero(~np.isnan(self.levels), axis=0)
        return [j for j, rater in enumerate(self.raters) if rater.role in roles and n_rated[j] > 0]

    def ids(self, columns: Iterable[int]) -> tuple[str, ...]:
        """Return the raters' ids of columns."""
        return tuple(self.raters[j].id for j in columns)


def slice_ratings(
    ratings: Sequence[Rating], raters: Sequence[Rater], dimension: str, scale: Scale, group: Mapping[str, str]
) -> Slice:
    """Return the slice of one dimension from ratings that are already those of one group.

    Raters are matched by id; items and raters come in ascending order of their ids, so that the order of rows decides
    nothing.
    """
    own = [rating for rating in ratings if rating.dimension == dimension]
    items = sorted({rating.item for rating in own})
    row = {item: i for i, item in enumerate(items)}
    column = {rater.id: j for j, rater in enumerate(raters)}
    ordered = sorted(own, key=lambda rating: rating.repeat)
    filled: dict[tuple[int, int], list[float]] = {}
    cases: dict[str, str] = {}
    probability: dict[str, float] = {}
    for rating in ordered:
        cases[rating.item] = rating.case_id
        if rating.inclusion_probability is not None:
            probability[rating.item] = rating.inclusion_probability
        cell = filled.setdefault((row[rating.item], column[rating.rater]), [])
        cell.append(np.nan if rating.level is None else rating.level)
    depth = max((len(cell) for cell in filled.values()), default=1)
    repeats = np.full((len(items), len(raters), depth), np.nan)
    for (i, j), cell in filled.items():
        repeats[i, j, : len(cell)] = cell
    chance = np.array([probability.get(item, 1.0) for item in items]) if probability else None
    named = np.array([cases[item] for item in items], dtype=object)
    _, case_numbers = np.unique(named.astype(str), return_inverse=True)
    return Slice(dimension, group, scale, tuple(raters), tuple(items), repeats, case_numbers.reshape(-1), chance)
