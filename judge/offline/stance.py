"""What an answer says of an act or drug: do, caution, continue, avoid, stop, already, or merely mentioned."""

import itertools
from collections.abc import Sequence
from functools import cache

from judge.offline.assertion import NEGATED
from judge.offline.lexicon import concepts
from judge.offline.matcher import Found
from judge.offline.tables import table
from judge.offline.tokens import Tokens

Stance = str
_ORDER = ("avoid", "stop", "caution", "continue", "already", "do")
"""Which cue wins where several cover one act."""
_JOINERS = frozenset((",", "、", "and", "or", "/", "及", "和", "或", "与", "+", "plus", "then"))
_OPENERS = frozenset(
    (
        "-",
        "*",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        ".",
        ")",
        "then",
        "and",
        "also",
        "please",
        "just",
        "simply",
        "so",
        "now",
        "first",
        "next",
        "finally",
    )
)
_DOSE_UNITS = frozenset(("mg", "ml", "g", "mcg", "ug", "u", "iu", "mmol", "毫", "mg/kg", "j"))


def stances(tokens: Tokens, found: Sequence[Found], bits: Sequence[int]) -> dict[int, Stance]:
    """Return the stance of every act and drug by its first token."""
    acts = concepts().acts
    said: dict[int, Stance] = {}
    with_acts = {tokens.sentence[f.start] for f in found if f.concept in acts}
    if not with_acts:
        return said
    by_sentence: dict[int, list[Found]] = {}
    for f in found:
        if f.term.cues or f.concept in acts:
            by_sentence.setdefault(tokens.sentence[f.start], []).append(f)
    is_treatment = False
    for number, (first, _) in enumerate(tokens.bounds):
        items = by_sentence.get(number, [])
        is_treatment = _is_under_treatment(tokens, first, items, is_treatment)
        if number in with_acts:
            _Sentence(tokens, items, bits, is_treatment).run(said)
    return said


def _is_under_treatment(tokens: Tokens, first: int, items: Sequence[Found], before: bool) -> bool:
    if any("treat_heading" in f.term.cues and f.start - first <= 3 for f in items):
        return True
    return before and ":" not in tokens.surfaces[first : first + 5]


class _Sentence:
    """One sentence, read from left to right: a cue reaches over the list that it touches."""

    def __init__(
        self,
        tokens: Tokens,
        items: Sequence[Found],
        bits: Sequence[int],
        is_treatment: bool,
    ) -> None:
        self.tokens = tokens
        self.items = items
        self.bits = bits
        self.acts = concepts().acts
        self.default: str | None = "do" if is_treatment else None
        self.forward: str | None = None
        self.is_instead = False
        self.unused: Found | None = None
        self.group: list[Found] = []
        self.cues: dict[int, set[str]] = {}

    def run(self, said: dict[int, Stance]) -> None:
        clause = -1
        for item in self.items:
            if self.tokens.clause[item.start] != clause:
                clause = self.tokens.clause[item.start]
                self._new_clause(item)
            if self._is_act(item):
                self._act(item)
            self._cue(item)
        self._close()
        for start, cues in self.cues.items():
            said[start] = next((stance for stance in _ORDER if stance in cues), "mentioned")

    def _is_act(self, item: Found) -> bool:
        return item.concept in self.acts

    def _new_clause(self, item: Found) -> None:
        """Let a list run on over a comma where the next clause opens with an act; else end the cues here."""
        self._close()
        self.is_instead = False
        opens = self._is_act(item) and self._opens_clause(item.start)
        if not opens:
            self.forward = None
            self.group = []

    def _opens_clause(self, index: int) -> bool:
        clause = self.tokens.clause[index]
        while index > 0 and self.tokens.clause[index - 1] == clause:
            index -= 1
            if self.tokens.surfaces[index].lower() not in _JOINERS:
                return False
        return True

    def _act(self, item: Found) -> None:
        cues = self.cues.setdefault(item.start, set())
        if self.forward is not None:
            cues.add(self.forward)
        if self.default is not None:
            cues.add(self.default)
        if item.term.is_self_cued or item.concept in _self_cued() or self._is_imperative(item) or self._has_dose(item):
            cues.add("do")
        if self.bits[item.start] & NEGATED:
            cues.add("avoid")
        self.group.append(item)
        self.unused = None

    def _cue(self, item: Found) -> None:
        classes = item.term.cues if item.concept != "ACT_STOPRX" else item.term.cues | {"stop"}
        if not classes or (self._is_act(item) and item.concept in _self_cued()):
            return
        if classes & {"because", "but"}:
            self._close()
            self.forward, self.group = None, []
        stance = next((s for s in _ORDER if s in classes), None)
        if stance is None:
            return
        if self.is_instead:
            return
        if "instead" in classes:
            self.forward, self.unused, self.is_instead = "avoid", None, True
        elif "passive" in classes and self.group and not self._is_act(item):
            for act in self.group:
                self.cues[act.start].add(stance)
            self.unused = None
            if stance == "do" and self.forward is None:
                self.forward = "do"
        else:
            self.forward = stance
            self.unused = None if self._is_act(item) else item

    def _close(self) -> None:
        """Let a cue that met no act after it speak of the acts before it (维拉帕米禁用)."""
        cue, self.unused = self.unused, None
        if cue is None or not self.group or not self._may_reach_back(cue):
            return
        stance = next(s for s in _ORDER if s in cue.term.cues)
        for act in self.group:
            self.cues[act.start].add(stance)

    def _may_reach_back(self, cue: Found) -> bool:
        return not self.tokens.surfaces[cue.start].isascii() or "passive" in cue.term.cues

    def _is_imperative(self, item: Found) -> bool:
        """Whether the act itself opens its clause as a verb or as an item of a list of orders."""
        index = item.start
        first = self.tokens.bounds[self.tokens.sentence[index]][0]
        while index > first and self.tokens.clause[index - 1] == self.tokens.clause[item.start]:
            index -= 1
            if self.tokens.surfaces[index].lower() not in _OPENERS:
                return False
        head = self.tokens.surfaces[item.start].lower()
        return head in _imperatives() or (index == first and self._is_fragment(item))

    def _is_fragment(self, item: Found) -> bool:
        """Whether a line names nothing but the act (an item in a list of orders)."""
        _, last = self.tokens.bounds[self.tokens.sentence[item.start]]
        return all(not s.isalnum() for s in self.tokens.surfaces[item.end : last])

    def _has_dose(self, item: Found) -> bool:
        if concepts().kind[item.concept or ""] != "drug":
            return False
        after = [s.lower() for s in self.tokens.surfaces[item.end : item.end + 3]]
        return any(a[:1].isdigit() and b in _DOSE_UNITS for a, b in itertools.pairwise(after))


@cache
def _self_cued() -> frozenset[str]:
    return frozenset(table("gates")["self_cued"])


@cache
def _imperatives() -> frozenset[str]:
    return frozenset(table("gates")["imperatives"])
