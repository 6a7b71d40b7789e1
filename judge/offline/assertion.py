"""Polarity, certainty, time and experiencer of every token: cues and how far they reach (one linear pass)."""

from collections.abc import Sequence
from dataclasses import dataclass

from judge.offline.matcher import Found
from judge.offline.tokens import Tokens

NEGATED = 1
POSSIBLE = 2
PROBABLE = 4
CONDITIONAL = 8
OLD = 16
NEW = 32
FAMILY = 64
GENERAL = 128
IN_CONCLUSION = 256

_WINDOW = 12
"""Reach of a cue: an English word costs 2, a Chinese character 1."""
_STOPPING = frozenset(
    ("neg_fwd", "neg_back", "pseudo", "but", "finding_verb", "exclude_plan", "possible_back", "inference", "because")
)
_LIST_WORDS = frozenset(("or", "nor", "/", "、", "或", "及", "与", "和"))
_COMMAS = frozenset((",",))
_LONGEST_LINE = 200
_ITEM_ENDS = frozenset((",", "、", ";", ":", "(", ")", ".", "。", "and", "or"))
_CLAUSE_CUES = (("old", OLD), ("new", NEW), ("family", FAMILY), ("general", GENERAL))
_OF_CLAUSE = frozenset(("conditional", *(name for name, _ in _CLAUSE_CUES)))
_DENYING = frozenset(("neg_fwd", "neg_back"))
_SCOPED = _DENYING | {"unlikely", "exclude_plan", "possible_back", "possible", "probable"}
_HEADINGS = frozenset(("head_possible", "head_conclusion", "treat_heading"))


@dataclass(slots=True)
class Marks:
    """What the cues say of each token."""

    bits: list[int]
    is_conclusion: list[bool]
    """By sentence: whether it stands under a heading of conclusion."""


def mark(text: str, tokens: Tokens, found: Sequence[Found]) -> Marks:
    """Return the marks of all tokens."""
    return _Marker(text, tokens, found).run()


