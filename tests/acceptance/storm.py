"""Servers that do everything wrong, and what must become of an answer by the server's own log.

A fault with ``share`` comes and goes: asked again (for a reply that cannot be read) or tried again (for a call that
failed), a request usually gets through. A fault with ``match`` stays with the answers whose text holds these words.
"""

from collections import defaultdict

PROVIDER = frozenset({"429", "500", "502", "503", "reset", "cut", "html", "no_choices"})
SLOW = frozenset({"hang", "trickle"})
WORTHLESS = frozenset({"html", "no_choices"})
"""Status 200, and nothing in it."""
STATUS_AFTER = {
    **dict.fromkeys(
        ("plain", "fenced", "chatty", "megabyte", "no_usage", "wrong_model", "cached", "reasoning"), "scored"
    ),
    **dict.fromkeys(("refusal", "refusal_text"), "refused"),
    "truncated": "truncated",
    "off_scale": "off_scale",
    **dict.fromkeys(("broken_json", "empty", "nan", "duplicate_keys", "two_verdicts", "wrong_ids"), "unparsable"),
    **dict.fromkeys(PROVIDER, "provider_error"),
}
"""By the fault of the last request that the server got about an answer; for a slow one see ``expected_status``."""
LASTING = (
    "broken_json", "empty", "refusal", "refusal_text", "truncated", "off_scale", "nan", "duplicate_keys",
    "two_verdicts", "wrong_ids", "megabyte", "no_usage", "wrong_model", "fenced", "chatty", "reasoning", "cached",
)  # fmt: skip
FAILING = ("500", "503", "reset", "hang")
"""Lasting faults of the call itself: one answer each for each judge, for a judge that fails often is parked."""
PASSING = (
    {"kind": "429"},
    {"kind": "429", "retry_after": 1},
    {"kind": "429", "retry_after": "date:2"},
    {"kind": "500"},
    {"kind": "502"},
    {"kind": "503"},
    {"kind": "503", "retry_after": 1},
    {"kind": "reset"},
    {"kind": "cut"},
    {"kind": "html"},
    {"kind": "no_choices"},
    {"kind": "hang"},
    {"kind": "trickle", "seconds": 30.0},
)
"""Each met once by a request, then served."""
HARMLESS = ({"kind": "trickle", "seconds": 0.6}, *({"kind": kind} for kind in LASTING))


def record(number):
    """Return the words by which an answer is known to the server and to the test."""
    return f"record {number:05d}"


def answers(n):
    return [
        {
            "case_id": f"c{number // 3}",
            "model": f"model-{'abc'[number % 3]}",
            "question": "What does an irregularly irregular rhythm without P waves mean?",
            "reference": "Atrial fibrillation.",
            "task": "EBK",
            "response": f"This is atrial fibrillation, as written in {record(number)} of the ward.",
            "response_id": f"r{number:05d}",
        }
        for number in range(n)
    ]


def faults_of(judge):
    """Return the faults of one of the judges 0, 1, 2."""
    lasting = [{"kind": kind, "match": record(20 + place)} for place, kind in enumerate(LASTING)]
    mine = FAILING[judge::3]
    failing = [{"kind": kind, "match": record(3 * place + judge)} for place, kind in enumerate(mine)]
    passing = [{**fault, "share": 0.008, "times": 1} for fault in PASSING]
    return [*failing, *lasting, *passing, *({**fault, "share": 0.006} for fault in HARMLESS)]


def by_answer(log):
    """Return the requests about each answer in the order in which they came."""
    found = defaultdict(list)
    for entry in sorted(log, key=lambda entry: entry["at"]):
        found[entry["label"]].append(entry)
    return found


def expected_status(entries):
    """Return the status of an answer whose requests the server saw."""
    last = entries[-1]
    if last["kind"] in SLOW:
        return "scored" if last["ok"] else "timeout"
    return STATUS_AFTER[last["kind"]]
