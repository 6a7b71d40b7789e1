"""Who judges, and how their verdicts become one grade."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Aggregation = Literal["median", "mean", "majority", "weighted"]
Granularity = Literal["response", "dimension", "criterion"]
OFFLINE_PREFIX = "offline/"


@dataclass(frozen=True, slots=True)
class Price:
    """What a judge costs, in US dollars per million tokens."""

    input_per_mtok: float
    output_per_mtok: float


@dataclass(frozen=True, slots=True)
class Judge:
    """A model with its prompt program and decoding."""

    id: str
    model: str
    """The name litellm routes by, e.g. ``anthropic/claude-sonnet-4-5`` or ``offline/lexicon``."""
    repeats: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    """Decoding parameters as sent, ``max_tokens`` always among them (not for an offline judge)."""
    api_base: str | None = None
    api_key_env: str | None = None
    """Name of the environment variable that holds the key; the key itself is nowhere in our objects."""
    rpm: int | None = None
    tpm: int | None = None
    max_concurrency: int = 16
    timeout_s: float = 120.0
    price: Price | None = None
    granularity: Granularity = "response"
    program: str | None = None
    """Path of a tuned prompt program."""

    @property
    def is_offline(self) -> bool:
        """Whether it is the embedded deterministic judge: no network, no votes on gates, only hints."""
        return self.model.startswith(OFFLINE_PREFIX)


@dataclass(frozen=True, slots=True)
class Panel:
    """Judges, aggregation rule and quorum."""

    judges: tuple[Judge, ...]
    name: str = "panel"
    aggregation: Aggregation = "median"
    quorum: int | None = None
    """Judges needed for a grade; None means more than half of them."""
    calibration: str | None = None
    local_only: bool = False
    private_hosts: tuple[str, ...] = ()
    limits_shared_by: Literal["endpoint", "judge"] = "endpoint"

    @property
    def quorum_needed(self) -> int:
        """Judges that must have scored for there to be a grade."""
        return self.quorum if self.quorum is not None else len(self.judges) // 2 + 1
