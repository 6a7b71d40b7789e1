"""Finds terms: longest first, leftmost first, readings of short forms by their neighbours; linear in the text."""

from collections.abc import Sequence
from dataclasses import dataclass

from judge.offline.lexicon import END, Lexicon, Term, Trap, Trie
from judge.offline.tokens import Tokens

_NEAR = 8
"""Tokens on either side that may decide a reading."""


@dataclass(slots=True)
class Found:
    """One term in a text: tokens ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    term: Term
    concept: str | None
    """The reading; None where the term names no concept."""


def find_terms(text: str, tokens: Tokens, keys: Sequence[str], known: Lexicon) -> list[Found]:
    """Return the terms of a text from left to right, none over another."""
    found: list[Found] = []
    for start, end, term in walk(keys, known.terms):
        concept = term.concepts[0] if term.concepts else None
        if term.trap is not None:
            concept = _read_trap(text, tokens, keys, start, end, term.trap)
        found.append(Found(start, end, term, concept))
    return found


def walk(keys: Sequence[str], trie: Trie) -> list[tuple[int, int, Term]]:
    """Return (first token, token after the last, term) of the longest term at every free place."""
    hits: list[tuple[int, int, Term]] = []
    free, n_keys = 0, len(keys)
    for index in [i for i, key in enumerate(keys) if key in trie]:
        if index < free:
            continue
        node = trie[keys[index]]
        ahead = index + 1
        while True:
            term = node.get(END)
            if term is not None:
                free, best = ahead, term
            if ahead >= n_keys:
                break
            node = node.get(keys[ahead])
            if node is None:
                break
            ahead += 1
        if free > index:
            hits.append((index, free, best))
    return hits


def _read_trap(text: str, tokens: Tokens, keys: Sequence[str], start: int, end: int, trap: Trap) -> str | None:
    if trap.never_next and end < len(keys) and keys[end] in trap.never_next:
        return None
    if trap.lower is not None and tokens.surfaces[start].islower():
        return trap.lower
    low, high = max(0, start - _NEAR), min(len(keys), end + _NEAR)
    near = {s.lower() for s in tokens.surfaces[low:start]} | {s.lower() for s in tokens.surfaces[end:high]}
    near |= set(keys[low:start]) | set(keys[end:high])
    around = text[max(0, tokens.starts[start] - 2 * _NEAR) : tokens.end(end - 1) + 2 * _NEAR]
    if near & trap.never_en or any(word in around for word in trap.never_zh):
        return None
    if any(word in near or word in around for word in trap.cardioversion):
        return "ACT_CARDIOV"
    for concept, english, chinese in trap.readings:
        if near & english or any(word in around for word in chinese):
            return concept
    return trap.default
