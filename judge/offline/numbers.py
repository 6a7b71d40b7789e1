"""Numbers with quantity, comparator, range and unit, in one base unit each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from judge.offline.lexicon import END, Term, Trie
from judge.offline.matcher import Found
from judge.offline.tables import table
from judge.offline.tokens import Tokens, split

_REACH = 8
"""Tokens between a quantity and its number."""
_RANGE_WORDS = frozenset(("to", "至", "到", "~"))


@dataclass(frozen=True, slots=True)
class Value:
    """One measured or stated number in the base unit of its kind."""

    quantity: str | None
    low: float
    high: float
    """Equal to ``low`` where the text gives no range."""
    op: str
    """One of ``= >= <= > < ~``."""
    unit: str
    """Base unit; empty where the text names none and no quantity gives one."""
    start: int
    end: int
    """First token and the one after the last."""

    def agrees(self, other: "Value", tolerance: float = 0.0) -> bool:
        """Whether two values are the same number with the same direction."""
        if self.unit != other.unit and self.unit and other.unit:
            return False
        slack = max(tolerance, 0.02 * abs(self.low), 1e-9)
        near = abs(self.low - other.low) <= slack and abs(self.high - other.high) <= slack
        return near and direction(self.op) * direction(other.op) >= 0


def direction(op: str) -> int:
    """Return 1 for "at least", -1 for "at most", 0 for neither."""
    return 1 if op in (">", ">=") else -1 if op in ("<", "<=") else 0


def find_values(text: str, tokens: Tokens, keys: Sequence[str], found: Sequence[Found]) -> list[Value]:
    """Return the numbers of a text that have a unit or a quantity."""
    return _Reader(text, tokens, keys, found).run()


@dataclass(frozen=True, slots=True)
class _Words:
    units: Trie
    before: Trie
    after: Trie
    quantities: Mapping[str, Mapping[str, Any]]
    bases: Mapping[str, tuple[str, float]]
    special: Mapping[tuple[str, str], tuple[str, float]]
    digits: Mapping[str, int]


@cache
def _words() -> _Words:
    quantities = table("quantities")
    units: Trie = {}
    for name, row in quantities["units"].items():
        for word in (*row["en"], *row["zh"]):
            _put(units, word, name)
    before: Trie = {}
    after: Trie = {}
    for op, row in quantities["comparators"].items():
        for word in (*row["en"], *row["zh"]):
            _put(before, word, op)
        for word in (*row.get("after_en", ()), *row.get("after_zh", ())):
            _put(after, word, op)
    return _Words(
        units=units,
        before=before,
        after=after,
        quantities=quantities["quantities"],
        bases={name: (row["base"], float(row["x"])) for name, row in quantities["units"].items()},
        special={(row["quantity"], row["from"]): (row["to"], float(row["x"])) for row in quantities["by_quantity"]},
        digits=quantities["zh_digits"],
    )


def _put(trie: Trie, word: str, name: str) -> None:
    node = trie
    for surface in split(word)[0]:
        node = node.setdefault(surface.lower(), {})
    node[END] = name


class _Reader:
    def __init__(self, text: str, tokens: Tokens, keys: Sequence[str], found: Sequence[Found]) -> None:
        self.text = text
        self.tokens = tokens
        self.surfaces = tokens.surfaces
        self.keys = keys
        self.words = _words()
        self.found = found
        self.quantities: list[Found] = []
        self.at = 0

    def run(self) -> list[Value]:
        digits = self.words.digits
        numerals = [i for i, s in enumerate(self.surfaces) if s[0].isdigit() or s in digits]
        if not numerals:
            return []
        self.quantities = [f for f in self.found if _quantity_of(f) is not None]
        values: list[Value] = []
        free = 0
        for index in numerals:
            number = self._number(index) if index >= free else None
            if number is None:
                continue
            value, free = self._value(index, number)
            if value is not None:
                values.append(value)
        return values

    def _number(self, index: int) -> float | None:
        surface = self.surfaces[index]
        if surface[0].isdigit() and surface[-1].isdigit() and surface.isascii():
            return float(surface)
        if surface in self.words.digits and self._is_counted(index):
            return float(self.words.digits[surface])
        return None

    def _is_counted(self, index: int) -> bool:
        """Whether a Chinese numeral stands before a unit of boxes, seconds or the like (五小格)."""
        return self._unit(index + 1)[0] in ("small_box", "large_box", "s", "ms", "mm")

    def _value(self, index: int, number: float) -> tuple[Value | None, int]:
        start = index
        high, after = self._range(index, number)
        unit, after = self._unit(after)
        if unit is None and after < len(self.surfaces) and self.surfaces[after] == ":":
            return None, index + 1
        if index >= 2 and self.surfaces[index - 1] == ":" and self.surfaces[index - 2][0].isdigit():
            return None, index + 1
        op, start = self._comparator(index, after)
        if self._is_negative(index):
            number, high = -number, -high
        if unit is None and after < len(self.surfaces) and self.surfaces[after].lower() in ("lead", "leads", "导"):
            return None, after
        quantity = self._quantity(start, after)
        base, low, top = self._convert(quantity, unit, number, high)
        if base is None:
            return None, max(after, index + 1)
        return Value(quantity, min(low, top), max(low, top), op, base, start, after), max(after, index + 1)

    def _range(self, index: int, number: float) -> tuple[float, int]:
        after = index + 1
        if after < len(self.surfaces) and "-" in self.text[self.tokens.end(index) : self.tokens.starts[after]]:
            second = self._number(after)
            if second is not None and second > number:
                return second, after + 1
        if after < len(self.surfaces) and self.surfaces[after].startswith("-"):
            second = self._number(after + 1) if after + 1 < len(self.surfaces) else None
            if second is not None and second > number:
                return second, after + 2
        if after + 1 < len(self.surfaces) and self.surfaces[after].lower() in _RANGE_WORDS:
            second = self._number(after + 1)
            if second is not None and second > number:
                return second, after + 2
        return number, after

    def _unit(self, index: int) -> tuple[str | None, int]:
        name, after = _longest(self.words.units, self.surfaces, index)
        return (name, after) if name is not None else (None, index)

    def _comparator(self, index: int, after: int) -> tuple[str, int]:
        for length in (5, 4, 3, 2, 1):
            begin = index - length
            if begin >= 0:
                op, end = _longest(self.words.before, self.surfaces, begin)
                if op is not None and end == index:
                    return op, begin
        op, _ = _longest(self.words.after, self.surfaces, after)
        return (op, index) if op is not None else ("=", index)

    def _is_negative(self, index: int) -> bool:
        return index > 0 and self.surfaces[index - 1] == "-" and self.surfaces[index - 2 : index - 1] != ["-"]

    def _quantity(self, start: int, end: int) -> str | None:
        """Return the nearest quantity named before the number in its clause, else after it."""
        while self.at < len(self.quantities) and self.quantities[self.at].end <= start:
            self.at += 1
        clause = self.tokens.clause[start]
        if self.at:
            before = self.quantities[self.at - 1]
            if start - before.end <= _REACH and self._is_near(before.start, start):
                return _quantity_of(before)
        if self.at < len(self.quantities):
            after = self.quantities[self.at]
            if after.start - end <= 3 and self.tokens.clause[after.start] == clause:
                return _quantity_of(after)
        return None

    def _is_near(self, one: int, other: int) -> bool:
        apart = self.tokens.clause[other] - self.tokens.clause[one]
        return apart == 0 or (
            apart == 1 and other - one <= 4 and self.tokens.sentence[one] == self.tokens.sentence[other]
        )

    def _convert(
        self, quantity: str | None, unit: str | None, low: float, high: float
    ) -> tuple[str | None, float, float]:
        if unit is None:
            return self._unitless(quantity, low, high)
        base, factor = self.words.bases[unit]
        if quantity is not None:
            base, again = self.words.special.get((quantity, base), (base, 1.0))
            factor *= again
        return base, low * factor, high * factor

    def _unitless(self, quantity: str | None, low: float, high: float) -> tuple[str | None, float, float]:
        if quantity is None:
            return None, low, high
        row = self.words.quantities[quantity]
        least, most = row["range"]
        base = str(row["unit"])
        if base == "ms" and high < 3:  # a time in seconds without its unit
            low, high = low * 1000, high * 1000
        if not (0.3 * least <= low and high <= 3 * most):
            return None, low, high
        return base, low, high


def _longest(trie: Trie, surfaces: Sequence[str], index: int) -> tuple[str | None, int]:
    node: Trie | None = trie
    best: tuple[str | None, int] = (None, index)
    while index < len(surfaces) and node is not None:
        node = node.get(surfaces[index].lower())
        index += 1
        if node is not None and END in node:
            best = (node[END], index)
    return best


_IMPLIED = {
    "PR_LONG": "pr", "PR_SHORT": "pr", "QT_LONG": "qtc", "QT_SHORT": "qtc", "WIDE_QRS": "qrs", "NARROW_QRS": "qrs",
    "ST_ELEV": "st", "ST_DEP": "st", "BRADY": "rate", "TACHY": "rate", "HYPERK": "k", "HYPOK": "k", "SBRAD": "rate",
    "STACH": "rate", "LAD_AXIS": "axis", "RAD_AXIS": "axis", "T_INV": "t_wave", "T_PEAK": "t_wave", "EF": "lvef",
    "HFREF": "lvef", "RR_PAUSE": "pause", "HYPOT": "sbp", "J_ELEV": "j_point", "TALL_R": "r_amp", "TROP": "troponin",
    "AFIB_RVR": "rate", "SPAUSE": "pause", "ASY": "pause", "LBBB": "qrs", "RBBB": "qrs", "AVB1": "pr",
    "SINUS": "rate", "SR": "rate", "AFIB": "rate", "VT": "rate", "SVT": "rate", "AFLT": "rate",
}  # fmt: skip
"""Concepts that name a quantity as well: "prolonged PR interval of 240 ms"."""


def _quantity_of(found: Found) -> str | None:
    term: Term = found.term
    if term.quantity is not None:
        return term.quantity
    if found.concept is None:
        return None
    return "score" if found.concept.startswith("SC_") else _IMPLIED.get(found.concept)
