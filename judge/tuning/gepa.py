"""GEPA: instructions rewritten from what physicians say about the judge's verdicts.

Agrawal LA et al. (2025). GEPA: Reflective Prompt Evolution Can Outperform Reinforcement Learning. arXiv:2507.19457.
"""

from collections.abc import Sequence

from judge.tuning.program import Program
from judge.tuning.task import Task

_MINIBATCH = 8


def gepa_candidates(task: Task) -> Sequence[Program]:
    """Return the programs that GEPA found, in the order that it found them.

    Nothing is written: no log folder, no pickled state; the reflection's replies are in the ledger like all others.
    """
    import dspy

    from judge.tuning.module import Metric, TunedModule, as_dspy
    from judge.tuning.writer import Proposer, writer_of

    minibatch = min(_MINIBATCH, len(task.learn))
    optimizer = dspy.GEPA(
        metric=Metric(task.scoring, task.bench.examples).with_feedback,
        max_metric_calls=len(task.choose) + task.rounds * (2 * minibatch + len(task.choose)),
        reflection_lm=writer_of(task),
        instruction_proposer=Proposer(task.diary),
        reflection_minibatch_size=minibatch,
        use_merge=False,
        num_threads=task.n_threads,
        log_dir=None,
        track_stats=True,
        seed=task.seed,
        gepa_kwargs={"stop_callbacks": [_Rounds(task)]},
    )
    student = TunedModule(task.bench, task.program, task.language)
    found = optimizer.compile(student, trainset=as_dspy(task.learn), valset=as_dspy(task.choose))
    return tuple(candidate.program for candidate in found.detailed_results.candidates)


class _Rounds:
    """Stops after so many proposals, or when nothing more can be asked."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __call__(self, state: object) -> bool:
        """Return whether to stop."""
        n_begun: int = getattr(state, "i", -1) + 1
        return n_begun >= self._task.rounds or self._task.bench.is_stopped
