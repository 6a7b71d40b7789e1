"""A panel of one judge says what that judge says: its rows are shown where they differ."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
_JUDGE, _PANEL = "judge-physician", "panel-physician"
_CLAIMS = ("non_inferiority", "alt_test_omega", "alt_test_rho")
"""A panel's claims are told apart from a judge's by their sentences."""
_NUMBERS = ("value", "ci_low", "ci_high", "n_items", "undefined")


def lone_judge_of(document: Mapping[str, Any]) -> str | None:
    """Return the only judge beside a panel, None where there is no panel or not one judge."""
    judges = [rater["id"] for rater in document["raters"] if rater["role"] == "judge"]
    has_panel = any(rater["role"] == "panel" for rater in document["raters"])
    return judges[0] if has_panel and len(judges) == 1 else None


def without_twins(rows: Sequence[Row]) -> list[Row]:
    """Leave out the panel's rows on a dimension and group where every number is the lone judge's."""
    known = {(_about(row), _numbers(row)) for row in rows if row["comparison"] == _JUDGE}
    panel = [row for row in rows if row["comparison"] == _PANEL and row["statistic"] not in _CLAIMS]
    different = {_place(row) for row in panel if (_about(row), _numbers(row)) not in known}
    left_out = {id(row) for row in panel if _place(row) not in different}
    return [row for row in rows if id(row) not in left_out]


def _place(row: Row) -> tuple[str, str]:
    return row["dimension"], str(row["group"])


def _about(row: Row) -> tuple[Any, ...]:
    """Return what a row is of, without the judge or panel, who comes first."""
    return (*_place(row), tuple(row["raters"][1:]), row["statistic"], row["variant"])


def _numbers(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _NUMBERS)
