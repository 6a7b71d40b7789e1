"""Reader of ratings tables: CSV, JSONL or Parquet, one row a rating; every problem is reported with its row."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judge.agreement.study import Rater, RaterRole, Rating, Scale
from judge.api.agreeing.columns import SYNONYMS
from judge.api.agreeing.files import raw_rows
from judge.api.agreeing.problems import Problem, collapsed, n_places
from judge.api.agreeing.scales import Levels, scale_dimension
from judge.errors import DataError, did_you_mean

PANEL = "panel"
"""A judge of this name is what a panel made of its judges' verdicts."""
_ROLES: Mapping[str, RaterRole] = {"judge": "judge", "physician": "physician"}
_STRATA = ("natural", "planted")
_STAGES = ("original", "adjudicated")
_YES = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Row:
    """A row as written, checked but for its level."""

    place: str
    item: str
    rater: str
    role: RaterRole
    dimension: str
    level: str | None
    case_id: str
    stratum: str = "natural"
    stage: str = "original"
    repeat: int = 0
    is_simulated: bool = False
    inclusion_probability: float | None = None
    other: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Ratings:
    """The original ratings of a file, with its raters and scales."""

    ratings: tuple[Rating, ...]
    raters: tuple[Rater, ...]
    scales: Mapping[str, Scale]
    warnings: tuple[str, ...] = ()
    n_adjudicated: int = 0

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions in the order of the file."""
        return tuple(self.scales)


def read_ratings(path: Path, levels: Levels) -> Ratings:
    """Read a ratings table.

    Raises
    ------
    DataError
        If the file cannot be read, a column is missing, a level is off its scale, a rater rated an item twice, or any
        other row is wrong; all problems at once, each with its row.
    """
    return ratings_of(read_rows(path), levels, where=str(path))


def read_rows(path: Path, *, role: RaterRole | None = None) -> list[Row]:
    """Read and check the rows of a ratings table, apart from their levels' scale.

    Parameters
    ----------
    path
        The file.
    role
        Whose ratings they are where the file has no column ``role``; None: it must have one.

    Raises
    ------
    DataError
        As :func:`read_ratings`.
    """
    problems: list[Problem] = []
    raw = raw_rows(path, may_lack=() if role is None else ("role",))
    given = ((place, {"role": role, **cells}) for place, cells in raw)
    rows = [row for row in (_row(cells, place, problems) for place, cells in given) if row is not None]
    problems += _twice(rows) + _two_roles(rows)
    if problems:
        raise DataError(f"{path}: {n_places(problems)} rows cannot be used", problems=collapsed(problems))
    if not rows:
        raise DataError(f"{path}: holds no ratings")
    return rows


def ratings_of(rows: list[Row], levels: Levels, *, where: str) -> Ratings:
    """Put rows on their scales and keep the original ones.

    Raises
    ------
    DataError
        If a level is off its scale, or names have no declared scale.
    """
    unknown = [name for name in levels.by_dimension if name not in {row.dimension for row in rows}]
    if unknown:
        near = did_you_mean(unknown[0], {row.dimension for row in rows})
        raise DataError(f'{where}: --levels names the dimension "{unknown[0]}", which no row has{near}')
    problems: list[Problem] = []
    warnings: list[str] = []
    scales: dict[str, Scale] = {}
    numbers: dict[int, float | None] = {}
    for dimension in dict.fromkeys(row.dimension for row in rows):
        own = [(i, row) for i, row in enumerate(rows) if row.dimension == dimension]
        found = scale_dimension(dimension, [(row.place, row.level) for _, row in own], levels, where=where)
        scales[dimension] = found.scale
        problems += found.wrong
        warnings += found.warnings
        numbers |= {i: level for (i, _), level in zip(own, found.levels, strict=True)}
    if problems:
        raise DataError(f"{where}: {n_places(problems)} rows are off their scale", problems=collapsed(problems))
    original = [(row, numbers[i]) for i, row in enumerate(rows) if row.stage == "original"]
    return Ratings(
        tuple(_rating(row, level) for row, level in original),
        _raters(rows),
        scales,
        (*warnings, *_simulated(rows)),
        len(rows) - len(original),
    )


def _rating(row: Row, level: float | None) -> Rating:
    groups = {**row.other, "stratum": row.stratum, "case_id": row.case_id}
    return Rating(
        item=row.item,
        rater=row.rater,
        dimension=row.dimension,
        level=level,
        case_id=row.case_id,
        repeat=row.repeat,
        stratum=row.stratum,
        inclusion_probability=row.inclusion_probability,
        groups=groups,
    )


def _raters(rows: list[Row]) -> tuple[Rater, ...]:
    roles = {row.rater: row.role for row in rows}
    simulated = {row.rater for row in rows if row.is_simulated}
    return tuple(
        Rater(name, "panel" if name == PANEL and roles[name] == "judge" else roles[name], name in simulated)
        for name in sorted(roles)
    )


def _simulated(rows: list[Row]) -> tuple[str, ...]:
    names = sorted({row.rater for row in rows if row.is_simulated})
    return (f"simulated raters, not people: {', '.join(names)}",) if names else ()


def _twice(rows: list[Row]) -> list[Problem]:
    seen: dict[tuple[str, str, str, str, int], str] = {}
    problems = []
    for row in rows:
        key = (row.item, row.rater, row.dimension, row.stage, row.repeat)
        if key in seen:
            text = f"{row.rater} rated {row.item} on {row.dimension} already in {seen[key]}"
            problems.append(Problem(row.place, f"{text}; a second rating needs another number in `repeat`"))
        seen.setdefault(key, row.place)
    return problems


def _two_roles(rows: list[Row]) -> list[Problem]:
    first: dict[str, Row] = {}
    problems = []
    for row in rows:
        known = first.setdefault(row.rater, row)
        if known.role != row.role:
            text = f"{row.rater} is a {row.role} here and a {known.role} in {known.place}"
            problems.append(Problem(row.place, text))
    return problems


def _row(raw: Mapping[str, Any], place: str, problems: list[Problem]) -> Row | None:
    text = {SYNONYMS.get(name, name) if SYNONYMS.get(name) not in raw else name: _text(v) for name, v in raw.items()}
    before = len(problems)
    for name in ("item", "rater", "role", "dimension"):
        if not text.get(name):
            problems.append(Problem(place, f"{name} is empty"))
    role = _ROLES.get(text.get("role") or "")
    if role is None and text.get("role"):
        problems.append(Problem(place, f'role: "{text["role"]}" is neither judge nor physician'))
    stratum = _one_of("stratum", text, _STRATA, place, problems)
    stage = _one_of("stage", text, _STAGES, place, problems)
    repeat = _whole("repeat", text, place, problems)
    is_simulated = _YES.get((text.get("simulated") or "").lower())
    if is_simulated is None:
        problems.append(Problem(place, f'simulated: "{text["simulated"]}" is neither true nor false'))
    probability = _probability(text, place, problems)
    if len(problems) > before or role is None:
        return None
    item = text["item"] or ""
    return Row(
        place=place,
        item=item,
        rater=text["rater"] or "",
        role=role,
        dimension=text["dimension"] or "",
        level=text.get("level") or None,
        case_id=text.get("case_id") or item,
        stratum=stratum,
        stage=stage,
        repeat=repeat,
        is_simulated=bool(is_simulated),
        inclusion_probability=probability,
        other={name: value for name, value in text.items() if name not in _OWN and value},
        comment=text.get("comment"),
    )


_OWN = frozenset(
    {
        "item",
        "rater",
        "role",
        "dimension",
        "level",
        "case_id",
        "stratum",
        "stage",
        "repeat",
        "simulated",
        "inclusion_probability",
        "comment",
        "seconds",
    }
)


def _text(value: Any) -> str | None:
    """Return a cell as text: whole floats without their point, true and false in lower case, missing as None."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value).strip() or None


def _one_of(
    name: str, text: Mapping[str, str | None], allowed: tuple[str, str], place: str, problems: list[Problem]
) -> str:
    value = text.get(name) or allowed[0]
    if value not in allowed:
        problems.append(Problem(place, f'{name}: "{value}" is neither {" nor ".join(allowed)}'))
    return value


def _whole(name: str, text: Mapping[str, str | None], place: str, problems: list[Problem]) -> int:
    value = text.get(name)
    if value is None:
        return 0
    try:
        return int(value)
    except ValueError:
        problems.append(Problem(place, f'{name}: "{value}" is no whole number'))
        return 0


def _probability(text: Mapping[str, str | None], place: str, problems: list[Problem]) -> float | None:
    value = text.get("inclusion_probability")
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 < number <= 1:
        problems.append(Problem(place, f'inclusion_probability: "{value}" does not lie above 0 and up to 1'))
        return None
    return number
