"""Short ways to write examples, grades and verdicts."""

from judge.domain.case import Case
from judge.domain.request import JudgeRequest
from judge.domain.verdict import LevelVerdict, Verdict
from judge.tuning.examples import Graded, Said, Target, TuningExample

SCALES = {"d": (1.0, 2.0, 3.0, 4.0, 5.0)}


def request(case_id="c", question="q", language="en"):
    return JudgeRequest("0" * 64, "default", language, Case(case_id, question, language=language), "a", (), (), ("d",),
                        frozenset())  # fmt: skip


def example(response_id, case_id=None, *, question=None, checks=None, **levels):
    """Return an example; a level is a number, or a list with one a physician."""
    case = case_id or response_id
    targets = {}
    for name, level in levels.items():
        given = level if isinstance(level, list) else [level]
        said = tuple(Said(f"p{n}", float(one)) for n, one in enumerate(given))
        targets[name] = Target(sum(given) / len(given), "mean", said)
    return TuningExample(response_id, case, request(case, question or f"about {case}"), targets, checks or {})


def grade(response_id, rater, level, *, dimension="d", **more):
    return Graded(response_id, rater, dimension, float(level), **more)


def verdict(**levels):
    """Return a verdict; a level is a number or the status that stands in its place."""
    found = [
        LevelVerdict(name, said, None, "")
        if isinstance(said, str)
        else LevelVerdict(name, "scored", float(said), "so it is")
        for name, said in levels.items()
    ]
    return Verdict("r", "c", "j", 1, tuple(found))
