"""How long a run takes at the least: the tightest of rate, tokens a minute, and calls in flight."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from judge.api.estimating.sums import JudgeEstimate
from judge.call.lanes import endpoint_name
from judge.call.limits import WINDOW_S
from judge.domain.panel import Judge, Panel

OFFLINE_S = 0.02
"""The offline judge's reading of one answer; every run takes one of each answer, on one core."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Seconds, and what keeps them from being fewer."""

    seconds: float
    bound_by: str


@dataclass(frozen=True, slots=True)
class Times:
    """Of each judge, and of the run: judges at different endpoints work at the same time."""

    by_judge: Mapping[str, Bound]
    seconds: float


def times(panel: Panel, estimates: Sequence[JudgeEstimate], *, n_read: int) -> Times:
    """Return how long each judge and the whole run take; judges that share limits share their time."""
    found = {estimate.id: estimate for estimate in estimates}
    by_judge: dict[str, Bound] = {}
    for group in _groups(panel):
        bound = (
            Bound(n_read * OFFLINE_S, "reading")
            if group[0].is_offline
            else _bound(group, [found[judge.id] for judge in group])
        )
        by_judge |= {judge.id: bound for judge in group}
    longest = max((bound.seconds for bound in by_judge.values()), default=0.0)
    return Times(by_judge, max(longest, n_read * OFFLINE_S))


def _groups(panel: Panel) -> Iterable[list[Judge]]:
    groups: dict[str, list[Judge]] = {}
    for judge in panel.judges:
        groups.setdefault(endpoint_name(judge, panel.limits_shared_by), []).append(judge)
    return groups.values()


def _bound(judges: Sequence[Judge], estimates: Sequence[JudgeEstimate]) -> Bound:
    n_calls = sum(one.expected_calls for one in estimates)
    in_flight = min(judge.max_concurrency for judge in judges)
    waiting = sum(one.expected_calls * one.latency_s for one in estimates)
    bounds = [Bound(waiting / in_flight, f"{in_flight} calls in flight")]
    if n_calls:
        bounds.append(Bound(max(one.latency_s for one in estimates if one.n_to_send), "the time of one call"))
    rates = [judge.rpm for judge in judges if judge.rpm is not None]
    if rates:
        bounds.append(Bound(n_calls / min(rates) * 60, f"{min(rates)} requests a minute"))
    tokens = [judge.tpm for judge in judges if judge.tpm is not None]
    if tokens:
        booked = sum(_booked(one) for one in estimates)
        bounds.append(Bound(booked / min(tokens) * 60, f"{min(tokens)} tokens a minute"))
    return max(bounds, key=lambda bound: bound.seconds)


def _booked(one: JudgeEstimate) -> float:
    """Return the tokens that count against a minute: while a call is in flight, its reply counts at its limit."""
    unused = max(0, one.reply_tokens_ceiling - one.reply_tokens)
    return one.expected_tokens + unused * min(1.0, one.latency_s / WINDOW_S)
