"""Text and tables in GitHub-flavoured Markdown."""

import re
from collections.abc import Sequence

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")


def escape(text: str) -> str:
    r"""Return a text in which no character of Markdown or HTML has a meaning.

    >>> escape("<b>a|b</b>")
    '\\<b\\>a\\|b\\</b\\>'
    """
    return _SPECIAL.sub(r"\\\1", text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, n_left: int = 1) -> list[str]:
    """Return the lines of a table: the first ``n_left`` columns to the left, numbers to the right."""
    rule = ["---" if column < n_left else "---:" for column in range(len(head))]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
