"""What a reply looks like, in words: for every provider, also those that take no schema."""

from judge.panel.output import plain_level
from judge.panel.shape import Shape
from judge.panel.wording import Wording

_CRITERIA = '[{"id": "…", "quotes": ["…"], "met": true | false | "na"}, …]'
_GATES = (
    '[{"id": "…", "quote": "…", "absence": null | "diagnosis" | "act", '
    '"tier": "commission" | "omission" | "contradiction" | "fabrication"}, …]'
)


def reply_structure(shape: Shape, words: Wording) -> str:
    """Return the form of a reply: a skeleton in declared order, then one rule a field."""
    skeletons = {
        "injection_suspected": "true | false",
        "reference_problem": 'null | "…"',
        "criteria": _CRITERIA,
        "gates": _GATES,
        "levels": _levels(shape),
    }
    lines = ",\n".join(f'  "{name}": {skeletons[name]}' for name in shape.fields)
    groups = {
        "flags": shape.has_flags,
        "criteria": shape.has_criteria,
        "gates": shape.has_gates,
        "levels": shape.scales,
    }
    rules = [f"- {rule}" for group, is_asked in groups.items() if is_asked for rule in words.rules(group)]
    return "\n".join((f"{words['reply']}:", "{", lines, "}", *rules))


def _levels(shape: Shape) -> str:
    entries = []
    for dimension, levels in shape.scales:
        scale = " | ".join(str(plain_level(level)) for level in levels)
        entries.append(f'    "{dimension}": {{"reason": "…", "level": {scale} | "na"}}')
    return "{\n" + ",\n".join(entries) + "\n  }"
