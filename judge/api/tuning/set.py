"""The split that a calibration set froze, as tuning uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.api.run import Run
from judge.api.sampling.set import read_set
from judge.errors import ConfigError, DataError

PARTS = ("tune", "test")


@dataclass(frozen=True, slots=True)
class SplitSet:
    """Which cases tuning may see, and under which names physicians graded."""

    split: Mapping[str, str]
    """Case id to ``tune`` or ``test``."""
    names: Mapping[str, str]
    """Blinded name to response id."""
    planted: frozenset[str]
    """Response ids of answers that were made bad on purpose."""
    hash: str


def read_split(folder: Path, run: Run) -> SplitSet:
    """Read the split of a set that was drawn for the rubric of a run.

    Raises
    ------
    DataError
        If the folder holds no set, it was changed, a case is in both parts, or a part is empty.
    ConfigError
        If the set was drawn for another rubric.
    """
    drawn = read_set(folder)
    if drawn.manifest["rubric"]["hash"] != run.manifest["rubric"]["hash"]:
        raise ConfigError(
            f"{folder}: was drawn for another rubric than this run was graded on",
            hint="Name the set that was drawn from this run, or one on the same answers and rubric.",
        )
    split: dict[str, str] = {}
    both = {one.case_id for one in drawn.items if split.setdefault(one.case_id, one.split) != one.split}
    if both:
        raise DataError(
            f"{folder}: {len(both)} cases are in tune and in test, e.g. {min(both)}",
            hint="Draw the set again with `judge sample`: what was tuned on cannot be tested on.",
        )
    for part in PARTS:
        if part not in split.values():
            raise DataError(
                f"{folder}: no case is in the {part} split",
                hint="Draw a set with more cases with `judge sample`: without both, gain cannot be told from "
                "learning by heart.",
            )
    planted = frozenset(one.response_id for one in drawn.items if one.stratum == "planted")
    return SplitSet(split, {one.item: one.response_id for one in drawn.items}, planted, drawn.hash)
