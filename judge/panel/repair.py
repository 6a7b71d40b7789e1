"""JSON of a reply: read strictly, and its syntax repaired where no word changes."""

import json
import re
from collections.abc import Iterator
from typing import Any

from judge.panel.faults import Fault

REPAIR_LIMIT = 100_000
"""Characters beyond which a broken object is asked again rather than repaired."""
_DEPTH_LIMIT = 20
_THOUGHT = re.compile(r"\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]++|\\.|\\\Z)*+(?:"|\Z)|[{}]', re.DOTALL)
_PYTHON_WORDS = {"True": "true", "False": "false", "None": "null"}


class _Refused(Exception):  # noqa: N818  (carries a fault out of json's hooks)
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def load_object(text: str) -> dict[str, Any] | Fault:
    """Return the one JSON object of a reply, or what is wrong.

    Around the object chatty words, code fences and a leading ``<think>`` block are passed over. Inside it syntax alone
    is repaired (trailing or missing commas, quotes and closing brackets): a repair that would add, drop or change a
    letter or a digit, or add an object, a list or an empty text, is refused. Two objects and duplicate keys are faults.
    """
    text = text.strip().removeprefix("\ufeff").strip()
    if not text:
        return Fault("empty")
    try:
        return _whole(text)
    except _Refused as refused:
        return refused.fault


def has_complete_object(text: str) -> bool:
    """Whether a text holds an object that closes."""
    return any(is_closed for _, is_closed in _objects(text))


def _whole(text: str) -> dict[str, Any]:
    try:
        return _as_object(_strict(text))
    except (ValueError, RecursionError):
        return _found_object(text)


def _found_object(text: str) -> dict[str, Any]:
    spoken = _THOUGHT.sub("", text, count=1) if text.startswith("<think") else text
    candidates = [found for found, _ in _objects(spoken)]
    if not candidates:
        raise _Refused(Fault("no_object"))
    if len(candidates) > 1:
        raise _Refused(Fault("two_objects"))
    candidate = candidates[0]
    try:
        return _as_object(_strict(candidate))
    except RecursionError as error:
        raise _Refused(Fault("bad_json", detail="nested")) from error
    except ValueError as error:
        return _repaired(candidate, error)


def _strict(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)


def _as_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Refused(Fault("not_object"))
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Refused(Fault("duplicate_key", detail=key))
        found[key] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise _Refused(Fault("not_finite", detail=name))


def _objects(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the outermost ``{…}`` of a text that hold a colon, and whether each closes; else it runs to the end."""
    start = text.find("{")
    while start >= 0:
        end, is_closed = _end_of_object(text, start)
        if text.find(":", start, end) >= 0:
            yield text[start:end], is_closed
        start = text.find("{", end)


def _end_of_object(text: str, start: int) -> tuple[int, bool]:
    """Return where the object that opens at ``start`` ends and whether it closes; braces in strings do not count."""
    depth = 0
    for match in _STRING_OR_BRACE.finditer(text, start):
        sign = text[match.start()]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        if depth == 0:
            return match.end(), True
    return len(text), False


def _repaired(candidate: str, error: ValueError) -> dict[str, Any]:
    bad = Fault("bad_json", detail=getattr(error, "msg", type(error).__name__))
    if len(candidate) > REPAIR_LIMIT or _depth(candidate) > _DEPTH_LIMIT or _is_cut_in_number(candidate):
        raise _Refused(bad)
    import json_repair

    try:
        value = json_repair.loads(candidate, skip_json_loads=True)
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        checked = _as_object(_strict(written))
    except (ValueError, RecursionError, TypeError) as failed:
        raise _Refused(bad) from failed
    if _words(candidate) != _words(written) or candidate.count('""') < written.count('""'):
        raise _Refused(bad)
    return checked


def _depth(text: str) -> int:
    depth = deepest = 0
    for sign in re.findall(r"[{}\[\]]", text):
        depth += 1 if sign in "{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _is_cut_in_number(text: str) -> bool:
    """Whether the text ends inside what may be a longer number."""
    return text.rstrip()[-1:].isdigit()


def _words(text: str) -> str:
    """Return what a repair must not touch: letters, digits, signs of numbers and opening brackets, in order."""
    plain = _ESCAPE.sub(
        lambda m: chr(int(m[1], 16)) if m[1] else {"n": "", "r": "", "t": "", "b": "", "f": ""}.get(m[2], m[2]), text
    )
    plain = re.sub(r"\b(?:True|False|None)\b", lambda m: _PYTHON_WORDS[m[0]], plain)
    return "".join(sign for sign in plain if sign.isalnum() or sign in "{[-.")
