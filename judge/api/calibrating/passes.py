"""From which level on an answer passes."""

from collections.abc import Mapping

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.domain.rubric import Dimension, Rubric
from judge.errors import ConfigError, did_you_mean

PASS = "pass:"
ALL_CORE = "*"
RULE = (
    "an answer passes where the physicians' level (the adjudicated one, else the mean of several) is at least the "
    "threshold; the panel's own share counts its level before gates in the same way"
)
_SAME = 1e-9


def pass_levels_of(asked: float | Mapping[str, float] | None, rubric: Rubric) -> dict[str, float]:
    """Return the pass level of each dimension that has one, in the order of the rubric.

    Parameters
    ----------
    asked
        One level for all core dimensions, or levels by dimension; ``*`` stands for the core dimensions that are not
        named. None: no pass rates.
    rubric
        The run's.

    Raises
    ------
    ConfigError
        If there is no such dimension, or a level at which everything or nothing would pass.
    """
    if asked is None:
        return {}
    named = dict(asked) if isinstance(asked, Mapping) else {ALL_CORE: asked}
    known = {dimension.id: dimension for dimension in rubric.dimensions}
    for name in named:
        if name not in known and name != ALL_CORE:
            raise ConfigError(
                f'--pass: no dimension "{name}" in {rubric.id} v{rubric.version}{did_you_mean(name, known)}',
                hint=f"There are: {', '.join(known)}.",
            )
    levels = {
        name: named.get(name, named.get(ALL_CORE))
        for name, dimension in known.items()
        if name in named or (dimension.is_core and ALL_CORE in named)
    }
    if not levels:
        raise ConfigError(
            f"--pass: {rubric.id} v{rubric.version} has no core dimension",
            hint=f"Name dimensions, as in --pass {rubric.dimensions[0].id}=LEVEL.",
        )
    return {name: _checked(known[name], level) for name, level in levels.items() if level is not None}


def _checked(dimension: Dimension, level: float) -> float:
    if not dimension.lowest < level <= dimension.highest:
        raise ConfigError(
            f"--pass: {level:g} is no pass level of {dimension.id}, whose levels go from {dimension.lowest:g} to "
            f"{dimension.highest:g}",
            hint=f"A pass level lies above {dimension.lowest:g}, where everything would pass, and up to "
            f"{dimension.highest:g}.",
        )
    return float(level)


def passes(levels: FloatArray, threshold: float) -> FloatArray:
    """Return 1 where a level is at least the threshold, 0 where it is not, NaN where there is no level."""
    return np.asarray(np.where(np.isnan(levels), np.nan, levels >= threshold - _SAME), dtype=np.float64)
