"""One lane per judge: its limits, prices, negotiation and state; judges at one endpoint share a limiter."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from judge.call.ledger import Ledger
from judge.call.limits import FIRST_ARRIVAL_S, WINDOW_S, Limiter
from judge.call.money import Tariff, tariff_of
from judge.call.negotiation import Negotiation
from judge.call.options import PortOptions
from judge.call.parking import Parking
from judge.call.request import without_credentials
from judge.call.routing import check_allowed
from judge.call.scout import Scout
from judge.domain.panel import Judge
from judge.errors import BackendError, ConfigError


@dataclass(slots=True, eq=False)
class Lane:
    """All that is known and counted about one judge."""

    judge: Judge
    endpoint: str
    api_base: str | None
    limiter: Limiter
    tariff: Tariff
    negotiation: Negotiation
    parking: Parking
    refusal: BackendError | None = None
    """Set once the provider refuses key or model."""
    scout: Scout = field(default_factory=Scout)
    tokens_per_estimate: float = 1.0
    """How many times our estimate a prompt was at most; never below 1."""


def build_lanes(judges: Sequence[Judge], ledger: Ledger, options: PortOptions) -> dict[str, Lane]:
    """Return a lane for each judge, by id; its windows hold what was sent in the last minute.

    Raises
    ------
    ConfigError
        If an endpoint is not allowed, or a cap on spending meets an unknown price.
    """
    groups: dict[str, list[Judge]] = {}
    for judge in judges:
        check_allowed(judge, local_only=options.local_only, private_hosts=options.private_hosts)
        groups.setdefault(endpoint_name(judge, options.limits_shared_by), []).append(judge)
    limiters = {name: _limiter(group) for name, group in groups.items()}
    _fill(limiters, ledger)
    return {
        judge.id: _lane_of(judge, name, limiters[name], ledger, options)
        for name, group in groups.items()
        for judge in group
    }


def _lane_of(judge: Judge, name: str, limiter: Limiter, ledger: Ledger, options: PortOptions) -> Lane:
    tariff = tariff_of(judge)
    if options.max_usd is not None and not tariff.is_known:
        raise ConfigError(
            f"judge {judge.id}: a cap on spending is set, and the price of {judge.model} is not known",
            hint="State input_per_mtok and output_per_mtok under price in the panel file, or leave out --max-usd.",
        )
    api_base = without_credentials(judge.api_base)
    parking = Parking(
        judge.id,
        after=options.park_after * options.retries.attempts,
        probe_s=options.probe_s,
        grace_s=options.grace_s,
    )
    return Lane(
        judge, name, api_base, limiter, tariff, Negotiation(ledger.negotiated(judge.model, api_base)), parking
    )  # fmt: skip


def _fill(limiters: dict[str, Limiter], ledger: Ledger) -> None:
    now = time.time()
    for logged in ledger.recent(now - WINDOW_S - FIRST_ARRIVAL_S):
        limiter = limiters.get(logged.endpoint)
        if limiter is not None:
            limiter.fill([(now - logged.attempt.sent_at, logged.window_tokens)])


def endpoint_name(judge: Judge, shared_by: Literal["endpoint", "judge"]) -> str:
    """Return under which name a judge's requests are counted: its endpoint and key, or itself."""
    if judge.is_offline or shared_by == "judge":
        return f"judge {judge.id}"
    return f"{without_credentials(judge.api_base) or judge.model.partition('/')[0]} {judge.api_key_env or ''}".strip()


def _limiter(group: list[Judge]) -> Limiter:
    rpm = [judge.rpm for judge in group if judge.rpm is not None]
    tpm = [judge.tpm for judge in group if judge.tpm is not None]
    return Limiter(
        rpm=min(rpm, default=None),
        tpm=min(tpm, default=None),
        max_concurrency=min(judge.max_concurrency for judge in group),
    )
