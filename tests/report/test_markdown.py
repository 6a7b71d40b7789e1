"""The card in Markdown; a golden file holds the whole of a small one.

To write the golden file anew after a wanted change: ``JUDGE_WRITE_GOLDEN=1 pytest tests/report``, then read the diff.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from judge.report.card import build_card
from judge.report.markdown import render_markdown
from judge.report.markdown_text import escape, table
from judge.report.tables import grade_rows

GOLDEN = Path(__file__).with_name("golden")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_card_is_the_golden_one(synthetic, language):
    run = synthetic.synthetic_run(models=synthetic.MODELS[1:], n_cases=8)
    text = render_markdown(build_card(run, language=language))
    path = GOLDEN / f"card_{language}.md"
    if os.environ.get("JUDGE_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_row_of_a_table_has_as_many_cells_as_its_head(card):
    rows = [line for line in render_markdown(card).splitlines() if line.startswith("|")]
    sizes, width = [], None
    for line in rows:
        cells = line.replace("\\|", "").count("|")
        if set(line) <= set("|-: "):
            width = sizes[-1]
        sizes.append(cells)
        if width is not None and set(line) <= set("|-: "):
            assert cells == width
    assert len(rows) > 40


@pytest.mark.parametrize(
    "hostile", ["<script>x</script>", "a|b", "[x](javascript:y)", "`code`", "# head", "*b* _i_ ~~s~~", "&lt;"]
)
def test_no_text_of_others_is_markup(run, hostile):
    rows = list(grade_rows(run))
    text = render_markdown(
        build_card(replace(run, grades={**run.grades, "model": [f"{hostile}{r.model}" for r in rows]}), language="en")
    )
    assert escape(hostile) in text
    assert f"| {hostile}" not in text


def test_escaping_keeps_the_words():
    assert escape("plain – 中文 (3) 4.5!") == "plain – 中文 (3) 4.5!"
    assert escape("a|b") == "a\\|b"


def test_a_table_is_aligned_left_and_right():
    assert table(["a", "b"], [["x", "1"]]) == ["| a | b |", "| --- | ---: |", "| x | 1 |"]


def test_the_lead_stands_first(synthetic):
    run = synthetic.synthetic_run(judges=synthetic.JUDGES[2:], n_cases=2)
    assert render_markdown(build_card(run, language="en")).startswith("> **This is a baseline")


def test_a_comparison_with_physicians_has_its_section(run):
    row = {
        "dimension": "style",
        "comparison": "panel-physician",
        "statistic": "bias",
        "value": None,
        "undefined": "too_few_raters",
        "n_items": 3,
    }
    card = build_card(replace(run, agreement={"results": [row]}), language="en")
    text = render_markdown(card)
    assert "| style | bias | – | too\\_few\\_raters | – | 3 |" in text
    assert "no physician has checked them" not in text
