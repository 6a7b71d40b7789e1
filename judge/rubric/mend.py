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
            places.append(loc)
        try:
            return RubricFile.model_validate(patched), places
        except ValidationError as again:
            error = again
    return None, places


def concerns(loc: Loc, places: Sequence[Loc]) -> bool:
    """Return whether a fault at ``loc`` may be owed to a stand-in."""
    return any(loc[: len(place)] == place or loc == place[:-1] for place in places)


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
    last = loc[-1]
    if not isinstance(parent, dict):
        return False
    if kind == "extra_forbidden":
        parent.pop(last, None)
        return True
    if last in _STAND_INS:
        parent[last] = copy.deepcopy(_STAND_INS[str(last)])
    elif last in _WORDS or "anchors" in loc[-2:-1] or "case_free_anchors" in loc[-2:-1]:
        parent[last] = dict.fromkeys(languages, "?")
    elif last in languages:
        parent[last] = "?"
    elif "weights" in loc[-2:-1]:
        parent[last] = 0
    else:
        return False
    return True
