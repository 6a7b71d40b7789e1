"""What a call does, counted and never timed: lines of Python, and steps of a regular expression.

The law of a function that is linear in its text is that as much more text is as much more work, on any machine and
however busy it is. Patterns are walked by a slow copy of the backtracking matcher, which is held to find
what the real one finds; work inside other functions written in C is not seen.
"""

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from re import _compiler, _parser  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any

import pytest

Then = Callable[[int], int | None]
"""What comes after: from a place in the text to the end of the match, None where there is none."""
Node = Callable[[int, Then], int | None]
_ONE_CHARACTER = {"LITERAL", "NOT_LITERAL", "ANY", "IN", "CATEGORY"}
_DEEP = 1_000_000
_ALONE: dict[tuple[str, str, int], re.Pattern[str]] = {}
"""Nodes as patterns of their own; none of them refers to a group."""


class Steps:
    """How many steps the counted patterns took."""

    def __init__(self) -> None:
        self.n = 0


class Counted:
    """A pattern that counts the steps of a backtracking search and gives the matches of the real one."""

    def __init__(self, pattern: re.Pattern[str], steps: Steps) -> None:
        self.pattern = pattern.pattern
        self._real = pattern
        self._steps = steps
        self._text = ""
        self._groups: dict[int, tuple[int, int]] = {}
        self._tree = _parser.parse(pattern.pattern, pattern.flags)
        self._walk = self._sequence(self._tree)

    def search(self, text: str, pos: int = 0, endpos: int = sys.maxsize) -> re.Match[str] | None:
        found = self._real.search(text, pos, endpos)
        self._pass_over(text[:endpos], pos, found)
        return found

    def match(self, text: str, pos: int = 0) -> re.Match[str] | None:
        found = self._real.match(text, pos)
        assert self._end_at(text, pos) == (found.end() if found else None)
        return found

    def fullmatch(self, text: str) -> re.Match[str] | None:
        found = self._real.fullmatch(text)
        end = self._end_at(text, 0, lambda at: at if at == len(text) else None)
        assert end == (found.end() if found else None)
        return found

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        at = 0
        for found in self._real.finditer(text):
            self._pass_over(text, at, found)
            at = found.end() + (found.start() == found.end())
            yield found
        self._pass_over(text, at, None)

    def findall(self, text: str) -> list[Any]:
        list(self.finditer(text))
        return self._real.findall(text)

    def sub(self, by: Any, text: str) -> str:
        list(self.finditer(text))
        return self._real.sub(by, text)

    def _pass_over(self, text: str, pos: int, found: re.Match[str] | None) -> None:
        """Walk from a place to where the real pattern found a match, or to the end of the text."""
        for at in range(pos, found.start() if found else len(text) + 1):
            assert self._end_at(text, at) is None, (self.pattern, at)
        if found:
            assert self._end_at(text, found.start()) == found.end(), self.pattern

    def _end_at(self, text: str, pos: int, then: Then = lambda at: at) -> int | None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(_DEEP)
        try:
            self._text, self._groups = text, {}
            return self._walk(pos, then)
        finally:
            sys.setrecursionlimit(limit)

    def _sequence(self, tree: Any) -> Node:
        nodes = [self._node(*one) for one in tree]

        def from_node(number: int, at: int, then: Then) -> int | None:
            if number == len(nodes):
                return then(at)
            return nodes[number](at, lambda end: from_node(number + 1, end, then))

        return lambda at, then: from_node(0, at, then)

    def _node(self, kind: Any, about: Any) -> Node:
        name = str(kind)
        if name in _ONE_CHARACTER:
            return self._character(kind, about)
        if name == "AT" or (name.startswith("ASSERT") and about[0] < 0):
            return self._place(kind, about)
        made: Node = getattr(self, f"_{name.lower()}")(about)
        return made

    def _alone(self, kind: Any, about: Any) -> re.Pattern[str]:
        """Return one node as a real pattern of its own."""
        place = (str(kind), str(about), self._real.flags)
        if place not in _ALONE:
            alone = _parser.SubPattern(self._tree.state, [(kind, about)])
            _ALONE[place] = _compiler.compile(alone, self._real.flags)
        return _ALONE[place]

    def _is_one(self, kind: Any, about: Any) -> Callable[[str], bool]:
        alone = self._alone(kind, about)
        return cache(lambda character: alone.match(character) is not None)

    def _character(self, kind: Any, about: Any) -> Node:
        is_one = self._is_one(kind, about)

        def walk(at: int, then: Then) -> int | None:
            self._steps.n += 1
            return then(at + 1) if at < len(self._text) and is_one(self._text[at]) else None

        return walk

    def _place(self, kind: Any, about: Any) -> Node:
        """A boundary, or what stands before: of a fixed width, so one step."""
        alone = self._alone(kind, about)

        def walk(at: int, then: Then) -> int | None:
            self._steps.n += 1
            return then(at) if alone.match(self._text, at) else None

        return walk

    def _branch(self, about: Any) -> Node:
        branches = [self._sequence(tree) for tree in about[1]]

        def walk(at: int, then: Then) -> int | None:
            for branch in branches:
                if (end := branch(at, then)) is not None:
                    return end
            return None

        return walk

    def _subpattern(self, about: Any) -> Node:
        group, added, dropped, tree = about
        assert added == dropped == 0, "flags within a pattern are not walked"
        inner = self._sequence(tree)
        if group is None:
            return inner

        def walk(at: int, then: Then) -> int | None:
            def noted(end: int) -> int | None:
                before = self._groups.get(group)
                self._groups[group] = (at, end)
                last = then(end)
                if last is None and before is not None:
                    self._groups[group] = before
                return last

            return inner(at, noted)

        return walk

    def _groupref(self, group: int) -> Node:
        def walk(at: int, then: Then) -> int | None:
            start, end = self._groups[group]
            self._steps.n += end - start
            return then(at + end - start) if self._text.startswith(self._text[start:end], at) else None

        return walk

    def _assert(self, about: Any) -> Node:
        inner = self._sequence(about[1])
        return lambda at, then: None if inner(at, lambda end: end) is None else then(at)

    def _assert_not(self, about: Any) -> Node:
        inner = self._sequence(about[1])
        return lambda at, then: then(at) if inner(at, lambda end: end) is None else None

    def _atomic_group(self, tree: Any) -> Node:
        inner = self._sequence(tree)

        def walk(at: int, then: Then) -> int | None:
            end = inner(at, lambda last: last)
            return None if end is None else then(end)

        return walk

    def _max_repeat(self, about: Any) -> Node:
        least, most, tree = about
        if len(tree) == 1 and str(tree[0][0]) in _ONE_CHARACTER:
            return self._characters(int(least), int(most), self._is_one(*tree[0]))
        inner = self._sequence(tree)

        def again(at: int, then: Then, n: int) -> int | None:
            if n < most:
                end = inner(at, lambda last: again(last, then, n + 1) if last > at or n < least else None)
                if end is not None:
                    return end
            return then(at) if n >= least else None

        return lambda at, then: again(at, then, 0)

    def _characters(self, least: int, most: int, is_one: Callable[[str], bool]) -> Node:
        """As many as there are, then one less and one less: without recursion, for texts of any length."""

        def walk(at: int, then: Then) -> int | None:
            last = at
            while last < min(len(self._text), at + most) and is_one(self._text[last]):
                last += 1
            self._steps.n += last - at + 1
            for end in range(last, at + least - 1, -1):
                self._steps.n += 1
                if (found := then(end)) is not None:
                    return found
            return None

        return walk

    def _min_repeat(self, about: Any) -> Node:
        least, most, tree = about
        inner = self._sequence(tree)

        def again(at: int, then: Then, n: int) -> int | None:
            if n >= least and (end := then(at)) is not None:
                return end
            return inner(at, lambda last: again(last, then, n + 1)) if n < most else None

        return lambda at, then: again(at, then, 0)

    def _possessive_repeat(self, about: Any) -> Node:
        least, most, tree = about
        inner = self._sequence(tree)

        def walk(at: int, then: Then) -> int | None:
            n = 0
            while n < most and (end := inner(at, lambda last: last)) is not None and (end > at or n < least):
                at, n = end, n + 1
            return then(at) if n >= least else None

        return walk


