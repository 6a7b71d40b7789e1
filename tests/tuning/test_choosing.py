"""Choosing among candidates, with a bench whose verdicts are written down."""

from dataclasses import dataclass

import pytest

from judge.panel.combine import Judged
from judge.tuning.choosing import choose
from judge.tuning.program import LanguageProgram, Program
from tests.tuning.builders import SCALES, example, verdict

TRUTH = (1, 2, 3, 4, 5, 1, 2, 3, 4, 5)
EXAMPLES = [example(f"r{i}", d=level) for i, level in enumerate(TRUTH)]


@dataclass
class Written:
    """A bench that knows each program's levels."""

    levels: dict
    unknown: tuple = ()

    def knows(self, program, examples):
        return program.by_language["en"].instructions not in self.unknown

    def judged_all(self, program, examples):
        return [Judged(verdict(d=level), ()) for level in self.levels[program.by_language["en"].instructions]]


def program(name):
    return Program({"en": LanguageProgram(name)})


def chosen(**levels):
    candidates = [program(name) for name in levels if name != "start"]
    choice = choose(Written(levels), program("start"), candidates, EXAMPLES, SCALES)
    return choice, choice.program.by_language["en"].instructions


OFF = (2, 3, 4, 5, 5, 2, 3, 4, 5, 5)


def test_the_best_kappa_wins_and_the_start_wins_ties():
    assert chosen(start=OFF, better=TRUTH, worse=OFF[::-1])[1] == "better"
    choice, name = chosen(start=TRUTH, same=TRUTH)
    assert (name, choice.is_start, choice.n_candidates) == ("start", True, 1)


def test_a_candidate_that_gives_one_level_to_all_is_left_out_even_where_the_start_is_worse_than_chance():
    choice, name = chosen(start=TRUTH[::-1], flat=(3,) * 10)
    assert (name, choice.n_collapsed) == ("start", 1)
    assert choice.start.kappa < 0


def test_a_candidate_that_leaves_more_answers_without_a_level_is_left_out():
    assert chosen(start=OFF, shy=("unparsable", *TRUTH[1:]))[1] == "start"
    assert chosen(start=("unparsable", *OFF[1:]), shy=("unparsable", *TRUTH[1:]))[1] == "shy"


def test_a_candidate_that_was_not_judged_on_every_answer_is_left_out_and_the_others_are_not():
    bench = Written({"start": OFF, "half": TRUTH, "whole": (1, 2, 3, 4, 5, 1, 2, 3, 4, 4)}, unknown=("half",))
    choice = choose(bench, program("start"), [program("half"), program("whole")], EXAMPLES, SCALES)
    assert choice.program.by_language["en"].instructions == "whole"


def test_a_program_is_named_by_all_of_its_state():
    one = Program({"en": LanguageProgram("a"), "zh": LanguageProgram("b")})
    other = one.changed("en", LanguageProgram("a", ({"answer": "x"},)))
    assert one.hash != other.hash
    assert other.changed("en", LanguageProgram("a")).hash == one.hash
    assert other.by_language["zh"] == one.by_language["zh"]
    with pytest.raises(AttributeError):
        one.by_language = {}
