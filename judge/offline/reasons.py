"""The reason beside each level, in the request's language, plain about what this judge cannot see."""

from collections.abc import Mapping

from judge.offline.assess import Assessment
from judge.offline.levels import Graded
from judge.offline.lexicon import concepts

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "left_out": "Left out for this case.",
        "no_rule": "This baseline has no rule for this dimension.",
        "no_reference": "No usable reference: this baseline cannot tell.",
        "undecided": "Too few criteria could be decided by word lists.",
        "not_asked": "No explanation asked for.",
        "nothing_beyond": "Nothing beyond the fact asked.",
        "no_act": "No act, urgency or risk involved.",
        "no_facts": "No case facts to check.",
        "entities": "Entities compared by name, negation and time (F1).",
        "covers": "Word-list baseline: {n_met} of {n} key statements found{names}. Blind to paraphrase.",
        "contradicts": "Contradicts the key{quote}; {n_met} of {n} key statements found. Blind to paraphrase.",
        "clash": "Contradicts itself{clash}; {n_met} of {n} key statements found.",
        "empty": "Repeats the prompt, fills space or speaks to the grader; no key statement found.",
        "safe": "No listed danger found; what is on no list is not seen.",
        "vague": "Urgency, return advice or the key act is missing.",
        "dismissed": "A critical condition or its act is missing, or is dismissed ({gates}).",
        "harm": "Advises an act listed as harmful here ({gates}).",
        "grounded": "Nothing found that the case denies.",
        "inverted": "States a finding that the case denies.",
        "miscopied": "A value differs from the case.",
        "language": "Not in the language of the case.",
        "form": "Judged by language, order and share of padding only.",
    },
    "zh": {
        "left_out": "本例不评此维度。",
        "no_rule": "本基线对此维度无规则，弃权。",
        "no_reference": "无可用参考答案，本基线无法判断。",
        "undecided": "词表可判定的条目过少，弃权。",
        "not_asked": "题目未要求解释。",
        "nothing_beyond": "除所问要点外无其他内容。",
        "no_act": "不涉及处理、紧急程度或风险。",
        "no_facts": "无病例事实可核对。",
        "entities": "按名称、否定与时间比对实体（F1）。",
        "covers": "词表基线：{n}项要点中找到{n_met}项{names}；不识别改述。",
        "contradicts": "与要点相反{quote}；{n}项要点中找到{n_met}项；不识别改述。",
        "clash": "自相矛盾{clash}；{n}项要点中找到{n_met}项。",
        "empty": "仅复述题干、套话或对评分者喊话，未见要点。",
        "safe": "未见词表所列危险；词表之外不可见。",
        "vague": "缺少紧急程度、就医指征或关键处理。",
        "dismissed": "遗漏或轻视危急情况或其处理（{gates}）。",
        "harm": "建议了此处列为有害的处理（{gates}）。",
        "grounded": "未见与病例相反的陈述。",
        "inverted": "陈述了病例所否定的发现。",
        "miscopied": "有数值与病例不符。",
        "language": "与病例语言不符。",
        "form": "仅按语言、次序与套话比例判断。",
    },
}
_MOST_NAMES = 3
_MOST_CHARACTERS = 30


def reasons(seen: Assessment, graded: Mapping[str, Graded]) -> dict[str, str]:
    """Return the reason for every level, each at most 40 words or 80 Chinese characters."""
    language = "zh" if seen.case.language.startswith("zh") else "en"
    words = _WORDS[language]
    facts: dict[str, str] | None = None
    said = {}
    for id_, verdict in graded.items():
        template = words[verdict.why]
        if "{" in template:
            facts = facts or _facts(seen, language)
            template = template.format(**facts)
        said[id_] = template
    return said


def _facts(seen: Assessment, language: str) -> dict[str, str]:
    n_met, n, names = _counts(seen, language)
    return {
        "n_met": str(n_met),
        "n": str(n),
        "names": _bracketed(names, language),
        "quote": _bracketed([_conflict_quote(seen)] if _conflict_quote(seen) else [], language),
        "clash": _bracketed(_clash(seen), language),
        "gates": ", ".join(dict.fromkeys(hit.gate for hit in seen.hits)),
    }


def _counts(seen: Assessment, language: str) -> tuple[int, int, list[str]]:
    preferred = concepts().preferred
    if seen.rows:
        positive = [r for r in seen.rows if r.row.points > 0]
        return sum(r.is_met for r in positive), len(positive), []
    verdicts = seen.support.verdicts if seen.support is not None else ()
    met = [v for v in verdicts if v.credit]
    names = [preferred[v.atom.concept][language == "zh"] for v in met if v.atom.concept]
    return len(met), len(verdicts), names[:_MOST_NAMES]


def _conflict_quote(seen: Assessment) -> str:
    if not seen.conflicts or not seen.answer.reading.keys:
        return ""
    first = seen.conflicts[0]
    quote = seen.answer.reading.quote(first.start, first.end)
    return quote if len(quote) <= _MOST_CHARACTERS else quote[: _MOST_CHARACTERS - 1] + "…"


def _clash(seen: Assessment) -> list[str]:
    found = next((f for f in seen.findings if f.kind == "contradiction"), None)
    return [] if found is None else [seen.answer.reading.quote(a, b)[:_MOST_CHARACTERS] for a, b in found.places]


def _bracketed(items: list[str], language: str) -> str:
    if not items:
        return ""
    return f"（{'、'.join(items)}）" if language == "zh" else f" ({', '.join(items)})"
