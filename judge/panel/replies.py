"""What a reply amounts to before its content is checked: refused, cut off, or something to read."""

from functools import cache

from judge.call.request import Reply
from judge.domain.verdict import VerdictStatus
from judge.panel.repair import has_complete_object
from judge.panel.untrusted import well_formed
from judge.panel.wording import read_table

_REFUSING = frozenset({"content_filter", "refusal", "safety", "prohibited_content", "blocklist", "recitation"})
_CUT = frozenset({"length", "max_tokens"})
_SHOWN = 200


def standing(reply: Reply) -> tuple[VerdictStatus, str] | None:
    """Return the status and reason of a reply that is never asked again; None where it is to be read.

    A refusal is the model's decision, in a field of its own, in the finish reason or in plain words without any object.
    A reply that ran out of tokens before its object closed is neither repaired nor asked again.
    """
    if reply.refusal:
        return "refused", well_formed(reply.refusal)[:_SHOWN]
    finish = (reply.finish_reason or "").lower()
    if finish in _REFUSING | _CUT and not has_complete_object(reply.content):
        return "truncated" if finish in _CUT else "refused", f"finish_reason {finish}"
    if "{" not in reply.content and _refuses(reply.content):
        return "refused", well_formed(reply.content).strip()[:_SHOWN]
    return None


def echo(content: str, *, limit: int, cut: str, empty: str) -> str:
    """Return a faulty reply as it is sent back with the question what was wrong: never empty, never endless."""
    content = well_formed(content).strip()
    if not content:
        return empty
    return content if len(content) <= limit else f"{content[:limit]}\n{cut}"


def _refuses(content: str) -> bool:
    return content[: 2 * _SHOWN].strip().lower().replace("’", "'").startswith(_refusals())


@cache
def _refusals() -> tuple[str, ...]:
    return tuple(read_table("refusals.yaml"))
