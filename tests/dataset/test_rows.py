"""Tables as streams of rows: any bytes end in rows or in an error of ours."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judge.dataset.rows import tables
from judge.errors import JudgeError

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def rows_of(path: Path) -> list:
    (table,) = tables(path)
    return list(table.rows())


@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.csv", "x.parquet"])
@SETTINGS
@given(content=st.binary(max_size=300))
def test_any_bytes_give_rows_or_an_error_of_ours(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    try:
        found = rows_of(path)
    except JudgeError as error:
        message = str(error)
        found = []
    else:
        message = name
    assert name in message
    assert all((row.values is None) == (row.fault is not None) for row in found)


@SETTINGS
@given(records=st.lists(st.dictionaries(CELLS, CELLS | st.integers() | st.none(), max_size=4), max_size=5))
def test_json_records_come_back_as_they_were(tmp_path: Path, records: list) -> None:
    lines, array = tmp_path / "x.jsonl", tmp_path / "x.json"
    lines.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    array.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    assert [row.values for row in rows_of(lines)] == records
    assert [row.values for row in rows_of(array)] == records


@SETTINGS
@given(records=st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_csv_records_come_back_as_they_were(tmp_path: Path, records: list[tuple[str, str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([("a", "b"), *records])
    path = tmp_path / "x.csv"
    path.write_bytes(buffer.getvalue().encode())
    expected = [{"a": a, "b": b} for a, b in records if a or b]
    assert [row.values for row in rows_of(path)] == expected


@SETTINGS
@given(content=st.binary(min_size=1, max_size=60).filter(lambda b: b"\n" not in b and b"\r" not in b and b'"' not in b))
def test_a_bad_byte_in_a_csv_is_located(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\n" + content.replace(b",", b"") + b"x\xff\n")
    (row,) = rows_of(path)
    text = path.read_bytes()
    with pytest.raises(UnicodeDecodeError) as caught:
        text.decode("utf-8")
    assert row.fault == f"not UTF-8 at byte offset {caught.value.start}"


def test_rows_are_counted_as_an_editor_shows_them(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n\n1,2\n3,4\n", encoding="utf-8")
    (tmp_path / "x.jsonl").write_text('\n{"a": 1}\n\n{"a": 2}\n', encoding="utf-8")
    (tmp_path / "x.json").write_text('[{"a": 1}, {"a": 2}]', encoding="utf-8")
    found = {name: [row.number for row in rows_of(tmp_path / name)] for name in ("x.csv", "x.jsonl", "x.json")}
    assert found == {"x.csv": [3, 4], "x.jsonl": [2, 4], "x.json": [1, 2]}


def test_deep_nesting_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("[" * 200_000 + "\n" + '{"a": ' * 100_000 + "\n", encoding="utf-8")
    assert all(row.values is None for row in rows_of(path))


def test_an_array_cut_after_a_comma_is_fatal(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('[{"a": 1},', encoding="utf-8")
    first, second = rows_of(path)
    assert first.values == {"a": 1}
    assert second.is_fatal
    assert "the file ends in the middle" in str(second.fault)
