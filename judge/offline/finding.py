"""One thing in an answer that does not fit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit; places are tokens of the answer."""

    kind: str
    places: tuple[tuple[int, int], ...]
    note: str
    concepts: tuple[str, ...] = ()
