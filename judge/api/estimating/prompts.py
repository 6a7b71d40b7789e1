"""Exactly what would leave this machine for one answer: ``judge estimate --show-prompt``."""

from contextlib import nullcontext

from judge.api.estimating.counting import Calls
from judge.api.estimating.outgoing import Outgoing, prompts_text
from judge.api.grading.options import GradeOptions
from judge.api.grading.plan import Plan, make_plan
from judge.api.presenting import Shown
from judge.call.ledger import Ledger, open_ledger
from judge.call.request import CallRequest
from judge.dataset.answers import Item
from judge.errors import DataError, did_you_mean
from judge.panel.request import build_request


def show_prompt(options: GradeOptions, response_id: str) -> Shown:
    """Return every call on one answer as it would be sent; nothing is sent.

    The text prints a prompt once, with the calls that send it; the document has every call whole.

    Raises
    ------
    ConfigError, DataError, StoreError
        As ``grade`` would, and if no answer has the id.
    """
    plan = make_plan(options)
    item = _item(plan, response_id)
    calls = () if item.response.is_blank else outgoing(plan, item)
    document = {
        "format": "judge-prompts/1",
        "response_id": response_id,
        "is_blank": item.response.is_blank,
        "calls": [one.document for one in calls],
    }
    text = prompts_text(calls) if calls else f"{response_id}: the answer is blank; nothing is asked."
    return Shown(text, document)


def outgoing(plan: Plan, item: Item) -> tuple[Outgoing, ...]:
    """Return the first calls of all judges on one answer."""
    request = build_request(plan.rubric, item.case, item.response)
    with open_ledger(plan.ledger) if plan.ledger.is_file() else nullcontext() as ledger:
        calls = Calls(plan, ledger)
        return tuple(
            Outgoing(judge, call, _holds(ledger, call))
            for judge in plan.panel.judges
            for repeat in range(1, judge.repeats + 1)
            for call in calls.of(judge, request, item.response.response_id, repeat)
        )


def _holds(ledger: Ledger | None, call: CallRequest) -> bool:
    return ledger is not None and ledger.get(call.key) is not None


def _item(plan: Plan, response_id: str) -> Item:
    for item in plan.answers.items:
        if item.response.response_id == response_id:
            return plan.completed(item)
    known = [item.response.response_id for item in plan.answers.items[:10_000]]
    raise DataError(
        f'no answer has the response_id "{response_id}"{did_you_mean(response_id, known)}',
        hint=f"The first is {known[0]}." if known else "There are no answers.",
    )
