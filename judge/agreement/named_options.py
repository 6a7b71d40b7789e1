"""Refusal of an option that a statistic does not have, before it looks at the ratings."""

from collections.abc import Iterable

from judge.errors import did_you_mean


def check_option(what: str, value: str, known: Iterable[str]) -> None:
    """Refuse a name that is none of the known ones, whatever the ratings are.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    names = list(known)
    if value not in names:
        shown = ", ".join(f'"{name}"' for name in names)
        raise ValueError(f'{what} is one of {shown}, not "{value}"{did_you_mean(str(value), names)}')
