"""What does not fit: an answer against itself, against arithmetic, infarct against leads."""

from judge.offline.contradictions import contradictions
from judge.offline.finding import Finding
from judge.offline.measures import number_errors, territory_mismatches
from judge.offline.one_breath import turned_in_one_breath
from judge.offline.reading import Reading


def findings(answer: Reading) -> tuple[Finding, ...]:
    """Return what in an answer contradicts itself or arithmetic."""
    return (*contradictions(answer), *number_errors(answer), *territory_mismatches(answer))


__all__ = ["Finding", "findings", "turned_in_one_breath"]
