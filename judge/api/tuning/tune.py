"""The verb ``tune``: a run and physicians' grades in, a tuned program and an honest report out."""

import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from judge.api.grading.progress import Progress, Silence, Tally
from judge.api.run import Run
from judge.api.sampling.openings import record_opening
from judge.api.tuning.preparing import ROUNDS, Prepared, TuneOptions, prepare
from judge.api.tuning.report import TuningReport, write_report
from judge.call.ledger import Ledger
from judge.call.port import PortOptions
from judge.domain.ids import sha256_json
from judge.errors import BudgetReached, DataError, Interrupted
from judge.panel.tuned import write_program
from judge.store.files import aside_of, make_folder, publish, storing
from judge.tuning.bench import Bench
from judge.tuning.gate import LOWEST_ALPHA
from judge.tuning.outcome import DimensionOutcome, compare_on_test
from judge.tuning.scoring import levels_of
from judge.tuning.task import Optimizer
from judge.tuning.tune import Setup, Tuned, tune_on
from judge.tuning.wire import Wire

_GRACE_S = 3.0


def tune(
    run: Run | str | Path,
    physicians: str | Path,
    *,
    set_folder: str | Path,
    judge: str,
    out: str | Path = "program.json",
    optimizer: Optimizer = "gepa",
    panel: str | Path | None = None,
    writer: str | None = None,
    ledger: str | Path | None = None,
    max_usd: float | None = None,
    seed: int = 0,
    rounds: int = ROUNDS,
    lowest_alpha: float = LOWEST_ALPHA,
    progress: Progress | None = None,
) -> TuningReport:
    """Tune a judge's prompt program on physicians' grades of the tune split, and measure it on the test split.

    Parameters
    ----------
    run
        The run whose answers physicians graded.
    physicians
        Their ratings table.
    set_folder
        The calibration set, whose manifest holds the split by case.
    judge
        Id of the judge.
    out
        Where the program goes; the report goes beside it.
    optimizer
        ``gepa``, ``fewshot`` or ``mipro``.
    panel
        The run's panel file, where the judge has an endpoint, key or price of its own.
    writer
        Which judge of the panel writes proposals.
    ledger
        By default the run's.
    max_usd
        Cap over the whole tuning, its test included.
    seed
        Of halves, draws, optimiser and resampling.
    rounds
        Proposals, draws or trials.
    lowest_alpha
        What the lower limit of the physicians' alpha must reach for a dimension to be tuned.
    progress
        Who hears how far it is.

    Returns
    -------
    TuningReport
        Written beside the program. Where the cap ended the search early, ``raise_if_stopped`` raises it.

    Raises
    ------
    DataError
        If physicians do not agree, grades are too few, or a file is wrong.
    ConfigError
        If the judge is not the run's, or cannot be tuned.
    BudgetReached
        If the cap does not cover the test.
    """
    return tune_with(
        TuneOptions(
            run=run if isinstance(run, Run) else Path(run),
            physicians=Path(physicians),
            set_folder=Path(set_folder),
            judge=judge,
            out=Path(out),
            optimizer=optimizer,
            panel=None if panel is None else Path(panel),
            writer=writer,
            ledger=None if ledger is None else Path(ledger),
            max_usd=max_usd,
            seed=seed,
            rounds=rounds,
            lowest_alpha=lowest_alpha,
        ),
        progress=progress,
    )


def tune_with(options: TuneOptions, *, progress: Progress | None = None) -> TuningReport:
    """Tune as ``tune`` does, the arguments in one object."""
    prepared = prepare(options)
    hears = progress or Silence()
    make_folder(options.out.absolute().parent)
    try:
        return _tuned(prepared, hears)
    except KeyboardInterrupt as error:
        raise Interrupted(
            "interrupted; what was asked is kept", hint="The same command again goes on from here."
        ) from error


