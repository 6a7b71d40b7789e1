from dataclasses import replace

from judge.domain.verdict import CriterionVerdict, GateVerdict, Quote
from judge.tuning.examples import Said, Target
from judge.tuning.feedback import feedback_on
from tests.tuning.builders import example, verdict


def test_feedback_tells_direction_physicians_levels_comments_and_the_judges_reason():
    said = (Said("dr-who", 2.0, ("no ischaemia was looked for",)), Said("dr-no", 3.0))
    one = replace(example("r", d=1), targets={"d": Target(2.5, "mean", said)})
    text = feedback_on(verdict(d=5), one, ["d"])
    assert text == (
        "d: level 5 is too lenient by 2.5. Physicians gave 2, 3. They wrote: “no ischaemia was looked for”"
        " The assistant's reason was: so it is"
    )
    assert "dr-who" not in text


def test_feedback_names_agreement_strictness_adjudication_and_a_missing_level():
    assert "level 3 is what physicians gave" in feedback_on(verdict(d=3), example("r", d=[3, 3]), ["d"])
    assert "too strict by 2.0" in feedback_on(verdict(d=1), example("r", d=3), ["d"])
    adjudicated = replace(example("r", d=1), targets={"d": Target(4.0, "adjudicated", (Said("a", 2.0),))})
    assert "Physicians gave 2, after adjudication 4." in feedback_on(verdict(d=2), adjudicated, ["d"])
    assert "gave no level (unparsable)" in feedback_on(verdict(d="unparsable"), example("r", d=3), ["d"])


def test_feedback_names_criteria_and_gates_on_which_they_differ_and_no_others():
    given = replace(
        verdict(d=3),
        criteria=tuple(CriterionVerdict(name, "d", met, 1, 1) for name, met in
                       (("A", "yes"), ("B", "no"), ("C", "yes"), ("D", "na"), ("E", "yes"))),
        gates=(GateVerdict("G1", "commission", Quote("x", 0, 1)), GateVerdict("G2", "commission", Quote("x", 0, 1))),
    )  # fmt: skip
    checks = {"criterion:A": 0.0, "criterion:B": 1.0, "criterion:C": 1.0, "criterion:D": 1.0, "criterion:E": 0.5}
    checks |= {"gate:G1": 1.0, "gate:G2": 0.0, "gate:G3": 1.0}
    lines = feedback_on(given, example("r", d=3, checks=checks), ["d"]).splitlines()[1:]
    assert lines == [
        "criterion A: the assistant said met, physicians say it is not.",
        "criterion B: the assistant said not met, physicians say it is.",
        "gate G2: the assistant raised it, physicians see no such danger.",
        "gate G3: physicians see this danger in the answer, the assistant did not.",
    ]
