"""Ratings of a run: each judge's levels, gates and criteria, and the panel's, with the physicians' file beside them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from judge.agreement.study import Scale
from judge.api.agreeing.physicians import read_physicians, refuse_other_dimensions
from judge.api.agreeing.ratings import PANEL, Ratings, Row, ratings_of
from judge.api.agreeing.scales import Levels
from judge.api.run import Run
from judge.domain.rubric import Rubric
from judge.errors import DataError
from judge.store.rows import COMPOSITE

_MET = {"yes": "1", "no": "0"}


def run_ratings(run: Run, rubric: Rubric, physicians: Path | None, *, is_nominal: bool = False) -> Ratings:
    """Return the ratings of a run and of the physicians on the run's answers; scales come from the rubric.

    Raises
    ------
    DataError
        If the physicians' file is wrong, has a dimension that the rubric has not, none of its items is in the run, or a
        physician bears a judge's name.
    """
    grades = run.table("grades").to_pylist()
    about = _about(grades)
    read: list[Row] = []
    warnings: tuple[str, ...] = ()
    if physicians is not None:
        graded = read_physicians(physicians)
        refuse_other_dimensions(physicians, graded, rubric, _criteria_of(run))
        read, warnings = _physician_rows(physicians, graded, about, _raters_of(run))
    gates = {row.dimension.removeprefix("gate:") for row in read if row.dimension.startswith("gate:")}
    warnings += _unscored(run, {row.item for row in read} if physicians is not None else set(about))
    own = [*_judge_rows(run, about), *_gate_rows(run, grades, about, gates), *_panel_rows(grades, about)]
    if physicians is not None:
        own = [*_beside(own, read), *read]
    levels = Levels(by_dimension=_scales(rubric, is_nominal=is_nominal))
    wanted = {row.dimension for row in own}
    known = {name: scale for name, scale in levels.by_dimension.items() if name in wanted}
    found = ratings_of(own, replace(levels, by_dimension=known), where=str(physicians or run.folder))
    return replace(found, warnings=(*found.warnings, *warnings))


def _raters_of(run: Run) -> set[str]:
    return {PANEL, *run.table("verdicts").column("judge").unique().to_pylist()}


def _criteria_of(run: Run) -> set[str]:
    """Return the criteria that were asked for: the rubric's, and those of the cases' own checklists."""
    return {c["id"] for c in run.table("criteria").select(["kind", "id"]).to_pylist() if c["kind"] == "criterion"}


def _unscored(run: Run, items: set[str]) -> tuple[str, ...]:
    """Return for each judge how many of its verdicts on these answers have no level, by reason."""
    counts: dict[str, dict[str, int]] = {}
    for verdict in run.table("verdicts").to_pylist():
        if verdict["response_id"] in items and verdict["status"] != "scored":
            own = counts.setdefault(verdict["judge"], {})
            own[verdict["status"]] = own.get(verdict["status"], 0) + 1
    return tuple(
        f"{judge}: verdicts without a level: " + ", ".join(f"{n} {status}" for status, n in sorted(own.items()))
        for judge, own in sorted(counts.items())
    )


def _beside(own: list[Row], read: list[Row]) -> Iterator[Row]:
    """Yield the run's rows on what physicians graded, with the stratum and sampling weight of the answer."""
    dimensions, known = {row.dimension for row in read}, {row.item: row for row in read}
    for row in own:
        graded = known.get(row.item)
        if graded is not None and row.dimension in dimensions:
            yield replace(row, stratum=graded.stratum, inclusion_probability=graded.inclusion_probability)


def _scales(rubric: Rubric, *, is_nominal: bool) -> Mapping[str, Scale]:
    return {
        dimension.id: Scale(tuple(float(level) for level in sorted(dimension.levels)), is_ordered=not is_nominal)
        for dimension in rubric.dimensions
    }


