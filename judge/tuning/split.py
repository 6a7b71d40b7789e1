"""The parts that tuning works with: learn and choose inside the tune split, and the sealed test split."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judge.domain.request import JudgeRequest
from judge.tuning.examples import TuningExample, cases_of


@dataclass(frozen=True, slots=True)
class TuneParts:
    """The tune split: what an optimiser learns from, and what it chooses on."""

    learn: tuple[TuningExample, ...]
    choose: tuple[TuningExample, ...]

    @property
    def all(self) -> tuple[TuningExample, ...]:
        """The whole tune split."""
        return (*self.learn, *self.choose)


@dataclass(frozen=True, slots=True)
class Parts:
    """All graded answers of a run, by the set's split."""

    tune: tuple[TuningExample, ...]
    test: tuple[TuningExample, ...]
    n_outside: int = 0
    """Graded answers whose case is in neither."""
    n_twins: int = 0
    """Answers left out of tune because their case asks the same as a case of test."""


def by_split(examples: Sequence[TuningExample], split: Mapping[str, str]) -> Parts:
    """Part examples by the split of their cases.

    A case of tune that asks word for word what a case of test asks is left out: a judge tuned on it would have seen
    the test.

    Parameters
    ----------
    examples
        Graded answers.
    split
        Case id to ``tune`` or ``test``.
    """
    test = tuple(example for example in examples if split.get(example.case_id) == "test")
    asked = {_asked(example.request) for example in test}
    tune = tuple(example for example in examples if split.get(example.case_id) == "tune")
    apart = tuple(example for example in tune if _asked(example.request) not in asked)
    return Parts(apart, test, len(examples) - len(test) - len(tune), len(tune) - len(apart))


def _asked(request: JudgeRequest) -> tuple[str, str]:
    case = request.case
    context = case.context if isinstance(case.context, str | None) else [(t.role, t.text) for t in case.context]
    return " ".join(case.question.split()).casefold(), repr(context)


def learn_and_choose(examples: Sequence[TuningExample], seed: int) -> TuneParts:
    """Part the tune split in two halves by case; the second half chooses among what was learnt on the first.

    The order of the examples does not matter, the cases' ids and the seed do.
    """
    cases = sorted(cases_of(examples))
    order = np.random.default_rng([seed, len(cases)]).permutation(len(cases))
    learnt = {cases[i] for i in order[: (len(cases) + 1) // 2]}
    return TuneParts(
        _in_order(example for example in examples if example.case_id in learnt),
        _in_order(example for example in examples if example.case_id not in learnt),
    )


def _in_order(examples: Iterable[TuningExample]) -> tuple[TuningExample, ...]:
    return tuple(sorted(examples, key=lambda example: (example.case_id, example.response_id)))
