"""What a run asks of its port."""

from dataclasses import dataclass, field
from typing import Literal

from judge.call.retries import Retries


@dataclass(frozen=True, slots=True)
class PortOptions:
    """What a run asks of its port."""

    run: str = ""
    """The plan hash: money is counted per run, over all its invocations."""
    max_usd: float | None = None
    limits_shared_by: Literal["endpoint", "judge"] = "endpoint"
    local_only: bool = False
    private_hosts: tuple[str, ...] = ()
    retries: Retries = field(default_factory=Retries)
    park_after: int = 3
    """Calls of a judge with all their attempts failed, in a row; so many failed attempts park it."""
    probe_s: float = 2.0
    grace_s: float = 120.0
    """How long calls to a parked judge wait for it before they fail unsent."""
