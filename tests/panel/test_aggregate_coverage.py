"""The level that follows from criteria."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from judge.domain.case import Checklist, ChecklistCriterion
from judge.domain.rubric import LevelRule
from judge.domain.verdict import CriterionVerdict
from judge.panel.aggregate_coverage import level_from_criteria, panel_level_from_criteria

_spec = importlib.util.spec_from_file_location("small_rubric", Path(__file__).with_name("small_rubric.py"))
small = importlib.util.module_from_spec(_spec)
sys.modules["small_rubric"] = small
_spec.loader.exec_module(small)


DA = small.RUBRIC.dimension("DA")


def criterion(name, met, points=3.0, **more):
    return CriterionVerdict(name, "DA", met, points, 1.0 if met == "yes" else 0.0, **more)


def level(coverage, *criteria, dimension=DA, case=None, rubric=small.RUBRIC):
    verdict = small.verdict("a", 4, coverages={"DA": coverage}, criteria=criteria)
    return level_from_criteria(rubric, dimension, case or small.case(), verdict)


@pytest.mark.parametrize(
    ("coverage", "expected"), [(1.0, 5), (0.9, 5), (0.89, 4), (0.7, 4), (0.5, 3), (0.25, 2), (0.24, 1), (0.0, 1)]
)
def test_coverage_climbs_the_rubrics_steps(coverage, expected):
    assert level(coverage) == expected


def test_the_worked_checks_of_coverage_hold():
    # 5 + 3 met of 5 + 3 + 3, a negative of 4 met: (8 − 4)/11 = .36 → level 2
    assert level((5 + 3 - 4) / 11, criterion("DA1", "yes", 5), criterion("DA5", "yes", -4)) == 2
    # DA1 (5) unmet, 3 + 3 met: 6/11 = .55 → 3 by share, 2 by the rule on DA1
    assert level(6 / 11, criterion("DA1", "no", 5)) == 2
    assert level(6 / 11) == 3


def test_a_checklist_criterion_stands_for_the_one_it_is_built_from():
    checklist = Checklist("0", (ChecklistCriterion("k1", "DA", "core", 5.0, {"en": "x"}, replaces="DA1"),))
    assert level(0.8, criterion("k1", "no", 5), case=small.case(checklist=checklist)) == 2
    assert level(0.8, criterion("k1", "no", 5)) == 4


def test_a_met_negative_without_credit_lowers_nothing():
    lost = CriterionVerdict("DA5", "DA", "yes", -4.0, 0.0)
    assert level(0.95, lost) == 5


def test_faults_lower_from_the_top_and_the_lowest_holds():
    faults = replace(
        DA,
        level_method="faults",
        level_rules=(
            LevelRule("G", "met", 3.0),
            LevelRule("G", "met", 2.0, where="core"),
            LevelRule("S", "unmet", 4.0),
        ),
    )
    assert level(None, criterion("G", "no"), criterion("S", "yes"), dimension=faults) == 5
    assert level(None, criterion("G", "yes"), criterion("S", "no"), dimension=faults) == 3
    assert level(None, criterion("G", "yes", qualifier="core"), dimension=faults) == 2
    assert level(None, dimension=faults) is None


def test_a_rule_for_certain_findings_leaves_others_alone():
    rules = (LevelRule("S", "unmet", 4.0), LevelRule("S", "unmet", 2.0, where="core"))
    faults = replace(DA, level_method="faults", level_rules=rules)
    assert level(None, criterion("S", "no"), dimension=faults) == 4
    assert level(None, criterion("S", "no", qualifier="core"), dimension=faults) == 2


def test_a_rule_can_weigh_more_where_the_task_makes_the_criterion_core():
    rule = LevelRule("S", "unmet", 4.0, level_if_core=3.0)
    tasks = {"EBK": replace(small.RUBRIC.tasks["EBK"], core_overrides=frozenset({"S"}))}
    rubric = replace(small.RUBRIC, tasks=tasks)
    dimension = replace(DA, level_rules=(rule,))
    assert level(1.0, criterion("S", "no"), dimension=dimension) == 4
    assert level(1.0, criterion("S", "no"), dimension=dimension, rubric=rubric) == 3


def test_nothing_follows_where_nothing_can():
    assert level(None) is None
    assert level(0.9, dimension=replace(DA, level_method="judged")) is None
    tasks = {"EBK": replace(small.RUBRIC.tasks["EBK"], level_from_f1=((0.9, 5.0),))}
    assert level(0.9, rubric=replace(small.RUBRIC, tasks=tasks)) is None


def test_the_panels_is_the_lower_median_of_scored_verdicts():
    verdicts = [
        small.verdict("a", 4, coverages={"DA": 0.95}),
        small.verdict("b", 4, coverages={"DA": 0.6}),
        small.verdict("c", "timeout"),
    ]
    assert panel_level_from_criteria(small.RUBRIC, DA, small.case(), verdicts) == 3
    assert panel_level_from_criteria(small.RUBRIC, DA, small.case(), verdicts[2:]) is None
