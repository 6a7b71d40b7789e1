import pyarrow.parquet as pq
import pytest

from judge.errors import StoreError
from judge.store.columns import TABLES, column_names, schema
from judge.store.files import sha256_file
from judge.store.tables import TableWriter, read_table


def row(index):
    return {"response_id": f"r{index}", "name": "bleu1", "value": index / 10}


def test_a_table_gets_its_name_only_when_it_is_closed(tmp_path):
    with TableWriter(tmp_path, "baselines") as writer:
        writer.write(row(1))
        assert not writer.path.exists()
        digest = writer.close()
    assert digest == sha256_file(writer.path)
    assert read_table(tmp_path, "baselines").to_pylist() == [row(1)]


def test_an_error_leaves_neither_the_file_nor_its_part(tmp_path):
    with pytest.raises(RuntimeError), TableWriter(tmp_path, "baselines") as writer:
        writer.write(row(1))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_the_same_rows_give_the_same_bytes_over_many_row_groups(tmp_path):
    digests = set()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        with TableWriter(tmp_path / folder, "baselines") as writer:
            for index in range(40_000):
                writer.write(row(index))
            digests.add(writer.close())
    assert len(digests) == 1
    assert pq.ParquetFile(tmp_path / "a" / "baselines.parquet").num_row_groups == 3


def test_a_column_that_the_table_has_not_is_refused(tmp_path):
    with pytest.raises(KeyError, match="no column valeu"), TableWriter(tmp_path, "baselines") as writer:
        writer.write({"valeu": 1.0})


def test_a_missing_or_torn_file_is_named_with_the_way_out(tmp_path):
    with pytest.raises(StoreError, match=r"grades\.parquet: there is no such file"):
        read_table(tmp_path, "grades")
    (tmp_path / "grades.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(StoreError, match="cannot be read"):
        read_table(tmp_path, "grades")


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_schema_of_its_columns_without_repetition(table):
    names = column_names(table)
    assert len(set(names)) == len(names)
    assert tuple(schema(table).names) == names


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        TableWriter(tmp_path / "missing", "grades")
