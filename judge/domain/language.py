"""Texts that exist in several languages."""

from collections.abc import Mapping

Text = Mapping[str, str]
"""The same words by primary language subtag, e.g. ``{"en": "Safety", "zh": "安全性"}``."""


def primary_subtag(tag: str) -> str:
    """Return the primary subtag of a BCP 47 language tag in lower case (``zh-Hans-CN`` → ``zh``)."""
    return tag.replace("_", "-").split("-", 1)[0].strip().lower()


def say(text: Text, language: str) -> str:
    """Return a text in the language asked for, else in the first language it has."""
    found = text.get(language)
    return found if found is not None else next(iter(text.values()))
