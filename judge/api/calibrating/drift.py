"""The verb ``drift``: the canaries of a calibration, asked anew, say whether its judges are still the same."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from judge.api.calibrating.binding import NAME, binding_of_plan, differences, read_calibration
from judge.api.calibrating.drift_checks import FORMAT, identity_of, read_checks, record_check
from judge.api.calibrating.drift_place import CheckPlace, place_of
from judge.api.calibrating.run import arrays_of
from judge.api.card import rubric_of
from judge.api.grading.grade import grade_plan
from judge.api.grading.plan import Plan, make_plan
from judge.api.grading.progress import Progress
from judge.api.inputs import check_inputs, options_of
from judge.api.run import Run, open_run
from judge.calibration.drift import LEAST_CASES, Drift, State, drift_of
from judge.domain.panel import Panel
from judge.domain.rubric import Rubric
from judge.errors import ConfigError
from judge.panel.config import panel_of_models, read_panel
from judge.store.files import sha256_file
from judge.store.lock import locked

_NO_REPLY = ("timeout", "provider_error", "over_budget", "interrupted")
"""Verdicts that say nothing of the judge, because no reply came."""
_COST = ("usd", "attempts", "attempts_estimated", "attempts_of_unknown_price")


@dataclass(frozen=True)
class DriftCheck:
    """What a drift check found; ``drift.json`` of the run holds it too."""

    check: Mapping[str, Any]
    run: Run | None
    """The canaries' own run; None where nobody was asked."""
    warnings: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """``expired`` if any core dimension is, ``valid`` if all of them are."""
        state: State = self.check["state"]
        return state

    def document(self) -> dict[str, Any]:
        """Return this check as JSON types."""
        return {"format": FORMAT, **self.check}

    @property
    def text(self) -> str:
        """What a person reads of it."""
        from judge.api.calibrating.drift_text import text_of

        return text_of(self.check, self.run)


