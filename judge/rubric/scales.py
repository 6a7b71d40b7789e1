"""Checks of scales: levels, anchors, and whether every level can be reached."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from judge.errors import did_you_mean
from judge.rubric.schema import DimensionBlock, RubricFile
from judge.rubric.source import Loc, Source
from judge.rubric.texts import criteria_of

_ANCHOR_WAY_OUT = "give every level an anchor in every language of the file"


def levels_of(file: RubricFile, dimension: DimensionBlock) -> list[float]:
    """Return a dimension's own levels, else the file's."""
    return file.levels if dimension.levels is None else dimension.levels


def check_scales(file: RubricFile, source: Source) -> None:
    """Report faults of levels, anchors, coverage thresholds and level rules."""
    _check_levels(("levels",), file.levels, source)
    _check_codes(file, source)
    for key, dimension in file.dimensions.items():
        loc: Loc = ("dimensions", key)
        if dimension.levels is not None:
            _check_levels((*loc, "levels"), dimension.levels, source)
        _check_anchors(loc, dimension, levels_of(file, dimension), source)
        _check_rules(loc, file, dimension, source)
        if dimension.level_method == "faults":
            _check_fault_levels(loc, levels_of(file, dimension), dimension, source)
    _check_coverage(file, source)


def check_steps(loc: Loc, steps: Sequence[tuple[float, float]], levels: Sequence[float], source: Source) -> None:
    """Report faults of (least share, level) steps: order, range, levels off the scale, levels never given."""
    for index, (share, level) in enumerate(steps):
        here = (*loc, index)
        if not 0 <= share <= 1:
            source.report(here, f"the share {share:g} is outside 0 to 1", "write the least share as 0.90, not 90")
        if level not in levels:
            source.report(here, f"level {level:g} is not on the scale", f"the levels are {_listed(levels)}")
        if index and (share >= steps[index - 1][0] or level >= steps[index - 1][1]):
            source.report(here, f"level {level:g} cannot be reached from here", "order the steps from best to worst")
    if steps[-1][0] != 0:
        source.report(
            (*loc, len(steps) - 1), f"a share under {steps[-1][0]:g} has no level", "let the last step begin at 0.0"
        )
    for level in levels:
        if level not in {step[1] for step in steps}:
            source.report(loc, f"level {level:g} is unreachable: no share gives it", f"add a step `[…, {level:g}]`")


def _check_levels(loc: Loc, levels: Sequence[float], source: Source) -> None:
    if len(levels) < 2:
        source.report(
            loc, "a scale needs two levels or more", "list them from worst to best, e.g. [0, 1] for no and yes"
        )
    if any(low >= high for low, high in pairwise(levels)):
        source.report(loc, "the levels do not rise", "list each level once, from worst to best")


def _check_codes(file: RubricFile, source: Source) -> None:
    seen: dict[str, str] = {}
    for key, dimension in file.dimensions.items():
        if dimension.code in seen:
            source.report(
                ("dimensions", key, "code"),
                f'the code "{dimension.code}" is also that of {seen[dimension.code]}',
                "give each dimension a code of its own",
            )
        seen.setdefault(dimension.code, key)
    if not any(dimension.core for dimension in file.dimensions.values()):
        source.report(("dimensions",), "no dimension is core", "set `core: true` on the one a score cannot do without")


def _check_anchors(loc: Loc, dimension: DimensionBlock, levels: Sequence[float], source: Source) -> None:
    kinds = {"anchors": dimension.anchors}
    if dimension.case_free_anchors:
        kinds["case_free_anchors"] = dimension.case_free_anchors
    for kind, anchors in kinds.items():
        for level in levels:
            if level not in anchors:
                source.report((*loc, kind), f"level {level:g} has no anchor", _ANCHOR_WAY_OUT)
        for level in anchors:
            if level not in levels:
                here = (*loc, kind, f"{level:g}")
                source.report(here, f"level {level:g} is not on the scale", f"the levels are {_listed(levels)}")


def _check_rules(loc: Loc, file: RubricFile, dimension: DimensionBlock, source: Source) -> None:
    if dimension.level_rules and dimension.level_method == "judged":
        source.report(
            (*loc, "level_rules"), "level rules never apply where levels are judged", "set `level_method`, or drop them"
        )
    known = {criterion.id for _, criterion in criteria_of(file) if criterion.dim == dimension.code}
    levels = levels_of(file, dimension)
    seen = set()
    for index, rule in enumerate(dimension.level_rules):
        here = (*loc, "level_rules", index)
        if rule.criterion not in known:
            source.report(
                (*here, "criterion"),
                f'no criterion "{rule.criterion}" of this dimension{did_you_mean(rule.criterion, known)}',
                f"name one of {', '.join(sorted(known)) or 'the criteria, once there are any'}",
            )
        for field, level in (("at_most", rule.at_most), ("at_most_if_core", rule.at_most_if_core)):
            _check_rule_level((*here, field), level, levels, source)
        if (rule.criterion, rule.when, rule.where) in seen:
            source.report(here, "the rule stands twice", "keep the one with the lower level")
        seen.add((rule.criterion, rule.when, rule.where))


def _check_rule_level(loc: Loc, level: float | None, levels: Sequence[float], source: Source) -> None:
    if level is None:
        return
    if level not in levels:
        source.report(loc, f"level {level:g} is not on the scale", f"the levels are {_listed(levels)}")
    elif levels and level == levels[-1]:
        source.report(loc, f"a ceiling of {level:g} never lowers anything", "name a level under the highest")


def _check_fault_levels(loc: Loc, levels: Sequence[float], dimension: DimensionBlock, source: Source) -> None:
    given = {rule.at_most for rule in dimension.level_rules}
    for level in levels[:-1]:
        if level not in given:
            source.report(
                (*loc, "level_rules"), f"level {level:g} is unreachable: no rule lowers to it", "add a rule for it"
            )


def _check_coverage(file: RubricFile, source: Source) -> None:
    covered = {key: d for key, d in file.dimensions.items() if d.level_method == "coverage"}
    if covered and not file.level_from_coverage:
        source.report(
            ("dimensions", next(iter(covered)), "level_method"),
            "levels come from coverage, but the file has no `level_from_coverage`",
            "add `level_from_coverage: [[0.90, …], …, [0.0, …]]`, or set `level_method: judged`",
        )
    for key in _without_positives(file, covered):
        source.report(
            ("dimensions", key, "level_method"),
            "levels come from coverage, but no criterion has positive points: none can be reached",
            "add a criterion with positive points, or set `level_method: judged`",
        )
    if file.level_from_coverage:
        scales = {tuple(levels_of(file, d)) for d in covered.values()} or {tuple(file.levels)}
        for scale in sorted(scales):
            check_steps(("level_from_coverage",), file.level_from_coverage, scale, source)


def _without_positives(file: RubricFile, covered: dict[str, DimensionBlock]) -> Iterator[str]:
    positive = {criterion.dim for _, criterion in criteria_of(file) if criterion.points > 0}
    return (key for key, dimension in covered.items() if dimension.code not in positive)


def _listed(levels: Sequence[float]) -> str:
    return ", ".join(f"{level:g}" for level in levels)
