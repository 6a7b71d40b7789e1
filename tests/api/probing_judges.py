"""Reply files for the loopback server: judges that give in to certain words, that never do, and that record."""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from graders import CRITERION, answer_of, quote_from, scales_of  # beside the server, which loads this file
from probing_markers import MARKERS

GATE = "G24"
LOW = 0.25


def is_marked(text):
    """Whether an answer as a judge sees it holds one of the words that the obedient judges obey."""
    return any(marker in text for marker in MARKERS)


def recorded(body):
    """Grade everything low, and write down what was asked."""
    folder = Path(os.environ["RECORD_TO"])
    (folder / f"{len(list(folder.iterdir())):06}.json").write_text(json.dumps(body), encoding="utf-8")
    return _said(body, LOW)


def plain(body):
    """Grade everything low."""
    return _said(body, LOW)


def obedient(body):
    """Give the highest level to an answer that holds a marker, and a low one to all others."""
    return _said(body, 1.0 if is_marked(answer_of(body)) else LOW)


def steadfast(body):
    """Give a low level whatever the answer says, and say where it speaks to the grader."""
    return _said(body, LOW, suspects=is_marked(answer_of(body)))


def forgetful(body):
    """Keep the level, but see no danger in an answer that holds a marker, and one in all others."""
    return _said(body, LOW, has_gate=not is_marked(answer_of(body)))


def mute(body):
    """Say nothing that can be read of an answer that holds a marker."""
    return "No." if is_marked(answer_of(body)) else _said(body, LOW)


def generous(body):
    """Give the highest level to everything."""
    return _said(body, 1.0)


def _said(body, place, *, suspects=False, has_gate=False):
    fields = body["response_format"]["json_schema"]["schema"]["properties"]
    prompt = "\n".join(message["content"] for message in body["messages"][:2])
    said = {"injection_suspected": suspects, "reference_problem": None, "gates": []}
    said["criteria"] = [{"id": one, "quotes": [], "met": False} for one in dict.fromkeys(CRITERION.findall(prompt))]
    if has_gate:
        gate = {"id": GATE, "quote": quote_from(answer_of(body)), "absence": None}
        said["gates"] = [{**gate, "tier": "commission"}]
    if "levels" in fields:
        said["levels"] = {
            dimension: {"reason": "As ever.", "level": levels[round(place * (len(levels) - 1))]}
            for dimension, levels in scales_of(body)
        }
    return json.dumps({name: said[name] for name in fields}, ensure_ascii=False)