class _Marker:
    def __init__(self, text: str, tokens: Tokens, found: Sequence[Found]) -> None:
        self.text = text
        self.tokens = tokens
        self.surfaces = tokens.surfaces
        self.cues = [f for f in found if f.term.cues]
        self.bits = [0] * len(tokens.surfaces)
        self.stops = bytearray(len(tokens.surfaces) + 1)
        self.is_conclusion = [False] * len(tokens.bounds)
        for f in self.cues:
            if not _STOPPING.isdisjoint(f.term.cues):
                self.stops[f.start] = 1

    def run(self) -> Marks:
        clause_bits: dict[int, int] = {}
        for cue in self.cues:
            classes = cue.term.cues
            if not _SCOPED.isdisjoint(classes):
                self._scopes(cue, classes)
            if _OF_CLAUSE.isdisjoint(classes):
                continue
            for name, bit in _CLAUSE_CUES:
                if name in classes and cue.start and self.surfaces[cue.start - 1] == "(":
                    self._item_before(cue.start - 1, bit)
                elif name in classes:
                    clause = self.tokens.clause[cue.start]
                    clause_bits[clause] = clause_bits.get(clause, 0) | bit
            if "conditional" in classes:
                clause = self.tokens.clause[cue.start]
                clause_bits[clause] = clause_bits.get(clause, 0) | CONDITIONAL
        if clause_bits:
            for index, clause in enumerate(self.tokens.clause):
                self.bits[index] |= clause_bits.get(clause, 0)
        self._headings()
        self._denied_lines()
        return Marks(self.bits, self.is_conclusion)

    def _scopes(self, cue: Found, classes: frozenset[str]) -> None:
        if "neg_fwd" in classes and not self._is_answer(cue):
            # a double negation cancels: the inner cue starts where the outer one's reach ends
            if cue.start and self.bits[cue.start] & NEGATED:
                self._forward(cue.end, NEGATED, clear=True)
            else:
                self._forward(cue.end, NEGATED)
        if "neg_back" in classes and self._closes_clause(cue):
            self._backward(cue.start, NEGATED)
        if "unlikely" in classes:
            self._backward(cue.start, NEGATED | POSSIBLE)
        if "exclude_plan" in classes and "neg_fwd" not in classes:
            self._forward(cue.end, POSSIBLE) if not self._closes_clause(cue) else self._backward(cue.start, POSSIBLE)
        if "possible_back" in classes and self._closes_clause(cue):
            self._backward(cue.start, POSSIBLE)
        if "possible" in classes:
            self._forward(cue.end, POSSIBLE)
        elif "probable" in classes:
            self._forward(cue.end, PROBABLE)

    def _is_answer(self, cue: Found) -> bool:
        """Whether a "no" answers the question instead of denying what follows."""
        after = self.surfaces[cue.end] if cue.end < len(self.surfaces) else ","
        opens = cue.start == self.tokens.bounds[self.tokens.sentence[cue.start]][0]
        return opens and after in (",", ".", ";", "。", "!", ":") and "refusal" in cue.term.cues

    def _closes_clause(self, cue: Found) -> bool:
        """Whether nothing but punctuation follows a cue in its clause."""
        index, clause = cue.end, self.tokens.clause[cue.start]
        while index < len(self.surfaces) and self.tokens.clause[index] == clause:
            if self.surfaces[index].isalnum():
                return False
            index += 1
        return True

    def _forward(self, at: int, bit: int, *, clear: bool = False) -> None:
        first, last = at, self.tokens.bounds[self.tokens.sentence[at - 1]][1]
        budget = _WINDOW
        while at < last and budget > 0 and not self.stops[at]:
            surface = self.surfaces[at]
            if (surface == ":" and at != first) or (surface in _COMMAS and not self._list_goes_on(at, last)):
                break
            if surface.lower() in _LIST_WORDS:
                budget = _WINDOW
            elif surface.isalnum():
                budget -= 2 if surface.isascii() else 1
            self.bits[at] = self.bits[at] & ~bit if clear else self.bits[at] | bit
            at += 1

    def _backward(self, at: int, bit: int) -> None:
        if at == 0:
            return
        clause = self.tokens.clause[at - 1]
        budget = _WINDOW
        while at > 0 and budget > 0:
            at -= 1
            if self.tokens.clause[at] != clause:
                return
            surface = self.surfaces[at]
            if surface.lower() in _LIST_WORDS:
                budget = _WINDOW
            elif surface.isalnum():
                budget -= 2 if surface.isascii() else 1
            self.bits[at] |= bit

    def _item_before(self, at: int, bit: int) -> None:
        """Mark the one item before a bracket that holds the cue."""
        while at > 0 and self.surfaces[at - 1] not in _ITEM_ENDS:
            at -= 1
            self.bits[at] |= bit

    def _list_goes_on(self, comma: int, last: int) -> bool:
        """Whether a comma only joins the items of a list that an "or" closes."""
        if self.surfaces[comma] != ",":
            return False
        for index in range(comma + 1, min(last, comma + 12)):
            if self.stops[index]:
                return False
            if self.surfaces[index].lower() in ("or", "nor", "或"):
                return True
        return False

    def _denied_lines(self) -> None:
        """Deny the rest of a line that opens with a denial and a colon ("absent: ST elevation; syncope")."""
        for cue in self.cues:
            if _DENYING.isdisjoint(cue.term.cues) or self.surfaces[cue.end : cue.end + 1] != [":"]:
                continue
            number = self.tokens.sentence[cue.start]
            if cue.start != self.tokens.bounds[number][0]:
                continue
            line_end = self.text.find("\n", self.tokens.starts[cue.start])
            for index in range(cue.end, min(len(self.surfaces), cue.end + _LONGEST_LINE)):
                if line_end != -1 and self.tokens.starts[index] > line_end:
                    break
                self.bits[index] |= NEGATED

    def _headings(self) -> None:
        """Items under "Differential:" are possible, those under "Impression:" are conclusions."""
        heads = {}
        for cue in self.cues:
            if not _HEADINGS.isdisjoint(cue.term.cues):
                heads[self.tokens.sentence[cue.start]] = cue
        if not heads:
            return
        mode = 0
        for number, (first, last) in enumerate(self.tokens.bounds):
            head = heads.get(number)
            if head is not None and head.start - first <= 3:
                mode = (
                    POSSIBLE
                    if "head_possible" in head.term.cues
                    else IN_CONCLUSION
                    if "head_conclusion" in head.term.cues
                    else 0
                )
            elif ":" in self.surfaces[first : first + 4]:
                mode = 0
            if mode:
                self.is_conclusion[number] = mode == IN_CONCLUSION
                for index in range(first, last):
                    self.bits[index] |= mode
