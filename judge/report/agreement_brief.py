"""A few lines on how the panel agrees with physicians: one a dimension, beside the physicians' own ceiling."""

from collections.abc import Mapping, Sequence
from typing import Any

from judge.report.text import pad, width

_SIDES = ("physician-physician", "panel-physician")
_HEAD = ("quadratic kappa", "physicians among themselves", "the panel with physicians")

Row = Mapping[str, Any]


def render_brief(document: Mapping[str, Any]) -> str:
    """Return quadratic kappa by dimension, physicians among themselves beside the panel with physicians."""
    rows = [row for row in document["results"] if row["statistic"] == "cohen_kappa" and row["group"] == "*"]
    dimensions = [name for name in document["levels"] if not name.startswith(("gate:", "criterion:"))]
    table = [_HEAD, *((name, *(_cell(name, side, rows) for side in _SIDES)) for name in dimensions)]
    widths = [max(width(cells[column]) for cells in table) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(pad(text, wide) for text, wide in zip(cells, widths, strict=True)).rstrip() for cells in table
    )


def _cell(dimension: str, comparison: str, rows: Sequence[Row]) -> str:
    found = [
        row
        for row in rows
        if row["dimension"] == dimension
        and row["comparison"] == comparison
        and str(row["variant"]).startswith("quadratic")
    ]
    if not found:
        return "–"
    widest = max(found, key=lambda row: (row["value"] is not None, len(row["raters"])))
    if widest["value"] is None:
        return f"– ({widest['undefined']})"
    if widest["ci_low"] is None:
        return f"{widest['value']:.2f}"
    return f"{widest['value']:.2f} [{widest['ci_low']:.2f}, {widest['ci_high']:.2f}], n = {widest['n_items']}"
