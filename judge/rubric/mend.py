"""Stand-ins for fields of the wrong type, so that the rest of a file can be checked in the same go."""

import copy
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from judge.rubric.schema import RubricFile
from judge.rubric.source import Loc

_ROUNDS = 4
_STAND_INS: dict[str, Any] = {
    "id": "mended",
    "code": "mended",
    "version": 1,
    "core": True,
    "points": 1,
    "use": "always",
    "evidence": "quote",
    "each": False,
    "max_total": None,
    "when": "met",
    "where": None,
    "cap": 0,
    "asker": "clinician",
    "weights": {},
    "anchors": {},
    "dim": "mended",
    "criterion": "mended",
    "at_most": 0,
    "tiers": [],
    "severity": {},
    "level_rules": [],
    "use_by_task": {},
    "requires": [],
    "unless": [],
    "requires_any": [],
    "equivalents": [],
    "exceptions": [],
    "yields_to": [],
    "signed": [],
    "status": "draft",
    "date": None,
    "by": None,
    "level_method": "judged",
    "conditions": ["*"],
    "sets": ["*"],
    "stances": ["do"],
    "limits": {},
    "acts": {},
    "extra": [],
    "na_allowed": [],
    "core_overrides": [],
}
_WORDS = frozenset(
    {"title", "name", "question", "note", "notes", "key_means", "omission", "commission", "na_when", "na_unless"}
)


def mended(data: Any, error: ValidationError) -> tuple[RubricFile | None, list[Loc]]:
    """Return the file with stand-ins for what was wrong, and where they stand; None where it cannot be mended."""
    patched = copy.deepcopy(data)
    places: list[Loc] = []
    for _ in range(_ROUNDS):
        for details in error.errors(include_url=False):
            loc: Loc = tuple(part for part in details["loc"] if part != "[key]")
            if not _patch(patched, loc, details["type"], _languages(data)):
                return None, places
            places.append(_reach(loc))
        try:
            return RubricFile.model_validate(patched), places
        except ValidationError as again:
            error = again
    return None, places


def concerns(loc: Loc, places: Sequence[Loc]) -> bool:
    """Return whether a fault at ``loc`` may be owed to a stand-in."""
    return any(loc[: len(place)] == place or loc == place[:-1] for place in places)


def _reach(loc: Loc) -> Loc:
    """Return how far a stand-in reaches: without its tiers nothing else of a gate can be checked."""
    return loc[:2] if loc[0] == "gates" and loc[2:3] == ("tiers",) else loc


def _languages(data: Any) -> list[str]:
    listed = data.get("languages")
    return [tag for tag in listed if isinstance(tag, str)] if isinstance(listed, list) else ["en"]


def _patch(data: Any, loc: Loc, kind: str, languages: Sequence[str]) -> bool:
    """Put a stand-in at a place; return whether there is one."""
    parent = data
    for part in loc[:-1]:
        try:
            parent = parent[part]
        except (KeyError, IndexError, TypeError):
            return False
    if isinstance(parent, list):  # one bad element: the whole list is stood in for
        return _patch(data, loc[:-1], kind, languages)
    if not isinstance(parent, dict):
        return False
    if kind == "extra_forbidden":
        parent.pop(loc[-1], None)
        return True
    found, stand_in = _stand_in(loc, languages)
    if found:
        parent[loc[-1]] = stand_in
    return found


def _stand_in(loc: Loc, languages: Sequence[str]) -> tuple[bool, Any]:
    """Return whether there is a stand-in for a place, and which."""
    last, above = str(loc[-1]), loc[-2] if len(loc) > 1 else None
    if above == "severity":
        return True, 3
    if above == "weights":
        return True, 0
    if last in _STAND_INS:
        return True, copy.deepcopy(_STAND_INS[last])
    if last in _WORDS or above in ("anchors", "case_free_anchors"):
        return True, dict.fromkeys(languages, "?")
    return last in languages, "?"
