"""Columns of a ratings table, and the message for one that is missing."""

import difflib
from collections.abc import Collection, Sequence

from judge.errors import DataError

REQUIRED = ("item", "rater", "role", "dimension", "level")
SYNONYMS = {"response_id": "item", "case": "case_id"}
"""Other names that are read."""
COLUMNS = frozenset(
    {
        *REQUIRED,
        *SYNONYMS,
        *("case_id", "stratum", "stage", "repeat", "simulated", "inclusion_probability"),
        *("model", "task", "language", "seconds", "comment", "graded_at"),
    }
)
_MEANT = {
    "item": ("response_id", "response", "answer", "answer_id", "item_id", "id", "sample_id", "question_id"),
    "rater": ("rater_id", "physician", "doctor", "reviewer", "annotator", "grader", "expert", "judge", "name"),
    "role": ("rater_role", "rater_type", "type", "kind"),
    "dimension": ("dim", "criterion", "aspect", "metric", "category", "quality"),
    "level": ("score", "grade", "rating", "value", "label", "points", "stars"),
}
"""What people call our columns."""


def check_columns(where: str, names: Sequence[str], may_lack: Collection[str] = ()) -> None:
    """Refuse a table that lacks a column, with the name that may be meant for it.

    Raises
    ------
    DataError
        If a column is missing that is not one of ``may_lack``.
    """
    known = {SYNONYMS.get(name, name) for name in names}
    missing = [name for name in REQUIRED if name not in known and name not in may_lack]
    if not missing:
        return
    free = [name for name in names if name not in COLUMNS]
    raise DataError(
        f"{where}: missing column {'; '.join(name + _near(name, free) for name in missing)}",
        hint="A ratings table has one row a rating and the columns item (or response_id), rater, role, dimension, "
        "level; `judge agree --help` shows one.",
    )


def _near(name: str, free: Sequence[str]) -> str:
    """Return ``, did you mean "x"?`` for the column most like a name, or like what people call it."""
    folded = {column.strip().casefold().replace(" ", "_").replace("-", "_"): column for column in free}
    close = difflib.get_close_matches(name, folded, n=1, cutoff=0.6)
    close += [called for called in _MEANT[name] if called in folded]
    close += [near for called in _MEANT[name] for near in difflib.get_close_matches(called, folded, n=1, cutoff=0.8)]
    return f', did you mean "{folded[close[0]]}"?' if close else ""
