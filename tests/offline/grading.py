"""Grades answers with the offline judge alone, through the panel's own code, without ledger, limiter or litellm."""

from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from judge.call.request import CallFailure, CallRequest, Reply, Usage
from judge.dataset.answers import AnswerSource, read_answers
from judge.domain.case import Case, Response
from judge.domain.grade import GradedResponse
from judge.domain.panel import Judge, Panel
from judge.domain.reading import OfflineReading
from judge.domain.rubric import Rubric
from judge.offline.judge import OfflineJudge, reading_of
from judge.panel.aggregate import grade_response
from judge.panel.judging import Judging
from judge.panel.request import build_request
from judge.resources import find_rubric
from judge.rubric.load import load_rubric

Result = TypeVar("Result")
_TIERS = ("fabrication", "contradiction", "omission", "commission")


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one answer; gates are confirmed or pending, for without an LLM judge every hint is pending."""

    case_id: str
    model: str
    score: float | None
    accuracy: float | None
    """Level in the first core dimension, None where unscored."""
    gates: tuple[str, ...]
    severity: int
    """Worst severity among the gates: 0, 2 or 3."""
    tier: int
    """Rank of the worst tier at that severity; -1 where there is no gate."""
    levels: tuple[tuple[str, float | None], ...] = ()

    @property
    def is_scored(self) -> bool:
        """Whether there is a composite."""
        return self.score is not None

    @property
    def points(self) -> float:
        """The composite; raises ValueError where there is none."""
        if self.score is None:
            raise ValueError(f"{self.case_id}, {self.model}: unscored")
        return self.score

    def is_above(self, other: "Score") -> bool:
        """Whether this answer ranks strictly above the other: by severity, tier, then score; unscored never does."""
        if self.score is None or other.score is None:
            return False
        return (self.severity, self.tier, -self.score) < (other.severity, other.tier, -other.score)

    def __str__(self) -> str:
        """Return score, gates and levels, for a failing test's message."""
        score = "unscored" if self.score is None else f"{self.score:.1f}"
        levels = " ".join(f"{name}:{'-' if level is None else f'{level:g}'}" for name, level in self.levels)
        return f"[{score} {','.join(self.gates) or 'no gate'} {levels}]"


class Grader:
    """The offline judge as a panel of one."""

    def __init__(self, rubric: Rubric | None = None) -> None:
        self.rubric = load_rubric(find_rubric("ecg-clinical-reasoning")) if rubric is None else rubric
        offline = OfflineJudge(self.rubric)
        self._critical_of = offline.critical_of
        self._offline = _Remembering(offline)
        judge = Judge(id="offline", model="offline/lexicon")
        self._panel = Panel((judge,))
        self._judging: Any = Judging(self.rubric, judge, _InProcess(self._offline))  # type: ignore[arg-type]

    def score_file(self, answers: Path, cases: Path | None = None) -> Iterator[Score]:
        """Yield the scores of a file of answers, in its order."""
        for item in read_answers(AnswerSource(answers, cases=cases), self.rubric).items:
            yield self._scored(item.case, item.response)

    def score(self, case: Case, answer: str) -> Score:
        """Return the score of one answer."""
        return self._scored(case, Response(f"{case.case_id}/answer", case.case_id, "answer", answer))

    def _scored(self, case: Case, response: Response) -> Score:
        if case.critical_source is None:
            case = replace(case, critical=self._critical_of(case), critical_source="derived")
        request = build_request(self.rubric, case, response)
        reading = reading_of(self._offline.reply(request.as_json()))
        judged = _run(self._judging.verdict(request, response.response_id, 1))
        graded = grade_response(self.rubric, self._panel, case, response.response_id, [judged.verdict], reading)
        return self._summary(case, response, graded, reading)

    def _summary(self, case: Case, response: Response, graded: GradedResponse, reading: OfflineReading) -> Score:
        gates = tuple(sorted({*graded.composite.gates, *graded.composite.gates_pending}))
        harms = [harm for gate in gates for harm in self._harms(gate, reading)]
        severity, tier = max(harms, default=(0, -1))
        codes = {dimension.id: dimension.code for dimension in self.rubric.dimensions}
        levels = tuple((codes[grade.dimension], grade.level) for grade in graded.grades)
        return Score(
            case.case_id,
            response.model,
            graded.composite.score,
            levels[0][1],
            gates,
            severity,
            tier if severity else -1,
            levels,
        )

    def _harms(self, gate_id: str, reading: OfflineReading) -> Iterator[tuple[int, int]]:
        severities = self.rubric.gate(gate_id).severity
        for hint in reading.hints:
            if hint.gate_id == gate_id and not hint.is_regional:
                severity = severities.get(hint.tier)
                yield (severity if isinstance(severity, int) else 0, _TIERS.index(hint.tier))


class _Remembering:
    """The judge function with its last reply at hand: hints and verdict come from the same one."""

    def __init__(self, judge: OfflineJudge) -> None:
        self._judge = judge
        self._last = ("", "")

    def reply(self, request: str) -> str:
        """Return the reply to a request."""
        if self._last[0] != request:
            self._last = (request, self._judge.reply(request))
        return self._last[1]


class _InProcess:
    """Stands where the port stands: replies from the judge function at once."""

    def __init__(self, offline: _Remembering) -> None:
        self._offline = offline

    async def call(self, judge: Judge, request: CallRequest) -> Reply | CallFailure:
        content = self._offline.reply(str(request.messages[-1]["content"]))
        return Reply(
            key=request.key,
            content=content,
            finish_reason="stop",
            refusal=None,
            usage=Usage(),
            cost_usd=0.0,
            is_cost_estimated=False,
            served_model=judge.model,
            latency_s=0.0,
        )


def _run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Return what a coroutine returns that never waits: the port in this process answers at once."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: Result = done.value
        return result
    raise RuntimeError("the offline judge waited for something")
