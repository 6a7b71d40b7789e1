"""One judge tuned, language by language, on the tune split alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judge.domain.panel import Judge
from judge.domain.rubric import Rubric
from judge.errors import BackendError, BudgetReached, DataError, JudgeError
from judge.tuning.bench import Bench
from judge.tuning.choosing import Choice, choose
from judge.tuning.examples import TuningExample, cases_of
from judge.tuning.fewshot import fewshot_candidates
from judge.tuning.gepa import gepa_candidates
from judge.tuning.mipro import mipro_candidates
from judge.tuning.program import Program
from judge.tuning.scoring import scoring_of
from judge.tuning.split import learn_and_choose
from judge.tuning.task import Diary, Optimizer, Task, quietly
from judge.tuning.wire import Wire

FEWEST_ANSWERS = 20
FEWEST_CASES = 8
MOST_THREADS = 16
_OPTIMIZERS: Mapping[Optimizer, Callable[[Task], Sequence[Program]]] = {
    "gepa": gepa_candidates,
    "fewshot": fewshot_candidates,
    "mipro": mipro_candidates,
}
_DEARER: Mapping[Optimizer, float] = {"gepa": 1.5, "fewshot": 4.0, "mipro": 4.0}
"""How much dearer a tuned call may be: longer instructions, or demonstrations."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is tuned, and how."""

    rubric: Rubric
    judge: Judge
    writer: Judge
    """Who writes proposals."""
    start: Program
    scales: Mapping[str, Sequence[float]]
    """Levels of the dimensions that are tuned."""
    optimizer: Optimizer = "gepa"
    seed: int = 0
    rounds: int = 10


@dataclass(frozen=True, slots=True)
class LanguageResult:
    """What tuning came to in one language."""

    language: str
    n_learn: int
    n_choose: int
    n_cases: int
    choice: Choice | None
    """None where the language was left as it is."""
    diary: Diary = field(default_factory=Diary)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tuned:
    """The program that was found."""

    program: Program
    languages: tuple[LanguageResult, ...]
    stopped: JudgeError | None = None


def tune_on(
    setup: Setup,
    examples: Sequence[TuningExample],
    wire: Wire,
    folder: Path,
    *,
    n_test: int,
    heard: Callable[[], None] = lambda: None,
) -> Tuned:
    """Tune a judge's program on the tune split.

    Parameters
    ----------
    setup
        What is tuned.
    examples
        The tune split; nothing else is within reach of an optimiser.
    wire
        The way to the models.
    folder
        A temporary folder.
    n_test
        Answers of the test split, for which money is set aside.
    heard
        Called after each verdict.

    Raises
    ------
    DataError
        If no language has enough graded answers.
    BudgetReached
        If the cap does not cover the test.
    JudgeError
        What the judge's provider or the ledger raises.
    """
    bench = Bench(setup.rubric, setup.judge, wire, folder, examples, heard)
    program, results = setup.start, []
    languages = [name for name in setup.rubric.languages if any(e.language == name for e in examples)]
    enough = [name for name in languages if _is_enough(_of(examples, name))]
    if not enough:
        raise _too_few(examples, languages)
    budget = wire.port.budget
    cap = budget.max_usd
    try:
        if cap is not None:
            budget.max_usd = cap - _reserve(bench, setup, examples, n_test, cap)
        for language in languages:
            own = _of(examples, language)
            if language not in enough:
                results.append(
                    LanguageResult(language, 0, 0, len(cases_of(own)), None, reason=f"{len(own)} graded answers")
                )
                continue
            found = _tune_language(bench, wire, setup, program, language, own)
            results.append(found)
            program = found.choice.program if found.choice is not None else program
    finally:
        budget.max_usd = cap
    if bench.fault is not None:
        raise bench.fault
    return Tuned(program, tuple(results), _over_budget(cap) if bench.is_over_budget else None)


def _tune_language(
    bench: Bench, wire: Wire, setup: Setup, program: Program, language: str, examples: Sequence[TuningExample]
) -> LanguageResult:
    parts = learn_and_choose(examples, setup.seed)
    task = Task(
        bench=bench,
        wire=wire,
        writer=setup.writer,
        program=program,
        language=language,
        learn=parts.learn,
        choose=parts.choose,
        scoring=scoring_of(parts.all, setup.scales),
        seed=setup.seed,
        rounds=setup.rounds,
        n_threads=min(MOST_THREADS, setup.judge.max_concurrency),
    )
    bench.judged_all(program, parts.choose)
    candidates = () if bench.is_stopped else _candidates(task, setup.optimizer)
    choice = choose(bench, program, candidates, parts.choose, setup.scales)
    n_cases = len(cases_of(examples))
    return LanguageResult(language, len(parts.learn), len(parts.choose), n_cases, choice, task.diary)


def _candidates(task: Task, optimizer: Optimizer) -> Sequence[Program]:
    """Run the optimiser; the one place where what dspy makes of a failed call becomes an error of ours.

    Raises
    ------
    BackendError
        If the writer cannot be reached.
    """
    from dspy.utils.exceptions import LMError

    try:
        with quietly():
            return _OPTIMIZERS[optimizer](task)
    except LMError as error:
        if task.bench.is_stopped:
            return ()
        raise BackendError(
            f"judge {task.writer.id} wrote no proposals: {error}",
            hint="The same command again goes on from here; nothing is asked twice.",
        ) from error


def _reserve(bench: Bench, setup: Setup, examples: Sequence[TuningExample], n_test: int, cap: float) -> float:
    """Return what the test may cost, from what the first answers cost; asked before anything else."""
    judged = bench.judged_all(setup.start, examples[:FEWEST_CASES])
    if bench.fault is not None:
        raise bench.fault
    spent = sum(call.cost_usd or 0.0 for one in judged for call in one.calls)
    reserve = spent / len(judged) * n_test * (1 + _DEARER[setup.optimizer])
    left = cap - bench.spent_usd
    if bench.is_over_budget or reserve >= left:
        raise BudgetReached(
            f"the test split alone may cost ${reserve:.4f}, and ${max(left, 0.0):.4f} of the cap are left",
            hint="Raise --max-usd; nothing that was paid for is lost.",
        )
    return reserve


def _of(examples: Sequence[TuningExample], language: str) -> list[TuningExample]:
    return [example for example in examples if example.language == language]


def _is_enough(examples: Sequence[TuningExample]) -> bool:
    return len(examples) >= FEWEST_ANSWERS and len(cases_of(examples)) >= FEWEST_CASES


def _too_few(examples: Sequence[TuningExample], languages: Sequence[str]) -> DataError:
    found = [_of(examples, name) for name in languages]
    said = "; ".join(
        f"{name}: {len(own)} of {len(cases_of(own))} cases" for name, own in zip(languages, found, strict=True)
    )
    return DataError(
        f"too few graded answers in the tune split ({said or 'none'})",
        hint=f"Tuning needs {FEWEST_ANSWERS} graded answers of {FEWEST_CASES} cases in one language; grade more.",
    )


def _over_budget(cap: float | None) -> BudgetReached:
    return BudgetReached(
        f"the cap of ${cap or 0.0:g} was reached while tuning; the best program until then was taken",
        hint="The same command with a higher --max-usd goes on from here.",
    )
