"""What the rule of a criterion finds, and what the rules share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from judge.offline.assess import Assessment
from judge.offline.lexicon import concepts
from judge.offline.support import AtomVerdict

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one criterion; ``met`` is yes, no, na or abstained."""

    id: str
    dimension: str
    points: float
    met: str
    credit: float = 0.0
    places: tuple[Place, ...] = ()
    basis: str = "rule"
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule finds: ``met`` is True, False, or None for not applicable."""

    met: bool | None
    credit: float = 1.0
    places: tuple[Place, ...] = ()
    basis: str = "rule"
    qualifier: str | None = None


Rule = Callable[[Assessment], Outcome | None]
"""None where the rule cannot tell."""


def first_sentence(seen: Assessment) -> tuple[Place, ...]:
    """Return the place of the first sentence, for criteria that judge the whole text."""
    bounds = seen.answer.reading.tokens.bounds
    return (bounds[0],) if bounds else ()


def basis_of(seen: Assessment) -> str:
    """Return whether concepts or only words carry the credit."""
    verdicts = seen.support.verdicts if seen.support is not None else ()
    return "concept" if any(v.credit and v.atom.basis == "concept" for v in verdicts) else "text"


def asks(seen: Assessment, *words: str) -> bool:
    """Return whether question or context holds one of the words."""
    low = seen.case.told_low
    return any(word in low for word in words)


def core_verdicts(seen: Assessment) -> Sequence[AtomVerdict]:
    """Return the verdicts on the core statements of the best reference."""
    return seen.support.core if seen.support is not None else ()


def credited(verdicts: Sequence[AtomVerdict]) -> tuple[Place, ...]:
    """Return the places of the statements that earn credit."""
    found = [(v.start, v.end) for v in verdicts if v.credit and v.start is not None and v.end is not None]
    return tuple(dict.fromkeys(found))


def is_act(concept: str | None) -> bool:
    """Return whether a concept is an act or a drug."""
    return concept in concepts().acts
