import json

import pytest

from judge.resources import find_rubric
from judge.rubric import load_rubric
from judge.rubric.describe import rubric_document, rubric_text, scale_text
from judge.rubric.layout import display_width, table, wrapped


def test_the_text_holds_every_anchor_criterion_task_and_gate():
    rubric = load_rubric(find_rubric("ecg-clinical-reasoning"))

    for language in rubric.languages:
        squeezed = "".join(rubric_text(rubric, language).split())
        for dimension in rubric.dimensions:
            for anchor in dimension.anchors.values():
                assert "".join(anchor[language].split()) in squeezed
        for thing in [*(c.text for c in rubric.criteria), *(g.name for g in rubric.gates)]:
            assert "".join(thing[language].split()) in squeezed
        for gate in rubric.gates:
            for words in (gate.omission, gate.commission, gate.note):
                assert words is None or "".join(words[language].split()) in squeezed


def test_no_line_is_wider_than_a_page():
    rubric = load_rubric(find_rubric("ecg-clinical-reasoning"))

    for language in rubric.languages:
        assert max(display_width(line) for line in rubric_text(rubric, language).splitlines()) <= 102


def test_a_draft_says_so_at_the_top_and_a_signed_one_says_who(rubric_file):
    draft = load_rubric(rubric_file())
    signed = load_rubric(
        rubric_file(("status: draft", "status: signed\n  by: Dr A\n  date: 2026-11-24\n  signed: [S1]"))
    )

    assert "DRAFT" in rubric_text(draft, "en").splitlines()[1]
    assert rubric_text(signed, "en").splitlines()[1] == "Signed by Dr A, 2026-11-24"
    assert "S1   Anchors [signed]" in rubric_text(signed, "en")


def test_the_document_is_json_and_keeps_every_id():
    rubric = load_rubric(find_rubric("ecg-clinical-reasoning"))

    document = json.loads(json.dumps(rubric_document(rubric), allow_nan=False))

    assert document["hash"] == rubric.hash
    assert [gate["id"] for gate in document["gates"]] == [gate.id for gate in rubric.gates]
    assert document["dimensions"][0]["anchors"]["5"]["zh"].startswith("核心诊断")
    assert document["dimensions"][5]["na_allowed"] == ["CMD", "MEE"]


@pytest.mark.parametrize(
    ("levels", "text"),
    [((1.0, 2.0, 3.0), "1–3"), ((0, 1), "0, 1"), ((0.0, 0.5, 1.0), "0, 0.5, 1"), ((1, 3, 5), "1, 3, 5")],
)
def test_a_scale_in_short(levels, text):
    assert scale_text(levels) == text


def test_wrapping_counts_chinese_as_two_columns_and_keeps_its_stops_on_the_line():
    assert wrapped("心电图正常，无需处理", first="- ", width=12) == ["- 心电图正常，", "  无需处理"]
    assert wrapped("one two three", first="* ", width=9) == ["* one two", "  three"]
    assert wrapped("unbreakablelongword x", first="", width=5) == ["unbreakablelongword", "x"]


def test_a_table_lines_up_columns():
    assert table([["a", "bb"], ["心", "c"]]) == ["a   bb", "心  c"]
