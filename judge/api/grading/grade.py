"""The verb ``grade``: answers in, a run folder out."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from judge.api.grading.asking import Asking, StoppablePort
from judge.api.grading.finished import finished_run
from judge.api.grading.identity import claim_folder
from judge.api.grading.options import DEFAULT_RUBRIC, GradeOptions
from judge.api.grading.plan import Plan, make_plan
from judge.api.grading.progress import Progress, Silence, Tally
from judge.api.grading.recording import Recorded, record_run
from judge.api.grading.second_opinion import SecondOpinion
from judge.api.grading.stopping import Stop, on_signals
from judge.api.grading.watching import watching
from judge.api.grading.writing import RunFiles
from judge.api.run import Run
from judge.call.ledger import Ledger
from judge.call.offline_provider import OfflineProvider
from judge.call.port import Port, PortOptions
from judge.call.routing import check_allowed, check_routable
from judge.domain.panel import Panel
from judge.engine.local import in_order
from judge.errors import StoreError
from judge.store.files import make_folder
from judge.store.lock import locked

_LEAST_ACTIVE = 32


def grade(
    answers: str | Path,
    *,
    rubric: str | Path = DEFAULT_RUBRIC,
    panel: str | Path | Panel | Sequence[str] | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Run:
    """Grade a file of answers with a panel of judges.

    Parameters
    ----------
    answers
        A ``.jsonl``, ``.json``, ``.csv`` or ``.parquet`` file, or a folder of Parquet files; one row an answer.
    rubric
        Id or file of a rubric.
    panel
        A panel file, a ``Panel``, or a list of models by their litellm names; the offline judge where None.
    out
        The run folder; by default one under ``outputs/`` named by the plan.
    progress
        Who hears how far the run is.
    **options
        Other fields of ``judge.api.grading.options.GradeOptions``: ``cases``, ``checklists``, ``columns``, ``ledger``,
        ``max_usd``, ``limit``, ``with_baselines``, ``skip_bad``, ``seed``.

    Returns
    -------
    Run
        The run on disk. Where it stopped early (budget, a provider's refusal, a signal) its files are written,
        ``is_complete`` is False and ``raise_if_stopped`` raises the reason.

    Raises
    ------
    ConfigError, DataError, StoreError
        Before anything is spent.
    """
    models = () if panel is None or isinstance(panel, str | Path | Panel) else tuple(panel)
    named = panel if isinstance(panel, Panel) or panel is None else None if models else Path(str(panel))
    for name in ("cases", "checklists", "ledger"):
        if options.get(name) is not None:
            options[name] = Path(options[name])
    return grade_with(
        GradeOptions(
            answers=Path(answers),
            rubric=str(rubric),
            panel=named,
            judges=models,
            out=None if out is None else Path(out),
            **options,
        ),
        progress=progress,
    )


def grade_with(options: GradeOptions, *, progress: Progress | None = None) -> Run:
    """Grade as ``grade`` does, the arguments in one object."""
    return grade_plan(make_plan(options), progress=progress)


def grade_plan(plan: Plan, *, progress: Progress | None = None) -> Run:
    """Grade as ``grade`` does, everything read already."""
    _check_judges(plan)
    make_folder(plan.folder)
    with locked(plan.folder):
        claim_folder(plan)
        found = finished_run(plan)
        if found is not None:
            return Run(plan.folder, found.manifest, found.warnings)
        with Ledger(plan.ledger) as ledger:
            recorded = _run_to_end(_grade_all(plan, ledger, progress or Silence()))
    return Run(plan.folder, recorded.manifest, recorded.warnings, recorded.stopped)


def _check_judges(plan: Plan) -> None:
    for judge in plan.panel.judges:
        check_allowed(judge, local_only=plan.panel.local_only, private_hosts=plan.panel.private_hosts)
        check_routable(judge)


async def _grade_all(plan: Plan, ledger: Ledger, progress: Progress) -> Recorded:
    started = time.time()
    stop = Stop()
    second = SecondOpinion(plan.offline)
    port = Port(ledger, plan.panel.judges, options=_port_options(plan), offline=_offline_provider(plan, second))
    tally = Tally(n_total=len(plan.answers.items))
    with ExitStack() as stack:
        files = stack.enter_context(RunFiles(plan))
        stack.enter_context(on_signals(stop))
        async with port:
            asking = Asking(plan, StoppablePort(port, ledger, stop), stop, second)
            work = in_order(plan.items(), asking, n_active=_n_active(plan), n_held=lambda: port.n_held)
            async with watching(port, progress), aclosing(work) as results:
                async for asked in results:
                    calls = files.add(asked)
                    tally = _counted(tally, asked.verdicts, calls)
                    progress.update(tally)
        if tally.n_done != tally.n_total:
            raise StoreError(
                f"{plan.folder}: {tally.n_done} of {tally.n_total} answers came through; the run was not written",
                hint="This is a fault of judge: please report it. Every reply is in the ledger; nothing is paid twice.",
            )
        return record_run(plan, files, port, ledger, stop, started=started)


def _port_options(plan: Plan) -> PortOptions:
    return PortOptions(
        run=plan.hash,
        max_usd=plan.options.max_usd,
        limits_shared_by=plan.panel.limits_shared_by,
        local_only=plan.panel.local_only,
        private_hosts=plan.panel.private_hosts,
    )


def _offline_provider(plan: Plan, second: SecondOpinion) -> OfflineProvider | None:
    if not any(judge.is_offline for judge in plan.panel.judges):
        return None
    return OfflineProvider({plan.rubric.hash: second.reply})


def _n_active(plan: Plan) -> int:
    """Return how many responses are in work at once: enough that no judge waits for another."""
    return max(_LEAST_ACTIVE, 2 * max(judge.max_concurrency for judge in plan.panel.judges))


def _counted(tally: Tally, verdicts: Sequence[Any], calls: Sequence[Any]) -> Tally:
    outcomes = [level.status for verdict in verdicts for level in verdict.levels]
    known = [call.cost_usd for call in calls if call.cost_usd is not None]
    return replace(
        tally,
        n_done=tally.n_done + 1,
        n_unscored=tally.n_unscored + sum(status not in ("scored", "not_applicable") for status in outcomes),
        n_calls=tally.n_calls + len(calls),
        cost_usd=tally.cost_usd + sum(known),
        n_calls_of_unknown_price=tally.n_calls_of_unknown_price + len(calls) - len(known),
    )


def _run_to_end(coroutine: Coroutine[Any, Any, Recorded]) -> Recorded:
    """Run a coroutine to its end, also where a loop is running already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
