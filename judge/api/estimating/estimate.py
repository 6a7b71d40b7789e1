"""The verb ``estimate``: what a run would ask, cost and take, before a call is made."""

from dataclasses import dataclass, replace
from typing import Literal

from judge.api.estimating.counting import Counted, count_calls, judges_that_send
from judge.api.estimating.replies import MOST_ASKS
from judge.api.estimating.sums import JudgeEstimate, judge_estimate
from judge.api.estimating.time import times
from judge.api.estimating.tokens import TokenCounter, by_bytes, token_counter
from judge.api.grading.options import GradeOptions
from judge.api.grading.plan import Plan, make_plan
from judge.api.grading.progress import Progress, Silence
from judge.call.money import tariff_of
from judge.call.routing import check_allowed, check_routable
from judge.errors import ConfigError

Fit = Literal["yes", "expected", "no", "refused"]
"""``yes``: even if every reply were as long as it may be, none asked again; ``expected``: if the assumptions hold;
``refused``: a cap is set and a price is unknown."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would ask, cost and take."""

    plan: Plan
    counted: Counted
    judges: tuple[JudgeEstimate, ...]
    seconds: float
    tokens_are: str
    """How tokens were counted, in words."""
    obstacles: tuple[str, ...]
    """Why ``judge grade`` would not start here and now, e.g. a key that is not set."""

    @property
    def n_to_send(self) -> int:
        """Calls that would leave this process."""
        return sum(judge.n_to_send for judge in self.judges if not judge.is_offline)

    @property
    def usd(self) -> float:
        """What the calls of known price are expected to cost."""
        return sum(judge.usd or 0.0 for judge in self.judges)

    @property
    def usd_ceiling(self) -> float:
        """What they cost if every reply uses all of its limit and none is asked for again."""
        return sum(judge.usd_ceiling or 0.0 for judge in self.judges)

    @property
    def usd_ceiling_reasked(self) -> float:
        """What they cost if besides every reply had to be asked for as often as a reply ever is."""
        return sum(judge.usd_ceiling_reasked or 0.0 for judge in self.judges)

    @property
    def n_of_unknown_price(self) -> int:
        """Calls to send of judges whose price nobody knows."""
        return sum(judge.n_to_send for judge in self.judges if judge.usd is None)

    @property
    def most_asks(self) -> int:
        """How often one call is asked at most."""
        return MOST_ASKS

    @property
    def fits(self) -> Fit | None:
        """Whether the run fits under ``--max-usd``, with what it has spent before; None without a cap."""
        cap = self.plan.options.max_usd
        if cap is None:
            return None
        if any(judge.usd is None for judge in self.judges):
            return "refused"
        left = cap - self.counted.spent_usd
        if self.usd_ceiling <= left:
            return "yes"
        return "expected" if self.usd <= left else "no"


def estimate_with(options: GradeOptions, *, progress: Progress | None = None) -> Estimate:
    """Return what ``grade_with`` would ask, cost and take with the same options; no call is made and no key is needed.

    Raises
    ------
    ConfigError, DataError, StoreError
        As ``grade`` would for rubric, panel, answers and ledger.
    """
    return estimate_plan(make_plan(options), progress=progress)


def estimate_plan(plan: Plan, *, progress: Progress | None = None) -> Estimate:
    """Return what the run of a plan would ask, cost and take."""
    for judge in plan.panel.judges:
        check_allowed(judge, local_only=plan.panel.local_only, private_hosts=plan.panel.private_hosts)
    counter = _counter(plan)
    counted = count_calls(plan, counter, progress or Silence())
    found = [judge_estimate(judge, counted.judges[judge.id], tariff_of(judge)) for judge in plan.panel.judges]
    timed = times(plan.panel, found, n_read=counted.n_answers - counted.n_blank)
    return Estimate(
        plan=plan,
        counted=counted,
        judges=tuple(
            replace(judge, seconds=timed.by_judge[judge.id].seconds, bound_by=timed.by_judge[judge.id].bound_by)
            for judge in found
        ),
        seconds=timed.seconds,
        tokens_are=counter.words,
        obstacles=_obstacles(plan),
    )


def _counter(plan: Plan) -> TokenCounter:
    return token_counter() if judges_that_send(plan.panel.judges) else by_bytes()


def _obstacles(plan: Plan) -> tuple[str, ...]:
    found = []
    for judge in plan.panel.judges:
        try:
            check_routable(judge)
        except ConfigError as error:
            found.append(error.message)
    return tuple(found)
