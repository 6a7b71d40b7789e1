"""One pass over a plan's answers that counts what would be asked; nothing is sent and nothing is kept but sums."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import NoReturn

from judge.api.estimating.replies import Seen, assumed_reply, limit_of, parts_of
from judge.api.estimating.tokens import TokenCounter
from judge.api.grading.plan import Plan
from judge.api.grading.progress import Progress, Tally
from judge.call.ledger import Ledger, open_ledger
from judge.call.negotiation import Negotiation
from judge.call.request import CallRequest, Reply, without_credentials
from judge.dataset.answers import Item
from judge.domain.ids import digest
from judge.domain.panel import Judge
from judge.domain.request import JudgeRequest
from judge.panel.judging import Judging
from judge.panel.request import build_request


class NoPort:
    """A way to no model: prompts can be rendered through it, and anything sent is a fault of ours."""

    async def call(self, judge: Judge, request: CallRequest) -> NoReturn:
        """Refuse."""
        raise RuntimeError(f"an estimate tried to ask {judge.id} ({request.scope})")


@dataclass(slots=True)
class JudgeCount:
    """Sums over the calls of one judge, each asked once."""

    n_calls: int = 0
    n_in_ledger: int = 0
    prompt_tokens: int = 0
    """Of the calls that are still to be sent; so are the next two."""
    assumed_reply_tokens: int = 0
    limit_tokens: int = 0
    longest_call: int = 0
    """Prompt and limit of the greatest call: what one attempt reserves at most."""
    seen: Seen = field(default_factory=Seen)

    @property
    def n_to_send(self) -> int:
        """Calls whose reply is not in the ledger."""
        return self.n_calls - self.n_in_ledger


@dataclass(slots=True)
class Counted:
    """All that one pass found."""

    judges: Mapping[str, JudgeCount]
    n_answers: int = 0
    n_blank: int = 0
    n_same: int = 0
    """Answers in the same words to the same case as an earlier one: their requests are one."""
    spent_usd: float = 0.0
    has_ledger: bool = False


class Calls:
    """The calls that a plan makes if no reply has a fault, as they would be sent."""

    def __init__(self, plan: Plan, ledger: Ledger | None) -> None:
        self._plan = plan
        self._judgings = {judge.id: Judging(plan.rubric, judge, NoPort()) for judge in plan.panel.judges}
        self._negotiations = {judge.id: _negotiation(judge, ledger) for judge in plan.panel.judges}

    def of(self, judge: Judge, request: JudgeRequest, response_id: str, repeat: int) -> tuple[CallRequest, ...]:
        """Return the calls of one judge on one response, after what is known of the model."""
        calls = self._judgings[judge.id].first_calls(request, response_id, repeat)
        return tuple(map(self._negotiations[judge.id].apply, calls))


def count_calls(plan: Plan, counter: TokenCounter, progress: Progress) -> Counted:
    """Return the sums over a plan's answers; replies that the ledger holds are counted apart.

    Raises
    ------
    StoreError
        If there is a ledger and it cannot be read.
    """
    counted = Counted({judge.id: JudgeCount() for judge in plan.panel.judges}, n_answers=len(plan.answers.items))
    seen: set[int] = set()
    with _ledger_of(plan) as ledger:
        counted.has_ledger = ledger is not None
        counted.spent_usd = 0.0 if ledger is None else ledger.spent(plan.hash).cost_usd
        calls = Calls(plan, ledger)
        for n_done, item in enumerate(plan.items(), start=1):
            if item.response.is_blank:
                counted.n_blank += 1
            elif _is_new(item, seen):
                _count_item(plan, item, calls, ledger, counter, counted)
            else:
                counted.n_same += 1
            progress.update(Tally(n_total=counted.n_answers, n_done=n_done))
    return counted


def _is_new(item: Item, seen: set[int]) -> bool:
    """Whether these words were not yet seen of this case; eight bytes of a digest are kept of each."""
    mark = int(digest((item.case.case_id, item.response.text))[:16], 16)
    if mark in seen:
        return False
    seen.add(mark)
    return True


def _count_item(
    plan: Plan, item: Item, calls: Calls, ledger: Ledger | None, counter: TokenCounter, counted: Counted
) -> None:
    request = build_request(plan.rubric, item.case, item.response)
    for judge in plan.panel.judges:
        parts = tuple(parts_of(plan.rubric, request, judge))
        for repeat in range(1, judge.repeats + 1):
            asked = calls.of(judge, request, item.response.response_id, repeat)
            for part, call in zip(parts, asked, strict=True):
                reply_tokens = 0 if judge.is_offline else assumed_reply(judge, part, call.max_tokens)
                _count_call(judge, call, reply_tokens, ledger, counter, counted.judges[judge.id])


def _count_call(
    judge: Judge,
    call: CallRequest,
    reply_tokens: int,
    ledger: Ledger | None,
    counter: TokenCounter,
    count: JudgeCount,
) -> None:
    count.n_calls += 1
    found: Reply | None = None if ledger is None else ledger.get(call.key)
    prompt_tokens = 0 if judge.is_offline else counter.count(call)
    if found is not None:
        count.n_in_ledger += 1
        count.seen.add(prompt_tokens, found)
        return
    if judge.is_offline:
        return
    count.prompt_tokens += prompt_tokens
    count.assumed_reply_tokens += reply_tokens
    count.limit_tokens += limit_of(call)
    count.longest_call = max(count.longest_call, prompt_tokens + limit_of(call))


def _ledger_of(plan: Plan) -> AbstractContextManager[Ledger | None]:
    return open_ledger(plan.ledger) if plan.ledger.is_file() else nullcontext()


def _negotiation(judge: Judge, ledger: Ledger | None) -> Negotiation:
    if ledger is None or judge.is_offline:
        return Negotiation()
    return Negotiation(ledger.negotiated(judge.model, without_credentials(judge.api_base)))


def judges_that_send(judges: Iterable[Judge]) -> tuple[Judge, ...]:
    """Return the judges whose requests leave this process."""
    return tuple(judge for judge in judges if not judge.is_offline)
