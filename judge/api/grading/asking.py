"""One response through the whole panel: request, verdicts, the offline reading, grades."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.api.grading.plan import Plan
from judge.api.grading.second_opinion import SecondOpinion
from judge.api.grading.stopping import Stop
from judge.call.ledger import Ledger
from judge.call.port import Port
from judge.call.request import CallFailure, CallRequest, Reply
from judge.dataset.answers import Item
from judge.domain.grade import GradedResponse
from judge.domain.panel import Judge
from judge.domain.reading import OfflineReading
from judge.domain.request import JudgeRequest
from judge.domain.verdict import Verdict, VerdictStatus
from judge.errors import BackendError
from judge.panel.aggregate import grade_response
from judge.panel.judging import CallRecord, Judged, Judging, unscored
from judge.panel.judging import Port as PanelPort
from judge.panel.request import build_request

_EMPTY = {"en": "The answer is blank.", "zh": "答案为空。"}
_INTERRUPTED = "The run was stopped before this was asked."


@dataclass(frozen=True, slots=True)
class Asked:
    """A response with all that was said of it."""

    item: Item
    verdicts: Sequence[Verdict]
    calls: Sequence[CallRecord]
    graded: GradedResponse


class StoppablePort:
    """The port until a stop is requested; from then on what the ledger holds, and nothing is sent."""

    def __init__(self, port: Port, ledger: Ledger, stop: Stop) -> None:
        self._port = port
        self._ledger = ledger
        self._stop = stop

    async def call(self, judge: Judge, request: CallRequest) -> Reply | CallFailure:
        """Return the reply to a request, or why there is none."""
        if not self._stop.is_requested:
            return await self._port.call(judge, request)
        found = self._ledger.get(self._port.effective(request, judge.id).key)
        return found if found is not None else CallFailure(request.key, "interrupted", _INTERRUPTED)


class Asking:
    """Asks every judge of a plan's panel about one response after another."""

    def __init__(self, plan: Plan, port: PanelPort, stop: Stop, second: SecondOpinion) -> None:
        self._plan = plan
        self._second = second
        self._stop = stop
        self._judgings: Mapping[str, Judging] = {
            judge.id: Judging(plan.rubric, judge, port) for judge in plan.panel.judges
        }

    async def __call__(self, item: Item) -> Asked:
        """Return the verdicts and grades of one response; never raises for what a judge does."""
        plan = self._plan
        request = build_request(plan.rubric, item.case, item.response)
        if item.response.is_blank:
            judged = self._all_unscored(request, item, "empty", _EMPTY.get(request.language, _EMPTY["en"]))
            reading = OfflineReading()
        else:
            judged = await asyncio.gather(
                *(
                    self._ask(judge, request, item, repeat)
                    for judge in plan.panel.judges
                    for repeat in range(1, judge.repeats + 1)
                )
            )
            reading = OfflineReading() if all(map(_is_interrupted, judged)) else self._second.read(request)
        verdicts = [one.verdict for one in judged]
        graded = grade_response(
            plan.rubric, plan.panel, item.case, item.response.response_id, verdicts, reading, weights=plan.weights
        )
        calls = [call for one in judged for call in one.calls if call.status != "interrupted"]
        return Asked(item, verdicts, calls, graded)

    async def _ask(self, judge: Judge, request: JudgeRequest, item: Item, repeat: int) -> Judged:
        response_id = item.response.response_id
        try:
            with self._stop.asking():
                return await self._judgings[judge.id].verdict(request, response_id, repeat)
        except BackendError as error:
            self._stop.request(error)
            return unscored(request, response_id, judge, repeat, "provider_error", error.message)
        except asyncio.CancelledError:
            if self._stop.cause is None:
                raise
            return unscored(request, response_id, judge, repeat, "interrupted", _INTERRUPTED)

    def _all_unscored(self, request: JudgeRequest, item: Item, status: VerdictStatus, reason: str) -> list[Judged]:
        return [
            unscored(request, item.response.response_id, judge, repeat, status, reason)
            for judge in self._plan.panel.judges
            for repeat in range(1, judge.repeats + 1)
        ]


def _is_interrupted(judged: Judged) -> bool:
    statuses = {level.status for level in judged.verdict.levels}
    return "interrupted" in statuses and statuses <= {"interrupted", "not_applicable"}
