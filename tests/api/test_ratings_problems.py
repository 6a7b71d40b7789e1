"""Problems of ratings files are said once, with all their rows."""

import pytest

from judge.api.agreeing.problems import Problem, collapsed, n_places


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (["row 2"], "row 2: it is wrong"),
        (["row 2", "row 2"], "row 2: it is wrong"),
        (["row 3", "row 2", "row 7"], "it is wrong (rows 2-3, 7)"),
        (["line 1", "line 2"], "it is wrong (lines 1-2)"),
        ([f"row {i}" for i in range(1, 21, 2)], "it is wrong (rows 1, 3, 5, 7, 9, 11, 13, 15 and 2 more)"),
        (["r1 of the run", "row 2"], "it is wrong (r1 of the run, row 2)"),
    ],
)
def test_rows_are_told_as_ranges(places, said):
    assert collapsed(Problem(place, "it is wrong") for place in places) == (said,)


def test_problems_keep_the_order_of_their_first_rows_and_rows_are_counted_once():
    problems = [Problem("row 2", "b"), Problem("row 2", "a"), Problem("row 9", "b")]
    assert collapsed(problems) == ("b (rows 2, 9)", "row 2: a")
    assert n_places(problems) == 2