def _tuned(prepared: Prepared, progress: Progress) -> TuningReport:
    options, plan, panel = prepared.options, prepared.plan, prepared.found.panel
    identity = sha256_json(prepared.identity)
    port_options = PortOptions(
        run=identity,
        max_usd=options.max_usd,
        limits_shared_by=panel.limits_shared_by,
        local_only=panel.local_only,
        private_hosts=panel.private_hosts,
    )
    judges = {one.id: one for one in (prepared.found.judge, prepared.writer)}
    with (
        Ledger(options.ledger or plan.ledger) as ledger,
        tempfile.TemporaryDirectory(prefix="judge-tune-") as folder,
    ):
        with Wire(ledger, tuple(judges.values()), port_options) as wire, _on_signals(wire):
            heard = _counter(progress, wire)
            progress.say(f"Tuning {prepared.found.judge.id} with {options.optimizer}, {options.rounds} rounds")
            tuned = tune_on(
                _setup(prepared), prepared.parts.tune, wire, Path(folder), n_test=len(prepared.parts.test), heard=heard
            )
            progress.say("Measuring on the test split")
            n_before = _open_test(prepared)
            results = _measured(prepared, tuned, wire, Path(folder), heard)
        spent = ledger.spent(identity)
    _write(prepared, tuned, identity)
    return write_report(prepared, tuned, results, spent, n_before)


@contextmanager
def _on_signals(wire: Wire) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end a tuning: replies under way get a few seconds, nothing more is asked."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        wire.let_go_in(_GRACE_S)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _setup(prepared: Prepared) -> Setup:
    return Setup(
        rubric=prepared.rubric,
        judge=prepared.found.judge,
        writer=prepared.writer,
        start=prepared.start,
        scales=prepared.scales,
        optimizer=prepared.options.optimizer,
        seed=prepared.options.seed,
        rounds=prepared.options.rounds,
    )


def _counter(progress: Progress, wire: Wire) -> Callable[[], None]:
    n_judged = 0

    def heard() -> None:
        nonlocal n_judged
        n_judged += 1
        budget = wire.port.budget
        progress.update(Tally(n_total=0, n_done=n_judged, cost_usd=budget.spent_usd))

    return heard


def _open_test(prepared: Prepared) -> int:
    """Record that the test split is opened; return how often it was before."""
    options = prepared.options
    command = f"judge tune --judge {options.judge} --optimizer {options.optimizer}"
    plan_hash = str(prepared.run.manifest["plan_hash"])
    return record_opening(options.set_folder, command, run=plan_hash, about=prepared.identity)


def _measured(
    prepared: Prepared, tuned: Tuned, wire: Wire, folder: Path, heard: Callable[[], None]
) -> tuple[DimensionOutcome, ...]:
    """Measure on the test split, once: the program before and the program that was chosen."""
    test = prepared.parts.test
    bench = Bench(prepared.rubric, prepared.found.judge, wire, folder, test, heard)
    before = [levels_of(one.verdict) for one in bench.judged_all(prepared.start, test)]
    after = [levels_of(one.verdict) for one in bench.judged_all(tuned.program, test)]
    if bench.fault is not None:
        raise bench.fault
    if bench.is_over_budget:
        raise BudgetReached(
            "the cap was reached before the test split was judged; no program was written",
            hint="The same command with a higher --max-usd goes on from here.",
        )
    graded = [d.id for d in prepared.rubric.dimensions if any(d.id in example.targets for example in test)]
    tuned_names = [name for name in prepared.tuned if name in graded]
    if not tuned_names:
        raise DataError("the test split has no level in any dimension that was tuned")
    others = [name for name in graded if name not in tuned_names]
    return compare_on_test(before, after, test, tuned_names, others, seed=prepared.options.seed)


def _write(prepared: Prepared, tuned: Tuned, identity: str) -> None:
    out = prepared.options.out
    about = {
        "optimizer": prepared.options.optimizer,
        "seed": prepared.options.seed,
        "tuned_from": prepared.plan.provenance.judge_hashes[prepared.found.judge.id],
        "tuning": identity,
        "dimensions": list(prepared.tuned),
    }
    aside = aside_of(out)
    with storing(out):
        write_program(aside, prepared.rubric, tuned.program.as_document(), about)
    publish(aside, out)
