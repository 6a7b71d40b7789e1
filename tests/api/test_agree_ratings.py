"""The reader of ratings tables: three formats, and every refusal with its file and row."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from judge.api.agreeing.ratings import read_ratings
from judge.api.agreeing.scales import Levels, read_levels
from judge.errors import ConfigError, DataError

HEADER = "item,rater,role,dimension,level"
ROWS = ("a,p1,physician,Q,1", "a,j1,judge,Q,2", "b,p1,physician,Q,3", "b,j1,judge,Q,")
ONE_TO_FIVE = read_levels(["1:5"])


def csv_file(tmp_path, *rows, header=HEADER):
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def refusal(path, levels=ONE_TO_FIVE) -> DataError:
    with pytest.raises(DataError) as caught:
        read_ratings(path, levels)
    return caught.value


def test_csv_jsonl_and_parquet_give_the_same_ratings(tmp_path):
    from_csv = read_ratings(csv_file(tmp_path, *ROWS), ONE_TO_FIVE)
    records = [dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in ROWS]
    numbers = [{**r, "level": float(r["level"]) if r["level"] else None} for r in records]
    lines = tmp_path / "ratings.jsonl"
    lines.write_text("".join(json.dumps(r) + "\n" for r in numbers), encoding="utf-8")
    table = tmp_path / "ratings.parquet"
    pq.write_table(pa.Table.from_pylist(numbers), table)
    assert read_ratings(lines, ONE_TO_FIVE).ratings == from_csv.ratings
    assert read_ratings(table, ONE_TO_FIVE).ratings == from_csv.ratings
    assert [rating.level for rating in from_csv.ratings] == [1.0, 2.0, 3.0, None]
    assert [(rater.id, rater.role) for rater in from_csv.raters] == [("j1", "judge"), ("p1", "physician")]


def test_response_id_and_case_are_read_under_their_own_names(tmp_path):
    path = csv_file(tmp_path, "r1,p1,physician,Q,1,c1", header="response_id,rater,role,dimension,level,case")
    (rating,) = read_ratings(path, ONE_TO_FIVE).ratings
    assert (rating.item, rating.case_id) == ("r1", "c1")


def test_a_missing_column_is_named_with_the_nearest_one(tmp_path):
    error = refusal(csv_file(tmp_path, "a,p1,physician,Q,1", header="item,rater,role,dimention,level"))
    assert 'missing column dimension, did you mean "dimention"?' in str(error)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("item,doctor,role,dimension,level", 'missing column rater, did you mean "doctor"?'),
        ("item,Rater,role,dimension,level", 'missing column rater, did you mean "Rater"?'),
        ("Response ID,rater,role,dimension,level", 'missing column item, did you mean "Response ID"?'),
        ("item,rater,role,dimension,Score", 'missing column level, did you mean "Score"?'),
        ("item,rater,role,dimension,scores", 'missing column level, did you mean "scores"?'),
        ("item,rater,role,dimension,comment", "missing column level\n"),
    ],
)
def test_a_missing_column_gets_what_people_call_it(tmp_path, header, said):
    assert said in str(refusal(csv_file(tmp_path, "a,p1,physician,Q,1", header=header)))


def test_a_line_without_a_column_is_named(tmp_path):
    path = tmp_path / "ratings.jsonl"
    whole = {"item": "a", "rater": "p1", "role": "physician", "dimension": "Q", "level": 1}
    path.write_text(json.dumps(whole) + "\n" + json.dumps({**whole, "item": "b"}) + "\n")
    assert len(read_ratings(path, ONE_TO_FIVE).ratings) == 2
    path.write_text(json.dumps(whole) + "\n" + json.dumps({k: v for k, v in whole.items() if k != "rater"}) + "\n")
    assert "ratings.jsonl: line 2: missing column rater" in str(refusal(path))


def test_a_problem_of_many_rows_is_said_once_with_its_rows(tmp_path):
    rows = [f"a{i},p1,{'physician' if i == 3 else 'doctor'},Q,1" for i in range(60)]
    error = refusal(csv_file(tmp_path, *rows))
    assert error.problems == ('role: "doctor" is neither judge nor physician (rows 2-4, 6-61)',)
    assert "59 rows cannot be used" in str(error)
    off = refusal(csv_file(tmp_path, *(f"a{i},p1,physician,Q,9" for i in range(60))))
    assert off.problems == ('level "9" of Q is off the scale 1 to 5 (rows 2-61)',)


def test_all_wrong_rows_are_reported_at_once_with_their_rows(tmp_path):
    header = f"{HEADER},stage,stratum,repeat,simulated,inclusion_probability"
    error = refusal(
        csv_file(
            tmp_path,
            ",p1,physician,Q,1,,,,,",
            "a,p1,doctor,Q,1,,,,,",
            "a,p1,physician,Q,1,final,,,,",
            "a,p1,physician,Q,1,,odd,,,",
            "a,p1,physician,Q,1,,,first,,",
            "a,p1,physician,Q,1,,,,perhaps,",
            "a,p1,physician,Q,1,,,,,1.5",
            header=header,
        )
    )
    text = str(error)
    for part in (
        "row 2: item is empty",
        'row 3: role: "doctor" is neither judge nor physician',
        'row 4: stage: "final" is neither original nor adjudicated',
        'row 5: stratum: "odd" is neither natural nor planted',
        'row 6: repeat: "first" is no whole number',
        'row 7: simulated: "perhaps" is neither true nor false',
        'row 8: inclusion_probability: "1.5" does not lie above 0 and up to 1',
    ):
        assert part in text


def test_a_level_off_the_scale_names_its_row(tmp_path):
    error = refusal(csv_file(tmp_path, "a,p1,physician,Q,6", "a,p2,physician,Q,good"))
    assert 'row 2: level "6" of Q is off the scale 1 to 5' in str(error)
    assert 'row 3: level "good" of Q is off the scale' in str(error)


def test_one_rater_twice_on_one_item_is_refused_unless_repeat_tells_them_apart(tmp_path):
    error = refusal(csv_file(tmp_path, "a,p1,physician,Q,1", "a,p1,physician,Q,2"))
    assert "row 3: p1 rated a on Q already in row 2" in str(error)
    path = csv_file(tmp_path, "a,p1,physician,Q,1,1", "a,p1,physician,Q,2,2", header=f"{HEADER},repeat")
    assert [rating.repeat for rating in read_ratings(path, ONE_TO_FIVE).ratings] == [1, 2]


def test_a_rater_has_one_role(tmp_path):
    error = refusal(csv_file(tmp_path, "a,x,physician,Q,1", "b,x,judge,Q,2"))
    assert "row 3: x is a judge here and a physician in row 2" in str(error)


def test_names_need_a_declaration(tmp_path):
    path = csv_file(tmp_path, "a,p1,physician,Q,good", "a,p2,physician,Q,bad")
    error = refusal(path, Levels())
    assert "--nominal" in str(error)
    assert 'row 2: level "good" of Q is a name' in str(error)
    ordered = read_ratings(path, read_levels(["bad,fair,good"]))
    assert [rating.level for rating in ordered.ratings] == [3.0, 1.0]
    assert ordered.scales["Q"].shown == ["bad", "fair", "good"]
    nominal = read_ratings(path, read_levels([], is_nominal=True))
    assert not nominal.scales["Q"].is_ordered


def test_an_unknown_name_gets_the_nearest_one(tmp_path):
    error = refusal(csv_file(tmp_path, "a,p1,physician,Q,fiar"), read_levels(["bad,fair,good"]))
    assert 'did you mean "fair"?' in str(error)


def test_numbers_without_a_declaration_are_read_with_a_warning(tmp_path):
    found = read_ratings(csv_file(tmp_path, "a,p1,physician,Q,2", "a,p2,physician,Q,4"), Levels())
    assert found.scales["Q"].values == (2.0, 3.0, 4.0)
    assert any("no levels declared" in warning for warning in found.warnings)


def test_levels_of_one_dimension_and_of_the_rest(tmp_path):
    levels = read_levels(["1:5", "R=low,high"])
    found = read_ratings(csv_file(tmp_path, "a,p1,physician,Q,2", "a,p1,physician,R,high"), levels)
    assert found.scales["Q"].values == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert found.scales["R"].shown == ["low", "high"]
    with pytest.raises(DataError, match='names the dimension "S"'):
        read_ratings(csv_file(tmp_path, "a,p1,physician,Q,2"), read_levels(["1:5", "S=1:3"]))


def test_gates_are_yes_or_no_whatever_the_levels(tmp_path):
    error = refusal(csv_file(tmp_path, "a,p1,physician,gate:G07,2"))
    assert 'level "2" of gate:G07 is off the scale 0 to 1' in str(error)


def test_a_names_file(tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("bad\nfair\ngood\n", encoding="utf-8")
    assert read_levels([f"@{names}"]).default.shown == ["bad", "fair", "good"]


@pytest.mark.parametrize("spec", ["5:1", "a:b", "good", "good,good", "3,2,1", "@nowhere.txt"])
def test_a_declaration_that_makes_no_scale_is_refused(spec):
    with pytest.raises(ConfigError):
        read_levels([spec])


def test_the_default_scale_is_declared_once():
    with pytest.raises(ConfigError, match="twice"):
        read_levels(["1:5", "1:4"])


def test_adjudicated_rows_are_kept_out_and_simulated_raters_named(tmp_path):
    path = csv_file(
        tmp_path,
        "a,p1,physician,Q,1,original,true",
        "a,p1,physician,Q,3,adjudicated,true",
        header=f"{HEADER},stage,simulated",
    )
    found = read_ratings(path, ONE_TO_FIVE)
    assert [rating.level for rating in found.ratings] == [1.0]
    assert found.n_adjudicated == 1
    assert any("simulated raters, not people: p1" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", f"{HEADER}\na,b\n", "row 2 has 2 cells"),
        ("a.csv", f"{HEADER},item\n", "comes twice"),
        ("a.jsonl", "{\n", "line 1 is not JSON"),
        ("a.jsonl", "[1]\n", "line 1 is not an object"),
        ("a.jsonl", '{"item": "a", "item": "b"}\n', "comes twice"),
        ("a.txt", "", "ends in .csv"),
        ("a.parquet", "no", "cannot be read"),
        ("a.csv", f"{HEADER}\n", "holds no ratings"),
    ],
)
def test_files_that_are_no_table_are_refused(tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert said in str(refusal(path))


def test_a_file_that_is_not_there_is_said(tmp_path):
    assert "no such file" in str(refusal(tmp_path / "none.csv"))


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER.encode() + b"\na\xff,p1,physician,Q,1\n")
    assert "cannot be read" in str(refusal(path))
