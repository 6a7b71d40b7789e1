"""What a tuning needs before anything is spent: everything is read, checked, and found to be worth it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.api.grading.plan import Plan
from judge.api.run import Run, open_run
from judge.api.sampling.openings import check_record
from judge.api.tuning.examples import Grades, examples_of, read_grades
from judge.api.tuning.inputs import RunJudge, judge_of, plan_of, writer_of_panel
from judge.api.tuning.set import SplitSet, read_split
from judge.call.routing import check_allowed, check_routable
from judge.domain.panel import Judge
from judge.domain.rubric import Rubric
from judge.errors import ConfigError, DataError, did_you_mean
from judge.panel.tuned import read_program
from judge.panel.wording import wording
from judge.store.files import sha256_file
from judge.tuning.gate import LOWEST_ALPHA, Ceiling, agreement_gate
from judge.tuning.mipro import check_optuna
from judge.tuning.program import LanguageProgram, Program, program_of
from judge.tuning.split import Parts, by_split
from judge.tuning.task import Optimizer

OPTIMIZERS: tuple[Optimizer, ...] = ("gepa", "fewshot", "mipro")
ROUNDS = 10


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """The arguments of a tuning; the command line and ``judge.tune`` fill the same fields."""

    run: Path | Run
    physicians: Path
    set_folder: Path
    judge: str
    out: Path = Path("program.json")
    optimizer: Optimizer = "gepa"
    panel: Path | None = None
    """The panel file of the run; needed where a judge has an endpoint, key or price of its own."""
    writer: str | None = None
    """Who writes proposals: a judge of the panel; the judge itself where None."""
    ledger: Path | None = None
    max_usd: float | None = None
    seed: int = 0
    rounds: int = ROUNDS
    """Proposals (gepa), draws of demonstrations (fewshot) or trials (mipro)."""
    lowest_alpha: float = LOWEST_ALPHA

    def __post_init__(self) -> None:
        """Refuse what makes no tuning."""
        if self.optimizer not in OPTIMIZERS:
            raise ConfigError(
                f'there is no optimizer "{self.optimizer}"{did_you_mean(self.optimizer, OPTIMIZERS)}',
                hint=f"There are: {', '.join(OPTIMIZERS)}.",
            )
        if not 1 <= self.rounds <= 1000:
            raise ConfigError(f"rounds is {self.rounds}, it lies between 1 and 1000")
        if self.seed < 0:
            raise ConfigError(f"seed is {self.seed}, it is 0 or more")


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that is known before anything is spent."""

    options: TuneOptions
    run: Run
    plan: Plan
    found: RunJudge
    writer: Judge
    drawn: SplitSet
    grades: Grades
    parts: Parts
    gate: tuple[Ceiling, ...]
    start: Program

    @property
    def rubric(self) -> Rubric:
        """The run's rubric."""
        return self.plan.rubric

    @property
    def tuned(self) -> tuple[str, ...]:
        """Dimensions in which physicians agree well enough."""
        return tuple(ceiling.dimension for ceiling in self.gate if ceiling.is_enough)

    @property
    def scales(self) -> Mapping[str, Sequence[float]]:
        """Levels of the dimensions that are tuned."""
        return {d.id: d.levels for d in self.rubric.dimensions if d.id in self.tuned}

    @property
    def identity(self) -> Mapping[str, object]:
        """What names this tuning: money is counted under it, over all its invocations."""
        options = self.options
        return {
            "format": "judge-tuning/1",
            "run": self.run.manifest["plan_hash"],
            "judge": self.plan.provenance.judge_hashes[self.found.judge.id],
            "writer": [self.writer.model, dict(self.writer.params)],
            "physicians": sha256_file(options.physicians),
            "set": self.drawn.hash,
            "optimizer": options.optimizer,
            "seed": options.seed,
            "rounds": options.rounds,
            "dimensions": list(self.tuned),
        }


def prepare(options: TuneOptions) -> Prepared:
    """Read everything and see that there is something to tune towards; spends nothing.

    Raises
    ------
    JudgeError
        As ``judge.tune``.
    """
    if options.optimizer == "mipro":
        check_optuna()
    run = open_run(options.run)
    found = judge_of(run, options.judge, options.panel)
    drawn = read_split(options.set_folder, run)
    check_record(options.set_folder)
    if found.judge.program is not None and options.out.resolve() == Path(found.judge.program).resolve():
        raise ConfigError(
            f"--out {options.out} is the program that the judge has now: the run could not be read with it any more",
            hint="Choose another name, e.g. program-2.json.",
        )
    writer = writer_of_panel(found, options.writer)
    if options.optimizer != "gepa" and found.judge.granularity != "response":
        raise ConfigError(
            f'demonstrations need a judge that is asked everything at once; "{found.judge.id}" is asked by '
            f"{found.judge.granularity}",
            hint="Use --optimizer gepa, or granularity: response.",
        )
    plan = plan_of(run, found.judge)
    for one in {found.judge.id: found.judge, writer.id: writer}.values():
        check_allowed(one, local_only=found.panel.local_only, private_hosts=found.panel.private_hosts)
        check_routable(one)
    items = tuple(plan.items())
    grades = read_grades(options.physicians, plan.rubric, frozenset(item.response.response_id for item in items), drawn)
    parts = by_split(examples_of(items, grades, plan.rubric), drawn.split)
    if not parts.test:
        raise DataError(
            f"{options.physicians}: no answer of the test split is graded", hint="Grade the set's test cases as well."
        )
    gate = _gate(grades, parts, plan.rubric, options)
    return Prepared(options, run, plan, found, writer, drawn, grades, parts, gate, _start(found.judge, plan.rubric))


def _gate(grades: Grades, parts: Parts, rubric: Rubric, options: TuneOptions) -> tuple[Ceiling, ...]:
    """Return the physicians' agreement on the tune split; the test split is not looked at."""
    cases = {example.response_id: example.case_id for example in parts.tune}
    own = [grade for grade in grades.grades if grade.response_id in cases]
    scales = {d.id: d.levels for d in rubric.dimensions}
    found = agreement_gate(own, cases, scales, lowest=options.lowest_alpha, seed=options.seed)
    if not any(ceiling.is_enough for ceiling in found):
        raise DataError(
            "nothing was tuned: physicians do not agree among themselves well enough to be a target",
            problems=[f"{ceiling.dimension}: {ceiling.reason}" for ceiling in found] or ["no level in the tune split"],
            hint="Have two or more physicians grade the same answers; train them on anchor cases, or adjudicate, "
            "and grade again.",
        )
    return found


def _start(judge: Judge, rubric: Rubric) -> Program:
    if judge.program is not None:
        return program_of(read_program(Path(judge.program), rubric))
    return Program({language: LanguageProgram(wording(language).instructions) for language in rubric.languages})
