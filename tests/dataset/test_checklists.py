"""Checklists: what the JSON may hold, and every fault by name."""

from typing import Any

import pytest
from dataset_builders import small_rubric

from judge.dataset.cells import CellError
from judge.dataset.checklists import read_checklist
from judge.domain.ids import sha256_json


def criterion(**changes: Any) -> dict[str, Any]:
    found = {"id": "k1", "from": "DA1", "dim": "DA", "class": "core", "points": 5, "en": "Names it", "zh": "指出"}
    return {**found, **changes}


def fault(checklist: Any, **options: Any) -> str:
    with pytest.raises(CellError) as caught:
        read_checklist(checklist, small_rubric(), **options)
    return str(caught.value)


def test_every_key_arrives_in_the_domain() -> None:
    given = {
        "case_id": "c1",
        "task": "EBK",
        "lang": ["en", "zh"],
        "rubric": "ecg-clinical-reasoning/v1",
        "reference_status": "corrected",
        "criteria": [
            criterion(
                type="finding",
                concepts=[
                    {
                        "id": "ST_ELEV",
                        "assert": "present",
                        "qual": "concordant",
                        "leads": ["V1"],
                        "value": {"op": ">=", "num": 1, "unit": "mm"},
                    }
                ],
            ),
            {"id": "n1", "dim": "safety", "class": "negative", "points": -3, "en": "a", "zh": "b", "evidence": "whole"},
        ],
        "critical": ["G01"],
        "acts_asked": {"G01": ["ACT_PCI"]},
        "na": ["SH"],
        "equivalents": {"LBBB": ["left bundle branch block"]},
    }
    given["sha256"] = sha256_json(given)
    found = read_checklist(given, small_rubric(), case_id="c1")
    assert found.sha256 == given["sha256"]
    assert [c.dimension for c in found.criteria] == ["diagnostic_accuracy", "safety"]
    assert found.criteria[0].replaces == "DA1"
    assert found.criteria[0].text == {"en": "Names it", "zh": "指出"}
    concept = found.criteria[0].concepts[0]
    assert (concept.id, concept.qualifier, concept.leads) == ("ST_ELEV", "concordant", ("V1",))
    assert concept.value is not None
    assert (concept.value.op, concept.value.num, concept.value.unit) == (">=", 1.0, "mm")
    assert (found.criteria[1].kind, found.criteria[1].evidence) == ("negative", "whole")
    assert found.critical == ("G01",)
    assert found.acts_asked == {"G01": ("ACT_PCI",)}
    assert found.not_applicable == ("safety",)
    assert found.equivalents == {"LBBB": ("left bundle branch block",)}
    assert found.reference_status == "corrected"


def test_without_a_hash_it_is_computed_and_a_change_changes_it() -> None:
    first = read_checklist({"criteria": [criterion()]}, small_rubric())
    second = read_checklist({"criteria": [criterion(points=4)]}, small_rubric())
    assert first.sha256 == sha256_json({"criteria": [criterion()]})
    assert first.sha256 != second.sha256


def test_a_wrong_hash_is_refused() -> None:
    assert "it was changed" in fault({"criteria": [criterion()], "sha256": "0" * 64})


@pytest.mark.parametrize(
    ("checklist", "message"),
    [
        ([], "not a JSON object"),
        ({"critera": []}, 'unknown key "critera", did you mean "criteria"'),
        ({"criteria": [criterion(klass="core")]}, 'criteria.1.klass: unknown key "klass", did you mean "class"'),
        ({"criteria": [criterion(words={"en": "x"})]}, 'unknown key "words"'),
        ({"criteria": [{"id": "k1", "dim": "DA", "points": 5, "en": "x"}]}, "criteria.1.class: field required"),
        ({"criteria": [criterion(points="5")]}, "criteria.1.points"),
        ({"criteria": [criterion(points=-5)]}, "-5 points do not fit the class core"),
        ({"criteria": [criterion(**{"class": "negative"})]}, "5 points do not fit the class negative"),
        ({"criteria": [criterion(dim="DB")]}, 'unknown dimension "DB"'),
        ({"criteria": [criterion(**{"from": "DA9"})]}, 'from: unknown criterion "DA9"'),
        ({"criteria": [criterion(**{"from": "SH1"})]}, "SH1 belongs to safety, not to DA"),
        ({"criteria": [criterion(), criterion()]}, 'criterion "k1" occurs twice'),
        ({"criteria": [criterion(type="opinion")]}, "criteria.1.type"),
        ({"lang": ["en", "fr"], "criteria": [criterion()]}, "no words in fr"),
        ({"criteria": [criterion(en=" ")]}, "no words in en"),
        ({"criteria": [criterion(en="half \ud800")]}, "lone surrogate"),
        ({"critical": ["G1"]}, 'critical: unknown gate "G1"'),
        ({"acts_asked": {"G99": []}}, 'acts_asked: unknown gate "G99"'),
        ({"na": ["ZZ"]}, 'na: unknown dimension "ZZ"'),
        ({"task": "ebk"}, 'unknown task "ebk"'),
        ({"rubric": "open-answer/v1"}, "not for ecg-clinical-reasoning/v1"),
        ({"case_id": "other"}, 'case_id is "other", but the row\'s is "c1"'),
    ],
)
def test_each_fault_is_named(checklist: Any, message: str) -> None:
    assert message in fault(checklist, case_id="c1")


def test_all_faults_of_a_checklist_come_together() -> None:
    found = fault({"critical": ["G9"], "na": ["Q"], "criteria": [criterion(dim="X", points=0)]})
    assert found.count(";") == 3
