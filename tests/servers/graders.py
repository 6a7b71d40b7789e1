"""Reply files for the loopback server: judges that keep the contract, each with a character of its own.

A judge reads what a real one would read: criterion ids and the answer's block from the prompt, scales from the schema.
"""

import hashlib
import json
import re

CRITERION = re.compile(r"^(\S+) \| \w+ \| [+-]\d", re.MULTILINE)
ANSWER = re.compile(r"<<<DATA answer (\w+)>>>\n(.*?)\n<<<END answer \1>>>", re.DOTALL)


def answer_of(body):
    """Return the answer as the judge sees it."""
    prompt = body["messages"][1]["content"]
    return ANSWER.search(prompt).group(2)


def quote_from(answer):
    """Return the first words of the answer that may stand as a quote, or None."""
    words = re.findall(r"[A-Za-z0-9\u4e00-\u9fff]{3,40}", answer)
    return words[0] if words else None


def scales_of(body):
    """Return (dimension, whole levels) of the reply that is asked for."""
    schema = body["response_format"]["json_schema"]["schema"]["properties"]["levels"]["properties"]
    found = []
    for dimension, level in schema.items():
        enums = level["properties"]["level"]
        values = [v for part in enums.get("anyOf", [enums]) for v in part.get("enum", [])]
        found.append((dimension, [v for v in values if not isinstance(v, str)]))
    return found


def level_at(share, levels):
    """Return the level that stands at a share of the way from the lowest to the highest."""
    return levels[round(share * (len(levels) - 1))]


def graded(body, place):
    """Return the contract's object; ``place(dimension)`` in 0–1 chooses the level."""
    said = {"injection_suspected": False, "reference_problem": None}
    fields = body["response_format"]["json_schema"]["schema"]["properties"]
    quote = quote_from(answer_of(body))
    if "criteria" in fields:
        ids = dict.fromkeys(CRITERION.findall("\n".join(message["content"] for message in body["messages"][:2])))
        met = quote is not None
        said["criteria"] = [
            {"id": one, "quotes": [quote] if met and one == "CR1" else [], "met": met and one == "CR1"} for one in ids
        ]
    if "gates" in fields:
        said["gates"] = []
    said["levels"] = {
        dimension: {"reason": "By its digest.", "level": level_at(place(dimension), levels)}
        for dimension, levels in scales_of(body)
    }
    return json.dumps({name: said[name] for name in fields}, ensure_ascii=False)


def _share(*parts):
    return int(hashlib.sha256("|".join(parts).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def steady_share(model, answer, dimension):
    """Return where ``steady`` places an answer: by its digest, a little apart from the other models."""
    own = _share(model, answer, dimension)
    return min(1.0, max(0.0, 0.85 * _share(answer, dimension) + 0.15 * own))


def steady(body):
    """Grade by a digest of the answer, a little apart from the other models."""
    answer = answer_of(body)
    return graded(body, lambda dimension: steady_share(body["model"], answer, dimension))


def lenient(body):
    """Grade a level of five higher than ``steady``, as far as the scale goes."""
    answer = answer_of(body)
    return graded(body, lambda dimension: min(1.0, steady_share(body["model"], answer, dimension) + 0.25))


def by_length(body):
    """Grade the longer answer better (a bad judge that is easy to predict)."""
    return graded(body, lambda _: min(1.0, len(answer_of(body)) / 200))


def lowest(body):
    """Give every dimension its lowest level."""
    return graded(body, lambda _: 0.0)


def highest(body):
    """Give every dimension its highest level."""
    return graded(body, lambda _: 1.0)


_PLAIN = {}


def plain(body):
    """Meet no criterion and give every dimension its middle level; as fast as a server can be.

    The words are made once for a model: all its requests must ask the same criteria (cases of one task, no checklist).
    """
    if body["model"] not in _PLAIN:
        said = json.loads(graded(body, lambda _: 0.5))
        for criterion in said.get("criteria", ()):
            criterion.update(quotes=[], met=False)
        _PLAIN[body["model"]] = json.dumps({name: said[name] for name in said})
    return _PLAIN[body["model"]]
