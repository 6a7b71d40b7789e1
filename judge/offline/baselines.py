"""BLEU-1, ROUGE-L and METEOR: the dataset paper's lexical measures, as baselines to be beaten. No judges, no levels.

Chinese is compared character by character, English word by word in lower case; several references are alternatives and
the best one counts. All three are undefined (None) without a reference or without a single word on either side.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence

from judge.offline.features import plain_stem

_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]")


def bleu1(answer: str, references: Sequence[str], language: str = "en") -> float | None:
    """Return BLEU-1: clipped unigram precision times the brevity penalty, 0 to 1.

    ``BP · Σ min(count, max reference count) / n``, BP = exp(1 − r/c) for c < r, with r the reference length nearest to
    c (the shorter of two equally near). No smoothing. Papineni, Roukos, Ward and Zhu 2002, doi:10.3115/1073083.1073135.
    """
    words = _words(answer, language)
    keys = [key for key in (_words(text, language) for text in references) if key]
    if not words or not keys:
        return None
    most: Counter[str] = Counter()
    for key in keys:
        most |= Counter(key)
    clipped = sum(min(count, most[word]) for word, count in Counter(words).items())
    nearest = min((len(key) for key in keys), key=lambda n: (abs(n - len(words)), n))
    penalty = 1.0 if len(words) >= nearest else math.exp(1 - nearest / len(words))
    return penalty * clipped / len(words)


def rouge_l(answer: str, references: Sequence[str], language: str = "en") -> float | None:
    """Return ROUGE-L: the F-measure (beta = 1) of the longest common subsequence, 0 to 1; the best reference counts.

    Lin 2004, "ROUGE: a package for automatic evaluation of summaries", ACL workshop, eq. 2-4 with beta = 1.
    """
    words = _words(answer, language)
    scores = [_lcs_f(words, key) for key in (_words(text, language) for text in references) if key and words]
    return max(scores) if scores else None


def meteor(answer: str, references: Sequence[str], language: str = "en") -> float | None:
    """Return METEOR in its exact-and-stem variant, 0 to 1; the best reference counts.

    Words are matched exactly, then by stem (in Chinese by character only), from left to right; no synonyms.
    ``F = 10PR / (R + 9P)``, penalty ``0.5 · (chunks / matches)³``, score ``F · (1 − penalty)``.
    Banerjee and Lavie 2005, "METEOR: an automatic metric for MT evaluation", ACL workshop.
    """
    words = _words(answer, language)
    scores = [_meteor(words, key) for key in (_words(text, language) for text in references) if key and words]
    return max(scores) if scores else None


def _words(text: str, language: str) -> list[str]:
    words = _WORD.findall(text.lower())
    if not language.startswith("zh"):
        return words
    return [part for word in words for part in (word if word > "\u3000" else [word])]


def _lcs_f(one: Sequence[str], two: Sequence[str]) -> float:
    row = [0] * (len(two) + 1)
    for word in one:
        before = 0
        for index, other in enumerate(two, 1):
            above = row[index]
            row[index] = before + 1 if word == other else max(above, row[index - 1])
            before = above
    common = row[-1]
    return 2 * common / (len(one) + len(two))


def _meteor(words: Sequence[str], key: Sequence[str]) -> float:
    match = _aligned(words, key)
    n_matched = len(match)
    if not n_matched:
        return 0.0
    precision, recall = n_matched / len(words), n_matched / len(key)
    f_mean = 10 * precision * recall / (recall + 9 * precision)
    pairs = sorted(match.items())
    n_chunks = 1 + sum(b != (a[0] + 1, a[1] + 1) for a, b in itertools.pairwise(pairs))
    return f_mean * (1 - 0.5 * (n_chunks / n_matched) ** 3)


def _aligned(words: Sequence[str], key: Sequence[str]) -> dict[int, int]:
    """Return answer position → reference position: exact matches first, then stems, each from left to right."""
    match: dict[int, int] = {}
    for form in (str, plain_stem):
        free: dict[str, list[int]] = {}
        used = set(match.values())
        for index, word in enumerate(key):
            if index not in used:
                free.setdefault(form(word), []).append(index)
        for index, word in enumerate(words):
            places = free.get(form(word))
            if index not in match and places:
                match[index] = places.pop(0)
    return match
