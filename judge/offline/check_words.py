"""What several checks share: kinds of concept, words that keep assertions apart, words of a sentence."""

from functools import cache

from judge.offline.reading import Mention, Reading
from judge.offline.tables import table

IN_SENTENCE = 64
MAX_PAIRS = 40
"""Mentions of one concept looked at; more add nothing."""

TRACED = frozenset(("rhythm", "conduction", "ischaemia", "chamber", "repolarisation", "technique"))
"""Kinds of concept that a tracing shows."""
DIAGNOSED = TRACED | {"disease"}


@cache
def words_apart() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words of contrast, time and condition that keep two assertions of a sentence apart, by language."""
    words = table("contradictions")["apart"]
    return frozenset(str(w) for w in words["en"]), tuple(words["zh"])


def sentence_keys(answer: Reading, mention: Mention) -> list[str]:
    """Return the keys of the sentence that a mention stands in."""
    first, last = answer.tokens.bounds[mention.sentence]
    return answer.keys[first:last]
