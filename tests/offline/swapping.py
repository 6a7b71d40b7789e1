"""Turns a right answer into its opposite by the table ``swaps.yaml``: what a lexical measure cannot see.

``swap`` exchanges opposite terms (elevation and depression, left and right, hyper- and hypo-) in one pass over the
text; ``flip_polarity`` turns yes into no together with the first verb. Both give None where there is nothing to turn.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).parent / "swaps.yaml"
_SENTENCE_END = re.compile(r"[.!?;。！？；\n](?=\s|$)|[。！？；\n]")


@dataclass(frozen=True, slots=True)
class Swapper:
    """The swap table of one language, ready for use."""

    pattern: re.Pattern[str]
    other: Mapping[str, str]
    kept: frozenset[str]

    def swap(self, text: str) -> str | None:
        """Return the text with every opposite term exchanged, None where it has none."""
        n_swapped = 0

        def exchange(match: re.Match[str]) -> str:
            nonlocal n_swapped
            found = match.group(0)
            key = " ".join(found.lower().split())
            if key in self.kept:
                return found
            n_swapped += 1
            return _in_the_case_of(found, self.other[key])

        swapped = self.pattern.sub(exchange, text)
        return swapped if n_swapped and swapped != text else None


@dataclass(frozen=True, slots=True)
class Flipper:
    """The polarity table of one language, ready for use."""

    opening: re.Pattern[str]
    verb: re.Pattern[str]
    openings: Mapping[str, str]
    verbs: Mapping[str, str]

    def flip(self, text: str) -> str | None:
        """Return the text with its opening word and the first verb of its first sentence turned round."""
        flipped, start = text, 0
        opening = self.opening.match(text)
        if opening is not None:
            turned = _in_the_case_of(opening.group(1), self.openings[opening.group(1).lower()])
            flipped = text[: opening.start(1)] + turned + text[opening.end(1) :]
            start = opening.start(1) + len(turned)
        sentence_end = _SENTENCE_END.search(flipped, start)
        verb = self.verb.search(flipped, start, len(flipped) if sentence_end is None else sentence_end.start())
        if verb is not None:
            turned = _in_the_case_of(verb.group(0), self.verbs[verb.group(0).lower()])
            flipped = flipped[: verb.start()] + turned + flipped[verb.end() :]
        return flipped if flipped != text else None


def swap(text: str, language: str = "en") -> str | None:
    """Return the text with opposite terms exchanged, None where nothing could be swapped."""
    return swapper(language).swap(text)


def flip_polarity(text: str, language: str = "en") -> str | None:
    """Return the text saying yes for no and no for yes, None where nothing could be turned."""
    return flipper(language).flip(text)


@cache
def swapper(language: str) -> Swapper:
    """Return the swap table of a language; raises KeyError where the table has none."""
    section = table()[language]
    words = _both_ways(section["pairs"]) | section["one_way"]
    stems = _stemmed(section["prefixes"])
    symbols = _both_ways(section["symbols"])
    kept = frozenset(word.lower() for word in section["keep"])
    branches = [_branches({*words, *kept}, language)]
    if stems:
        branches.append(rf"(?<!\w)(?:{'|'.join(stems)})")
    branches += map(re.escape, symbols)
    pattern = re.compile("|".join(branches), re.IGNORECASE)
    return Swapper(pattern, {key.lower(): other for key, other in (words | stems | symbols).items()}, kept)


@cache
def flipper(language: str) -> Flipper:
    """Return the polarity table of a language; raises KeyError where the table has none."""
    section = table()["polarity"][language]
    openings = _both_ways(section["openings"]) | section["openings_one_way"]
    verbs = _both_ways(section["verbs"])
    return Flipper(
        re.compile(rf"\s*({_branches(openings, language)})", re.IGNORECASE),
        re.compile(_branches(verbs, language), re.IGNORECASE),
        openings,
        verbs,
    )


@cache
def table() -> dict[str, Any]:
    """Return ``swaps.yaml`` as it is written."""
    document: dict[str, Any] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return document


def _branches(words: Iterable[str], language: str) -> str:
    """Return the pattern of whole terms, longest first: on word borders, except in Chinese, which has none."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    any_term = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
    return f"(?:{any_term})" if language == "zh" else rf"(?<!\w)(?:{any_term})(?!\w)"


def _stemmed(prefixes: list[dict[str, list[str]]]) -> dict[str, str]:
    return {
        here + stem: there + stem
        for rule in prefixes
        for stem in rule["stems"]
        for here, there in (rule["forms"], rule["forms"][::-1])
    }


def _both_ways(pairs: list[list[str]]) -> dict[str, str]:
    return {here: there for one, two in pairs for here, there in ((one, two), (two, one))}


def _in_the_case_of(model: str, word: str) -> str:
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word[0].upper() + word[1:] if model[:1].isupper() else word
