"""Which answers physicians grade: drawn with known chances, more often where the panel is unsure.

Sizes are bounded so that no answer is more than :data:`MOST_RATIO` times as likely as another: beyond about 5 the
intervals of corrected means fall short. A randomised systematic draw along the strata gives every answer exactly its
chance and every stratum its share, up to one answer.

References
----------
Madow WG (1949). Ann Math Stat 20:333-354. doi:10.1214/aoms/1177729988 (systematic draw with unequal chances).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray, IntArray
from judge.calibration.folds import BoolArray

MOST_RATIO = 4.5
BOOST = 3.0
"""How much likelier a flagged answer is, before the floor of unflagged ones."""
UNFLAGGED_SHARE = 0.3
"""Floor: expected share of drawn answers that no judge flagged (or their share of all answers, if that is less)."""
PLANTED_SHARE = 0.1
_SMALL = 1e-9
Unit = Literal["answer", "case"]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """All answers that may be drawn, one row an answer; each array has shape (N,)."""

    cases: IntArray
    task: npt.NDArray[Any]
    language: npt.NDArray[Any]
    model: npt.NDArray[Any]
    band: npt.NDArray[Any]
    """Predicted level, rounded; -1 where the panel could not score."""
    is_flagged: BoolArray
    """Whether judges disagree, a gate is confirmed or pending, or a human is asked for."""
    is_planted: BoolArray

    def take(self, kept: BoolArray) -> "Candidates":
        """Return the answers for which ``kept`` is true."""
        return Candidates(
            self.cases[kept],
            self.task[kept],
            self.language[kept],
            self.model[kept],
            self.band[kept],
            self.is_flagged[kept],
            self.is_planted[kept],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A sample."""

    places: IntArray
    """Rows of the answers drawn, ascending."""
    probability: FloatArray
    """Shape (N,): chance of every answer, drawn or not."""
    unit: Unit
    weight_ratio: float
    """Greatest over least chance among natural answers."""


def draw(candidates: Candidates, n: int, unit: Unit, rng: np.random.Generator) -> Drawn:
    """Draw ``n`` answers, or all answers of ``n`` cases.

    Natural and planted answers are drawn apart where answers are the unit; with whole cases planted ones come along.

    Raises
    ------
    ValueError
        If ``n`` is below 1 or above the number of answers or cases.
    """
    n_units = len(np.unique(candidates.cases)) if unit == "case" else len(candidates.cases)
    if not 1 <= n <= n_units:
        raise ValueError(f"{n} {unit}s cannot be drawn from {n_units}")
    if unit == "case":
        return _draw_cases(candidates, n, rng)
    planted = candidates.is_planted
    n_planted = _n_planted(n, planted)
    chance = np.zeros(len(planted))
    chance[~planted] = _chances(sizes(candidates.take(~planted), n - n_planted), n - n_planted)
    if planted.any():
        chance[planted] = n_planted / int(planted.sum())
    taken = np.zeros(len(planted), dtype=bool)
    for part in (~planted, planted):
        taken[np.flatnonzero(part)] = _systematic(chance[part], _strata(candidates.take(part)), rng)
    return Drawn(np.flatnonzero(taken), chance, "answer", _ratio(chance[~planted]))


def sizes(candidates: Candidates, n: int) -> FloatArray:
    """Return how likely each answer is to be drawn in proportion to the others, from 1 to :data:`MOST_RATIO`.

    Values of task, language, model and level band that would get less than half of an equal share are enlarged;
    flagged answers are too, as far as the floor of unflagged ones allows.
    """
    rare = _rare(candidates, n)
    return _boosted(lambda boost: _sizes(rare, candidates.is_flagged, boost), candidates.is_flagged)


def _rare(candidates: Candidates, n: int) -> FloatArray:
    rare = np.ones(len(candidates.cases))
    for values in (candidates.task, candidates.language, candidates.model, candidates.band):
        _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
        expected = n * counts / len(values)
        rare = np.maximum(rare, np.clip(n / (2 * len(counts)) / expected, 1.0, MOST_RATIO)[place.reshape(-1)])
    return rare


