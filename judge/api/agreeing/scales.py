"""Scales of ratings: declared by ``--levels``, taken from a rubric, or read off the ratings with a warning."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from judge.agreement.study import YES_NO_PREFIXES, Scale
from judge.api.agreeing.problems import Problem, collapsed
from judge.errors import ConfigError, DataError, did_you_mean

YES_NO = Scale((0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Levels:
    """What was declared: a scale for all dimensions, and scales of single ones."""

    default: Scale | None = None
    by_dimension: Mapping[str, Scale] = field(default_factory=dict)
    is_nominal: bool = False

    def of(self, dimension: str) -> Scale | None:
        """Return the declared scale of a dimension, None where none was declared."""
        if dimension.startswith(YES_NO_PREFIXES) and dimension not in self.by_dimension:
            return YES_NO
        return self.by_dimension.get(dimension, self.default)


def read_levels(specs: Sequence[str], *, is_nominal: bool = False) -> Levels:
    """Read ``[DIM=]SPEC`` declarations: ``1:5``, names from worst to best, or ``@FILE`` with one name a line.

    Raises
    ------
    ConfigError
        If a declaration makes no scale, or a dimension (or the default) is declared twice.
    """
    default: Scale | None = None
    by_dimension: dict[str, Scale] = {}
    for text in specs:
        dimension, equals, spec = text.rpartition("=")
        scale = _scale(spec, is_ordered=not is_nominal)
        if not equals:
            if default is not None:
                raise ConfigError(f"--levels {text}: the scale of all dimensions is declared twice")
            default = scale
        elif dimension in by_dimension:
            raise ConfigError(f'--levels {text}: the scale of "{dimension}" is declared twice')
        else:
            by_dimension[dimension] = scale
    return Levels(default, by_dimension, is_nominal)


def _scale(spec: str, *, is_ordered: bool) -> Scale:
    if spec.startswith("@"):
        path = Path(spec[1:])
        try:
            names = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--levels {spec}: {path} cannot be read ({error})") from error
        return _of_names(names, spec, is_ordered=is_ordered)
    low, colon, high = spec.partition(":")
    if colon:
        return _of_range(low, high, spec, is_ordered=is_ordered)
    return _of_names([name.strip() for name in spec.split(",")], spec, is_ordered=is_ordered)


def _of_range(low: str, high: str, spec: str, *, is_ordered: bool) -> Scale:
    try:
        first, last = int(low), int(high)
    except ValueError as error:
        raise ConfigError(
            f"--levels {spec}: a range is two whole numbers", hint="E.g. --levels 1:5 or --levels bad,fair,good."
        ) from error
    if not first < last or last - first > 1000:
        raise ConfigError(f"--levels {spec}: a range ascends, over at most 1,001 levels")
    return Scale(tuple(float(v) for v in range(first, last + 1)), is_ordered=is_ordered)


def _of_names(names: Sequence[str], spec: str, *, is_ordered: bool) -> Scale:
    if len(names) < 2 or len(set(names)) < len(names) or "" in names:
        raise ConfigError(f"--levels {spec}: a scale has two or more different names, from worst to best")
    numbers = [_number(name) for name in names]
    if all(n is not None for n in numbers):
        values = tuple(n for n in numbers if n is not None)
        if any(b <= a for a, b in pairwise(values)):
            raise ConfigError(f"--levels {spec}: numbers must ascend")
        return Scale(values, is_ordered=is_ordered)
    return Scale(tuple(float(i) for i in range(1, len(names) + 1)), tuple(names), is_ordered=is_ordered)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class ScaledDimension:
    """A dimension's scale, the level of each row as a number, and what went wrong with which row."""

    scale: Scale
    levels: tuple[float | None, ...]
    wrong: tuple[Problem, ...]
    warnings: tuple[str, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Every problem with its row."""
        return tuple(str(problem) for problem in self.wrong)


def scale_dimension(
    dimension: str, texts: Sequence[tuple[str, str | None]], levels: Levels, *, where: str
) -> ScaledDimension:
    """Settle a dimension's scale and turn its levels into numbers.

    Parameters
    ----------
    dimension
        Its name.
    texts
        (place, level as written or None) of each row.
    levels
        What was declared.
    where
        The file, for messages.
    """
    declared = levels.of(dimension)
    if declared is not None:
        found, wrong = _on_scale(texts, declared, dimension)
        return ScaledDimension(declared, found, wrong, ())
    written = [text for _, text in texts if text is not None]
    if levels.is_nominal:
        names = tuple(sorted(set(written))) or ("",)
        scale = Scale(tuple(float(i) for i in range(1, len(names) + 1)), names, is_ordered=False, is_declared=False)
        found, wrong = _on_scale(texts, scale, dimension)
        return ScaledDimension(scale, found, wrong, ())
    return _undeclared(dimension, texts, where)


def _undeclared(dimension: str, texts: Sequence[tuple[str, str | None]], where: str) -> ScaledDimension:
    problems = [
        Problem(place, f'level "{text}" of {dimension} is a name')
        for place, text in texts
        if text is not None and _number(text) is None
    ]
    if problems:
        raise DataError(
            f"{where}: the levels of {dimension} are names and no scale is declared",
            hint="--levels bad,fair,good declares them from worst to best; --nominal says that they have no order.",
            problems=collapsed(problems),
        )
    numbers = tuple(None if text is None else _number(text) for _, text in texts)
    known = [n for n in numbers if n is not None]
    if not known:
        return ScaledDimension(Scale((0.0, 1.0), is_declared=False), numbers, (), ())
    first, last = math.floor(min(known)), math.ceil(max(known))
    if last - first > 1000:
        raise DataError(f"{where}: {dimension} has levels from {first} to {last}", hint="Declare them with --levels.")
    note = f"{dimension}: no levels declared, the whole numbers {first} to {last} were taken (--levels declares them)"
    values = tuple(float(v) for v in range(first, max(last, first + 1) + 1)) if last > first else (float(first),)
    return ScaledDimension(Scale(values, is_declared=False), numbers, (), (note,))


def _on_scale(
    texts: Iterable[tuple[str, str | None]], scale: Scale, dimension: str
) -> tuple[tuple[float | None, ...], tuple[Problem, ...]]:
    found: list[float | None] = []
    problems: list[Problem] = []
    by_name = dict(zip(scale.names, scale.values, strict=True)) if scale.names is not None else {}
    for place, text in texts:
        level = None if text is None else by_name.get(text) if scale.names is not None else _number(text)
        if text is not None and (level is None or not scale.values[0] <= level <= scale.values[-1]):
            near = did_you_mean(text, scale.names) if scale.names is not None else ""
            problems.append(Problem(place, f'level "{text}" of {dimension} is off the scale {_shown(scale)}{near}'))
            level = None
        found.append(level)
    return tuple(found), tuple(problems)


def _shown(scale: Scale) -> str:
    if scale.names is not None:
        return ", ".join(scale.names)
    return f"{scale.values[0]:g} to {scale.values[-1]:g}"
