"""The agreement of raters as a terminal table in plain words, with an account of the study (GRRAS, Kottner 2011).

Kottner J et al. (2011). Guidelines for Reporting Reliability and Agreement Studies (GRRAS) were proposed. J Clin
Epidemiol 64:96-106. doi:10.1016/j.jclinepi.2010.03.002.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judge.report.text import visible

Row = Mapping[str, Any]
_COLUMNS = (
    ("same level", ("exact_agreement",), ("",)),
    ("within one", ("within_one",), ("",)),
    ("kappa", ("cohen_kappa",), ("quadratic", "quadratic (values)", "none")),
    ("alpha", ("krippendorff_alpha",), ("ordinal", "interval", "nominal")),
    ("AC", ("gwet_ac2", "gwet_ac1"), ("quadratic", "")),
    ("ICC(2,1)", ("icc",), ("ICC(2,1)",)),
    ("bias", ("bias",), ("",)),
)
_SAID = {
    "physician-physician": "physicians among themselves",
    "judge-physician": "{first} with physicians",
    "panel-physician": "the panel with physicians",
    "judge-judge": "judges among themselves",
    "intra-rater": "{first} with itself",
}
_ANSWERS = {"yes": "YES", "no": "NO", "not_enough_data": "NOT ENOUGH DATA"}
_RATES = ("sensitivity", "specificity", "miss_rate", "false_alarm_rate")


def render_agreement(document: Mapping[str, Any]) -> str:
    """Return what ``judge agree`` prints."""
    rows = document["results"]
    lines = [f"Agreement of raters: {visible(document['source'])}", ""]
    for group in _distinct(_group(row) for row in rows):
        here = [row for row in rows if _group(row) == group]
        if group != "*":
            lines += [f"== {visible(group)} ==", ""]
        for dimension in _distinct(row["dimension"] for row in here):
            lines += _dimension(dimension, [row for row in here if row["dimension"] == dimension])
    lines += _claims(document["verdicts"])
    lines += _account(document)
    return "\n".join(lines)


def _group(row: Row) -> str:
    group = row["group"]
    return group if isinstance(group, str) else ", ".join(f"{name} = {value}" for name, value in group.items())


def _distinct(values: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _dimension(dimension: str, rows: Sequence[Row]) -> list[str]:
    if dimension.startswith(("gate:", "criterion:")) or dimension == "*":
        return _danger(dimension, rows)
    lines = [visible(dimension), _line(["", *[name for name, _, _ in _COLUMNS], "n"])]
    for comparison, said in _SAID.items():
        for raters in _shown_raters(comparison, rows):
            own = [row for row in rows if row["comparison"] == comparison and tuple(row["raters"]) == raters]
            lines.append(_table_row(said.format(first=visible(raters[0]) if raters else ""), own))
    undefined = sorted({str(row["undefined"]) for row in rows if row["undefined"] and _is_headline(row)})
    if undefined:
        lines.append(f"  undefined (–): {', '.join(undefined)}")
    return [*lines, ""]


def _shown_raters(comparison: str, rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Return whose rows stand for a comparison: all of a kind together, else a single pair."""
    found = list(dict.fromkeys(tuple(row["raters"]) for row in rows if row["comparison"] == comparison))
    usable = [raters for raters in found if comparison == "intra-rater" or len(raters) > 1]
    if comparison in ("judge-physician", "panel-physician"):
        firsts = list(dict.fromkeys(raters[0] for raters in usable))
        return [max((r for r in usable if r[0] == first), key=len) for first in firsts]
    if comparison == "intra-rater" or not usable:
        return usable or found
    return [max(usable, key=len)]


def _is_headline(row: Row) -> bool:
    return any(row["statistic"] in names and row["variant"] in variants for _, names, variants in _COLUMNS)


def _table_row(said: str, rows: Sequence[Row]) -> str:
    cells = [_cell(rows, names, variants) for _, names, variants in _COLUMNS]
    n = max((row["n_items"] for row in rows), default=0)
    return _line([said, *cells, str(n)])


def _cell(rows: Sequence[Row], names: tuple[str, ...], variants: tuple[str, ...]) -> str:
    order = [(name, variant) for variant in variants for name in names]
    found = {(row["statistic"], row["variant"]): row for row in rows}
    chosen = [found[key] for key in order if key in found and found[key]["value"] is not None]
    if not chosen:
        return "–"
    row = chosen[0]
    if row["ci_low"] is None:
        return f"{row['value']:.2f}"
    return f"{row['value']:.2f} ({row['ci_low']:.2f} to {row['ci_high']:.2f})"


def _line(cells: Sequence[str]) -> str:
    return f"  {cells[0]:<34}" + "".join(f"{cell:<24}" for cell in cells[1:-1]) + cells[-1]


