"""What a drift check found, dimension by dimension and as a whole, as ``drift.json`` holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from judge.api.calibrating.drift_checks import identity_of
from judge.api.calibrating.drift_place import CheckPlace
from judge.api.calibrating.run import arrays_of
from judge.api.run import Run
from judge.calibration.drift import LEAST_CASES, Drift, State, drift_of
from judge.domain.rubric import Rubric
from judge.store.files import sha256_file

_NO_REPLY = ("timeout", "provider_error", "over_budget", "interrupted")
"""Verdicts that say nothing of the judge, because no reply came."""
_COST = ("usd", "attempts", "attempts_estimated", "attempts_of_unknown_price")


@dataclass(frozen=True, slots=True)
class CalibratedRun:
    """A run with the calibration that was made on it."""

    run: Run
    rubric: Rubric
    path: Path
    calibration: Mapping[str, Any]

    @property
    def canaries(self) -> Sequence[Mapping[str, Any]]:
        """Its canaries: response id, case id, levels by dimension."""
        found: Sequence[Mapping[str, Any]] = self.calibration["canaries"]
        return found

    @property
    def n_cases(self) -> int:
        """Cases of all canaries."""
        return len({canary["case_id"] for canary in self.canaries})

    @property
    def n_deciding_cases(self) -> int:
        """Cases of the deciding dimension that has most."""
        cases = ({c["case_id"] for c in self.canaries if name in c["levels"]} for name in self.deciding)
        return max(map(len, cases), default=0)

    @property
    def deciding(self) -> tuple[str, ...]:
        """Core dimensions in which there was a level to hold on to; in the others nothing was corrected."""
        known = {name for canary in self.canaries for name in canary["levels"]}
        return tuple(
            dimension.id for dimension in self.rubric.dimensions if dimension.is_core and dimension.id in known
        )


def unasked(own: CalibratedRun, day: str) -> dict[str, Any]:
    """Say that so few canaries cannot tell, before anything is spent on them; there is nothing to record."""
    reason = (
        f"{own.n_deciding_cases} canary cases with a level in a core dimension, at least {LEAST_CASES} are needed: "
        "nobody was asked"
    )
    none = Drift("not_enough_data", 0, 0, None, None, None, None, reason)
    results = {dimension.id: none for dimension in own.rubric.dimensions}
    head = {"check": None, "date": day, "state": none.state, "reason": reason}
    cost = dict.fromkeys(_COST, 0)
    return {**head, **_about(own), **_results(own, results, 0), "cost": cost, "judges": {}, "warnings": []}


def concluded(own: CalibratedRun, asked: Run, place: CheckPlace) -> dict[str, Any]:
    """Return what a check found whose canaries were asked."""
    lost = _without_reply(asked)
    results = _drift_by_dimension(own, asked, lost)
    state, reason = _whole(own.deciding, results)
    judges = _judges(own, asked)
    return {
        "check": place.name,
        "date": place.day,
        "state": state,
        "reason": reason,
        **_about(own),
        **_results(own, results, len({response for response, _ in lost})),
        "cost": {name: asked.manifest["cost"][name] for name in _COST},
        "judges": judges,
        "panel_hash": asked.manifest["panel_hash"],
        "times": asked.manifest["times"],
        "warnings": [*_lost_words(lost), *_served_words(judges)],
    }


def _about(own: CalibratedRun) -> dict[str, Any]:
    return {
        "calibration": {
            "sha256": sha256_file(own.path),
            "date": own.calibration["date"],
            "identity": identity_of(own.calibration),
        },
        "run": str(own.run.folder),
        "n_answers": len(own.canaries),
        "n_cases": own.n_cases,
    }


def _results(own: CalibratedRun, results: Mapping[str, Drift], n_without_reply: int) -> dict[str, Any]:
    core = {dimension.id: dimension.is_core for dimension in own.rubric.dimensions}
    return {
        "n_without_reply": n_without_reply,
        "dimensions": {name: {"is_core": core[name], **asdict(found)} for name, found in results.items()},
    }


def _without_reply(asked: Run) -> frozenset[tuple[str, str]]:
    """Return answers and dimensions in which a judge is missing for want of a reply: its panel is another one."""
    verdicts = asked.table("verdicts").select(["response_id", "dimension", "status"]).to_pylist()
    return frozenset((row["response_id"], row["dimension"]) for row in verdicts if row["status"] in _NO_REPLY)


def _drift_by_dimension(own: CalibratedRun, asked: Run, lost: frozenset[tuple[str, str]]) -> dict[str, Drift]:
    """Hold each dimension's panel levels, before gates, against those that the calibration stored."""
    arrays = arrays_of(asked, own.rubric)
    places = arrays.places()
    found = {}
    for name, now in arrays.dimensions.items():
        usable = [c for c in own.canaries if name in c["levels"] and (c["response_id"], name) not in lost]
        before = np.array([canary["levels"][name] for canary in usable], dtype=np.float64)
        after = now.level[np.array([places[canary["response_id"]] for canary in usable], dtype=np.int64)]
        cases = np.array([canary["case_id"] for canary in usable], dtype=str)
        found[name] = drift_of(before, after, cases, n_claims=len(own.deciding))
    return found


def _whole(deciding: Sequence[str], results: Mapping[str, Drift]) -> tuple[State, str]:
    """Return expired if any deciding dimension is, else not enough data if any has not, else valid."""
    said: dict[State, str] = {"expired": "graded otherwise than then", "not_enough_data": "not to be told"}
    for state, words in said.items():
        named = [f"{name} ({_briefly(results[name])})" for name in deciding if results[name].state == state]
        if named:
            return state, f"{words}: {', '.join(named)}"
    return "valid", f"inside the tolerance: {', '.join(deciding)}"


def _briefly(found: Drift) -> str:
    return found.reason if found.shift is None else f"{found.shift:+.2f}"


def _judges(own: CalibratedRun, asked: Run) -> dict[str, dict[str, Any]]:
    bound = own.calibration["binding"]["judges"]
    return {
        entry["id"]: {
            "judge_hash": entry["judge_hash"],
            "served_models": entry["served_models"],
            "served_models_calibrated": bound[entry["id"]]["served_models"],
        }
        for entry in asked.manifest["panel"]
    }


def _lost_words(lost: frozenset[tuple[str, str]]) -> list[str]:
    n = len({response for response, _ in lost})
    return [f"no reply on {n} canaries: they are left out; the same command asks them again today"] if n else []


def _served_words(judges: Mapping[str, Mapping[str, Any]]) -> list[str]:
    said = []
    for judge, about in judges.items():
        new = sorted(set(about["served_models"]) - set(about["served_models_calibrated"]))
        if new:
            before = ", ".join(about["served_models_calibrated"]) or "nobody who said so"
            said.append(
                f"judge {judge} is served by {', '.join(new)} now, and was by {before} when it was calibrated: "
                "runs with another served model are refused by judge calibrate --calibration"
            )
    return said
