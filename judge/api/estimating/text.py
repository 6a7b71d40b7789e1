"""An estimate as a table with the assumptions under it, and as a document."""

from dataclasses import asdict
from typing import Any

from judge.api.estimating.estimate import Estimate
from judge.api.estimating.replies import (
    FOR_GATES,
    FOR_REASONING,
    FRAME,
    LATENCY_S,
    LEAST_SEEN,
    PER_CRITERION,
    PER_LEVEL,
    REASKED_SHARE,
    TOKENS_PER_S,
)
from judge.api.estimating.sums import JudgeEstimate
from judge.api.estimating.time import OFFLINE_S
from judge.api.presenting import Shown

FORMAT = "judge-estimate/1"
_HEAD = ("judge", "calls", "in ledger", "to send", "prompt tokens", "reply tokens", "at most", "USD", "at most", "time")
_PRICES = {
    "panel": "the panel file's price",
    "litellm": "litellm's price list, as installed",
    "loopback": "this machine, 0 unless the panel file states a price",
}


def cap_warning(estimate: Estimate) -> str | None:
    """Return what is to be said aloud of a cap under which the run would not end; None where it is expected to."""
    return _cap(estimate)[0] if estimate.fits in ("no", "refused") else None


def present_estimate(estimate: Estimate) -> Shown:
    """Return the estimate for people and for programs."""
    lines = [_first_line(estimate), *_table(estimate), *_cap(estimate), *_notes(estimate)]
    return Shown("\n".join(lines), _document(estimate))


def _first_line(estimate: Estimate) -> str:
    plan, counted = estimate.plan, estimate.counted
    apart = [f"{counted.n_blank} blank: no call"] if counted.n_blank else []
    apart += [f"{counted.n_same} in the words of another: asked once"] if counted.n_same else []
    counts = f"{counted.n_answers:,} answers" + (f" ({'; '.join(apart)})" if apart else "")
    return (
        f"{plan.options.answers}: {counts}, "
        f"{_number(len(plan.panel.judges), 'judge')}, rubric {plan.rubric.id} v{plan.rubric.version}. No call was made."
    )


def _table(estimate: Estimate) -> list[str]:
    rows = [_HEAD, *map(_row, estimate.judges)]
    if len(estimate.judges) > 1:
        rows.append(_total(estimate))
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in range(1, len(_HEAD)))]) for row in rows
    ]


def _row(judge: JudgeEstimate) -> tuple[str, ...]:
    counts = (judge.n_calls, judge.n_in_ledger, 0 if judge.is_offline else judge.n_to_send)
    tokens = (judge.prompt_tokens, judge.reply_tokens, judge.reply_tokens_ceiling)
    return (
        judge.id,
        *(f"{n:,}" for n in (*counts, *tokens)),
        _usd(judge.usd),
        _usd(judge.usd_ceiling),
        duration(judge.seconds),
    )


def _total(estimate: Estimate) -> tuple[str, ...]:
    judges = estimate.judges
    sums = (
        sum(j.n_calls for j in judges),
        sum(j.n_in_ledger for j in judges),
        estimate.n_to_send,
        sum(j.prompt_tokens for j in judges),
        sum(j.reply_tokens for j in judges),
        sum(j.reply_tokens_ceiling for j in judges),
    )
    mark = "+ ?" if estimate.n_of_unknown_price else ""
    return (
        "all",
        *(f"{n:,}" for n in sums),
        f"{_usd(estimate.usd)}{mark}",
        f"{_usd(estimate.usd_ceiling)}{mark}",
        duration(estimate.seconds),
    )


def _cap(estimate: Estimate) -> list[str]:
    cap, spent = estimate.plan.options.max_usd, estimate.counted.spent_usd
    if cap is None:
        return []
    before = f" ({_usd(spent)} spent by this run before)" if spent else ""
    if estimate.fits == "no":
        return [f"DOES NOT FIT --max-usd {cap:g}{before}: {_excess(estimate, cap - spent)}"]
    words = {
        "yes": "fits, even if every reply were as long as it may be",
        "expected": "is expected to fit, but would not if every reply were as long as it may be",
        "refused": "judge grade would refuse: a cap is set, and a price is not known",
    }
    return [f"--max-usd {cap:g}{before}: {words[estimate.fits or 'refused']}."]


def _excess(estimate: Estimate, left: float) -> str:
    return (
        f"{_usd(estimate.usd)} are expected, {_usd(max(0.0, left))} are left. judge grade would stop at the cap, keep "
        "what is done, and end with exit code 6."
    )


