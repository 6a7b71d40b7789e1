"""Physicians' grades beside a run's answers: targets, chances, split; every problem of the file in one go."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.agreement.study import Scale
from judge.api.agreeing.physicians import read_physicians
from judge.api.agreeing.ratings import Row
from judge.api.agreeing.scales import Levels, scale_dimension
from judge.api.calibrating.run import RunArrays
from judge.api.sampling.set import CalibrationSet
from judge.calibration.folds import BoolArray
from judge.calibration.targets import PhysicianLevel, targets_of
from judge.domain.rubric import Rubric
from judge.errors import ConfigError, DataError, did_you_mean

GATE = "gate:"
_CRITERION = "criterion:"
_OTHER_PROMPT = (
    "the prompts differ from those of the run that the set was drawn from, so they may have been tuned on it: "
    "only the test split is used"
)


@dataclass(frozen=True, slots=True, eq=False)
class DimensionGrades:
    """Physicians' levels in one dimension (or gate), one value an answer of the run."""

    target: FloatArray
    """NaN where nobody graded, and for planted answers."""
    given: FloatArray
    """Shape (answers, levels): share of the raters behind the target who gave each level."""
    kinds: Mapping[str, int]
    """How many targets are adjudicated, means of several, or one physician's."""
    n_one_physician: int


@dataclass(frozen=True, slots=True, eq=False)
class PhysicianGrades:
    """All that physicians say of a run."""

    dimensions: Mapping[str, DimensionGrades]
    gates: Mapping[str, DimensionGrades]
    probability: FloatArray | None
    """Chance of each answer to have been drawn, 1 where it was not; None where all had the same."""
    is_tune: BoolArray | None
    """Tune split of the set; None without a set."""
    physicians: tuple[str, ...]
    simulated: tuple[str, ...]
    n_answers: int
    n_cases: int
    n_planted: int
    is_graded: BoolArray
    warnings: tuple[str, ...]


def read_grades(
    path: Path, arrays: RunArrays, rubric: Rubric, drawn: CalibrationSet | None, *, is_simple_random: bool
) -> PhysicianGrades:
    """Read physicians' grades of a run.

    Raises
    ------
    DataError
        If the file is wrong: unknown answers or dimensions, levels off their scale.
    ConfigError
        If neither a set nor equal chances are named, or they contradict the file.
    """
    if drawn is None and not is_simple_random:
        raise ConfigError(
            "the chance of an answer to have been graded is not known",
            hint="Name the set that was graded with --set DIR, or assert with --simple-random that every answer had "
            "the same chance.",
        )
    if drawn is not None and is_simple_random:
        raise ConfigError("--set and --simple-random were both given", hint="The set knows the chances: leave one out.")
    rows = read_physicians(path)
    _refuse_other_rubric(path, rows, rubric)
    if is_simple_random:
        _refuse_unequal(path, rows)
    names = _names(arrays, drawn)
    _refuse_unknown(path, rows, names, rubric)
    levels = _levels(path, rows, names, rubric)
    planted = {str(arrays.response_ids[i]) for i in np.flatnonzero(arrays.is_planted)}
    planted |= {names[row.item] for row in rows if row.stratum == "planted"}
    if drawn is not None:
        planted |= {item.response_id for item in drawn.items if item.stratum == "planted"}
    named = _Named(rows, names, frozenset(planted), {names[row.item] for row in rows})
    return _placed(named, levels, arrays, rubric, drawn)


def only_test_split(grades: PhysicianGrades, arrays: RunArrays, is_tune: BoolArray) -> PhysicianGrades:
    """Return the grades without those of the tune split: what a prompt was tuned on cannot correct it."""
    is_graded = grades.is_graded & ~is_tune

    def without(own: DimensionGrades) -> DimensionGrades:
        return replace(own, target=np.where(is_tune, np.nan, own.target))

    return replace(
        grades,
        dimensions={name: without(own) for name, own in grades.dimensions.items()},
        gates={name: without(own) for name, own in grades.gates.items()},
        is_tune=None,
        is_graded=is_graded,
        n_answers=int(is_graded.sum()),
        n_cases=len(np.unique(arrays.cases[is_graded])),
        warnings=(*grades.warnings, _OTHER_PROMPT),
    )


def _names(arrays: RunArrays, drawn: CalibrationSet | None) -> dict[str, str]:
    """Return the response id of every name that a physicians' file may use."""
    if drawn is None:
        return {str(name): str(name) for name in arrays.response_ids}
    return {name: item.response_id for item in drawn.items for name in (item.item, item.response_id)}


def _refuse_other_rubric(path: Path, rows: Sequence[Row], rubric: Rubric) -> None:
    for row in rows:
        other = row.other.get("rubric_hash")
        if other is not None and other != rubric.hash:
            raise ConfigError(
                f"{path}: {row.place} was graded on a rubric with the hash {other[:8]}, this run on {rubric.id} "
                f"v{rubric.version} ({rubric.hash[:8]})",
                hint="Levels of different rubrics are not comparable: grade the run on that rubric, or the set anew.",
            )


def _refuse_unequal(path: Path, rows: Sequence[Row]) -> None:
    chances = {row.inclusion_probability for row in rows if row.inclusion_probability is not None}
    if len(chances) > 1:
        raise ConfigError(
            f"{path}: has inclusion probabilities from {min(chances):g} to {max(chances):g}, "
            "which --simple-random denies",
            hint="Name the set with --set DIR.",
        )