def count_patterns(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> Steps:
    """Put counted patterns in the place of the patterns that modules hold by name."""
    steps = Steps()
    for module in modules:
        for name, held in list(vars(module).items()):
            if isinstance(held, re.Pattern):
                monkeypatch.setattr(module, name, Counted(held, steps))
    return steps


def lines_of(call: Callable[[], Any], package: str = "judge") -> int:
    """Return how many lines of a package a call executes; each turn of a loop counts, also of one in a single line."""
    n = 0
    is_ours = cache(lambda code: f"/{package}/" in code.co_filename)

    def trace(frame: FrameType, _event: str, _about: Any) -> Any:
        nonlocal n
        if not is_ours(frame.f_code):
            return None
        n += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return n


def long_text(unit: str, n: int) -> str:
    """Return so many characters of a text that says the same over and over."""
    return (unit * (n // len(unit) + 1))[:n]


def assert_linear(work: Callable[[int], int], n: int) -> None:
    """Hold work to its law: three times the growth of the size, at most three times the growth of the work.

    What is done once, or for the last characters, falls out of the differences, so a twentieth is room enough.
    """
    work(n // 2)  # what is prepared once
    first, second, third = work(n), work(2 * n), work(5 * n)
    assert third > 0
    assert third - second <= 3.15 * (second - first) + 20, f"at {n}, {2 * n}, {5 * n}: {first}, {second}, {third} steps"
