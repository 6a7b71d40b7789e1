"""Text that speaks to the grader, claims its own correctness, or says nothing."""

from dataclasses import dataclass
from functools import cache

from judge.offline.lexicon import END, Trie
from judge.offline.reading import Reading
from judge.offline.tables import table
from judge.offline.tokens import split


@dataclass(frozen=True, slots=True)
class Addressed:
    """Where a text speaks to its grader; tokens of the text."""

    phrases: tuple[tuple[int, int], ...]
    claims: tuple[tuple[int, int], ...]
    filler_sentences: frozenset[int]

    @property
    def is_suspected(self) -> bool:
        """Whether it tries to steer the grade."""
        return bool(self.phrases)


def addressed(reading: Reading) -> Addressed:
    """Find what speaks to the grader, in one pass over the text."""
    hits: dict[str, list[tuple[int, int]]] = {"phrases": [], "claims": [], "filler": []}
    trie = _phrases()
    low = list(map(str.lower, reading.tokens.surfaces))
    for index in [i for i, word in enumerate(low) if word in trie]:
        node = trie[low[index]]
        ahead = index + 1
        while node is not None:
            if END in node:
                hits[node[END]].append((index, ahead))
            if ahead >= len(low):
                break
            node = node.get(low[ahead])
            ahead += 1
    sentence = reading.tokens.sentence
    return Addressed(
        tuple(hits["phrases"]), tuple(hits["claims"]), frozenset(sentence[start] for start, _ in hits["filler"])
    )


@cache
def _phrases() -> Trie:
    trie: Trie = {}
    for kind, by_language in table("injection").items():
        for phrase in (*by_language["en"], *by_language["zh"]):
            node = trie
            for surface in split(str(phrase).lower())[0]:
                node = node.setdefault(surface, {})
            node[END] = kind
    return trie
