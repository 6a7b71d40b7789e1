"""Text aimed at the grader: our own detector, beside what judges say. It flags; nothing is removed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from judge.domain.case import Case
from judge.panel.wording import read_table

_UNSEEN = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f\U000e0000-\U000e01ef"
_DROPPED = re.compile(rf"[*_`~{_UNSEEN}]+")
_WORD = re.compile(r"\w+")
_BLANKS = re.compile(r"[^\S\n]+")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TAG_CHARACTERS = re.compile("[\U000e0020-\U000e007f]{4,}")
_SPLIT_WORD = re.compile("[^\\W\\d_][\u00ad\u200b-\u200d\u2060\ufeff]+(?=[^\\W\\d_])")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][ .\-]{1,3}){5,}[^\W_](?![^\W_])")
_MANY_SPLITS = 3
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "：": ":"})


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What in a text looks aimed at the grader; empty where nothing does."""

    kinds: tuple[str, ...] = ()
    """Ids of the rules and patterns that hold, in the order of the table."""

    @property
    def is_suspected(self) -> bool:
        """Whether anything was found."""
        return bool(self.kinds)


@dataclass(frozen=True, slots=True)
class Inspection:
    """Suspicions about one response and its case, apart."""

    answer: Suspicion
    case: Suspicion
    references: Suspicion


def inspect(case: Case, answer: str) -> Inspection:
    """Look for text aimed at the grader in an answer, in its case and in the case's references."""
    context = case.context or ""
    told = context if isinstance(context, str) else "\n".join(turn.text for turn in context)
    return Inspection(
        answer=suspect(answer),
        case=suspect(f"{case.question}\n{told}"),
        references=suspect("\n".join(reference.text for reference in case.references), is_reference=True),
    )


def suspect(text: str, *, is_reference: bool = False) -> Suspicion:
    """Look for text aimed at the grader; in English and Chinese, in time linear in the text.

    A reference may call itself one, so words that only imitate a reference are not looked for there.
    """
    kinds = _suspected(text)
    if is_reference:
        kinds = tuple(kind for kind in kinds if not kind.startswith("mimicked_reference"))
    return Suspicion(kinds)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of the table, compiled."""

    id: str
    latin: tuple[str, ...]
    """Openings of the pattern that begin with a whole Latin word or number."""
    others: tuple[str, ...]
    """Its other openings."""
    pattern: re.Pattern[str]
    compact: re.Pattern[str]
    """For letters written apart, once they are joined."""


@dataclass(frozen=True, slots=True)
class _Table:
    confusables: Mapping[int, str]
    rules: tuple[_Rule, ...]
    latin: Mapping[str, tuple[tuple[int, str], ...]]
    """By first word: the numbers of the rules that can open with it, and the whole openings."""
    patterns: tuple[tuple[str, re.Pattern[str]], ...]


@lru_cache(maxsize=256)
def _suspected(text: str) -> tuple[str, ...]:
    table = _table()
    folded = _folded(text, table.confusables)
    joined = [re.sub(r"[ .\-]", "", match.group()) for match in _SPACED.finditer(folded)]
    opened: dict[int, list[str]] = {}
    for word in table.latin.keys() & set(_WORD.findall(folded)):
        for number, opening in table.latin[word]:
            opened.setdefault(number, []).append(opening)
    found = [
        rule.id
        for number, rule in enumerate(table.rules)
        if _holds(rule, (*opened.get(number, ()), *rule.others), folded, joined)
    ]
    found += [name for name, pattern in table.patterns if pattern.search(folded)]
    return (*found, *_unseen(text))


def _holds(rule: _Rule, openings: Sequence[str], folded: str, joined: Sequence[str]) -> bool:
    if any(_starts(rule.pattern, opening, folded) for opening in openings):
        return True
    return any(rule.compact.search(letters) for letters in joined)


def _starts(pattern: re.Pattern[str], word: str, folded: str) -> bool:
    """Whether the pattern holds at a place where the word stands; a plain search for the word comes first."""
    at = folded.find(word)
    while at >= 0:
        if pattern.match(folded, at):
            return True
        at = folded.find(word, at + 1)
    return False


def _unseen(text: str) -> tuple[str, ...]:
    if text.isascii():
        return ()
    found = []
    if _OVERRIDES.search(text):
        found.append("bidi")
    if _TAG_CHARACTERS.search(text):
        found.append("tag_characters")
    if len(_SPLIT_WORD.findall(text)) >= _MANY_SPLITS:
        found.append("split_words")
    return tuple(found)


def _folded(text: str, confusables: Mapping[int, str]) -> str:
    plain = _DROPPED.sub("", text)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain).translate(_QUOTES)
    lowered = plain.lower().translate(confusables) if not plain.isascii() else plain.lower()
    return _BLANKS.sub(" ", lowered)


@cache
def _table() -> _Table:
    table = read_table("injection.yaml")
    rules = tuple(_rule(entry) for entry in table["rules"])
    latin: dict[str, tuple[tuple[int, str], ...]] = {}
    for number, rule in enumerate(rules):
        for opening in rule.latin:
            head = _WORD.findall(opening)[0]
            latin[head] = (*latin.get(head, ()), (number, opening))
    return _Table(
        confusables={ord(key): value for key, value in table["confusables"].items() if len(key) == 1},
        rules=rules,
        latin=latin,
        patterns=tuple((entry["id"], re.compile(entry["regex"])) for entry in table["patterns"]),
    )


def _rule(entry: Mapping[str, Any]) -> _Rule:
    lists: list[list[str]] = [[str(word).lower() for word in words] for words in entry["lists"]]
    is_chinese = not lists[0][0].isascii()
    gap = int(entry["gap"])
    between = rf"[^。！？!?\n]{{0,{gap}}}?" if is_chinese else rf"(?:\W++\w++){{0,{gap}}}?\W++"
    return _Rule(
        id=str(entry["id"]),
        latin=tuple(word for word in lists[0] if _is_latin(word)),
        others=tuple(word for word in lists[0] if not _is_latin(word)),
        pattern=re.compile(between.join(_any_of(words) for words in lists)),
        compact=re.compile(r"\w{0,24}?".join(_any_of(_without_blanks(words), is_bounded=False) for words in lists)),
    )


def _is_latin(word: str) -> bool:
    return word.isascii() and word[0].isalnum()


def _any_of(words: Iterable[str], *, is_bounded: bool = True) -> str:
    """Return a pattern for any of the words; whole words where they are Latin, ``5分`` not where it is ``5分钟``."""
    parts = []
    for word in sorted(words, key=len, reverse=True):
        before = r"(?<!\w)" if is_bounded and word[0].isascii() and word[0].isalnum() else ""
        after = r"(?!\w)" if is_bounded and word[-1].isascii() and word[-1].isalnum() else ""
        after = "(?![钟之])" if word.endswith("分") else after
        parts.append(before + re.escape(word).replace(r"\ ", r"\s") + after)
    return f"(?:{'|'.join(parts)})"


def _without_blanks(words: Iterable[str]) -> list[str]:
    return [word.replace(" ", "") for word in words]
