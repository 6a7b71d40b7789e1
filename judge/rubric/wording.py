"""Doubtful wording: compound criteria, leading words, anchors that cannot be told apart."""

import re
import unicodedata
from collections.abc import Mapping

from judge.rubric.schema import RubricFile, Words
from judge.rubric.source import Loc, Source
from judge.rubric.texts import criteria_of

_COMPOUND: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(r"(?<!\bfor )\b(?:and|as well as)\b(?! against\b)", re.IGNORECASE),
    "zh": re.compile(r"以及|并且|同时(?!给出互斥)|(?<!合)并(?![存非发列行])"),
}
_LEADING: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:excellent|perfect(?:ly)?|brilliant|terrible|awful|obviously|clearly|of course|surely|needless to say|"
        r"very good|very bad|superb|lazy|stupid|impressive)\b(?! and)",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"完美|极其|显然|当然|毫无疑问|优秀|糟糕|愚蠢"),
}
_NEAR = 0.85
"""Share of common words (characters in Chinese) from which two anchors count as not distinguishable."""


def wording_faults(file: RubricFile, source: Source) -> None:
    """Report criteria that check two things, texts that lead the reader, anchors of one wording."""
    for loc, criterion in criteria_of(file):
        _check_words(loc, criterion.text, source, is_check=True)
    for key, dimension in file.dimensions.items():
        for kind in ("anchors", "case_free_anchors"):
            anchors: dict[float, Words] = getattr(dimension, kind)
            for level, words in anchors.items():
                _check_words(("dimensions", key, kind, f"{level:g}"), words, source, is_check=False)
            _check_apart(("dimensions", key, kind), anchors, source)
        if dimension.na_allowed and dimension.na_when is None:
            source.report(
                ("dimensions", key, "na_allowed"),
                "nothing says when it is not applicable",
                "add `na_when` (and `na_unless`)",
            )


def _check_words(loc: Loc, words: Words, source: Source, *, is_check: bool) -> None:
    for language, text in words.items():
        here = (*loc, language)
        if is_check and (joined := _search(_COMPOUND, language, text)):
            source.report(here, f'two checks in one criterion (joined by "{joined}")', "split it into two criteria")
        if leading := _search(_LEADING, language, text):
            source.report(here, f'"{leading}" praises, blames or leads', "say what must stand in the answer")


def _search(patterns: Mapping[str, re.Pattern[str]], language: str, text: str) -> str | None:
    pattern = patterns.get(language)
    found = pattern.search(text) if pattern is not None else None
    return found.group(0) if found is not None else None


def _check_apart(loc: Loc, anchors: Mapping[float, Words], source: Source) -> None:
    levels = sorted(anchors)
    for index, low in enumerate(levels):
        for high in levels[index + 1 :]:
            for language in anchors[low].keys() & anchors[high].keys():
                if _likeness(anchors[low][language], anchors[high][language]) >= _NEAR:
                    source.report(
                        (*loc, f"{low:g}", language),
                        f"cannot be told from the anchor of level {high:g}",
                        "say what an answer of this level has that the one below lacks",
                    )


def _likeness(one: str, other: str) -> float:
    """Return the share of tokens that two texts have in common (Jaccard)."""
    first, second = _tokens(one), _tokens(other)
    return len(first & second) / len(first | second) if first | second else 1.0


def _tokens(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text).lower()
    return set(re.findall(r"[a-z0-9]+|[\u3400-\u9fff]", folded))
