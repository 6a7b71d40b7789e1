"""A run that was limited on purpose is not called incomplete."""

from dataclasses import replace

from judge.report.card import build_card
from tests.report import synthetic


def codes(manifest):
    run = synthetic.synthetic_run()
    tables = replace(run, manifest={**run.manifest, **manifest})
    return {notice.code for notice in build_card(tables, language="en").notices}


def test_a_limited_run_says_to_how_many_and_a_stopped_one_that_it_is_not_whole():
    limited = codes({"complete": False, "stopped": None, "options": {"limit": 3}})
    assert "limited" in limited
    assert "incomplete" not in limited
    stopped = codes({"complete": False, "stopped": "interrupted", "options": {"limit": None}})
    assert "incomplete" in stopped
    assert "limited" not in stopped
