"""One form for every text: NFKC, plain quotes and spaces, no hidden characters, with a map back to the original."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_HIDDEN = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u180e"
)
_LOOKALIKES = dict(
    zip(
        "АВЕКМНОРСТХаеорсухіІЅѕАΒΕΖΗΙΚΜΝΟΡΤΥΧο",
        "ABEKMHOPCTXaeopcyxiISsABEZHIKMNOPTYXo",
        strict=True,
    )
)
_PLAIN = {
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-", "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-", "\u2212": "-", "\u00a0": " ", "\u3000": " ", "·": "-", "•": "\n", "●": "\n", "▪": "\n", "◦": "\n",
    "*": " ", "`": " ", "_": " ", "《": '"', "》": '"', "「": '"', "」": '"', "【": "(", "】": ")", "[": "(", "]": ")",
    "≧": "≥", "≦": "≤", "⩾": "≥", "⩽": "≤", "～": "~", "∼": "~", "µ": "u", "μ": "u", "×": "x", "º": "°", "˚": "°",
}  # fmt: skip
_TRADITIONAL = dict(
    zip(
        "導聯壓竇電軸顫動過緩傳滯衰竭滿擴張塊應劑藥絡測診斷療緊檢查對擋腎臟臨術靜脈隨訪觀無論雙單陳舊側間壁廣異為風濕飽併發癥狀預後險護權隱來讓請問條變與從點東長門開關",
        "导联压窦电轴颤动过缓传滞衰竭满扩张块应剂药络测诊断疗紧检查对挡肾脏临术静脉随访观无论双单陈旧侧间壁广异为风湿饱并发症状预后险护权隐来让请问条变与从点东长门开关",
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in its one form."""

    text: str
    offsets: list[int] | None
    """By character: where it stood in the original; None where nothing moved."""
    n_hidden: int
    """Hidden or look-alike characters."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return a span of this text as a span of the original."""
        if self.offsets is None:
            return start, end
        if start >= len(self.offsets) or end <= start:
            return (0, 0)
        return self.offsets[start], self.offsets[end - 1] + 1


def normalise(original: str) -> Normalised:
    """Bring a text to its one form, in linear time."""
    if original.isascii() and _MOVED_ASCII.search(original) is None:
        return Normalised(original, None, 0)
    folds = {c: new for c in set(original) if (new := _fold(c)) != c}
    if not folds:
        return Normalised(original, None, 0)
    n_hidden = sum(original.count(c) for c in folds if c in _HIDDEN or c in _LOOKALIKES)
    if all(len(new) == 1 for new in folds.values()):
        return Normalised(original.translate({ord(c): new for c, new in folds.items()}), None, n_hidden)
    pieces: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(original):
        new = folds.get(character, character)
        pieces.append(new)
        offsets += [index] * len(new)
    return Normalised("".join(pieces), offsets, n_hidden)


_MOVED_ASCII = re.compile(r"[^\n -~]|[*`_\[\]]")
"""The ASCII characters that have another form: control characters and marks of layout."""


@lru_cache(maxsize=65_536)
def _fold(character: str) -> str:
    if character in _HIDDEN:
        return ""
    plain = _PLAIN.get(character) or _LOOKALIKES.get(character) or _TRADITIONAL.get(character)
    if plain is not None:
        return plain
    if character.isascii():
        return character if character.isprintable() or character == "\n" else " "
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) == 1:
        return _PLAIN.get(folded, folded)
    return "".join(_PLAIN.get(c, c) for c in folded)