def _danger(dimension: str, rows: Sequence[Row]) -> list[str]:
    lines = [visible("dangerous answers, all gates" if dimension == "*" else dimension)]
    for row in rows:
        if row["statistic"] in _RATES and len(row["raters"]) == 1:
            lines.append(f"  {visible(row['raters'][0])}: {row['statistic'].replace('_', ' ')} {_rate(row)}")
        elif row["statistic"] == "review_load":
            lines.append(f"  {visible(', '.join(row['raters']))}: {_load(row)}")
    return [*lines, ""] if len(lines) > 1 else []


def _rate(row: Row) -> str:
    if row["value"] is None:
        return f"– ({row['undefined']})"
    detail = row["detail"]
    counts = f", {detail['n_wrong']} of {detail['n_reference']}" if "n_wrong" in detail else ""
    ends = "" if row["ci_low"] is None else f" ({row['ci_low']:.1%} to {row['ci_high']:.1%})"
    return f"{row['value']:.1%}{ends}{counts}"


def _load(row: Row) -> str:
    x = row["variant"].removeprefix("@")
    if row["value"] is None:
        needed, have = row["detail"].get("n_positives_needed"), row["detail"].get("n_positives")
        counts = f": {have} dangerous answers graded, {needed} needed" if needed else ""
        return f"review load for at most {x} missed – ({row['undefined']}{counts})"
    return f"a physician must read {row['value']:.1%} so that at most {x} of the dangerous answers are missed"


def _claims(verdicts: Sequence[Row]) -> list[str]:
    if not verdicts:
        return []
    lines = ["May it stand in for a physician?"]
    for verdict in verdicts:
        more = verdict["n_more_cases"]
        plan = f" A fresh set of about {more} cases would settle it." if more is not None else ""
        answer = _ANSWERS[verdict["answer"]]
        who = visible(", ".join(verdict["raters"]))
        lines.append(
            f"  {visible(verdict['dimension'])}, {who}, {verdict['claim']}: {answer}. {visible(verdict['reason'])}.{plan}"
        )
    return [*lines, ""]


def _account(document: Mapping[str, Any]) -> list[str]:
    options, raters = document["options"], document["raters"]
    by_role: dict[str, list[str]] = {}
    for rater in raters:
        simulated = ", simulated" if rater["simulated"] else ""
        by_role.setdefault(rater["role"], []).append(f"{visible(rater['id'])} ({rater['n_ratings']}{simulated})")
    lines = ["Account", f"  answers {document['n_items']}, cases {document['n_cases']}"]
    lines += [f"  {role}s (ratings): {', '.join(names)}" for role, names in by_role.items()]
    for dimension, levels in document["levels"].items():
        declared = "declared" if options["declared"][dimension] else "not declared, taken from the ratings"
        order = "in order" if options["ordered"][dimension] else "without order"
        lines.append(f"  levels of {visible(dimension)}: {_levels(levels)}, {order}, {declared}")
    lines.append(f"  missing: {_missing(document['results'])}")
    lines.append(f"  intervals: {_intervals(document)}")
    lines.append(
        "  kappa: quadratic weights on the declared values, where levels have an order; ICC(2,1): absolute agreement"
    )
    lines.append("  estimand: these raters, cases at random; for raters at random see the F intervals (--ci analytic)")
    if options["margin"] is None:
        lines.append("  no margin stated (--margin): non-inferiority is not tested")
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items() if version)
    lines.append(f"  versions: {versions}")
    lines += [f"  note: {visible(warning)}" for warning in document["warnings"]]
    return lines


def _levels(levels: Sequence[object]) -> str:
    shown = [visible(level) for level in levels]
    return ", ".join(shown) if len(shown) <= 12 else f"{shown[0]} … {shown[-1]} ({len(shown)})"


def _missing(rows: Sequence[Row]) -> str:
    worst: dict[str, int] = {}
    for row in rows:
        if row["group"] == "*" and row["statistic"] == "exact_agreement":
            worst[row["dimension"]] = max(worst.get(row["dimension"], 0), row["n_missing"])
    found = [f"{visible(name)} {n}" for name, n in worst.items() if n]
    return ", ".join(found) if found else "none"


def _intervals(document: Mapping[str, Any]) -> str:
    options = document["options"]
    if options["ci"] == "analytic":
        return "by formula, 95 %"
    undefined = sum(row["n_resamples_undefined"] for row in document["results"])
    return (
        f"BCa bootstrap of cases, 95 %, {options['n_resamples']} resamples, seed {document['seed']}, "
        f"{undefined} undefined resamples over all statistics"
    )
