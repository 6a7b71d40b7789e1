"""Findings said in several words: "the ST segment is elevated", "MI of the inferior wall", "LBBB, incomplete"."""

from collections.abc import Mapping, Sequence
from functools import cache

from judge.offline.leads import territory_of
from judge.offline.lexicon import Term
from judge.offline.matcher import Found
from judge.offline.tables import table
from judge.offline.tokens import Tokens

_REACH = 6
"""Tokens between a wave and the word that says what is the matter with it."""
Hit = tuple[int, int, Term]
_SITED = frozenset(("MI", "MI_ACUTE", "MI_OLD", "STEMI", "OMI", "NSTEMI"))
"""Infarcts that a word of site makes special."""


def compose(tokens: Tokens, found: Sequence[Found], axes: Sequence[Hit]) -> list[Found]:
    """Return the terms together with the findings that neighbouring words make of bare waves."""
    waves = _quantities()
    heads = [f for f in found if f.concept is None and f.term.quantity in waves]
    special = _specialised(tokens, found, axes)
    if not heads or not axes:
        return special
    covered = bytearray(len(tokens.surfaces))
    for f in found:
        if f.concept is not None:
            covered[f.start : f.end] = b"\1" * (f.end - f.start)
    free = [hit for hit in axes if not covered[hit[0]]]
    made = [*_join(tokens, heads, free), *_carried(tokens, found, heads, axes)]
    if not made:
        return special
    return sorted((*special, *made), key=lambda f: (f.start, f.end))


def _join(tokens: Tokens, heads: Sequence[Found], free: Sequence[Hit]) -> list[Found]:
    made: list[Found] = []
    waves = {index: head for head in heads for index in range(head.start, head.end)}
    position = 0
    for head in heads:
        clause = tokens.clause[head.start]
        while position < len(free) and free[position][1] < head.start - _REACH:
            position += 1
        at = position
        while at < len(free) and free[at][0] <= head.end + _REACH:
            start, end, term = free[at]
            at += 1
            if tokens.clause[start] != clause or _is_split(tokens, head, start, end, waves):
                continue
            concept = _finding(head.term.quantity or "", term)
            if concept is not None:
                made.append(Found(min(head.start, start), max(head.end, end), _term_of(concept), concept))
    return made


def _carried(tokens: Tokens, found: Sequence[Found], heads: Sequence[Found], axes: Sequence[Hit]) -> list[Found]:
    """Return the findings that a word makes of further waves: "prolonged PR and QT intervals"."""
    opening = {start: (start, end, term) for start, end, term in axes}
    waves = {index: head for head in heads for index in range(head.start, head.end)}
    made = []
    for f in found:
        if f.concept is None or f.start not in opening:
            continue
        for index in range(f.end + 1, min(f.end + 4, len(tokens.surfaces))):
            head = waves.get(index)
            if head is None or not _is_list(tokens, f.end, index, waves):
                continue
            concept = _finding(head.term.quantity or "", opening[f.start][2])
            if concept is not None:
                made.append(Found(index, head.end, _term_of(concept), concept))
    return made


def _is_split(tokens: Tokens, head: Found, start: int, end: int, waves: Mapping[int, Found]) -> bool:
    """Whether another wave, or a list of words, stands between a wave and the word."""
    low, high = (head.end, start) if start >= head.end else (end, head.start)
    if start < head.start and _is_list(tokens, low, high, waves):
        return False
    if any(waves.get(i, head) is not head for i in range(low, high)):
        return True
    words = [s.lower() for s in tokens.surfaces[low:high]]
    return ("and" in words and start < head.start) or "without" in words or "no" in words or "not" in words


def _is_list(tokens: Tokens, low: int, high: int, waves: Mapping[int, Found]) -> bool:
    """Whether only other waves stand between a word and a wave: "prolonged PR and QT intervals"."""
    return low < high and all(i in waves or tokens.surfaces[i].lower() in _JOINERS for i in range(low, high))


_JOINERS = frozenset(("and", ",", "or", "、", "和", "及", "与", "/"))


def _finding(quantity: str, term: Term) -> str | None:
    for wave, concept in term.words:
        if wave == quantity:
            return concept
    by_axis = _by_axis().get(quantity, {})
    for axis_pole in term.axes:
        if axis_pole in by_axis:
            return by_axis[axis_pole]
    return None


def _specialised(tokens: Tokens, found: Sequence[Found], axes: Sequence[Hit]) -> list[Found]:
    """Return the terms with general infarcts and bundle-branch blocks narrowed by words of their clause."""
    narrowed = _narrowed()
    bases = [f for f in found if f.concept in narrowed]
    if not bases:
        return list(found)
    made: list[Found] = []
    sites = {f.start: f for f in found if f.concept is None and f.term.site in _by_territory()}
    axis_at = {start: (start, end, term) for start, end, term in axes}
    for base in bases:
        clause = tokens.clause[base.start]
        made += _by_site(tokens, base, sites, clause)
        near = [axis_at[i] for i in range(max(0, base.start - 3), base.end + 3) if i in axis_at]
        made += _by_modifier(tokens, base, near, clause)
    return sorted((*found, *made), key=lambda f: (f.start, f.end)) if made else list(found)


def _by_site(tokens: Tokens, base: Found, sites: Mapping[int, Found], clause: int) -> list[Found]:
    if base.concept not in _SITED:
        return []
    made = []
    for index in range(max(0, base.start - _REACH), base.end + _REACH):
        site = sites.get(index)
        if site is None or tokens.clause[index] != clause:
            continue
        concept = _by_territory()[site.term.site]
        made.append(Found(min(site.start, base.start), max(site.end, base.end), _term_of(concept), concept))
    return made


def _by_modifier(tokens: Tokens, base: Found, axes: Sequence[Hit], clause: int) -> list[Found]:
    made = []
    for rule in _modified().get(base.concept or "", ()):
        pole = 1 if rule.get("pole") == "plus" else -1
        for start, end, term in axes:
            if abs(start - base.start) > 3 or tokens.clause[start] != clause or base.start <= start < base.end:
                continue
            word = (
                tokens.surfaces[start].lower()
                if tokens.surfaces[start].isascii()
                else "".join(tokens.surfaces[start:end])
            )
            if (rule.get("axis"), pole) in term.axes or rule.get("word") == word:
                made.append(Found(min(start, base.start), max(end, base.end), _term_of(rule["to"]), rule["to"]))
                break
    return made


@cache
def _quantities() -> frozenset[str]:
    rules = table("compose")
    return frozenset((*rules["quantity"], *rules["words"]))


@cache
def _by_axis() -> Mapping[str, Mapping[tuple[str, int], str]]:
    return {
        quantity: {
            (axis, 1 if pole == "plus" else -1): concept
            for axis, poles in axes.items()
            for pole, concept in poles.items()
        }
        for quantity, axes in table("compose")["quantity"].items()
    }


@cache
def _modified() -> Mapping[str, tuple[Mapping[str, str], ...]]:
    found: dict[str, tuple[Mapping[str, str], ...]] = {}
    for rule in table("compose")["modify"]:
        found[rule["base"]] = (*found.get(rule["base"], ()), rule)
    return found


@cache
def _narrowed() -> frozenset[str]:
    """Return the concepts that a site or another word makes special."""
    return _SITED.union(_modified())


@cache
def _by_territory() -> Mapping[str | None, str]:
    return {territory_of(concept): concept for row in table("territories").values() for concept in row["of"]}


@cache
def _term_of(concept: str) -> Term:
    return Term(concepts=(concept,))
