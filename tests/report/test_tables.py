"""Tables of a run as rows, and several runs as one."""

from dataclasses import replace

import pyarrow as pa
import pytest

from judge.errors import ConfigError
from judge.report.card import build_card
from judge.report.tables import call_rows, from_arrow, grade_rows, join_runs, verdict_rows


def test_rows_follow_the_file(run):
    rows = list(grade_rows(run))
    assert len(rows) == 3 * 12 * 5
    assert rows[0].response_id == "synthetic-strong/00"
    assert [row.dimension for row in rows[:5]] == ["accuracy", "reasoning", "safety", "style", "composite"]


def test_a_column_that_is_not_there_is_null(run):
    fewer = replace(run, calls={"judge": ["a"], "cost_usd": [0.5]})
    (call,) = call_rows(fewer)
    assert (call.judge, call.cost_usd, call.prompt_tokens) == ("a", 0.5, None)


def test_a_table_without_rows_is_no_error(run):
    assert list(verdict_rows(replace(run, verdicts={}))) == []


def test_arrow_tables_give_the_same_card(run, card):
    tables = {name: pa.table(dict(getattr(run, name))) for name in ("grades", "verdicts", "criteria", "calls")}
    again = from_arrow(run.manifest, run.rubric, tables, name=run.name)
    assert build_card(again, language="en") == card


def test_one_run_is_itself(run):
    assert join_runs([run]) is run


def test_a_model_of_two_runs_is_named_with_its_run_and_others_are_not(synthetic, run):
    other = synthetic.synthetic_run(models=(("synthetic-strong", 4.6), ("synthetic-new", 3.0)), name="second")
    joined = join_runs([run, other])
    names = {model.name for model in build_card(joined, language="en").models}
    assert names == {
        "synthetic-strong (synthetic run)",
        "synthetic-strong (second)",
        "synthetic-middle",
        "synthetic-weak",
        "synthetic-new",
    }
    card = build_card(joined, language="en")
    assert (card.n_answers, card.n_cases, len(card.runs)) == (60, 12, 2)


def test_runs_of_one_name_stay_apart(synthetic, run):
    other = synthetic.synthetic_run(models=(("synthetic-strong", 2.0),))
    assert other.name == run.name
    card = build_card(join_runs([run, other]), language="en")
    names = {model.name: model.n_answers for model in card.models}
    assert names["synthetic-strong (synthetic run #1)"] == names["synthetic-strong (synthetic run #2)"] == 12
    assert card.name == "synthetic run #1 + synthetic run #2"


def test_runs_on_different_rubrics_are_refused(run):
    other = replace(run, rubric=replace(run.rubric, hash="ff" * 32, version=2), name="second")
    with pytest.raises(ConfigError, match="second on synthetic v2"):
        join_runs([run, other])


def test_different_panels_are_told(synthetic, run):
    other = synthetic.synthetic_run(judges=synthetic.JUDGES[:1], models=(("synthetic-new", 3.0),), name="second")
    codes = [notice.code for notice in build_card(join_runs([run, other]), language="en").notices]
    assert "different_panels" in codes
    assert "different_panels" not in [n.code for n in build_card(run, language="en").notices]
