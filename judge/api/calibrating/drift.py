"""The verb ``drift``: the canaries of a calibration, asked anew, say whether its judges are still the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from judge.api.calibrating.binding import NAME, binding_of_plan, differences, read_calibration
from judge.api.calibrating.drift_checks import FORMAT, read_checks, record_check
from judge.api.calibrating.drift_place import CheckPlace, place_of
from judge.api.calibrating.drift_results import CalibratedRun, concluded, unasked
from judge.api.card import rubric_of
from judge.api.grading.grade import grade_plan
from judge.api.grading.plan import Plan, make_plan
from judge.api.grading.progress import Progress
from judge.api.inputs import check_inputs, options_of
from judge.api.run import Run, open_run
from judge.calibration.drift import LEAST_CASES, State
from judge.domain.panel import Panel
from judge.errors import ConfigError
from judge.panel.config import panel_of_models, read_panel
from judge.store.lock import locked


@dataclass(frozen=True)
class DriftCheck:
    """What a drift check found; ``drift.json`` of the run holds it too."""

    check: Mapping[str, Any]
    run: Run | None
    """The canaries' own run; None where nobody was asked."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know beside it."""
        return tuple(self.check["warnings"])

    @property
    def state(self) -> State:
        """``expired`` if any core dimension with canary levels is, ``valid`` if all of them are."""
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
        if own.n_deciding_cases < LEAST_CASES:
            return DriftCheck(unasked(own, _today()), None)
        place = _place(own, plan, None if ledger is None else Path(ledger), anew=anew)
        asked = grade_plan(replace(plan, folder=place.run, ledger=place.ledger), progress=progress)
        asked.raise_if_stopped()
        check = concluded(own, asked, place)
        record_check(opened.folder, check)
    return DriftCheck(check, asked)


def _place(own: CalibratedRun, plan: Plan, ledger: Path | None, *, anew: bool) -> CheckPlace:
    """Return where the check is kept; a check of today that was stopped is carried on, also where another is asked."""
    concluded = {str(check["check"]) for check in read_checks(own.run.folder)} if anew else frozenset()
    return place_of(own.run.folder, plan.hash, _today(), ledger=ledger, not_these=concluded)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _calibrated(run: Run) -> CalibratedRun:
    path = run.folder / NAME
    calibration = read_calibration(path)
    if calibration["plan_hash"] != run.manifest["plan_hash"]:
        raise ConfigError(
            f"{path}: was made on another run, and so were its canaries",
            hint="Check the run that the physicians graded; its result holds for this one too.",
        )
    return CalibratedRun(run, rubric_of(run), path, calibration)


def _panel(panel: str | Path | Panel | Sequence[str] | None) -> Panel:
    if isinstance(panel, Panel):
        return panel
    return read_panel(Path(panel)) if isinstance(panel, str | Path) else panel_of_models(panel or ())


def _plan(own: CalibratedRun, panel: Panel, max_usd: float | None) -> Plan:
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
