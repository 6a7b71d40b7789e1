"""Checks across the parts of a rubric file: criteria, tasks, gates, sign-off."""

from collections.abc import Iterable

from judge.errors import did_you_mean
from judge.rubric.gates import check_gates
from judge.rubric.scales import check_scales, check_steps, levels_of
from judge.rubric.schema import CriterionBlock, RubricFile, TaskBlock
from judge.rubric.source import Loc, Source
from judge.rubric.texts import check_texts, criteria_of

_FULL_WEIGHT = 100


def check_file(file: RubricFile, source: Source) -> None:
    """Report every structural fault of a file whose fields have the right types."""
    if len(set(file.languages)) < len(file.languages):
        source.report(("languages",), "a language stands twice", "list each language once")
    check_texts(file, source)
    check_scales(file, source)
    _check_ids(file, source)
    for loc, criterion in criteria_of(file):
        _check_criterion(loc, criterion, file, source)
    _check_task_names(file, source)
    for key, task in file.tasks.items():
        _check_task(("tasks", key), task, file, source)
    check_gates(file, source)
    _check_signoff(file, source)


def check_known(loc: Loc, name: str, known: Iterable[str], what: str, source: Source) -> None:
    """Report a name that the file does not define."""
    names = list(known)
    if name not in names:
        source.report(loc, f'there is no {what} "{name}"{did_you_mean(name, names)}', f"known: {', '.join(names)}")


def _check_ids(file: RubricFile, source: Source) -> None:
    seen: dict[str, int] = {}
    for loc, criterion in criteria_of(file):
        line = source.line((*loc, "id"))
        if criterion.id in seen:
            source.report(
                (*loc, "id"),
                f'the id "{criterion.id}" stands twice (first on line {seen[criterion.id]})',
                "give each criterion an id of its own",
            )
        seen.setdefault(criterion.id, line)
    for key in file.gates.by_id:
        if key in seen:
            source.report(("gates", key), f'the id "{key}" is also that of a criterion', "rename one of the two")


def _check_criterion(loc: Loc, criterion: CriterionBlock, file: RubricFile, source: Source) -> None:
    codes = [dimension.code for dimension in file.dimensions.values()]
    check_known((*loc, "dim"), criterion.dim, codes, "dimension with the code", source)
    if criterion.points == 0:
        source.report(
            (*loc, "points"),
            "a criterion with 0 points counts for nothing",
            "use more than 0 for a good thing, less for a bad",
        )
    _check_max_total(loc, criterion, source)
    for task in criterion.use_by_task:
        check_known((*loc, "use_by_task", task), task, file.tasks, "task", source)


def _check_max_total(loc: Loc, criterion: CriterionBlock, source: Source) -> None:
    limit = criterion.max_total
    if limit is None:
        return
    here = (*loc, "max_total")
    if not criterion.each:
        source.report(here, "a maximum without `each: true` does nothing", "add `each: true`, or drop `max_total`")
    elif limit * criterion.points <= 0:
        source.report(
            here, f"the sign of {limit:g} is not that of the points ({criterion.points:g})", "give both one sign"
        )
    elif abs(limit) < abs(criterion.points):
        source.report(
            here, f"{limit:g} is less than one instance ({criterion.points:g})", "make it one instance's points or more"
        )


def _check_task_names(file: RubricFile, source: Source) -> None:
    if file.default_task not in file.tasks:
        source.report(
            ("tasks",), f'there is no task "{file.default_task}"', "add it: it grades cases that name no task"
        )
    for key, dimension in file.dimensions.items():
        for index, task in enumerate(dimension.na_allowed):
            check_known(("dimensions", key, "na_allowed", index), task, file.tasks, "task", source)


def _check_task(loc: Loc, task: TaskBlock, file: RubricFile, source: Source) -> None:
    _check_weights((*loc, "weights"), task, file, source)
    own = [c.id for where, c in criteria_of(file) if where[0] == "criteria" or where[1] == loc[1]]
    for index, criterion in enumerate(task.core_overrides):
        check_known((*loc, "core_overrides", index), criterion, own, "criterion", source)
    for index, extra in enumerate(task.extra):
        if not extra.id.startswith(f"{loc[1]}."):
            source.report(
                (*loc, "extra", index, "id"),
                f'"{extra.id}" does not begin with its task',
                f"call it {loc[1]}.X{index + 1}",
            )
    if task.level_from_f1:
        first = next((d for d in file.dimensions.values() if d.core), next(iter(file.dimensions.values())))
        check_steps((*loc, "level_from_f1"), task.level_from_f1, levels_of(file, first), source)


def _check_weights(loc: Loc, task: TaskBlock, file: RubricFile, source: Source) -> None:
    codes = [dimension.code for dimension in file.dimensions.values()]
    for code in task.weights:
        check_known((*loc, code), code, codes, "dimension with the code", source)
    for code in codes:
        if code not in task.weights:
            source.report(loc, f"{code} has no weight", f"write `{code}: 0` if the task leaves it out")
    total = sum(task.weights.values())
    if abs(total - _FULL_WEIGHT) > 1e-6:
        source.report(
            loc, f"the weights sum to {total:g}, not to 100", f"change them by {_FULL_WEIGHT - total:+g} in all"
        )


def _check_signoff(file: RubricFile, source: Source) -> None:
    signoff = file.signoff
    for index, item in enumerate(signoff.signed):
        check_known(("signoff", "signed", index), item, signoff.items, "item to sign", source)
    if signoff.status == "signed":
        for field in ("by", "date"):
            if not getattr(signoff, field):
                source.report(
                    ("signoff",), f"signed, but `{field}` is empty", f"write `{field}:`, or set `status: draft`"
                )
        unsigned = [item for item in signoff.items if item not in signoff.signed]
        if unsigned:
            source.report(
                ("signoff",),
                f"signed, but not the items {', '.join(unsigned)}",
                "list them in `signed`, or set `status: draft`",
            )
