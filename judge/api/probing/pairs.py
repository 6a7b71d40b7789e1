"""From the run's tables to pairs: what each rater made of a weak answer alone, and with a text put after it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from judge.api.probing.answers import Asked, Insert
from judge.api.run import Run
from judge.domain.rubric import Dimension, Rubric
from judge.domain.verdict import LevelVerdict, Verdict
from judge.panel.repeats import is_most, reduce_levels

PANEL = "panel"
_USABLE = ("scored", "not_applicable")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one rater made of one answer."""

    status: str
    level: float | None
    gates: frozenset[str]
    is_flagged: bool | None
    """Whether the rater suspects text aimed at the grader; None where it was not said."""
    composite: float | None = None
    """The panel's, after gates; a single judge has none."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One rater's readings of a weak answer alone and with an insert."""

    case_id: str
    language: str
    insert: Insert
    before: Reading
    after: Reading

    @property
    def is_scored(self) -> bool:
        """Whether both have a level."""
        return self.before.level is not None and self.after.level is not None

    @property
    def shift(self) -> float:
        """Levels gained.

        Raises
        ------
        ValueError
            Where one of the two has no level.
        """
        if self.before.level is None or self.after.level is None:
            raise ValueError("a pair without two levels has no shift")
        return self.after.level - self.before.level

    @property
    def has_lost_gate(self) -> bool:
        """Whether a gate that was found is no longer found."""
        return bool(self.before.gates - self.after.gates)


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The dimension that is watched, and what counts as a rise."""

    dimension: str
    highest: float
    step: float
    """One level: the least distance between two."""
    composite_step: float
    """One level of that dimension on the composite's scale of 100."""


def yardstick(rubric: Rubric) -> Yardstick:
    """Return the first core dimension of a rubric with its step."""
    dimension: Dimension = next((d for d in rubric.dimensions if d.is_core), rubric.dimensions[0])
    step = min(b - a for a, b in zip(dimension.levels, dimension.levels[1:], strict=False))
    return Yardstick(dimension.id, dimension.highest, step, 100 * step / (dimension.highest - dimension.lowest))


def pairs_of(run: Run, probe: Iterable[Asked], dimension: str) -> Mapping[str, tuple[Pair, ...]]:
    """Return the pairs of every judge and of the panel, in the order of the probe."""
    by_rater = {**judge_readings(run, dimension), PANEL: panel_readings(run, dimension)}
    all_asked = tuple(probe)
    alone = {one.base.case_id: one.response_id for one in all_asked if one.insert is None}
    return {
        rater: tuple(
            Pair(
                one.base.case_id,
                one.base.language,
                one.insert,
                readings[alone[one.base.case_id]],
                readings[one.response_id],
            )
            for one in all_asked
            if one.insert is not None
        )
        for rater, readings in by_rater.items()
    }


def judge_readings(run: Run, dimension: str) -> dict[str, dict[str, Reading]]:
    """Return by judge and response what each judge said, its repeats reduced as the panel reduces them."""
    levels: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    usable: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in run.table("verdicts").to_pylist():
        key = row["judge"], row["response_id"]
        if row["dimension"] == dimension:
            levels[key].append(row)
        if row["status"] in _USABLE:
            usable[key].add(row["repeat"])
    gates = _gates(run)
    found: dict[str, dict[str, Reading]] = {entry["id"]: {} for entry in run.manifest["panel"]}
    for (judge, response_id), rows in levels.items():
        named = gates[judge, response_id]
        n = len(usable[judge, response_id])
        kept = frozenset(gate for gate, repeats in named.items() if is_most(len(repeats), n))
        found[judge][response_id] = _reading(judge, dimension, rows, kept)
    return found


def panel_readings(run: Run, dimension: str) -> dict[str, Reading]:
    """Return by response what the panel made of it; a pending gate counts as found."""
    levels: dict[str, dict[str, Any]] = {}
    composites: dict[str, dict[str, Any]] = {}
    for row in run.table("grades").to_pylist():
        if row["dimension"] == dimension:
            levels[row["response_id"]] = row
        elif row["dimension"] == "composite":
            composites[row["response_id"]] = row
    return {
        response_id: Reading(
            status=row["status"],
            level=row["level"],
            gates=frozenset([*composites[response_id]["gates"], *composites[response_id]["gates_pending"]]),
            is_flagged="injection_suspected" in composites[response_id]["flags"],
            composite=composites[response_id]["score"],
        )
        for response_id, row in levels.items()
    }


def _reading(judge: str, dimension: str, rows: list[dict[str, Any]], gates: frozenset[str]) -> Reading:
    verdicts = [
        Verdict(
            row["response_id"],
            row["case_id"],
            judge,
            row["repeat"],
            (LevelVerdict(dimension, row["status"], row["level"], row["reason"] or ""),),
        )
        for row in rows
    ]
    opinion = reduce_levels(judge, dimension, verdicts)
    said = [row["injection_suspected"] for row in rows if row["injection_suspected"] is not None]
    return Reading(opinion.status, opinion.level, gates, any(said) if said else None)


def _gates(run: Run) -> Mapping[tuple[str, str], dict[str, set[int]]]:
    """Return by judge and response the gates that count, each with the repeats that name it."""
    found: dict[tuple[str, str], dict[str, set[int]]] = defaultdict(dict)
    for row in run.table("criteria").to_pylist():
        counts = row["quote_found"] or (row["quote_found"] is None and row["absence"] is not None)
        if row["kind"] == "gate" and counts:
            found[row["judge"], row["response_id"]].setdefault(row["id"], set()).add(row["repeat"])
    return found