def _notes(estimate: Estimate) -> list[str]:
    lines = ["", "What this rests on"]
    if any(not judge.is_offline for judge in estimate.judges):
        lines += [f"- {note}." for note in _general(estimate)]
        lines += [f"- {note}." for judge in estimate.judges if not judge.is_offline for note in _of_judge(judge)]
    if any(judge.is_offline for judge in estimate.judges):
        lines.append("- the offline judge works in this process: no tokens, no cost.")
    lines.append(
        f"- time: judges at different endpoints work at once; every run reads each answer offline too, about "
        f"{OFFLINE_S:g} s; waiting after refusals and failures is not in it."
    )
    if estimate.counted.has_ledger:
        lines.append(f"- replies in {estimate.plan.ledger} are not asked for and not paid again; they are subtracted.")
    lines += [f"- judge grade would not start now: {obstacle}." for obstacle in estimate.obstacles]
    return lines


def _general(estimate: Estimate) -> list[str]:
    return [
        estimate.tokens_are,
        f"replies: {FRAME} tokens, {PER_CRITERION} a criterion, {PER_LEVEL} a level, {FOR_GATES} where gates are asked "
        f"for, and {FOR_REASONING:,} more for a reasoning model; at most: all of max_tokens, each call asked once",
        f"the expected USD and time hold that {REASKED_SHARE:.0%} of the replies have a fault and are asked for once "
        f"more; if every one were at its limit and asked for {estimate.most_asks} times (the most that happens), it "
        f"would be {_usd(estimate.usd_ceiling_reasked)}; a call that fails without usage is booked at its reservation "
        "and is not in it",
        "no share of the prompts is assumed to be cached by the provider",
        f"where {LEAST_SEEN} replies or more of a judge are in the ledger (a run with --limit), their means "
        "replace the assumptions",
    ]


def _of_judge(judge: JudgeEstimate) -> list[str]:
    shown = f"{judge.id}: {judge.granularity} granularity, {_number(judge.repeats, 'repeat')}"
    mean = f"{judge.reply_tokens / judge.n_to_send:,.0f} reply tokens a call" if judge.n_to_send else "nothing to send"
    if judge.n_seen:
        basis = f"tokens and {judge.latency_s:.1f} s a call as {judge.n_seen} replies in the ledger"
    else:
        basis = f"assumed {judge.latency_s:.1f} s a call ({LATENCY_S:g} s and {TOKENS_PER_S:g} tokens a second)"
    notes = [f"{shown}, {mean}, {basis}, bound by {judge.bound_by}"]
    if judge.price_source == "unknown":
        return [*notes, f"{judge.id}: the price of {judge.model} is not known; state it under price in the panel file"]
    return [
        *notes,
        f"{judge.id}: ${judge.input_per_mtok:g} and ${judge.output_per_mtok:g} a million prompt and reply tokens, "
        f"from {_PRICES[judge.price_source]}",
    ]


def _number(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"${amount:,.4f}" if 0 < amount < 1 else f"${amount:,.2f}"


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it.

    >>> duration(42), duration(600), duration(9000)
    ('42 s', '10 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _document(estimate: Estimate) -> dict[str, Any]:
    counted, plan = estimate.counted, estimate.plan
    return {
        "format": FORMAT,
        "plan_hash": plan.hash,
        "rubric": {"id": plan.rubric.id, "version": plan.rubric.version, "hash": plan.rubric.hash},
        "answers": {"n": counted.n_answers, "n_blank": counted.n_blank, "n_same": counted.n_same},
        "judges": [asdict(judge) for judge in estimate.judges],
        "total": {
            "n_to_send": estimate.n_to_send,
            "prompt_tokens": sum(judge.prompt_tokens for judge in estimate.judges),
            "reply_tokens": sum(judge.reply_tokens for judge in estimate.judges),
            "reply_tokens_ceiling": sum(judge.reply_tokens_ceiling for judge in estimate.judges),
            "usd": estimate.usd,
            "usd_ceiling": estimate.usd_ceiling,
            "usd_ceiling_reasked": estimate.usd_ceiling_reasked,
            "n_of_unknown_price": estimate.n_of_unknown_price,
            "seconds": estimate.seconds,
        },
        "cap": {"max_usd": plan.options.max_usd, "spent_usd": counted.spent_usd, "fits": estimate.fits},
        "assumptions": [line.removeprefix("- ") for line in _notes(estimate) if line.startswith("- ")],
        "obstacles": list(estimate.obstacles),
    }
