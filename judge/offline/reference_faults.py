"""References that hold a known error."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from judge.domain.language import say
from judge.offline.case import CaseSide
from judge.offline.tables import rows


def reference_problem(case: CaseSide) -> str | None:
    """Return what is wrong with the references, in the request's language; None where no known pattern fits."""
    return _problem(tuple(text for text, _ in case.reference_texts), case.language)


@lru_cache(maxsize=4_096)
def _problem(texts: tuple[str, ...], language: str) -> str | None:
    faults = [rule for text in texts for rule in _faults(text)]
    if not faults:
        return None
    return "; ".join(dict.fromkeys(say({"en": rule["en"], "zh": rule["zh"]}, language) for rule in faults))


def _faults(text: str) -> list[Mapping[str, Any]]:
    low = text.lower()
    return [
        rule
        for rule in rows("reference_faults")
        if all(any(word in low for word in words) for words in rule["all"])
        and not any(word in low for word in rule["none"])
    ]
