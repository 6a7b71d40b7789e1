"""The end of a run: what stopped it, what it cost, the manifest."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from judge.api.grading.options import GradeOptions
from judge.api.grading.plan import Plan
from judge.api.grading.stopping import Stop
from judge.api.grading.writing import RunFiles
from judge.api.versions import library_versions, program_hash
from judge.call.ledger import Ledger
from judge.call.port import Port
from judge.domain.ids import digest
from judge.domain.panel import Judge
from judge.errors import BackendError, BudgetReached, JudgeError, StoreError
from judge.store.manifest import FORMAT, read_manifest, write_manifest

_GRADES = "grades.parquet"
_ABOUT_GRADES = ("agreement.json", "calibration.json")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run whose files and manifest are written."""

    manifest: Mapping[str, Any]
    warnings: tuple[str, ...]
    stopped: JudgeError | None


def record_run(plan: Plan, files: RunFiles, port: Port, ledger: Ledger, stop: Stop, *, started: float) -> Recorded:
    """Give the run's files their names and write the manifest, last."""
    stopped = _what_stopped(port, stop)
    names = files.close()
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "complete": stopped is None and not plan.answers.n_beyond_limit,
        "stopped": None if stopped is None else stopped.message,
        "plan_hash": plan.hash,
        "inputs": [{"path": entry.path, "sha256": entry.sha256, "rows": entry.rows} for entry in plan.answers.inputs],
        "options": _options(plan.options),
        "rubric": {
            "id": plan.rubric.id,
            "version": plan.rubric.version,
            "hash": plan.rubric.hash,
            "signoff": plan.rubric.signoff.status,
        },
        "prompt_hash": digest(sorted(set(plan.provenance.prompt_hashes.values()))),
        "panel_hash": plan.provenance.panel_hash,
        "panel": [_judge_entry(judge, plan, files, port) for judge in plan.panel.judges],
        "aggregation": {"rule": plan.panel.aggregation, "quorum": plan.panel.quorum_needed, "name": plan.panel.name},
        "versions": dict(library_versions()),
        "program": program_hash(),
        "seed": plan.options.seed,
        "counts": _counts(plan, files),
        "cost": _cost(plan, ledger, port),
        "times": _times(started),
        "files": dict(names),
        "calibrations": [],
    }
    warnings = (*warnings_of(plan, manifest), *_outdated(plan, names))
    write_manifest(plan.folder, manifest)
    return Recorded(manifest, warnings, stopped)


def _options(options: GradeOptions) -> dict[str, Any]:
    """Return what was asked for; by these paths a later command reads the answers again."""
    return {
        "answers": str(options.answers),
        "cases": None if options.cases is None else str(options.cases),
        "checklists": None if options.checklists is None else str(options.checklists),
        "columns": dict(options.columns),
        "skip_bad": options.skip_bad,
        "limit": options.limit,
        "max_usd": options.max_usd,
    }


def _what_stopped(port: Port, stop: Stop) -> JudgeError | None:
    if stop.cause is not None:
        return stop.cause
    if port.budget.is_reached:
        budget = port.budget
        return BudgetReached(
            f"the cap of --max-usd {budget.max_usd:g} was reached: ${budget.spent_usd:.4f} are spent, and the next "
            f"call could cost up to ${budget.unfit_usd or 0.0:.4f} (all of its max_tokens); what was done is kept",
            hint="The same command with a higher --max-usd goes on from here.",
        )
    if port.parked:
        names = ", ".join(f"{parked.judge} ({parked.message})" for parked in port.parked)
        return BackendError(
            f"still down at the end: {names}", hint="The same command again asks them for what is missing."
        )
    return None


def _judge_entry(judge: Judge, plan: Plan, files: RunFiles, port: Port) -> dict[str, Any]:
    refused = port.negotiated(judge.id)
    return {
        "id": judge.id,
        "model": judge.model,
        "judge_hash": plan.provenance.judge_hashes[judge.id],
        "prompt_hash": plan.provenance.prompt_hashes[judge.id],
        "granularity": judge.granularity,
        "repeats": judge.repeats,
        "requested": dict(judge.params),
        "effective": _effective(judge, refused),
        "refused": [{"parameter": one.name, "becomes": one.becomes, "message": one.message} for one in refused],
        "served_models": sorted(files.served_models[judge.id]),
        "verdicts": dict(sorted(files.verdict_statuses[judge.id].items())),
    }


def _effective(judge: Judge, refused: Any) -> dict[str, Any]:
    becomes = {one.name: one.becomes for one in refused}
    return {becomes.get(name, name): value for name, value in judge.params.items() if becomes.get(name, name)}


def _counts(plan: Plan, files: RunFiles) -> dict[str, Any]:
    items = plan.answers.items
    return {
        "responses": len(items),
        "cases": len({item.case.case_id for item in items}),
        "models": len({item.response.model for item in items}),
        "rejected": len(plan.answers.rejected),
        "verdicts": dict(sorted(sum(files.verdict_statuses.values(), start=type(files.grade_statuses)()).items())),
        "grades": dict(sorted(files.grade_statuses.items())),
    }


def _cost(plan: Plan, ledger: Ledger, port: Port) -> dict[str, Any]:
    spent = ledger.spent(plan.hash)
    return {
        "usd": spent.cost_usd,
        "attempts": spent.n_attempts,
        "attempts_estimated": spent.n_estimated,
        "attempts_of_unknown_price": spent.n_unknown,
        "this_invocation": {
            "sent": port.totals.n_sent,
            "replayed": port.totals.n_replayed,
            "failed": port.totals.n_failed,
        },
    }


def _times(started: float) -> dict[str, Any]:
    ended = time.time()
    return {
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "ended": datetime.fromtimestamp(ended, UTC).isoformat(timespec="seconds"),
        "seconds": round(ended - started, 3),
    }


def warnings_of(plan: Plan, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a user should know about a run whose manifest is this."""
    said = list(plan.answers.warnings)
    if plan.rubric.signoff.status == "draft":
        said.append(f"rubric {plan.rubric.id} v{plan.rubric.version} is a draft: nobody entitled to has signed it")
    if all(judge.is_offline for judge in plan.panel.judges):
        said.append("graded by the offline judge alone: a baseline that cannot follow paraphrase or weigh reasoning")
    if plan.answers.rejected:
        n = len(plan.answers.rejected)
        said.append(f"{n} row{'' if n == 1 else 's'} left out; see rejected.jsonl in the run folder")
    for judge in manifest["panel"]:
        if len(judge["served_models"]) > 1:
            said.append(f"judge {judge['id']} was served by several models: {', '.join(judge['served_models'])}")
        said += [
            f"judge {judge['id']}: the model refuses {one['parameter']}; "
            + (f"sent as {one['becomes']}" if one["becomes"] else "not sent")
            for one in judge["refused"]
        ]
    return tuple(said)


def _outdated(plan: Plan, names: Mapping[str, str]) -> list[str]:
    """Return a warning where the folder holds documents about grades that this run has just replaced."""
    try:
        replaced = read_manifest(plan.folder)["files"].get(_GRADES)
    except StoreError:
        return []
    found = [name for name in _ABOUT_GRADES if (plan.folder / name).is_file()]
    if not found or replaced == names[_GRADES]:
        return []
    return [f"{' and '.join(found)} in the run folder: made of earlier grades; make them again, they are out of date"]