def _refuse_unknown(path: Path, rows: Sequence[Row], names: Mapping[str, str], rubric: Rubric) -> None:
    dimensions = {dimension.id for dimension in rubric.dimensions}
    gates = {f"{GATE}{gate.id}" for gate in rubric.gates}
    problems = []
    for row in rows:
        if row.item not in names:
            problems.append(f'{row.place}: no answer "{row.item}" in the run or its set')
        if row.dimension not in dimensions | gates and not row.dimension.startswith(_CRITERION):
            near = did_you_mean(row.dimension, dimensions | gates)
            problems.append(
                f'{row.place}: no dimension or gate "{row.dimension}" in {rubric.id} v{rubric.version}{near}'
            )
    if problems:
        raise DataError(
            f"{path}: {len(problems)} rows do not belong to this run",
            problems=problems,
            hint="A physicians' file names answers by response_id as in grades.parquet, or by the item of the set.",
        )


def _levels(path: Path, rows: Sequence[Row], names: Mapping[str, str], rubric: Rubric) -> list[PhysicianLevel]:
    scales = Levels(by_dimension={d.id: Scale(tuple(float(v) for v in sorted(d.levels))) for d in rubric.dimensions})
    found: list[PhysicianLevel] = []
    problems: list[str] = []
    for dimension in dict.fromkeys(row.dimension for row in rows if not row.dimension.startswith(_CRITERION)):
        own = [row for row in rows if row.dimension == dimension]
        scaled = scale_dimension(dimension, [(row.place, row.level) for row in own], scales, where=str(path))
        problems += scaled.problems
        found += [
            PhysicianLevel(names[row.item], row.rater, dimension, level, row.repeat, row.stage == "adjudicated")
            for row, level in zip(own, scaled.levels, strict=True)
            if level is not None
        ]
    if problems:
        raise DataError(f"{path}: {len(problems)} levels are off their scale", problems=problems)
    return found


@dataclass(frozen=True, slots=True)
class _Named:
    """The rows of a file, and which answers they name."""

    rows: Sequence[Row]
    names: Mapping[str, str]
    planted: frozenset[str]
    answers: AbstractSet[str]

    @property
    def n_planted(self) -> int:
        return len(self.answers & self.planted)

    @property
    def physicians(self) -> tuple[str, ...]:
        return tuple(sorted({row.rater for row in self.rows if row.stage == "original"}))

    @property
    def simulated(self) -> tuple[str, ...]:
        return tuple(sorted({row.rater for row in self.rows if row.is_simulated}))


def _placed(
    named: _Named,
    levels: Sequence[PhysicianLevel],
    arrays: RunArrays,
    rubric: Rubric,
    drawn: CalibrationSet | None,
) -> PhysicianGrades:
    places = arrays.places()
    natural = [one for one in levels if one.item not in named.planted]
    by_dimension: dict[str, list[PhysicianLevel]] = {}
    for one in natural:
        by_dimension.setdefault(one.dimension, []).append(one)
    graded = {one.item for one in natural}
    is_graded = np.zeros(arrays.n, dtype=bool)
    is_graded[[places[item] for item in graded]] = True
    probability, is_tune = _of_set(arrays.n, places, drawn)
    scale = {d.id: np.array(sorted(d.levels), dtype=np.float64) for d in rubric.dimensions}
    return PhysicianGrades(
        dimensions={d: _grades(by_dimension.get(d, []), places, arrays.n, scale[d]) for d in scale},
        gates={
            d.removeprefix(GATE): _grades(own, places, arrays.n, np.array([0.0, 1.0]), is_rate=True)
            for d, own in sorted(by_dimension.items())
            if d.startswith(GATE)
        },
        probability=probability,
        is_tune=is_tune,
        physicians=named.physicians,
        simulated=named.simulated,
        n_answers=len(graded),
        n_cases=len(np.unique(arrays.cases[is_graded])),
        n_planted=named.n_planted,
        is_graded=is_graded,
        warnings=_warnings(named, graded, drawn),
    )


def _grades(
    levels: Sequence[PhysicianLevel], places: Mapping[str, int], n: int, scale: FloatArray, *, is_rate: bool = False
) -> DimensionGrades:
    target, given = np.full(n, np.nan), np.zeros((n, len(scale)))
    kinds: dict[str, int] = {}
    n_one = 0
    for (item, _), found in targets_of(levels).items():
        place = places[item]
        target[place] = float(found.level >= 0.5) if is_rate else found.level
        for level in found.given:
            given[place, int(np.abs(scale - level).argmin())] += 1 / len(found.given)
        kinds[found.kind] = kinds.get(found.kind, 0) + 1
        n_one += len(found.raters) == 1 and found.kind != "adjudicated"
    return DimensionGrades(target, given, kinds, n_one)


def _of_set(
    n: int, places: Mapping[str, int], drawn: CalibrationSet | None
) -> tuple[FloatArray | None, BoolArray | None]:
    if drawn is None:
        return None, None
    probability, is_tune = np.ones(n), np.zeros(n, dtype=bool)
    for item in drawn.items:
        probability[places[item.response_id]] = item.inclusion_probability
        is_tune[places[item.response_id]] = item.split == "tune"
    return probability, is_tune


def _warnings(named: _Named, graded: set[str], drawn: CalibrationSet | None) -> tuple[str, ...]:
    said = []
    if named.n_planted:
        said.append(f"{named.n_planted} planted answers are left out of all means and maps")
    if len(named.physicians) == 1:
        said.append("one physician graded: agreement unknown")
    if named.simulated:
        said.append(f"simulated raters, not people: {', '.join(named.simulated)}")
    if drawn is not None:
        missing = len({item.response_id for item in drawn.items if item.stratum == "natural"} - graded)
        if missing:
            said.append(f"{missing} drawn answers have no grade: if they are not missing at random, means are biased")
    return tuple(said)
