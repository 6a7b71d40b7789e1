"""From a run's answers and physicians' grades to what a judge is tuned on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from judge.agreement.study import YES_NO_PREFIXES
from judge.api.agreeing.physicians import read_physicians
from judge.api.agreeing.ratings import Row
from judge.api.agreeing.scales import YES_NO
from judge.api.tuning.set import SplitSet
from judge.dataset.answers import Item
from judge.domain.rubric import Rubric
from judge.errors import DataError
from judge.panel.request import build_request
from judge.tuning.examples import Graded, TuningExample, target_of


@dataclass(frozen=True, slots=True)
class Grades:
    """Physicians' grades of a run's answers."""

    grades: tuple[Graded, ...]
    """Levels of the rubric's dimensions."""
    checks: tuple[Graded, ...]
    """Criteria and gates, 1 or 0."""
    simulated: tuple[str, ...] = ()
    """Raters that are no people."""
    notes: tuple[str, ...] = ()


def read_grades(path: Path, rubric: Rubric, known: frozenset[str], drawn: SplitSet) -> Grades:
    """Read physicians' grades of a run.

    Planted answers are left out: they would flatter the judge before and after.

    Parameters
    ----------
    path
        A ratings table.
    rubric
        Dimensions and their levels.
    known
        Response ids of the run.
    drawn
        The set: physicians may have named answers as it does.

    Raises
    ------
    DataError
        If the file is wrong, a level is off its scale, or no answer is the run's.
    """
    rows = [replace(row, item=drawn.names.get(row.item, row.item)) for row in read_physicians(path)]
    own = [row for row in rows if row.item in known]
    strangers = {row.item for row in rows} - known
    if not own:
        raise DataError(
            f"{path}: none of its {len(strangers)} answers is in this run",
            hint="A physicians' file names answers by response_id, as in grades.parquet, or as the set does.",
        )
    natural = [row for row in own if row.stratum == "natural" and row.item not in drawn.planted]
    n_planted = len({row.item for row in own} - {row.item for row in natural})
    notes = [
        *([f"{len(strangers)} answers of {path.name} are not in this run and were left out"] if strangers else []),
        *([f"{n_planted} planted answers were left out"] if n_planted else []),
    ]
    levels = [row for row in natural if row.dimension in {d.id for d in rubric.dimensions} and row.level is not None]
    checks = [row for row in natural if row.dimension.startswith(YES_NO_PREFIXES) and row.level is not None]
    return Grades(
        _graded(path, levels, {d.id: d.levels for d in rubric.dimensions}),
        _graded(path, checks, {row.dimension: YES_NO.values for row in checks}),
        tuple(sorted({row.rater for row in natural if row.is_simulated})),
        tuple(notes),
    )


def _graded(path: Path, rows: Sequence[Row], scales: Mapping[str, Sequence[float]]) -> tuple[Graded, ...]:
    problems, found = [], []
    for row in rows:
        level, scale = _number(row.level), scales[row.dimension]
        if level is None or not min(scale) <= level <= max(scale):
            problems.append(
                f'{row.place}: level "{row.level}" of {row.dimension} is off the scale {min(scale):g} to {max(scale):g}'
            )
            continue
        found.append(
            Graded(row.item, row.rater, row.dimension, level, row.repeat, row.stage == "adjudicated", row.comment)
        )
    if problems:
        raise DataError(f"{path}: {len(problems)} levels are off their scale", problems=problems)
    return tuple(found)


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def examples_of(items: Iterable[Item], grades: Grades, rubric: Rubric) -> tuple[TuningExample, ...]:
    """Return an example for every answer with a level; blank answers are never judged and make none."""
    by_item: dict[str, dict[str, list[Graded]]] = defaultdict(lambda: defaultdict(list))
    for grade in grades.grades:
        by_item[grade.response_id][grade.dimension].append(grade)
    checks: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for check in grades.checks:
        checks[check.response_id][check.dimension].append(check.level)
    found = []
    for item in items:
        response = item.response
        if response.response_id not in by_item or response.is_blank:
            continue
        request = build_request(rubric, item.case, response)
        targets = {
            name: target_of(given)
            for name, given in by_item[response.response_id].items()
            if name not in request.na_required
        }
        shares = {name: fmean(said) for name, said in checks[response.response_id].items()}
        if targets:
            found.append(TuningExample(response.response_id, item.case.case_id, request, targets, shares))
    return tuple(found)
