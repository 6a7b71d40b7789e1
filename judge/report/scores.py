"""Levels and composites by model: means with intervals, what is missing, and what it could change."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal

from judge.report.estimates import CaseMeans, case_means, mean_over_cases, paired_difference, plain_mean
from judge.report.parts import Difference, Group, Scale, Score
from judge.report.tables import COMPOSITE, GradeRow
from judge.report.text import visible

_UNSCORED = ("empty", "no_quorum")
Rows = Sequence[GradeRow]
RowsByModel = Mapping[str, Rows]


def by_model(rows: Iterable[GradeRow]) -> RowsByModel:
    """Return the rows of each model, models in the order of their first row."""
    grouped: dict[str, list[GradeRow]] = {}
    for row in rows:
        grouped.setdefault(row.model, []).append(row)
    return grouped


def by_dimension(rows: Iterable[GradeRow]) -> Mapping[str, Rows]:
    """Return the rows of each dimension."""
    grouped: dict[str, list[GradeRow]] = {}
    for row in rows:
        grouped.setdefault(row.dimension, []).append(row)
    return grouped


def score_of(model: str, rows: Rows, scale: Scale) -> Score:
    """Return one model's score in one dimension, or its composite, from the rows of that dimension alone."""
    is_composite = scale.id == COMPOSITE
    value = _score if is_composite else _level
    statuses = Counter(row.status for row in rows)
    levels = Counter(row.level for row in rows if row.level is not None)
    return Score(
        model=visible(model),
        dimension=scale.id,
        mean=mean_over_cases(_values(rows, value), lowest=scale.lowest, highest=scale.highest),
        n_answers=len(rows),
        n_not_applicable=statuses["not_applicable"],
        unscored={status: statuses[status] for status in _UNSCORED if statuses[status]},
        worst=plain_mean(_bounded(rows, scale, "low")),
        best=plain_mean(_bounded(rows, scale, "high")),
        other=mean_over_cases(
            _values(rows, _uncapped if is_composite else _gated), lowest=scale.lowest, highest=scale.highest
        ),
        distribution=() if is_composite else tuple(sorted(levels.items())),
        n_disagreement=sum("disagreement" in (row.flags or ()) for row in rows),
        n_partial=sum(_is_partial(row) for row in rows),
    )


def groups_of(kind: Literal["task", "language"], models: RowsByModel, scales: Sequence[Scale]) -> tuple[Group, ...]:
    """Return every model within every task or language, values in alphabetical order; empty where there is only one."""
    parts: dict[tuple[str, str], list[GradeRow]] = {}
    for model, rows in models.items():
        for row in rows:
            parts.setdefault((_group_value(row, kind), model), []).append(row)
    values = sorted({value for value, _ in parts})
    if len(values) < 2:
        return ()
    return tuple(
        _group(kind, value, model, parts[value, model], scales)
        for value in values
        for model in models
        if (value, model) in parts
    )


def differences_between(models: RowsByModel, scales: Sequence[Scale]) -> tuple[Difference, ...]:
    """Return for every two models, the first minus the second, their difference in every dimension."""
    means: dict[tuple[str, str], CaseMeans] = {}
    for model, rows in models.items():
        parts = by_dimension(rows)
        for scale in scales:
            value = _score if scale.id == COMPOSITE else _level
            means[model, scale.id] = case_means(_values(parts.get(scale.id, ()), value))
    return tuple(
        Difference(
            visible(one),
            visible(other),
            scale.id,
            paired_difference(means[one, scale.id], means[other, scale.id], span=scale.highest - scale.lowest),
        )
        for one, other in combinations(models, 2)
        for scale in scales
    )


def _group(kind: Literal["task", "language"], value: str, model: str, rows: Rows, scales: Sequence[Scale]) -> Group:
    parts = by_dimension(rows)
    scores = [score_of(model, parts.get(scale.id, ()), scale) for scale in scales]
    composite = next(score for score in scores if score.dimension == COMPOSITE)
    return Group(
        kind,
        visible(value),
        visible(model),
        composite.n_answers,
        composite,
        tuple(score for score in scores if score.dimension != COMPOSITE),
    )


def _group_value(row: GradeRow, kind: Literal["task", "language"]) -> str:
    return (row.task if kind == "task" else row.language) or "–"


def _values(rows: Rows, value: Callable[[GradeRow], float | None]) -> list[tuple[str, float]]:
    return [(row.case_id, found) for row in rows if (found := value(row)) is not None]


def _bounded(rows: Rows, scale: Scale, end: Literal["low", "high"]) -> list[tuple[str, float]]:
    """Return per answer the value with what is missing at one end of the scale; what does not apply is left out."""
    least, bound = (scale.lowest, _low) if end == "low" else (scale.highest, _high)
    pairs = []
    for row in rows:
        found = bound(row)
        if found is None and row.status in _UNSCORED:
            found = least
        if found is not None:
            pairs.append((row.case_id, found))
    return pairs


def _is_partial(row: GradeRow) -> bool:
    return row.score is not None and row.weight_scored is not None and row.weight_scored < 1 - 1e-9


def _level(row: GradeRow) -> float | None:
    return row.level


def _gated(row: GradeRow) -> float | None:
    return row.level_gated


def _score(row: GradeRow) -> float | None:
    return row.score


def _uncapped(row: GradeRow) -> float | None:
    return row.score_uncapped


def _low(row: GradeRow) -> float | None:
    return row.score_low if row.dimension == COMPOSITE else row.level_missing_low


def _high(row: GradeRow) -> float | None:
    return row.score_high if row.dimension == COMPOSITE else row.level_missing_high
