"""The agreement of raters as a terminal table in plain words, with an account of the study (GRRAS, Kottner 2011).

Kottner J et al. (2011). Guidelines for Reporting Reliability and Agreement Studies (GRRAS) were proposed. J Clin
Epidemiol 64:96-106. doi:10.1016/j.jclinepi.2010.03.002.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from judge.report.agreement_claims import claims_text
from judge.report.agreement_reasons import in_words
from judge.report.agreement_twins import lone_judge_of, without_twins
from judge.report.text import visible

Row = Mapping[str, Any]
Line = tuple[str, tuple[str, ...], tuple[str, ...]]
_LINES: tuple[Line, ...] = (
    ("same level", ("exact_agreement",), ("",)),
    ("within one", ("within_one",), ("",)),
    ("kappa", ("cohen_kappa",), ("quadratic", "quadratic (values)", "none")),
    ("alpha", ("krippendorff_alpha",), ("ordinal", "interval", "nominal")),
    ("Gwet's AC2", ("gwet_ac2",), ("quadratic",)),
    ("Gwet's AC1", ("gwet_ac1",), ("",)),
    ("ICC(2,1)", ("icc",), ("ICC(2,1)",)),
    ("bias", ("bias",), ("",)),
)
_SAID = {
    "physician-physician": ("physicians", "among themselves"),
    "judge-physician": ("{first}", "with physicians"),
    "panel-physician": ("the panel", "with physicians"),
    "judge-judge": ("judges", "among themselves"),
    "intra-rater": ("{first}", "with itself"),
}
_YES_NO = ("gate:", "criterion:")
_LABEL, _CELL, _PER_BLOCK = 14, 24, 4


def render_agreement(document: Mapping[str, Any]) -> str:
    """Return what ``judge agree`` prints."""
    lone_judge = lone_judge_of(document)
    rows = without_twins(document["results"]) if lone_judge is not None else document["results"]
    lines = [f"Agreement of raters: {visible(document['source'])}"]
    if lone_judge is not None and len(rows) < len(document["results"]):
        lines.append(f"The panel is one judge, {visible(lone_judge)}: it is shown apart where its numbers differ.")
    lines.append("")
    for group in _distinct(_group(row) for row in rows):
        here = [row for row in rows if _group(row) == group]
        if group != "*":
            lines += [f"== {visible(group)} ==", ""]
        for dimension in _distinct(row["dimension"] for row in here):
            if not dimension.startswith(_YES_NO) and dimension != "*":
                lines += _dimension(dimension, [row for row in here if row["dimension"] == dimension])
        lines += _dangers([row for row in here if row["dimension"].startswith(_YES_NO) or row["dimension"] == "*"])
    lines += claims_text(document, lone_judge)
    lines += _account(document)
    return "\n".join(lines)


def _group(row: Row) -> str:
    group = row["group"]
    return group if isinstance(group, str) else ", ".join(f"{name} = {value}" for name, value in group.items())


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _dimension(dimension: str, rows: Sequence[Row]) -> list[str]:
    columns = [
        (said, [row for row in rows if row["comparison"] == comparison and tuple(row["raters"]) == raters])
        for comparison, said in _SAID.items()
        for raters in _shown_raters(comparison, rows)
    ]
    lines = [visible(dimension)]
    for start in range(0, len(columns), _PER_BLOCK):
        block = columns[start : start + _PER_BLOCK]
        for place in (0, 1):
            heads = [said[place].format(first=visible(own[0]["raters"][0])) for said, own in block]
            lines.append(_line("", [head[: _CELL - 2] for head in heads]))
        for name, names, variants in _lines_of(columns):
            if any(_has(own, names) for _, own in columns):
                lines.append(_line(name, [_cell(own, names, variants) for _, own in block]))
        lines.append(_line("n", [str(max((row["n_items"] for row in own), default=0)) for _, own in block]))
    short = sorted({w for row in rows if _is_headline(row) for w in row["warnings"] if "covers less" in w})
    lines += [f"  ! {visible(warning)}" for warning in short]
    undefined = sorted({str(row["undefined"]) for row in rows if row["undefined"] and _is_headline(row)})
    if undefined:
        lines.append(f"  – undefined: {'; '.join(in_words(reason) for reason in undefined)}")
    return [*lines, ""]


def _lines_of(columns: Sequence[tuple[tuple[str, str], list[Row]]]) -> list[Line]:
    """Return the lines of a dimension: without Gwet's AC1 where there is AC2, its form for levels in order."""
    has_ac2 = any(_has(own, ("gwet_ac2",)) for _, own in columns)
    return [line for line in _LINES if not (has_ac2 and line[1] == ("gwet_ac1",))]


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


def _has(rows: Sequence[Row], names: tuple[str, ...]) -> bool:
    return any(row["statistic"] in names for row in rows)


def _is_headline(row: Row) -> bool:
    return any(row["statistic"] in names and row["variant"] in variants for _, names, variants in _LINES)


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


def _line(label: str, cells: Sequence[str]) -> str:
    return (f"  {label:<{_LABEL}}" + "".join(f"{cell:<{_CELL}}" for cell in cells)).rstrip()


def _dangers(rows: Sequence[Row]) -> list[str]:
    """Return a line a gate and rater where physicians saw the danger, and the names of the other gates."""
    if not rows:
        return []
    lines = ["Gates and criteria (physicians' majority decides, a tie counts as yes)"]
    rates: list[str] = []
    without: list[str] = []
    for dimension in _distinct(row["dimension"] for row in rows if row["dimension"] != "*"):
        own = [row for row in rows if row["dimension"] == dimension and len(row["raters"]) == 1]
        missed = {row["raters"][0]: row for row in own if row["statistic"] == "miss_rate"}
        alarms = {row["raters"][0]: row for row in own if row["statistic"] == "false_alarm_rate"}
        if all(row["undefined"] for row in missed.values()):
            without.append(visible(dimension))
            continue
        for rater, row in missed.items():
            cells = f"{visible(rater):<20}{_rate(row):<34}{_rate(alarms[rater])}"
            rates.append(f"  {visible(dimension):<22}{cells}")
    if rates:
        lines += [f"  {'':<22}{'who':<20}{'missed':<34}false alarms", *rates]
    lines += [f"  {_load(row)}" for row in rows if row["statistic"] == "review_load" and _is_worth_saying(row)]
    if without:
        lines.append(f"  nothing for a miss rate (no physician saw it, or nobody was asked): {', '.join(without)}")
    return [*lines, ""]


def _is_worth_saying(row: Row) -> bool:
    return row["dimension"] == "*" or row["value"] is not None


def _rate(row: Row) -> str:
    if row["value"] is None:
        return f"– {in_words(row['undefined'])}"
    detail = row["detail"]
    ends = "" if row["ci_low"] is None else f" ({row['ci_low']:.1%} to {row['ci_high']:.1%})"
    return f"{detail['n_wrong']} of {detail['n_reference']}, {row['value']:.1%}{ends}"


def _load(row: Row) -> str:
    x = row["variant"].removeprefix("@")
    who = visible(", ".join(row["raters"]))
    what = "all gates" if row["dimension"] == "*" else visible(row["dimension"])
    if row["value"] is None:
        needed, have = row["detail"].get("n_positives_needed"), row["detail"].get("n_positives")
        counts = f": {have}, a claim takes {needed}" if needed else ""
        return f"review load by {who}, {what}, at most {x} missed: – {in_words(row['undefined'])}{counts}"
    return (
        f"review load by {who}, {what}: read {row['value']:.1%} so that at most {x} of the dangerous answers are missed"
    )


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