def _about(grades: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return what a run says of each answer: case, model, task, language and the columns carried along."""
    found: dict[str, dict[str, str]] = {}
    for grade in grades:
        item = grade["response_id"]
        if item in found:
            continue
        carried = json.loads(grade["meta"]) if grade.get("meta") else {}
        text = {name: str(value) for name, value in carried.items() if isinstance(value, str | int | float | bool)}
        named = {name: grade[name] for name in ("case_id", "model", "task", "language") if grade.get(name)}
        found[item] = {**text, **named}
    return found


def _row(item: str, rater: str, dimension: str, level: str | None, about: dict[str, dict[str, str]]) -> Row:
    known = about.get(item, {})
    return Row(
        place=f"{item} of the run",
        item=item,
        rater=rater,
        role="judge",
        dimension=dimension,
        level=level,
        case_id=known.get("case_id", item),
        stratum=known["stratum"] if known.get("stratum") in ("natural", "planted") else "natural",
        other={name: value for name, value in known.items() if name not in ("case_id", "stratum")},
    )


def _judge_rows(run: Run, about: dict[str, dict[str, str]]) -> Iterator[Row]:
    for verdict in run.table("verdicts").to_pylist():
        level = verdict["level"] if verdict["status"] == "scored" else None
        text = None if level is None else f"{level:g}"
        row = _row(verdict["response_id"], verdict["judge"], verdict["dimension"], text, about)
        yield replace(row, repeat=verdict["repeat"] or 0)


def _panel_rows(grades: list[dict[str, Any]], about: dict[str, dict[str, str]]) -> Iterator[Row]:
    for grade in grades:
        if grade["dimension"] == COMPOSITE:
            continue
        level = grade["level"] if grade["status"] == "scored" else None
        yield _row(grade["response_id"], PANEL, grade["dimension"], None if level is None else repr(level), about)


def _gate_rows(
    run: Run, grades: list[dict[str, Any]], about: dict[str, dict[str, str]], graded: set[str]
) -> Iterator[Row]:
    """Yield gates and criteria: a judge that scored an answer and did not name a gate said no to it.

    The panel's gate counts where it is confirmed or pending: both put the answer before a physician.
    """
    asked = {
        (v["response_id"], v["judge"], v["repeat"] or 0)
        for v in run.table("verdicts").to_pylist()
        if v["status"] == "scored"
    }
    criteria = run.table("criteria").to_pylist()
    named = {(c["response_id"], c["judge"], c["repeat"] or 0, c["id"]) for c in criteria if c["kind"] == "gate"}
    confirmed = {
        grade["response_id"]: {*(grade["gates"] or ()), *(grade["gates_pending"] or ())}
        for grade in grades
        if grade["dimension"] == COMPOSITE
    }
    gates = sorted(graded | {gate for *_, gate in named} | {gate for found in confirmed.values() for gate in found})
    for item, judge, repeat in sorted(asked):
        for gate in gates:
            text = "1" if (item, judge, repeat, gate) in named else "0"
            yield replace(_row(item, judge, f"gate:{gate}", text, about), repeat=repeat)
    for item, found in confirmed.items():
        for gate in gates:
            yield _row(item, PANEL, f"gate:{gate}", "1" if gate in found else "0", about)
    for c in criteria:
        if c["kind"] == "criterion":
            row = _row(c["response_id"], c["judge"], f"criterion:{c['id']}", _MET.get(c["met"]), about)
            yield replace(row, repeat=c["repeat"] or 0)


def _physician_rows(
    path: Path, read: list[Row], about: dict[str, dict[str, str]], judges: set[str]
) -> tuple[list[Row], tuple[str, ...]]:
    clash = sorted({row.rater for row in read} & judges)
    if clash:
        raise DataError(f'{path}: the physician "{clash[0]}" bears the name of a judge of the run')
    here = [row for row in read if row.item in about]
    if not here:
        raise DataError(
            f"{path}: none of its {len({row.item for row in read})} answers is in this run",
            hint="A physicians' file names answers by response_id, as in grades.parquet.",
        )
    missing = len({row.item for row in read} - set(about))
    note = (f"{missing} answers of {path.name} are not in this run and were left out",) if missing else ()
    return [_joined(row, about) for row in here], note


def _joined(row: Row, about: dict[str, dict[str, str]]) -> Row:
    """Return a physician's row with what the run says of the answer."""
    known = about[row.item]
    case_id = known.get("case_id", row.case_id)
    other = {**{name: value for name, value in known.items() if name not in ("case_id", "stratum")}, **row.other}
    return replace(row, case_id=case_id, other=other)
