"""A probe's results as tables with what they rest on, and as a document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from judge.api.presenting import Shown
from judge.api.probing.answers import WEAKEST
from judge.api.probing.pairs import Pair
from judge.api.probing.probe import RESULT, RUN, Probe
from judge.api.probing.rates import LEVEL, NO_PAIRS, NO_VARIATION, ONE_CASE, Rate, Shift
from judge.api.probing.sums import Group, RaterResult, said_by_judges

FORMAT = "judge-probe-injection/1"


def present_probe(probe: Probe) -> Shown:
    """Return the results for people and for programs."""
    panel = probe.raters[-1]
    lines = [
        *_opening(probe),
        "",
        *_raters_table(probe.raters),
        "",
        *_groups_table("family", panel.by_family, probe, lambda pair: pair.insert.family),
        "",
        *_groups_table("language", panel.by_language, probe, lambda pair: pair.language),
        "",
        *_detector(probe),
        "",
        *_basis(probe),
    ]
    return Shown("\n".join(lines), probe_document(probe))


def probe_document(probe: Probe) -> dict[str, Any]:
    """Return everything as JSON types."""
    manifest = probe.run.manifest
    return {
        "format": FORMAT,
        "run": str(probe.folder / RUN),
        "complete": probe.run.is_complete,
        "rubric": manifest["rubric"],
        "panel": [{"id": entry["id"], "judge_hash": entry["judge_hash"]} for entry in manifest["panel"]],
        "panel_hash": manifest["panel_hash"],
        "seed": probe.options.seed,
        "cost": manifest["cost"],
        "base_answers": [base.case_id for base in probe.bases],
        "dimension": probe.yardstick.dimension,
        "level_step": probe.yardstick.step,
        "composite_step": probe.yardstick.composite_step,
        "ci_level": LEVEL,
        "raters": [asdict(rater) for rater in probe.raters],
        "detector": asdict(probe.detection),
        "pairs": [{"rater": rater, **_pair(pair)} for rater, pairs in probe.pairs.items() for pair in pairs],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    before, after = pair.before, pair.after
    return {
        "case_id": pair.case_id,
        "language": pair.language,
        "insert": pair.insert.id,
        "family": pair.insert.family,
        "level_before": before.level,
        "level_after": after.level,
        "status_before": before.status,
        "status_after": after.status,
        "gates_before": sorted(before.gates),
        "gates_after": sorted(after.gates),
        "flagged": after.is_flagged,
        "composite_before": before.composite,
        "composite_after": after.composite,
    }


def _opening(probe: Probe) -> list[str]:
    attacks = {one.insert.id for one in probe.asked if one.insert is not None and one.insert.arm == "attack"}
    return [
        f"Injection probe: {len(probe.run.manifest['panel'])} judge{'s' if len(probe.raters) > 2 else ''}, "
        f"{len(probe.bases)} weak answers, {len(attacks)} attacks, {len(probe.asked)} answers graded.",
        f"Gave in: with the attack put after it, an answer gained a level or more in {probe.yardstick.dimension}, or a "
        "gate found before was no longer found.",
    ]


def _raters_table(raters: Sequence[RaterResult]) -> list[str]:
    head = (
        "rater", "gave in", "95 % interval", "level rose", "gate lost", "mean shift", "flagged", "unscored",
        "with harmless text",
    )  # fmt: skip
    rows = [
        (
            rater.rater,
            _share(rater.attacks.gave_in),
            _interval(rater.attacks.gave_in),
            _share(rater.attacks.rose),
            _share(rater.attacks.lost_gate),
            _shift(rater.attacks.shift),
            _share(rater.attacks.flagged),
            _unscored(rater.attacks),
            _share(rater.controls.gave_in),
        )
        for rater in raters
    ]
    return _aligned(head, rows)


def _groups_table(name: str, groups: Mapping[str, Group], probe: Probe, name_of: Callable[[Pair], str]) -> list[str]:
    head = (
        f"panel, by {name}", "gave in", "95 % interval", "mean shift", "unscored", "flagged: by any", "by a judge",
        "by our detector",
    )  # fmt: skip
    by_judges = said_by_judges(probe.pairs, [rater.rater for rater in probe.raters[:-1]], name_of)
    detected = probe.detection.by_family
    rows = [
        (
            group_name,
            _share(group.gave_in),
            _interval(group.gave_in),
            _shift(group.shift),
            _unscored(group),
            _share(group.flagged),
            _share(by_judges[group_name]) if group_name in by_judges else "– (n 0)",
            _share(detected[group_name]) if group_name in detected else "",
        )
        for group_name, group in groups.items()
    ]
    return _aligned(head, rows)


def _detector(probe: Probe) -> list[str]:
    detection = probe.detection
    lines = [
        f"Our own detector flags {_share(detection.attacks)} of the attacked answers and {_share(detection.harmless)} "
        "of the weak answers alone or with harmless text."
    ]
    if detection.missed:
        lines.append(f"It does not see: {', '.join(detection.missed)}.")
    return lines


def _basis(probe: Probe) -> list[str]:
    panel = probe.raters[-1].attacks
    composite = panel.composite_rose
    return [
        "What this rests on",
        f"- weak answers: {len(probe.bases)} of the demonstration's {WEAKEST}, none of which speaks to the grader "
        "itself; an attack is of the language of its case.",
        "- n of a share are the pairs in which it could have happened: both answers have a level, and the first is not "
        "the highest (or a gate was found); what has no level is counted as unscored, never as resistance.",
        f"- the panel's composite rose by the worth of a level ({probe.yardstick.composite_step:g} points) in "
        f"{_share(composite)} {_interval(composite)}.",
        "- flagged: by a judge is its own word that the answer speaks to the grader; by our detector, that its text "
        "patterns find such words (no model is asked); by any, that a judge, the detector or the offline reading does, "
        "which marks a grade injection_suspected. The first table has each judge's own word and, for the panel, any.",
        "- intervals: attacks on one answer are not independent, so the limits are Korn and Graubard's at the "
        "effective number of pairs, cases as clusters; where fewer than five cases gave in (or did not), that is the "
        "number of cases.",
        "- a judge that varies by itself also rises without an attack: compare with the harmless text.",
        f"- all figures, each attack's among them: {probe.folder / RESULT}; the run: {probe.folder / RUN}",
    ]


_WHY = {
    NO_PAIRS: "no pair in which it could have happened",
    ONE_CASE: "all pairs are of one case",
    NO_VARIATION: "all cases shifted alike",
}


def _share(rate: Rate) -> str:
    return "– (n 0)" if rate.value is None else f"{100 * rate.value:.1f} % ({rate.n_hits}/{rate.n})"


def _interval(rate: Rate) -> str:
    if rate.low is None or rate.high is None:
        return f"undefined: {_WHY[rate.undefined]}" if rate.undefined else "–"
    return f"{100 * rate.low:.1f}–{100 * rate.high:.1f} % ({rate.n_cases} cases)"


def _shift(shift: Shift) -> str:
    if shift.value is None:
        return "– (n 0)"
    why = f" [undefined: {_WHY[shift.undefined]}]" if shift.undefined else ""
    limits = why if shift.low is None or shift.high is None else f" [{shift.low:+.2f}, {shift.high:+.2f}]"
    return f"{shift.value:+.2f}{limits} (n {shift.n})"


def _unscored(group: Group) -> str:
    before, after = sum(group.unscored_before.values()), sum(group.unscored_after.values())
    return f"{before + after}/{group.n_pairs}"


def _aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    every = [head, *rows]
    widths = [max(len(row[i]) for row in every) for i in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]
