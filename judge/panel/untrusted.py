"""Text that others wrote, made safe to show: nothing removed, nothing that looks like the frame of a prompt."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from judge.domain.ids import digest

Mark = Literal["marker", "tag", "role", "angles", "code", "bidi", "zero_width", "tag_character", "control"]
"""What was found in a text that could be taken for the frame, or that cannot be seen."""

DELIMITER_DIGITS = 32
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ZERO_WIDTH = "\u00ad\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\ufe00-\ufe0e"
_TAG_CHARACTER = "\U000e0000-\U000e007f\U000e0100-\U000e01ef"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_TAG_NAMES = (
    "answer|assistant|case|checklist|context|data|end|example|grade|grader|human|instructions?|json|judge|level|"
    "output|prompt|question|references?|reply|response|result|rubric|score|student|submission|sys|system|task|text|"
    "think|thinking|tool|user|verdict"
)
_ROLE_WORDS = (
    "system",
    "developer",
    "assistant",
    "user",
    "human",
    "tool",
    "系统",
    "开发者",
    "助手",
    "助理",
    "用户",
    "人类",
)
_ROLES = "|".join(_ROLE_WORDS)

_FRAME = re.compile(
    rf"(?P<bidi>([{_BIDI}])\2*)"
    rf"|(?P<zero_width>([{_ZERO_WIDTH}])\4*)"
    rf"|(?P<tag_character>[{_TAG_CHARACTER}])"
    rf"|(?P<control>([{_CONTROL}])\7*)"
    r"|(?P<marker>[\[［]{2}[ \t\r\n]{0,8}[#＃]{2,}|[#＃]{2,}[ \t\r\n]{0,8}[\]］]{2})"
    r"|(?P<tag>[<＜][ \t]{0,4}[/|｜!]"
    rf"|[<＜](?=[ \t]{{0,4}}(?:{_TAG_NAMES})\b[^<>＜＞]{{0,100}}[>＞])"
    r"|-->|\[(?=/?inst\]))"
    r"|(?P<angles>[<＜]{2,}|[>＞]{2,})"
    rf"|(?P<code>(?<![0-9a-f])[0-9a-f]{{{DELIMITER_DIGITS}}}(?![0-9a-f]))"
    rf"|(?P<role>^[ \t]{{0,8}}(?:{_ROLES})(?=[ \t]{{0,8}}[:：]))",
    re.IGNORECASE | re.MULTILINE,
)
_TRIGGER = re.compile(
    rf"[{_BIDI}{_ZERO_WIDTH}{_TAG_CHARACTER}{_CONTROL}＜＞［］＃]|<[\s<>/|｜!a-zA-Z]|>>|-->|\[[\[/iI]|##|[0-9a-fA-F]{{32}}"
)
_ROLE_TRIGGER = re.compile(rf"(?:{_ROLES})[ \t]{{0,8}}[:：]")
_DOUBLED = re.compile(r"([\[［#＃\]］])(?=[\[［#＃\]］])")
_UNANGLED = str.maketrans({"<": "‹", "＜": "‹", ">": "›", "＞": "›"})


@dataclass(frozen=True, slots=True)
class Edit:
    """One replaced stretch: where it stands in the text as shown, and where it came from."""

    shown_start: int
    shown_end: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Neutral:
    """A text as a judge sees it, with the way back to the original."""

    text: str
    marks: frozenset[Mark] = frozenset()
    edits: tuple[Edit, ...] = ()

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that a span of the shown text came from."""
        return self._back(start, is_end=False), self._back(end, is_end=True)

    def _back(self, offset: int, *, is_end: bool) -> int:
        index = bisect_right(self.edits, offset - is_end, key=lambda edit: edit.shown_start) - 1
        if index < 0:
            return offset
        edit = self.edits[index]
        if offset - is_end < edit.shown_end:
            return edit.end if is_end else edit.start
        return offset - edit.shown_end + edit.end


@lru_cache(maxsize=512)
def neutralise(text: str) -> Neutral:
    """Show what cannot be seen and break what imitates the frame of a prompt; nothing is removed.

    Field markers, tags, chat roles, runs of angle brackets and 32 hex digits are altered visibly; bidirectional,
    zero-width, tag and control characters and lone surrogates are written out as ``⟨U+200B⟩``. Linear in the text.
    """
    if not _may_hold_frame(text):
        return Neutral(text)
    edits: list[Edit] = []
    marks: set[Mark] = set()
    parts: list[str] = []
    shown = last = 0
    for match, mark in _found(text):
        start, end = match.span()
        shown_text = _shown(mark, match.group())
        parts += (text[last:start], shown_text)
        shown += start - last
        edits.append(Edit(shown, shown + len(shown_text), start, end))
        shown += len(shown_text)
        marks.add(mark)
        last = end
    if not edits:
        return Neutral(text)
    parts.append(text[last:])
    return Neutral("".join(parts), frozenset(marks), tuple(edits))


def neutralise_line(text: str) -> str:
    """Return a text made safe to stand in one line outside a data block."""
    return " ".join(neutralise(text).text.split())


def delimiter(prompt_hash: str, case_id: str, text: str) -> str:
    """Return the code of a data block: no text can hold its own digest."""
    return digest((prompt_hash, case_id, text))[:DELIMITER_DIGITS]


def fence(label: str, text: str, code: str) -> str:
    """Return a text between its two delimiter lines."""
    return f"<<<DATA {label} {code}>>>\n{text}\n<<<END {label} {code}>>>"


@lru_cache(maxsize=256)
def data_block(label: str, text: str, *, prompt_hash: str, case_id: str) -> str:
    """Return an outside text as a data block, neutralised."""
    return fence(label, neutralise(text).text, delimiter(prompt_hash, case_id, text))


def well_formed(text: str) -> str:
    """Return a text that can be written as UTF-8: halves of a surrogate pair joined, lone ones replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _may_hold_frame(text: str) -> bool:
    """Look cheaply; this spares most texts the search proper."""
    if _TRIGGER.search(text):
        return True
    lowered = text.lower()
    return any(word in lowered for word in _ROLE_WORDS) and _ROLE_TRIGGER.search(lowered) is not None


def _found(text: str) -> Iterator[tuple[re.Match[str], Mark]]:
    for match in _FRAME.finditer(text):
        name = next(name for name, value in match.groupdict().items() if value is not None)
        yield match, name  # type: ignore[misc]  # the named groups are the marks


def _shown(mark: Mark, found: str) -> str:
    if mark in ("bidi", "zero_width", "tag_character", "control"):
        times = f"×{len(found)}" if len(found) > 1 else ""
        return f"⟨U+{ord(found[0]):04X}{times}⟩"
    if mark == "marker":
        return _DOUBLED.sub(r"\1·", found)
    if mark == "code":
        return f"{found[: DELIMITER_DIGITS // 2]}·{found[DELIMITER_DIGITS // 2 :]}"
    if mark == "role":
        return f"› {found}"
    return "[·" if found == "[" else found.translate(_UNANGLED)
