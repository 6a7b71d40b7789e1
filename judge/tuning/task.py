"""What an optimiser is given: everything but the test split."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Literal

from judge.domain.panel import Judge
from judge.tuning.bench import Bench
from judge.tuning.examples import TuningExample
from judge.tuning.program import Program
from judge.tuning.scoring import Scoring
from judge.tuning.wire import Wire

Optimizer = Literal["gepa", "fewshot", "mipro"]
_TALKERS = ("dspy", "gepa", "optuna")


@dataclass(slots=True)
class Diary:
    """What became of the proposals that a writer was asked for."""

    n_asked: int = 0
    n_unusable: int = 0
    n_failed: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """One language's program to be bettered on one half of the tune split, chosen on the other."""

    bench: Bench
    wire: Wire
    writer: Judge
    program: Program
    language: str
    learn: Sequence[TuningExample]
    choose: Sequence[TuningExample]
    scoring: Scoring
    seed: int
    rounds: int
    n_threads: int
    diary: Diary = field(default_factory=Diary)


@contextmanager
def quietly() -> Iterator[None]:
    """Let optimisers print, log, warn and draw bars for nobody: what matters is in the report or raised."""
    loggers = [logging.getLogger(name) for name in _TALKERS]
    before = [(logger, logger.disabled, logger.level) for logger in loggers]
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, disabled, level in before:
                logger.disabled, logger.level = disabled, level
