"""Reply files for tests of tuning: a judge that obeys its instructions, and a writer of them.

The judge sees how many findings an answer names (one to five); strict, that is its level. It is strict only when its
instructions tell it to go anchor by anchor, or when it was shown demonstrations; else it is lenient. It never sees a
label. The writer proposes strictness where the feedback complains of leniency, and generosity where of strictness.
"""

import hashlib
import importlib.util
import os
import re
from pathlib import Path

_spec = importlib.util.spec_from_file_location("graders_of_obedient", Path(__file__).with_name("graders.py"))
graders = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(graders)

STRICT = "Go anchor by anchor"
GENEROUS = "Be generous"
FLAT = "Give the middle level always"
_PRESENT = re.compile(r"<present-instructions>\n(.*?)\n</present-instructions>", re.DOTALL)


def findings_in(answer):
    """Return how many findings an answer names."""
    return max(1, min(5, len(re.findall(r"[Ff]inding", answer))))


def _noise(*parts):
    return int(hashlib.sha256("|".join(parts).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def judge(body):
    """Grade strictly or leniently, by the instructions alone."""
    messages = body["messages"]
    own = {**body, "messages": [messages[0], messages[-1]]}
    answer = graders.answer_of(own)
    is_strict = STRICT in messages[0]["content"] or len(messages) > 2

    def place(dimension):
        level = findings_in(answer)
        if _noise(answer, dimension) > 0.85:
            level = max(1, level - 1)
        if FLAT in messages[0]["content"]:
            return 0.5
        if not is_strict:
            level = min(5, max(4, level + 1))
        return (level - 1) / 4

    return graders.graded(own, place)


def writer(body):
    """Write instructions from what the feedback complains of most."""
    asked = body["messages"][-1]["content"]
    present = _PRESENT.search(asked).group(1)
    is_lenient = asked.count("too lenient") > asked.count("too strict")
    advice = f"{STRICT}, lowest first, and stop at the first whose clauses do not all hold." if is_lenient else GENEROUS
    return f"Here they are.\n<instructions>\n{present}\n\n{advice}\n</instructions>"


def idle_writer(body):
    """Write nothing that can be used."""
    return "I would not change anything."


def recording_writer(body):
    """Write as ``writer`` does, and keep what was shown in the file that ``TUNING_SEEN`` names."""
    with Path(os.environ["TUNING_SEEN"]).open("a", encoding="utf-8") as file:
        file.write(body["messages"][-1]["content"] + "\n")
    return writer(body)


def flat_writer(body):
    """Write what makes the judge give one level to all."""
    present = _PRESENT.search(body["messages"][-1]["content"]).group(1)
    return f"<instructions>{present}\n{FLAT}</instructions>"


def mipro_writer(body):
    """Propose strictness to MIPROv2, in the form that its prompts ask for."""
    fields = re.findall(r"\[\[ ## (\w+) ## \]\]", body["messages"][-1]["content"].rsplit("Respond with", 1)[-1])
    texts = {name: f"{STRICT}, lowest first." for name in fields if name != "completed"}
    return "\n\n".join([*(f"[[ ## {name} ## ]]\n{text}" for name, text in texts.items()), "[[ ## completed ## ]]"])
