"""Physicians' grades as tuning reads them."""

import pytest

from judge.api.tuning.examples import examples_of, read_grades
from judge.api.tuning.set import SplitSet
from judge.dataset.answers import Item
from judge.domain.case import Case, Checklist, Response
from judge.errors import DataError
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from tests.api.tuning_helpers import write_grades

KNOWN = frozenset({"r1", "r2", "r3"})
DRAWN = SplitSet({"c1": "tune"}, {"blind-1": "r1"}, frozenset({"r3"}), "h")


@pytest.fixture(scope="module")
def rubric():
    return load_rubric(find_rubric("ecg-clinical-reasoning"))


def row(response_id="r1", level="3", dimension="safety", rater="p1", role="physician", **more):
    base = {"response_id": response_id, "rater": rater, "role": role, "dimension": dimension, "level": level}
    optional = {"comment": "", "stage": "", "repeat": "", "simulated": "", "stratum": ""}
    return base | optional | more


def read(tmp_path, rubric, *rows):
    return read_grades(write_grades(tmp_path / "g.csv", list(rows)), rubric, KNOWN, DRAWN)


def test_levels_checks_comments_stages_and_blinded_names_are_read(tmp_path, rubric):
    found = read(
        tmp_path,
        rubric,
        row("blind-1", comment="no rate", simulated="true"),
        row("r1", "2", rater="p2", stage="adjudicated", repeat="1"),
        row("r1", "1", "criterion:SH4"),
        row("r1", "0", "gate:G07"),
        row("r1", "", rater="p3"),
        row("r1", "4", rater="j", role="judge"),
    )
    first, second = found.grades
    assert (first.response_id, first.level, first.comment, first.is_adjudicated) == ("r1", 3.0, "no rate", False)
    assert (second.rater, second.level, second.repeat, second.is_adjudicated) == ("p2", 2.0, 1, True)
    assert {check.dimension: check.level for check in found.checks} == {"criterion:SH4": 1.0, "gate:G07": 0.0}
    assert found.simulated == ("p1",)


def test_planted_and_unknown_answers_are_left_out_and_told(tmp_path, rubric):
    found = read(tmp_path, rubric, row(), row("r2", stratum="planted"), row("r3"), row("elsewhere"))
    assert {grade.response_id for grade in found.grades} == {"r1"}
    unknown, planted = found.notes
    assert unknown == "1 answers of g.csv are not in this run and were left out"
    assert planted == "2 planted answers were left out"


def test_levels_off_the_scale_and_files_of_another_run_are_refused(tmp_path, rubric):
    with pytest.raises(DataError, match='level "9" of safety is off the scale 1 to 5'):
        read(tmp_path, rubric, row(level="9"), row("r2", "nan"))
    with pytest.raises(DataError, match="none of its 1 answers is in this run"):
        read(tmp_path, rubric, row("elsewhere"))
    with pytest.raises(DataError, match="no row with the role physician"):
        read(tmp_path, rubric, row(role="judge"))


def test_an_example_has_the_targets_that_apply_and_blank_answers_make_none(tmp_path, rubric):
    checklist = Checklist("0" * 64, not_applicable=("safety",))
    plain, without_safety = Case("c1", "q", task="EBK"), Case("c2", "q", task="EBK", checklist=checklist)
    items = [
        Item(plain, Response("r1", "c1", "m", "an answer")),
        Item(without_safety, Response("r2", "c2", "m", "an answer")),
        Item(plain, Response("r3", "c1", "m", " ")),
    ]
    rows = [row(r, "4", d) for r in ("r1", "r2") for d in ("safety", "diagnostic_accuracy")]
    grades = read(tmp_path, rubric, *rows, row("r1", "1", "gate:G07"), row("r1", "0", "gate:G07", "p2"))
    first, second = examples_of(items, grades, rubric)
    assert set(first.targets) == {"safety", "diagnostic_accuracy"}
    assert set(second.targets) == {"diagnostic_accuracy"}
    assert first.checks == {"gate:G07": 0.5}
    assert (first.case_id, first.language) == ("c1", "en")
