import subprocess
import sys

import pytest

from judge.errors import StoreError
from judge.store.files import make_folder, write_json, write_text
from judge.store.lock import locked
from judge.store.manifest import FORMAT, changed_files, read_manifest, write_manifest


def test_a_second_process_is_refused_while_the_folder_is_held_and_let_in_after(tmp_path):
    code = (
        "import sys; from pathlib import Path; from judge.store.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held')"
    )
    with locked(tmp_path):
        other = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
        assert "in use by another run" in other.stderr
    other = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
    assert other.stdout == "held\n"


def test_a_document_with_nan_is_refused_and_leaves_the_old_one(tmp_path):
    path = tmp_path / "card.json"
    write_json(path, {"mean": 1})
    with pytest.raises(ValueError):
        write_json(path, {"mean": float("nan")})
    assert path.read_text() == '{\n  "mean": 1\n}\n'


def test_a_changed_or_missing_file_under_a_run_is_noticed(tmp_path):
    from judge.store.files import sha256_file

    for name in ("a.parquet", "b.parquet", "c.parquet"):
        (tmp_path / name).write_text(name)
    files = {name: sha256_file(tmp_path / name) for name in ("a.parquet", "b.parquet", "c.parquet")}
    write_manifest(tmp_path, {"format": FORMAT, "files": files})
    (tmp_path / "a.parquet").write_text("other")
    (tmp_path / "b.parquet").unlink()
    assert changed_files(tmp_path, read_manifest(tmp_path)) == ("a.parquet", "b.parquet")


def test_a_folder_that_is_no_run_says_so(tmp_path):
    with pytest.raises(StoreError, match="is not a finished run"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": "other/1"}')
    with pytest.raises(StoreError, match="not of format judge-run/1"):
        read_manifest(tmp_path)


def test_a_file_in_the_place_of_a_folder_is_called_what_it_is(tmp_path):
    (tmp_path / "card").write_text("in the way", encoding="utf-8")
    for folder in (tmp_path / "card", tmp_path / "card" / "inner"):
        with pytest.raises(StoreError, match="card: is a file, not a folder") as caught:
            make_folder(folder)
        assert "ledger" not in str(caught.value)
    assert (tmp_path / "card").read_text(encoding="utf-8") == "in the way"


def test_a_single_document_that_cannot_be_written_does_not_speak_of_the_ledger(tmp_path):
    (tmp_path / "card.html").mkdir()
    with pytest.raises(StoreError, match=r"card\.html: cannot be written") as caught:
        write_text(tmp_path / "card.html", "text")
    assert "--out" in str(caught.value)
    assert "ledger" not in str(caught.value)
