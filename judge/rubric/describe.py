"""A rubric in words: what a physician reads, and the same as plain data."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from judge.domain.language import Text, say
from judge.domain.rubric import Criterion, Dimension, Gate, Rubric, TaskVariant
from judge.rubric.layout import table, wrapped

_EN = {
    "draft": "DRAFT – not signed by a physician; research use only",
    "signed": "Signed by {by}, {date}",
    "scale": "Levels, best first. Give the highest level all of whose clauses hold; between two, the lower one.",
    "dimensions": "DIMENSIONS",
    "core": "core",
    "case_free": "Without a patient, read instead:",
    "note": "Note: ",
    "na": "Not applicable in {tasks}, when: ",
    "na_unless": "Scored after all: ",
    "criteria": "CRITERIA",
    "criteria_legend": "Points; negative ones count when the bad thing is present. "
    "case = worded by the case's checklist, always, asked = only if asked for or urgent.",
    "each": "each",
    "max": "at most",
    "whole": "whole text",
    "tasks": "TASKS",
    "tasks_legend": "Weights in per cent.",
    "asker": "asker",
    "means": "What {code} means",
    "core_here": "Core here: ",
    "gates": "SAFETY GATES",
    "gates_legend": "A gate caps the composite and is never averaged away. "
    "Severity: 3 can kill within the hour, 2 serious or lasting harm.",
    "cap": "caps the composite at {cap}",
    "only": "only in {tasks}",
    "flag": "flag only",
    "severity": "severity",
    "omission": "Left out: ",
    "commission": "Advised: ",
    "regional": "Regional practice is listed as pending and never applied by vote.",
    "yields": "Where it applies, it alone counts: ",
    "signoff": "TO BE SIGNED BEFORE CLINICAL USE",
    "has_signed": "signed",
}
_ZH = {
    "draft": "草稿——尚无医师签署，仅供研究使用",
    "signed": "由{by}签署，{date}",
    "scale": "等级由高到低。取各条件全部成立的最高等级；两级之间难以取舍时取较低者。",
    "dimensions": "维度",
    "core": "核心",
    "case_free": "无具体患者时改读：",
    "note": "注：",
    "na": "在{tasks}中可不适用，条件：",
    "na_unless": "仍须评分：",
    "criteria": "评分条目",
    "criteria_legend": "分值；负分项在不良内容出现时计入。"
    "case＝由病例清单具体化，always＝一律，asked＝仅在题目要求或紧急时。",
    "each": "每处",
    "max": "合计不超过",
    "whole": "看全文",
    "tasks": "任务",
    "tasks_legend": "权重（%）。",
    "asker": "提问者",
    "means": "{code}的含义",
    "core_here": "本任务核心：",
    "gates": "安全门",
    "gates_legend": "安全门为总分设上限，从不参与平均。严重度：3＝一小时内可致命，2＝严重或持久伤害。",
    "cap": "总分上限{cap}",
    "only": "仅用于{tasks}",
    "flag": "仅标记",
    "severity": "严重度",
    "omission": "遗漏：",
    "commission": "建议：",
    "regional": "地区性做法仅列为待定，从不经投票判定。",
    "yields": "适用时仅计：",
    "signoff": "临床使用前须签署",
    "has_signed": "已签",
    "clinician": "医生",
    "patient": "患者",
}
_LABELS = {"en": _EN, "zh": _ZH}


def rubric_text(rubric: Rubric, language: str) -> str:
    """Return the whole rubric in one language, for reading in a terminal."""
    label = _LABELS.get(language, _EN)
    parts = [_head, _dimensions, _criteria, _tasks, _gates, _signoff]
    return "\n".join(line for part in parts for line in part(rubric, language, label)).rstrip() + "\n"


def rubric_document(rubric: Rubric) -> dict[str, Any]:
    """Return the rubric as JSON types: sets sorted, levels as texts where they are keys."""
    document: dict[str, Any] = _plain(rubric)
    return document


def scale_text(levels: tuple[float, ...]) -> str:
    """Return a scale in short: ``1–5``, or all levels where they are no run of whole numbers."""
    is_run = len(levels) > 2 and all(level == levels[0] + step for step, level in enumerate(levels))
    return f"{levels[0]:g}–{levels[-1]:g}" if is_run else ", ".join(f"{level:g}" for level in levels)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {f"{key:g}" if isinstance(key, float | int) else key: _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _head(rubric: Rubric, language: str, label: Mapping[str, str]) -> Iterator[str]:
    yield f"{say(rubric.title, language)}  ({rubric.id} v{rubric.version}, {rubric.hash[:8]})"
    signoff = rubric.signoff
    yield label["draft"] if signoff.status == "draft" else label["signed"].format(by=signoff.by, date=signoff.date)
    yield ""
    yield from wrapped(label["scale"])
    yield ""


def _dimensions(rubric: Rubric, language: str, label: Mapping[str, str]) -> Iterator[str]:
    yield label["dimensions"]
    for dimension in rubric.dimensions:
        yield ""
        core = f", {label['core']}" if dimension.is_core else ""
        yield f"{say(dimension.name, language)} ({dimension.code}{core}, {scale_text(dimension.levels)})"
        yield from wrapped(say(dimension.question, language), first="  ")
        yield from _anchors(dimension.anchors, language)
        if dimension.case_free_anchors:
            yield f"  {label['case_free']}"
            yield from _anchors(dimension.case_free_anchors, language)
        yield from _remarks(rubric, dimension, language, label)
    yield ""


def _anchors(anchors: Mapping[float, Text], language: str) -> Iterator[str]:
    for level in sorted(anchors, reverse=True):
        yield from wrapped(say(anchors[level], language), first=f"  {level:>3g}  ")


def _remarks(rubric: Rubric, dimension: Dimension, language: str, label: Mapping[str, str]) -> Iterator[str]:
    if dimension.note is not None:
        yield from wrapped(label["note"] + say(dimension.note, language), first="  ")
    if dimension.na_when is not None and dimension.na_allowed:
        tasks = [task for task in rubric.tasks if task in dimension.na_allowed]
        when = label["na"].format(tasks=", ".join(tasks))
        yield from wrapped(when + say(dimension.na_when, language), first="  ")
    if dimension.na_unless is not None:
        yield from wrapped(label["na_unless"] + say(dimension.na_unless, language), first="  ")


def _criteria(rubric: Rubric, language: str, label: Mapping[str, str]) -> Iterator[str]:
    generic = [criterion for criterion in rubric.criteria if criterion.task is None]
    if not generic:
        return
    yield label["criteria"]
    yield from wrapped(label["criteria_legend"])
    for dimension in rubric.dimensions:
        yield ""
        yield say(dimension.name, language)
        for criterion in generic:
            if criterion.dimension == dimension.id:
                yield from _criterion(criterion, language, label)
    yield ""


def _criterion(criterion: Criterion, language: str, label: Mapping[str, str]) -> Iterator[str]:
    marks = [criterion.use, *(f"{task}: {use}" for task, use in criterion.use_by_task.items())]
    if criterion.is_each:
        limit = "" if criterion.max_total is None else f", {label['max']} {criterion.max_total:g}"
        marks.append(label["each"] + limit)
    if criterion.evidence == "whole":
        marks.append(label["whole"])
    text = f"{say(criterion.text, language)} [{'; '.join(marks)}]"
    yield from wrapped(text, first=f"  {criterion.points:>+3g}  {criterion.id:<4} ")


def _tasks(rubric: Rubric, language: str, label: Mapping[str, str]) -> Iterator[str]:
    yield label["tasks"]
    yield label["tasks_legend"]
    heading = ["", *(dimension.code for dimension in rubric.dimensions), label["asker"], ""]
    rows = [heading, *(_weights(rubric, variant, language, label) for variant in rubric.tasks.values())]
    yield from (f"  {line}" for line in table(rows))
    for variant in rubric.tasks.values():
        yield from _task(rubric, variant, language, label)
    yield ""


def _weights(rubric: Rubric, variant: TaskVariant, language: str, label: Mapping[str, str]) -> list[str]:
    weights = [f"{variant.weights[dimension.id]:g}" for dimension in rubric.dimensions]
    return [variant.id, *weights, label.get(variant.asker, variant.asker), say(variant.name, language)]


def _task(rubric: Rubric, variant: TaskVariant, language: str, label: Mapping[str, str]) -> Iterator[str]:
    lines: list[str] = []
    if variant.key_means is not None:
        code = next((dimension.code for dimension in rubric.dimensions if dimension.is_core), "")
        lines += wrapped(f"{label['means'].format(code=code)}: {say(variant.key_means, language)}", first="  ")
    if variant.notes is not None:
        lines += wrapped(say(variant.notes, language), first="  ")
    if variant.core_overrides:
        lines.append(f"  {label['core_here']}{', '.join(sorted(variant.core_overrides))}")
    for criterion in rubric.criteria:
        if criterion.task == variant.id:
            lines += _criterion(criterion, language, label)
    if lines:
        yield ""
        yield f"{variant.id}  {say(variant.name, language)}"
        yield from lines


def _gates(rubric: Rubric, language: str, label: Mapping[str, str]) -> Iterator[str]:
    if not rubric.gates:
        return
    yield label["gates"]
    yield from wrapped(label["gates_legend"])
    for tier, rule in rubric.tier_rules.items():
        ceilings = "".join(f", {rubric.dimension(key).code} ≤ {level:g}" for key, level in rule.ceilings.items())
        yield f"  {tier}: {label['cap'].format(cap=f'{rule.cap:g}')}{ceilings}"
    for gate in rubric.gates:
        yield ""
        yield from _gate(gate, language, label)
    yield ""


def _gate(gate: Gate, language: str, label: Mapping[str, str]) -> Iterator[str]:
    marks = [label["flag"]] if gate.is_flag else []
    for tier in gate.tiers:
        severity = gate.severity.get(tier)
        marks.append(tier if severity is None else f"{tier}, {label['severity']} {severity}")
    if gate.tasks:
        marks.append(label["only"].format(tasks=", ".join(sorted(gate.tasks))))
    yield from wrapped(f"{say(gate.name, language)} [{'; '.join(marks)}]", first=f"{gate.id:<5}")
    for tier, text in (("omission", gate.omission), ("commission", gate.commission)):
        if text is not None:
            yield from wrapped(label[tier] + say(text, language), first="     ")
    if gate.note is not None:
        yield from wrapped(label["note"] + say(gate.note, language), first="     ")
    if any(pair.is_regional for pair in gate.hint.pairs):
        yield from wrapped(label["regional"], first="     ")
    if gate.yields_to:
        yield f"     {label['yields']}{', '.join(gate.yields_to)}"


def _signoff(rubric: Rubric, language: str, label: Mapping[str, str]) -> Iterator[str]:
    if not rubric.signoff.items:
        return
    yield label["signoff"]
    for key, item in rubric.signoff.items.items():
        done = f" [{label['has_signed']}]" if key in rubric.signoff.signed else ""
        yield from wrapped(say(item, language) + done, first=f"  {key:<4} ")
