"""JSON read strictly: a key that occurs twice, NaN and infinities are faults, never defaults."""

import json
from typing import Any


class JsonError(ValueError):
    """Why a text is not the JSON we accept; ``is_cut`` where it seems to end too early."""

    def __init__(self, message: str, *, is_cut: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_cut = is_cut


def parse_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    JsonError
        If the text is broken, nested too deeply, or holds a key twice or a number that JSON does not know.
    """
    value, end = parse_json_at(text, _skip(text, 0))
    rest = text[end:].strip()
    if rest:
        raise JsonError(f"text after the end of the JSON value, at character {end + 1}: {rest[:20]!r}")
    return value


def parse_json_at(text: str, start: int) -> tuple[Any, int]:
    """Return the JSON value that begins at a character, and where it ends.

    Raises
    ------
    JsonError
        As ``parse_json``.
    """
    try:
        return _DECODER.raw_decode(text, start)
    except JsonError:
        raise
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        place = f"line {error.lineno}, " if "\n" in text else ""
        raise JsonError(f"broken JSON: {error.msg} ({place}character {error.colno})", is_cut=is_cut) from error
    except RecursionError as error:
        raise JsonError("JSON nested too deeply") from error
    except ValueError as error:
        raise JsonError(f"broken JSON: {error}") from error


def skip_space(text: str, position: int) -> int:
    """Return the position of the next character that is no JSON white space."""
    return _skip(text, position)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise JsonError(f'the key "{key}" occurs twice in one object')
            seen.add(key)
    return found


def _constant(name: str) -> Any:
    raise JsonError(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
