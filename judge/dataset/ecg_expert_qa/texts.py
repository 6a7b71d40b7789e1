"""Texts compared and recognised: normal forms, prints, frames, endings."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

CLOSED = ".!?。！？…"
_TAIL = "\"'”’」』)）】]》 \t\r\n"
_NOT_WORD = re.compile(r"[\W_]+")
_NOT_ASCII_WORD = re.compile(r"[^a-z0-9]+")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_LAST_WORD = re.compile(r"[A-Za-z']+$")
DISEASE = "<disease>"


def normal(words: str) -> str:
    """Return a text as it is compared: NFKC, lower case, one space for every run that is no letter or digit."""
    return _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", words).lower()).strip()


def print_of(question: str, answer: str) -> str:
    """Return the print by which a row of the English files is recognised, wherever it stands in its file."""
    folded = (_NOT_ASCII_WORD.sub(" ", unicodedata.normalize("NFKC", t).lower()).strip() for t in (question, answer))
    return hashlib.sha256("\n".join(folded).encode()).hexdigest()[:16]


def short_hash(parts: Sequence[str]) -> str:
    """Return twelve hex digits that stand for texts."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def frame_of(question: str, labels: Sequence[str]) -> str:
    """Return a question with its disease taken out: the frame that many questions share."""
    frame = normal(question)
    for label in labels:
        names = [label, _BRACKETS.sub("", label), *_BRACKETS.findall(label)]
        for name in filter(None, map(normal, names)):
            frame = frame.replace(name, DISEASE)
    return frame


def is_terminated(answer: str) -> bool:
    """Whether an answer ends in closing punctuation, quotes and brackets aside."""
    return answer.rstrip(_TAIL).endswith(tuple(CLOSED))


def ends_open(answer: str, open_words: frozenset[str]) -> bool:
    """Whether an answer ends in a word that no sentence ends in, or in a comma."""
    ending = answer.rstrip()
    if ending.endswith((",", "，", "、", ":", "：")):
        return True
    word = _LAST_WORD.search(ending)
    return word is not None and word.group().lower() in open_words


def polarity(answer: str) -> str | None:
    """Return whether an answer begins with yes or no; None where it does neither."""
    first = normal(answer).split(" ", 1)[0]
    if first in ("yes", "no"):
        return first
    return (
        "yes"
        if first.startswith(("是的", "可以", "有权"))
        else "no"
        if first.startswith(("不", "否", "没有"))
        else None
    )
