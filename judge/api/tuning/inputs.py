"""What a tuning works on, found from a run: its judge and its answers."""

from dataclasses import dataclass, replace
from pathlib import Path

from judge.api.grading.plan import Plan, make_plan
from judge.api.inputs import check_inputs, options_of
from judge.api.run import Run
from judge.domain.panel import Judge, Panel
from judge.errors import ConfigError, did_you_mean
from judge.panel.config import read_panel


@dataclass(frozen=True, slots=True)
class RunJudge:
    """The judge of a run, and the panel that it is part of."""

    judge: Judge
    panel: Panel


def judge_of(run: Run, judge_id: str, panel_file: Path | None) -> RunJudge:
    """Return one judge of a run: from the panel file, or as far as the manifest knows it.

    Raises
    ------
    ConfigError
        If the run has no such judge, it is the offline judge, or the panel file lacks it.
    """
    entries = {entry["id"]: entry for entry in run.manifest["panel"]}
    if judge_id not in entries:
        raise ConfigError(
            f'the run has no judge "{judge_id}"{did_you_mean(judge_id, entries)}',
            hint=f"Its judges: {', '.join(entries)}.",
        )
    entry = entries[judge_id]
    if panel_file is None:
        judge = Judge(
            judge_id, entry["model"], params=dict(entry["requested"]), granularity=entry["granularity"]
        )  # fmt: skip
        panel = Panel((judge,))
    else:
        panel = read_panel(panel_file)
        judge = _named(panel, judge_id, panel_file)
    if judge.is_offline:
        raise ConfigError(f'judge "{judge_id}" is the offline judge: it has no prompt that could be tuned')
    return RunJudge(judge, panel)


def _named(panel: Panel, judge_id: str, panel_file: Path) -> Judge:
    known = {judge.id: judge for judge in panel.judges}
    if judge_id not in known:
        raise ConfigError(f'{panel_file}: no judge is called "{judge_id}"{did_you_mean(judge_id, known)}')
    return known[judge_id]


def writer_of_panel(found: RunJudge, writer_id: str | None) -> Judge:
    """Return who writes proposals: a judge of the panel, by default the one that is tuned.

    Raises
    ------
    ConfigError
        If the panel has no such judge, or it is offline.
    """
    if writer_id is None:
        return found.judge
    known = {judge.id: judge for judge in found.panel.judges}
    if writer_id not in known:
        raise ConfigError(
            f'--writer: the panel has no judge "{writer_id}"{did_you_mean(writer_id, known)}',
            hint="Name the panel file with --panel; the writer's model, endpoint and decoding are taken from it.",
        )
    if known[writer_id].is_offline:
        raise ConfigError("--writer: the offline judge cannot write instructions")
    return known[writer_id]


def plan_of(run: Run, judge: Judge) -> Plan:
    """Read a run's answers again and see that they, the rubric and the judge are the run's.

    Raises
    ------
    DataError
        If an input is no longer there or was changed.
    ConfigError
        If the judge is not the one that graded.
    """
    check_inputs(run)
    plan = make_plan(replace(options_of(run), panel=Panel((judge,)), out=run.folder))
    recorded = next(entry["judge_hash"] for entry in run.manifest["panel"] if entry["id"] == judge.id)
    if plan.provenance.judge_hashes[judge.id] != recorded:
        raise ConfigError(
            f'judge "{judge.id}" is not the one that graded this run (model, endpoint, parameters or prompt differ)',
            hint="Name the panel file that the run was graded with: --panel FILE.",
        )
    return plan
