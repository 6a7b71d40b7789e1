"""MIPROv2: instructions and demonstrations searched together by a Bayesian optimiser (needs optuna).

Opsahl-Ong K et al. (2024). Optimizing Instructions and Demonstrations for Multi-Stage Language Model Programs.
arXiv:2406.11695.
"""

from collections.abc import Sequence
from importlib.util import find_spec

from judge.errors import ConfigError
from judge.tuning.demonstration import is_whole
from judge.tuning.fewshot import MOST_DEMOS
from judge.tuning.program import Program
from judge.tuning.task import Task

_NEAR = 0.96


def check_optuna() -> None:
    """See that optuna is there.

    Raises
    ------
    ConfigError
        If it is not installed.
    """
    if find_spec("optuna") is None:
        raise ConfigError(
            "--optimizer mipro needs optuna, which is not installed",
            hint='Install it with: pip install "clinical-judge[tune]". gepa and fewshot need nothing more.',
        )


def mipro_candidates(task: Task) -> Sequence[Program]:
    """Return the programs that MIPROv2 evaluated on the whole choosing half, best first."""
    import dspy

    from judge.tuning.module import Metric, TunedModule, as_dspy
    from judge.tuning.writer import writer_of

    metric = Metric(task.scoring, task.bench.examples)

    def score(gold: object, prediction: object, trace: object = None) -> float:
        found = metric.score(gold, prediction, trace)
        is_shown = trace is None or is_whole(prediction.verdict)  # type: ignore[attr-defined]
        return found if is_shown else 0.0

    writer = writer_of(task)
    optimizer = dspy.MIPROv2(
        metric=score,
        prompt_model=writer,
        task_model=writer,
        auto=None,
        num_candidates=max(3, task.rounds // 2),
        max_bootstrapped_demos=MOST_DEMOS,
        max_labeled_demos=0,
        num_threads=task.n_threads,
        metric_threshold=_NEAR,
        seed=task.seed,
        log_dir=None,
        track_stats=True,
    )
    best = optimizer.compile(
        TunedModule(task.bench, task.program, task.language),
        trainset=as_dspy(task.learn),
        valset=as_dspy(task.choose),
        num_trials=task.rounds,
        minibatch=False,
        program_aware_proposer=False,
        data_aware_proposer=False,
    )
    return tuple(one["program"].program for one in best.candidate_programs)
