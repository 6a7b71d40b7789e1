"""Quotes of a judge: of a fair length, looked up in what the judge saw, located in the original answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from judge.domain.verdict import Quote
from judge.panel.faults import Fault
from judge.panel.fold import fold
from judge.panel.untrusted import Neutral, neutralise

LONGEST = 300
_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Sighting:
    """An answer as it is and as a judge saw it."""

    original: str
    shown: Neutral

    @classmethod
    def of(cls, answer: str) -> "Sighting":
        """Return the sighting of an answer."""
        return cls(answer, neutralise(answer))

    def locate(self, quote: str) -> Quote:
        """Return a quote with its place in the original answer, without one where it does not stand there."""
        span = None
        if self.shown.edits:
            seen = fold(self.shown.text).find(quote)
            span = self.shown.to_original(*seen) if seen is not None else None
        if span is None:
            span = fold(self.original).find(quote)
        return Quote(quote) if span is None else Quote(quote, *span)


def is_fair_length(quote: str) -> bool:
    """Whether a quote has at least two Chinese characters or three letters or digits, and at most 300 characters."""
    quote = quote.strip()
    if len(quote) > LONGEST:
        return False
    n_chinese = len(_CHINESE.findall(quote))
    return n_chinese >= 2 or len(_LETTER.findall(quote)) >= 3


def check_quotes(quotes: Sequence[str], sighting: Sighting, where: str) -> tuple[tuple[Quote, ...], tuple[Fault, ...]]:
    """Locate quotes; one of unfair length counts as not found."""
    if not quotes:
        return (), ()
    located: list[Quote] = []
    faults: list[Fault] = []
    for quote in quotes:
        if not is_fair_length(quote):
            located.append(Quote(quote))
            faults.append(Fault("quote_length", where))
            continue
        located.append(sighting.locate(quote))
        if not located[-1].is_found:
            faults.append(Fault("quote_not_found", where))
    return tuple(located), tuple(faults)


def n_distinct(quotes: Sequence[Quote]) -> int:
    """Count the most found quotes that do not overlap: each stands for one instance."""
    count, last = 0, 0
    for end, start in sorted((q.end, q.start) for q in quotes if q.start is not None and q.end is not None):
        if start >= last:
            count, last = count + 1, end
    return count
