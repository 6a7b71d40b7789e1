"""What ``judge agree`` prints: plain sentences, each number once, reasons in words."""

import csv

import numpy as np
import pytest

import judge

CUTS = [-1.1, -0.35, 0.35, 1.1]


def study(n=40, judges=("j0",), physicians=3, panel=None, seed=0):
    """Return rows of judges and physicians; the panel's are those of the judge that ``panel`` names."""
    rng = np.random.default_rng(seed)
    names = [*judges, *(f"p{i}" for i in range(physicians))]
    rated = rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, len(names)))
    levels = np.searchsorted(CUTS, rated.ravel()).reshape(rated.shape) + 1
    rows = [
        {"item": f"a{i:03}", "rater": name, "role": "physician" if name[0] == "p" else "judge", "dimension": "Q",
         "level": int(levels[i, j])}
        for i in range(n)
        for j, name in enumerate(names)
    ]  # fmt: skip
    return [*rows, *({**row, "rater": "panel"} for row in rows if row["rater"] == panel)]


@pytest.fixture
def report_of(tmp_path):
    def make(rows, **options):
        path = tmp_path / "ratings.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return judge.agree(path, **{"levels": ["1:5"], "ci": "analytic", **options})

    return make


def claims(report) -> list[str]:
    lines = report.text.splitlines()
    start = lines.index("May it stand in for a physician?")
    return lines[start + 1 : lines.index("", start)]


def test_each_judge_has_one_line_and_the_missing_margin_is_said_once_at_the_end(report_of):
    rows = study(judges=("j0", "j1"))
    report = report_of([*rows, *({**row, "dimension": "R"} for row in rows)])
    assert len(report.verdicts) == 2 * 2 * (1 + 4)
    what, *judges, last = claims(report)
    assert "replace most of the physicians" in what
    assert [line.split(":")[0] for line in judges] == ["  Q, j0", "  Q, j1", "  R, j0", "  R, j1"]
    assert last == "  State a margin with --margin to test non-inferiority."
    assert report.text.count("--margin") == 1
    assert "no_margin_stated" not in report.text
    assert "alt_test_omega" not in report.text


def test_epsilons_stand_by_their_answer_and_the_minimum_beside_what_there_is(report_of):
    report = report_of(study(n=40, seed=3))
    answers = {v.claim.partition("@")[2]: v.answer for v in report.verdicts if v.claim.startswith("alt")}
    line = claims(report)[1]
    for word, answer in (("YES", "yes"), ("NO", "no"), ("NOT ENOUGH DATA", "not_enough_data")):
        at = [epsilon for epsilon, found in answers.items() if found == answer]
        assert (f"{word} at epsilon {', '.join(at)}" in line) == bool(at)
    assert line.endswith(" (needs >= 30 answers a physician, have 40).")


def test_too_few_answers_are_told_with_the_minimum_and_the_code(report_of):
    assert claims(report_of(study(n=12)))[1] == (
        "  Q, j0: NOT ENOUGH DATA, too few answers for each physician (too_few_items_per_annotator): "
        "needs >= 30 answers a physician, have 12."
    )
    alone = claims(report_of(study(physicians=1), margin=0.1))
    assert alone[1:] == [
        "  Q, j0: NOT ENOUGH DATA, it takes two physicians (needs_two_annotators).",
        "    Non-inferiority in kappa: NOT ENOUGH DATA, it takes two physicians (too_few_raters).",
    ]


def test_with_a_margin_non_inferiority_is_a_second_sentence(report_of):
    report = report_of(study(), margin=0.1)
    (verdict,) = [v for v in report.verdicts if v.claim.startswith("non_inferiority")]
    *_, line = claims(report)
    assert line.startswith("    Non-inferiority in kappa: ")
    assert verdict.reason in line
    assert "State a margin" not in report.text


def test_a_panel_of_one_judge_is_not_repeated_where_its_numbers_are_the_same(report_of):
    report = report_of(study(panel="j0"))
    assert "The panel is one judge, j0: it is shown apart where its numbers differ." in report.text
    assert "the panel" not in report.text
    assert [line.split(":")[0] for line in claims(report)[1:-1]] == ["  Q, j0"]
    assert any(row["comparison"] == "panel-physician" for row in report.document()["results"])
    assert any(verdict.comparison == "panel-physician" for verdict in report.verdicts)


def test_a_panel_of_one_judge_is_shown_where_its_numbers_differ(report_of):
    rows = study(panel="j0")
    first = next(row for row in rows if row["rater"] == "panel")
    first["level"] = 1 if first["level"] != 1 else 5
    report = report_of(rows)
    assert "The panel is one judge" not in report.text
    assert "the panel" in report.text


def test_a_panel_of_two_judges_is_always_shown(report_of):
    report = report_of(study(judges=("j0", "j1"), panel="j0"))
    assert "The panel is one judge" not in report.text
    assert "the panel" in report.text
    assert [line.split(":")[0] for line in claims(report)[1:-1]] == ["  Q, j0", "  Q, j1", "  Q, panel"]


def test_gwets_coefficient_has_its_whole_name_once(report_of):
    ordered = report_of(study())
    assert [line.split("  ")[1] for line in ordered.text.splitlines() if "AC" in line] == ["Gwet's AC2"]
    nominal = report_of(study(), levels=[], nominal=True)
    assert [line.split("  ")[1] for line in nominal.text.splitlines() if "AC" in line] == ["Gwet's AC1"]


def test_reasons_stand_in_words_with_the_code(report_of):
    rows = [{**row, "level": 3} for row in study(n=12)]
    assert "undefined: " in report_of(rows).text
    assert "all ratings are one level (no_variation)" in report_of(rows).text


def test_gates_without_a_rate_have_no_empty_table(report_of):
    rows = [{**row, "dimension": "gate:G01", "level": 0} for row in study(n=12)]
    text = report_of(rows).text
    assert "false alarms" not in text
    assert "nothing for a miss rate" in text
    seen = [{**row, "level": int(row["item"] == "a000")} for row in rows]
    assert "false alarms" in report_of(seen).text
    never = [{**row, "level": 1} for row in rows]
    assert "every graded answer has it (no_negatives)" in report_of(never).text
