"""Laws of the import that hold for any rows."""

import tempfile
from pathlib import Path
from typing import Any

from ecg_builders import NAMES, line, load, write_files
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import DataError

QUESTIONS = st.sampled_from(["Which wave?", "which  wave", "Which lead?", "", 5])
ANSWERS = st.sampled_from(["Yes, the P wave.", "No, the T wave.", "yes the P wave", "It is the", "V1", None, ["x"]])
ROWS = st.lists(st.fixed_dictionaries({"Question": QUESTIONS, "Answer": ANSWERS}) | st.none(), min_size=1, max_size=12)
SETTINGS = settings(max_examples=80, deadline=None)


def imported_or_none(rows: list[Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return load(write_files(Path(folder), PRTK=rows))
        except DataError as error:
            message = str(error)
    assert NAMES["PRTK"] in message
    assert "row 0" in message
    return None


@SETTINGS
@given(rows=ROWS)
def test_fates_add_up_and_references_are_the_rows_that_open_or_merge(rows: list[Any]) -> None:
    imported = imported_or_none(rows)
    if imported is None:
        return
    account = line(imported, "PRTK")
    assert sum(account.fates.values()) == account.rows == len(rows)
    assert account.cases == account.fates["opens_case"] == len(imported.cases)
    assert account.references == account.fates["opens_case"] + account.fates["merged"]
    assert account.dropped == len(rows) - account.references
    assert sum(row.meta["n_duplicates"] for row in imported.cases) == account.fates["dropped_duplicate"]


@SETTINGS
@given(rows=ROWS)
def test_every_reference_is_the_answer_of_the_row_it_names(rows: list[Any]) -> None:
    imported = imported_or_none(rows)
    for one in imported.cases if imported is not None else ():
        sources = one.meta["source_rows"]
        assert sources == sorted(set(sources))
        assert one.case.case_id == f"PRTK-{sources[0]}"
        assert [reference.text for reference in one.case.references] == [rows[n]["Answer"] for n in sources]
        assert len(one.meta["flags"]) == len(one.meta["reference_status"]) == len(sources)


@SETTINGS
@given(rows=ROWS)
def test_a_repeated_file_adds_duplicates_and_nothing_else(rows: list[Any]) -> None:
    once, twice = imported_or_none(rows), imported_or_none([*rows, *rows])
    assert (once is None) == (twice is None)
    if once is not None:
        assert [row.case for row in once.cases] == [row.case for row in twice.cases]
