"""What was tried for one call, and what is still to be tried."""

from random import Random

from judge.call.attempting import Outcome
from judge.call.faults import Fault
from judge.call.request import Attempt
from judge.call.retries import Retries

_NEGOTIATIONS = 8
"""More refusals of parameters than this are not a negotiation."""


def is_outage(fault: Fault) -> bool:
    """Whether an attempt failed because the judge may be down: it would be tried again, and not for its rate."""
    return fault.rule.handling == "retry" and fault.rule.attempt != "rate_limited"


class Tries:
    """Counts the failed attempts of one call by their kind."""

    def __init__(self, retries: Retries, random: Random) -> None:
        self.attempts: list[Attempt] = []
        self._retries = retries
        self._random = random
        self._n_failed = 0
        self._n_limited = 0
        self._n_negotiated = 0
        self._n_rounds = 1

    def note(self, outcome: Outcome) -> None:
        """Note a failed attempt."""
        self.attempts.append(outcome.attempt)
        if outcome.fault.rule.handling == "negotiate":
            self._n_negotiated += 1
        elif outcome.fault.rule.attempt == "rate_limited":
            self._n_limited += 1
        else:
            self._n_failed += 1

    def note_probe(self, outcome: Outcome) -> None:
        """Note a probe that found the judge still down: it does not use up the call's attempts."""
        self.attempts.append(outcome.attempt)

    def may_negotiate(self, fault: Fault) -> bool:
        """Whether a parameter may be at fault and can still be given up."""
        return fault.rule.handling == "negotiate" and self._n_negotiated <= _NEGOTIATIONS

    def delay_s(self, fault: Fault) -> float | None:
        """Return how long to wait before the next attempt, None where there is none."""
        retries = self._retries
        is_spent = self._n_failed >= retries.attempts or self._n_limited >= retries.rate_limited
        if fault.rule.handling != "retry" or is_spent:
            return None
        return retries.delay_s(self._n_failed + self._n_limited, fault, self._random)

    def may_go_another_round(self, fault: Fault, *, is_down: bool) -> bool:
        """Whether a call whose judge is down may begin anew when it comes up; one that does has its counts at 0."""
        if not is_down or fault.rule.handling != "retry" or self._n_rounds >= self._retries.rounds:
            return False
        self._n_rounds += 1
        self._n_failed = self._n_limited = 0
        return True
