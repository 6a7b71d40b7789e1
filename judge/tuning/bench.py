"""Judges answers with a candidate program, in the very way a run would: same prompt, checks, re-asks and ledger."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from judge.call.request import CallFailure, CallRequest, Reply
from judge.domain.panel import Judge
from judge.domain.rubric import Rubric
from judge.domain.verdict import VerdictStatus
from judge.errors import BackendError, JudgeError
from judge.panel.combine import Judged
from judge.panel.judging import Judging, unscored
from judge.panel.tuned import write_program
from judge.tuning.examples import TuningExample
from judge.tuning.program import Program
from judge.tuning.wire import Wire

FIRST = 1
"""Number of the draw that is judged by; a run's first repeat is the same draw."""
_STOPPED = "not asked: tuning had stopped"


class Bench:
    """Judges examples with programs.

    Parameters
    ----------
    rubric
        The rubric; it is part of every prompt and of no program.
    judge
        Model, endpoint and decoding.
    wire
        An open wire that knows the judge.
    folder
        A temporary folder for candidates: each is read from a file as a panel would read it.
    examples
        The only answers that may be judged here.
    heard
        Called after each answer that was judged.
    """

    def __init__(
        self,
        rubric: Rubric,
        judge: Judge,
        wire: Wire,
        folder: Path,
        examples: Sequence[TuningExample],
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self.rubric, self.judge = rubric, judge
        self.examples = {example.response_id: example for example in examples}
        self.fault: JudgeError | None = None
        """What makes every further call fail, None as long as nothing does."""
        self.is_over_budget = False
        self._wire, self._folder, self._heard = wire, folder, heard
        self._judgings: dict[str, Judging] = {}
        self._known: dict[tuple[str, str], Judged] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> "Bench":
        """Return itself: copies of a module share the bench."""
        return self

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more can be asked."""
        return self.is_over_budget or self.fault is not None

    def stop(self, fault: JudgeError) -> None:
        """Ask nothing more."""
        self.fault = self.fault or fault

    @property
    def spent_usd(self) -> float:
        """What the tuning has cost so far, over all invocations."""
        return self._wire.port.budget.spent_usd

    def knows(self, program: Program, examples: Sequence[TuningExample]) -> bool:
        """Whether every one of these answers was judged with a program."""
        return all((program.hash, example.response_id) in self._known for example in examples)

    def judged(self, program: Program, response_id: str) -> Judged:
        """Judge one answer; blocks.

        Raises
        ------
        KeyError
            If the answer is not one of the bench's.
        """
        return self._wire.run(self._one(program, self.examples[response_id]))

    def judged_all(self, program: Program, examples: Sequence[TuningExample]) -> list[Judged]:
        """Judge several answers at once; blocks.

        Raises
        ------
        KeyError
            If an answer is not one of the bench's.
        """
        own = [self.examples[example.response_id] for example in examples]
        return self._wire.run(self._several(program, own))

    async def _several(self, program: Program, examples: Sequence[TuningExample]) -> list[Judged]:
        return list(await asyncio.gather(*(self._one(program, example) for example in examples)))

    async def _one(self, program: Program, example: TuningExample) -> Judged:
        key = (program.hash, example.response_id)
        if key in self._known:
            return self._known[key]
        if self.is_stopped:
            return self._unasked(example)
        try:
            judged = await self._judging(program).verdict(example.request, example.response_id, FIRST)
        except JudgeError as error:
            self.fault = self.fault or error
            return self._unasked(example)
        statuses = {level.status for level in judged.verdict.levels}
        if "over_budget" in statuses:
            self.is_over_budget = True
            return judged
        if "provider_error" in statuses and (down := self._wire.port.parked):
            self.fault = self.fault or _is_down(down[0].judge, down[0].message)
            return judged
        self._known[key] = judged
        self._heard()
        return judged

    def _unasked(self, example: TuningExample) -> Judged:
        status: VerdictStatus = "over_budget" if self.is_over_budget else "provider_error"
        return unscored(example.request, example.response_id, self.judge, FIRST, status, _STOPPED)

    def _judging(self, program: Program) -> Judging:
        """Return the judge with a program; written to a file and read back, so that what works here works there."""
        if program.hash not in self._judgings:
            path = self._folder / f"{program.hash}.json"
            write_program(path, self.rubric, program.as_document(), {})
            candidate = replace(self.judge, program=str(path))
            self._judgings[program.hash] = Judging(self.rubric, candidate, _AsOneJudge(self._wire, self.judge))
        return self._judgings[program.hash]


def _is_down(judge: str, message: str) -> BackendError:
    return BackendError(
        f"judge {judge} is down: {message}",
        hint="The same command again goes on from here; nothing is asked twice.",
    )


class _AsOneJudge:
    """Sends a candidate's calls under the judge that the port was opened for."""

    def __init__(self, wire: Wire, judge: Judge) -> None:
        self._wire, self._judge = wire, judge

    async def call(self, judge: Judge, request: CallRequest) -> Reply | CallFailure:  # noqa: ARG002
        return await self._wire.port.call(self._judge, request)
