"""Leads named in a text, ranges and lists of them, and the territories they look at."""

from collections.abc import Mapping, Sequence
from functools import cache

from judge.offline.tables import table
from judge.offline.tokens import Tokens

_CHEST = {f"v{n}": f"V{n}" for n in range(1, 10)} | {f"v{n}r": f"V{n}R" for n in range(3, 7)}
_AUGMENTED = {"avr": "aVR", "avl": "aVL", "avf": "aVF"}
_LIMB = {"I": "I", "II": "II", "III": "III"}
_CANDIDATES = frozenset(
    form
    for word in (*_CHEST, *_AUGMENTED, *_LIMB)
    for form in (
        word,
        word.upper(),
        word.capitalize(),
        f"{word[0]}{word[1:].upper()}",
        f"{word[:-1]}{word[-1:].upper()}",
    )
)
"""Every spelling of a lead: most tokens are none."""
_JOINERS = frozenset(
    (",", "、", "/", "and", "or", "和", "及", "与", "到", "至", "~", "to", "through", "&", "-", "lead", "导", "联", "(")
)
_RANGE = frozenset(("to", "through", "至", "到", "~", "thru"))


def find_leads(text: str, tokens: Tokens) -> dict[int, tuple[str, ...]]:
    """Return the leads by the token that names them; a range gives all its leads at its last token."""
    found: dict[int, tuple[str, ...]] = {}
    surfaces = tokens.surfaces
    for index, surface in enumerate(surfaces):
        if surface not in _CANDIDATES:
            continue
        lead = _lead(surfaces, index, surface, found)
        if lead is None:
            continue
        before = _range_start(text, tokens, index, found)
        found[index] = (lead,) if before is None else _between(before, lead)
    return found


@cache
def territories() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Return (leads, reciprocal leads) by territory."""
    return {name: (frozenset(row["leads"]), frozenset(row["reciprocal"])) for name, row in table("territories").items()}


@cache
def territory_of(concept: str) -> str | None:
    """Return the territory that a concept names, e.g. MI_INF → inferior."""
    return next((name for name, row in table("territories").items() if concept in row["of"]), None)


def _lead(surfaces: Sequence[str], index: int, surface: str, found: Mapping[int, tuple[str, ...]]) -> str | None:
    low = surface.lower()
    lead = _CHEST.get(low) or _AUGMENTED.get(low)
    if lead is not None:
        return lead
    if surface not in _LIMB or not _is_limb(surfaces, index, found):
        return None
    return _LIMB[surface]


def _is_limb(surfaces: Sequence[str], index: int, found: Mapping[int, tuple[str, ...]]) -> bool:
    """Whether a roman number is a lead: after "lead", before 导联, or in a list with a lead."""
    before = surfaces[index - 1].lower() if index else ""
    after = surfaces[index + 1].lower() if index + 1 < len(surfaces) else ""
    if before in ("lead", "leads") or after in ("导", "lead", "leads") or (before == "in" and surfaces[index] != "I"):
        return True
    if before in _JOINERS and index >= 2 and (index - 2 in found or index - 3 in found):
        return True
    if after in _JOINERS or after in (".", ";", ")", "。", ""):
        following = [s.lower() for s in surfaces[index + 1 : index + 6]]
        return any(s in _CHEST or s in _AUGMENTED or s == "导" for s in following) or "iii" in following
    return False


def _range_start(text: str, tokens: Tokens, index: int, found: Mapping[int, tuple[str, ...]]) -> str | None:
    if index - 1 in found and "-" in text[tokens.end(index - 1) : tokens.starts[index]]:
        return found[index - 1][-1]
    if index - 2 in found and tokens.surfaces[index - 1].lower() in _RANGE:
        return found[index - 2][-1]
    return None


def _between(first: str, last: str) -> tuple[str, ...]:
    if first[0] != "V" or last[0] != "V" or first.endswith("R") != last.endswith("R"):
        return (first, last)
    low, high = int(first[1]), int(last[1])
    end = "R" if first.endswith("R") else ""
    return tuple(f"V{n}{end}" for n in range(low, high + 1)) if low <= high else (first, last)
