"""The language of a text by the share of its scripts.

The rule, over letters only: Hangul at least 15 % → ``ko``; Japanese kana at least 5 % → ``ja``; Han at least 15 %
→ ``zh`` (one Han character says about as much as one word, so that Latin abbreviations between them do not outvote
it); else Latin letters → ``en``; letters of no such script, or none at all → ``und``. Languages written in Latin
letters are not told apart: give ``language`` where a case is neither English nor Chinese.
"""

HAN_SHARE = 0.15
KANA_SHARE = 0.05
HANGUL_SHARE = 0.15
UNDETERMINED = "und"

_HAN = (("\u3400", "\u9fff"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff"))
_KANA = (("\u3041", "\u30ff"), ("\uff66", "\uff9d"))
_HANGUL = (("\u1100", "\u11ff"), ("\uac00", "\ud7a3"))
_LATIN = (("A", "Z"), ("a", "z"), ("\u00c0", "\u024f"), ("\uff21", "\uff3a"), ("\uff41", "\uff5a"))


def detect_language(text: str) -> str:
    """Return the primary subtag of a text's language: ``en``, ``zh``, ``ja``, ``ko`` or ``und``."""
    if text.isascii():
        return "en" if any(ch.isalpha() for ch in text) else UNDETERMINED
    letters = [ch for ch in text if ch.isalpha()]
    if not letters:
        return UNDETERMINED
    shares = {name: _share(letters, ranges) for name, ranges in _SCRIPTS.items()}
    if shares["hangul"] >= HANGUL_SHARE:
        return "ko"
    if shares["kana"] >= KANA_SHARE:
        return "ja"
    if shares["han"] >= HAN_SHARE:
        return "zh"
    return "en" if shares["latin"] > 0.5 else UNDETERMINED


def is_han(character: str) -> bool:
    """Whether a character is a CJK ideograph."""
    return any(low <= character <= high for low, high in _HAN)


def _share(letters: list[str], ranges: tuple[tuple[str, str], ...]) -> float:
    return sum(any(low <= ch <= high for low, high in ranges) for ch in letters) / len(letters)


_SCRIPTS = {"han": _HAN, "kana": _KANA, "hangul": _HANGUL, "latin": _LATIN}