def _sizes(rare: FloatArray, is_flagged: BoolArray, boost: float) -> FloatArray:
    return np.asarray(np.minimum(MOST_RATIO, rare * np.where(is_flagged, boost, 1.0)))


def _boosted(sizes_at: Callable[[float], FloatArray], is_flagged: BoolArray) -> FloatArray:
    """Return the sizes at the greatest boost up to :data:`BOOST` that leaves unflagged answers their floor."""
    floor = min(UNFLAGGED_SHARE, 1 - float(is_flagged.mean()))
    for boost in np.linspace(BOOST, 1.0, 21):
        size = sizes_at(float(boost))
        if float(size[~is_flagged].sum()) >= floor * float(size.sum()) - _SMALL:
            break
    return size


def _n_planted(n: int, planted: BoolArray) -> int:
    n_natural = int((~planted).sum())
    wanted = min(int(planted.sum()), round(PLANTED_SHARE * n))
    return max(wanted, n - n_natural)


def _draw_cases(candidates: Candidates, n: int, rng: np.random.Generator) -> Drawn:
    cases, index = np.unique(candidates.cases, return_inverse=True)
    index = index.reshape(-1)
    rare = _rare(candidates, max(1, round(n * len(index) / len(cases))))

    def of_answers(boost: float) -> FloatArray:
        size = np.ones(len(cases))
        np.maximum.at(size, index, _sizes(rare, candidates.is_flagged, boost))
        return size[index]

    first = np.unique(index, return_index=True)[1]
    chance = _chances(_boosted(of_answers, candidates.is_flagged)[first], n)
    stratum = np.char.add(np.char.add(candidates.task[first].astype(str), "|"), candidates.language[first].astype(str))
    taken = _systematic(chance, stratum, rng)
    return Drawn(np.flatnonzero(taken[index]), chance[index], "case", _ratio(chance))


def _chances(size: FloatArray, n: int) -> FloatArray:
    """Return chances in proportion to size that add up to n, none above 1."""
    chance = np.zeros(len(size))
    if n <= 0 or not len(size):
        return chance
    is_sure = np.zeros(len(size), dtype=bool)
    while True:
        left = n - int(is_sure.sum())
        chance = np.where(is_sure, 1.0, 0.0 if left <= 0 else size * left / max(float(size[~is_sure].sum()), 1e-300))
        above = (chance > 1) & ~is_sure
        if not above.any():
            return np.asarray(np.minimum(chance, 1.0), dtype=np.float64)
        is_sure |= above


def _strata(candidates: Candidates) -> npt.NDArray[Any]:
    parts = (candidates.task, candidates.language, candidates.model, candidates.band)
    place = np.zeros(len(candidates.cases), dtype=np.int64)
    for values in parts:
        names, own = np.unique(values, return_inverse=True)
        place = place * len(names) + own.reshape(-1)
    return place


def _systematic(chance: FloatArray, strata: npt.NDArray[Any], rng: np.random.Generator) -> BoolArray:
    """Return which units one random start takes along the strata, in random order within each."""
    taken = np.zeros(len(chance), dtype=bool)
    if not len(chance):
        return taken
    order = np.lexsort((rng.random(len(chance)), strata))
    ends = np.cumsum(chance[order])
    steps = np.arange(round(float(ends[-1])))
    hits = np.searchsorted(ends, steps + rng.uniform(0, 1), side="right")
    taken[order[np.minimum(hits, len(chance) - 1)]] = True
    return taken


def _ratio(chance: FloatArray) -> float:
    positive = chance[chance > 0]
    return float(positive.max() / positive.min()) if len(positive) else 1.0


def draw_repeats(n: int, share: float, rng: np.random.Generator) -> IntArray:
    """Return which of ``n`` answers are graded twice, for intra-rater agreement; at least one from ten answers on."""
    wanted = min(n, round(share * n))
    return np.sort(rng.choice(n, size=wanted, replace=False)) if wanted else np.array([], dtype=np.int64)
