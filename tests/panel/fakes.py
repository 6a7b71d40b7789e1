"""A port that answers from a script and fails the test on anything it was not told about."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from judge.call.request import Attempt, CallFailure, CallRequest, Reply, Usage
from judge.domain.panel import Judge

Line = str | Reply | CallFailure | Callable[[CallRequest], "Line"]


def reply(
    content: str, *, finish: str | None = "stop", refusal: str | None = None, served: str = "model-1", key: str = "k"
) -> Reply:
    """Return a reply as a port gives it."""
    usage = Usage(prompt=100, cached=40, completion=20)
    return Reply(key, content, finish, refusal, usage, 0.5, False, served, 0.25)


def failure(status: str, message: str = "it failed") -> CallFailure:
    """Return a failed call with two attempts."""
    attempts = tuple(
        Attempt(f"a{n}", n, "timeout", 0.0, latency_s=1.5, cost_usd=0.1, is_cost_estimated=True) for n in (1, 2)
    )
    return CallFailure("k", status, message, attempts=attempts)


class ScriptedPort:
    """Gives each scope its replies in order; one that the script does not hold fails the test."""

    def __init__(self, script: Mapping[str, Sequence[Line]]) -> None:
        self._script = {scope: list(lines) for scope, lines in script.items()}
        self.requests: dict[str, list[CallRequest]] = defaultdict(list)

    async def call(self, judge: Judge, request: CallRequest) -> Reply | CallFailure:
        lines = self._script.get(request.scope)
        assert lines, f"the script has no (further) reply for {request.scope}: {request.messages[-1]['content'][-300:]}"
        self.requests[request.scope].append(request)
        line = lines.pop(0)
        while callable(line):
            line = line(request)
        return reply(line, key=request.key) if isinstance(line, str) else line

    @property
    def is_spent(self) -> bool:
        """Whether every line of the script was used."""
        return not any(self._script.values())
