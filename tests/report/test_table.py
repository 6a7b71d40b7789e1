"""The table in the terminal."""

import re
from dataclasses import replace

from judge.report.card import build_card
from judge.report.table import render_table
from judge.report.tables import grade_rows
from judge.report.text import width


def lines_of(text):
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if set(line) == {"─"}) - 1
    return lines[
        start : next(i for i, line in enumerate(lines) if line.startswith(("worst – best:", "最差")) and i > start)
    ]


def test_every_model_has_its_composite_and_every_dimension(card):
    rows = [line for line in lines_of(render_table(card)) if set(line) != {"─"}]
    assert len(rows) == 1 + 3 * 5
    weak = next(line for line in rows if line.startswith("synthetic-weak"))
    assert re.search(r"Composite\s+28\.3\s+\[23\.6, 32\.9\]\s+11†\s+1\s+0\s+25\.9 – 34\.3$", weak)


def test_columns_are_aligned_in_english_and_chinese(card, card_zh):
    for made in (card, card_zh):
        rows = [line for line in lines_of(render_table(made)) if set(line) != {"─"}]
        assert len({width(line) for line in rows}) == 1


def test_it_says_what_the_means_are_and_what_waits(card):
    text = render_table(card)
    assert text.startswith("Means are raw panel levels, no physician has checked them.")
    assert "synthetic-weak    2 confirmed, 1 pending" in text
    assert text.rstrip().endswith("Research use. Not a medical device.")


def test_a_baseline_says_so_first(synthetic):
    run = synthetic.synthetic_run(judges=synthetic.JUDGES[2:], n_cases=2)
    assert render_table(build_card(run, language="en")).startswith("This is a baseline")


def test_no_escape_sequence_reaches_the_terminal(run):
    rows = list(grade_rows(run))
    odd = replace(run, grades={**run.grades, "model": [f"\x1b[31m{r.model}\x07" for r in rows]})
    text = render_table(build_card(odd, language="en"))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "⟨U+001B⟩" in text


def test_a_long_name_is_cut_and_stays_aligned(run):
    rows = list(grade_rows(run))
    odd = replace(run, grades={**run.grades, "model": [f"很长的模型名称很长的模型名称很长的{r.model}" for r in rows]})
    found = [line for line in lines_of(render_table(build_card(odd, language="en"))) if set(line) != {"─"}]
    assert len({width(line) for line in found}) == 1
    assert width(found[1].split("  ")[0]) <= 36


def test_nothing_graded_is_said(run):
    empty = replace(run, grades={name: [] for name in run.grades})
    assert "There is nothing here to show." in render_table(build_card(empty, language="en"))


def test_a_cut_name_still_says_that_it_is_simulated(synthetic):
    run = synthetic.synthetic_run(models=(("provider/" + "x" * 60, 3.0),), meta={"simulated": True}, n_cases=2)
    row = lines_of(render_table(build_card(run, language="en")))[2]
    assert row.split("  ")[0].endswith("x (simulated)")
