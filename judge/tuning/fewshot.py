"""Few-shot: verdicts of the judge that physicians agree with become demonstrations."""

from collections.abc import Sequence

import numpy as np

from judge.tuning.demonstration import is_whole
from judge.tuning.program import Program
from judge.tuning.task import Task

MOST_DEMOS = 3
_NEAR = 0.96
"""Score that a verdict needs to be shown: on five levels, less than one level off on average."""


def fewshot_candidates(task: Task) -> Sequence[Program]:
    """Return one program for each of several draws of demonstrations.

    Every draw shuffles the learning half by the seed and takes the first verdicts that are near the physicians' and
    whole; dspy's BootstrapFewShot runs them.
    """
    import dspy

    from judge.tuning.module import Metric, TunedModule, as_dspy

    metric = Metric(task.scoring, task.bench.examples)

    def is_shown(gold: object, prediction: object, trace: object = None) -> bool:
        return is_whole(prediction.verdict) and metric.score(gold, prediction, trace) >= _NEAR  # type: ignore[attr-defined]

    found: list[Program] = []
    for draw in range(task.rounds):
        if task.bench.is_stopped:
            break
        order = np.random.default_rng([task.seed, draw]).permutation(len(task.learn))
        optimizer = dspy.BootstrapFewShot(
            metric=is_shown, max_bootstrapped_demos=1 + draw % MOST_DEMOS, max_labeled_demos=0, max_rounds=1
        )
        student = TunedModule(task.bench, task.program, task.language)
        shuffled = as_dspy([task.learn[i] for i in order])
        program = optimizer.compile(student, trainset=shuffled).program
        if program.by_language[task.language].demos:
            found.append(program)
    return tuple(found)