@dataclass(frozen=True, slots=True)
class _Calibrated:
    run: Run
    rubric: Rubric
    path: Path
    calibration: Mapping[str, Any]

    @property
    def canaries(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.calibration["canaries"]
        return found

    @property
    def n_cases(self) -> int:
        return len({canary["case_id"] for canary in self.canaries})


def check_drift(
    run: Run | str | Path,
    *,
    panel: str | Path | Panel | Sequence[str] | None = None,
    ledger: str | Path | None = None,
    max_usd: float | None = None,
    anew: bool = False,
    progress: Progress | None = None,
) -> DriftCheck:
    """Ask the judges of a calibrated run anew for a few answers, and hold the levels against those of the calibration.

    The replies go into a ledger of this check's own, in a folder of the day within the run, so that none is an old
    one; on the same day the same check is carried on, and nothing is paid for twice.

    Parameters
    ----------
    run
        A run, or its folder, that ``judge.calibrate`` wrote a ``calibration.json`` into from physicians' grades.
    panel
        The panel that the run was graded with: a file, a ``Panel``, or a list of models; the offline judge where None.
    ledger
        Where the replies are kept instead; a file that does not exist yet.
    max_usd
        Cap over all invocations of this check.
    anew
        Begin another check though the day has one that is concluded.
    progress
        Who hears how far it is.

    Raises
    ------
    ConfigError
        If the run has no calibration of its own, or the panel is not the one that was calibrated.
    DataError
        If the run's answers cannot be read again.
    BudgetReached, BackendError, Interrupted
        If the check was stopped: nothing is concluded, and the same command goes on.
    StoreError
        If a file or the ledger cannot be used.
    """
    opened = open_run(run)
    with locked(opened.folder):
        own = _calibrated(opened)
        plan = _plan(own, _panel(panel), max_usd)
        if own.n_cases < LEAST_CASES:
            return _nobody_asked(own)
        place = _place(own, plan, None if ledger is None else Path(ledger), anew=anew)
        asked = grade_plan(replace(plan, folder=place.run, ledger=place.ledger), progress=progress)
        asked.raise_if_stopped()
        check, warnings = _found(own, asked, place)
        record_check(opened.folder, check)
    return DriftCheck(check, asked, warnings)


def _place(own: _Calibrated, plan: Plan, ledger: Path | None, *, anew: bool) -> CheckPlace:
    """Return where the check is kept; a check of today that was stopped is carried on, also where another is asked."""
    concluded = {str(check["check"]) for check in read_checks(own.run.folder)} if anew else frozenset()
    return place_of(own.run.folder, plan.hash, _today(), ledger=ledger, not_these=concluded)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _calibrated(run: Run) -> _Calibrated:
    path = run.folder / NAME
    calibration = read_calibration(path)
    if calibration["plan_hash"] != run.manifest["plan_hash"]:
        raise ConfigError(
            f"{path}: was made on another run, and so were its canaries",
            hint="Check the run that the physicians graded; its result holds for this one too.",
        )
    return _Calibrated(run, rubric_of(run), path, calibration)


def _panel(panel: str | Path | Panel | Sequence[str] | None) -> Panel:
    if isinstance(panel, Panel):
        return panel
    return read_panel(Path(panel)) if isinstance(panel, str | Path) else panel_of_models(panel or ())


def _plan(own: _Calibrated, panel: Panel, max_usd: float | None) -> Plan:
    """Return the canaries' plan, once it is certain that it asks the very judges of the calibration."""
    check_inputs(own.run)
    only = tuple(canary["response_id"] for canary in own.canaries)
    options = replace(options_of(own.run), panel=panel, only=only, max_usd=max_usd, out=own.run.folder)
    plan = make_plan(options)
    differing = differences(own.calibration["binding"], binding_of_plan(plan))
    if differing:
        raise ConfigError(
            f"panel {panel.name}: is not the one that was calibrated; what differs: {', '.join(differing)}",
            hint="Another prompt, parameter, endpoint or rubric makes another judge, and no drift check can tell of "
            "it: name the run's own panel file with --panel, or calibrate anew.",
        )
    return plan


def _nobody_asked(own: _Calibrated) -> DriftCheck:
    """Say that so few canaries cannot tell, before anything is spent on them; there is nothing to record."""
    reason = f"{own.n_cases} canary cases, at least {LEAST_CASES} are needed: nobody was asked"
    none = Drift("not_enough_data", 0, own.n_cases, None, None, None, None, reason)
    results = {dimension.id: none for dimension in own.rubric.dimensions}
    head = {"check": None, "date": _today(), "state": none.state, "reason": reason}
    cost = dict.fromkeys(_COST, 0)
    return DriftCheck({**head, **_about(own), **_results(own, results, 0), "cost": cost, "judges": {}}, None)


def _found(own: _Calibrated, asked: Run, place: CheckPlace) -> tuple[dict[str, Any], tuple[str, ...]]:
    lost = _without_reply(asked)
    results = _drift_by_dimension(own, asked, lost)
    state, reason = _whole(own.rubric, results)
    judges = _judges(own, asked)
    warnings = (*_lost_words(lost), *_served_words(judges))
    check = {
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
        "warnings": list(warnings),
    }
    return check, warnings


def _about(own: _Calibrated) -> dict[str, Any]:
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


def _results(own: _Calibrated, results: Mapping[str, Drift], n_without_reply: int) -> dict[str, Any]:
    core = {dimension.id: dimension.is_core for dimension in own.rubric.dimensions}
    return {
        "n_without_reply": n_without_reply,
        "dimensions": {name: {"is_core": core[name], **asdict(found)} for name, found in results.items()},
    }


def _without_reply(asked: Run) -> frozenset[tuple[str, str]]:
    """Return answers and dimensions in which a judge is missing for want of a reply: its panel is another one."""
    verdicts = asked.table("verdicts").select(["response_id", "dimension", "status"]).to_pylist()
    return frozenset((row["response_id"], row["dimension"]) for row in verdicts if row["status"] in _NO_REPLY)


def _drift_by_dimension(own: _Calibrated, asked: Run, lost: frozenset[tuple[str, str]]) -> dict[str, Drift]:
    """Hold each dimension's panel levels, before gates, against those that the calibration stored."""
    n_core = sum(dimension.is_core for dimension in own.rubric.dimensions) or len(own.rubric.dimensions)
    arrays = arrays_of(asked, own.rubric)
    places = arrays.places()
    found = {}
    for name, now in arrays.dimensions.items():
        usable = [c for c in own.canaries if name in c["levels"] and (c["response_id"], name) not in lost]
        before = np.array([canary["levels"][name] for canary in usable], dtype=np.float64)
        after = now.level[np.array([places[canary["response_id"]] for canary in usable], dtype=np.int64)]
        cases = np.array([canary["case_id"] for canary in usable], dtype=str)
        found[name] = drift_of(before, after, cases, n_claims=n_core)
    return found


def _whole(rubric: Rubric, results: Mapping[str, Drift]) -> tuple[State, str]:
    """Return expired if any core dimension is, else not enough data if any core dimension has not, else valid."""
    core = [dimension.id for dimension in rubric.dimensions if dimension.is_core] or list(results)
    said: dict[State, str] = {"expired": "graded otherwise than then", "not_enough_data": "not to be told"}
    for state, words in said.items():
        named = [f"{name} ({_briefly(results[name])})" for name in core if results[name].state == state]
        if named:
            return state, f"{words}: {', '.join(named)}"
    return "valid", "every core dimension is inside the tolerance"


def _briefly(found: Drift) -> str:
    return found.reason if found.shift is None else f"{found.shift:+.2f}"


def _judges(own: _Calibrated, asked: Run) -> dict[str, dict[str, Any]]:
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
