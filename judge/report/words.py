"""The words of a score card in English and Chinese."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh")


class Words:
    """The words of one language, by dotted key.

    >>> Words.of("en")("why.no_scored")
    'nothing scored'
    """

    def __init__(self, language: str, table: Mapping[str, Any]) -> None:
        self.language = language
        self._texts = dict(_flat(table))

    @classmethod
    def of(cls, language: str) -> "Words":
        """Return the words of a language; the first one's where there is none of it."""
        known = language if language in LANGUAGES else LANGUAGES[0]
        return cls(known, _document()[known])

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its places filled.

        Raises
        ------
        KeyError
            If there is no such key, or a place has no value.
        """
        text = self._texts[key]
        return text.format(**values) if values else text

    def named(self, group: str, code: str) -> str:
        """Return the word for a code of a group, the code itself where there is none."""
        return self._texts.get(f"{group}.{code}", code)

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    @property
    def known(self) -> frozenset[str]:
        """All dotted keys."""
        return frozenset(self._texts)


@cache
def _document() -> Mapping[str, Any]:
    import yaml

    text = files("judge.report").joinpath("words.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.safe_load(text)
    return document


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", str(value)))
    return pairs
