"""The folder: missing, renamed, broken and changed files."""

import json
from pathlib import Path
from typing import Any

import pytest
from ecg_builders import NAMES, QA, line, load, write_files

from judge.errors import DataError


def refusal(folder: Path, *, strict: bool = False) -> str:
    with pytest.raises(DataError) as caught:
        load(folder, strict=strict)
    return str(caught.value)


def test_any_subset_imports_and_the_others_are_said(tmp_path: Path) -> None:
    imported = load(write_files(tmp_path, EBK=QA))
    assert line(imported, "EBK").status == "read"
    assert [file.code for file in imported.account.files if file.status == "not_found"] == [
        code for code in NAMES if code != "EBK"
    ]
    assert f'not found: "{NAMES["GRA"]}" (GRA)' in imported.account.notes


def test_a_renamed_file_is_suggested_and_fails_under_strict(tmp_path: Path) -> None:
    folder = write_files(tmp_path, EBK=QA)
    (folder / "Long_text_diagnosis.json").write_text("[]", encoding="utf-8")
    imported = load(folder)
    wanted = '"Long_text_diagnosis.json" is not read; if it is LTD, rename it to "Long text diagnosis.json"'
    assert wanted in imported.account.unexpected
    assert wanted in refusal(folder, strict=True)


def test_a_foreign_json_file_is_said(tmp_path: Path) -> None:
    folder = write_files(tmp_path, EBK=QA)
    (folder / "zzz.json").write_text("[]", encoding="utf-8")
    (folder / "import.json").write_text("{}", encoding="utf-8")
    assert '"zzz.json" is none of the dataset\'s files: not read' in load(folder).account.unexpected


def test_a_folder_without_any_file_lists_the_names(tmp_path: Path) -> None:
    (tmp_path / "ECG Knowledge.json").write_text("[]", encoding="utf-8")
    message = refusal(tmp_path)
    assert "none of the dataset's files" in message
    assert NAMES["EBK"] in message
    assert 'rename it to "ECG Knowledge (Basic Q&A).json"' in message
    assert "no such folder" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("[]", "an empty array: no rows"),
        ("<!DOCTYPE html><html>404</html>", "row 0: a web page"),
        ("version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (json.dumps(QA)[:-30], "row 1: the file ends in the middle of this record"),
        (json.dumps(QA)[:-1], "the file ends before the array does"),
        (json.dumps(json.dumps(QA)), "row 0: JSON inside a JSON text (encoded twice)"),
        (json.dumps([json.dumps(row) for row in QA]), "row 0: encoded twice"),
        ('{"Q": "a?", "A": "b."}', "not an array"),
        (json.dumps([{"question": "a?", "answer": "b."}]), 'row 0: no key "Q"'),
        (json.dumps([["a?", "b."]]), "row 0: a list, not an object"),
        (json.dumps([{"Q": "The patientâ€™s pulse?", "A": "b."}], ensure_ascii=False), "row 0: encoded twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_message_naming_it(tmp_path: Path, content: str, message: str) -> None:
    folder = write_files(tmp_path, EBK=content, CK=QA)
    said = refusal(folder)
    assert message in said
    assert f'"{NAMES["EBK"]}"' in said
    assert "1 of 2 files cannot be read" in said


def test_bytes_that_are_not_utf8_name_their_offset(tmp_path: Path) -> None:
    folder = write_files(tmp_path, CK=QA)
    (folder / NAMES["EBK"]).write_bytes(b'[{"Q": "caf\xe9?", "A": "b."}]')
    assert "row 0: not UTF-8: byte 0xe9 at byte offset 11" in refusal(folder)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"Q": "a?", "A": ["b."]}, 'row 2: "A" is a list, not a text'),
        ({"Q": "a?", "Answr": "b."}, 'row 2: no key "A"'),
        ({"q": "a?", "A": "b."}, 'row 2: no key "Q", did you mean "q"?'),
        ({"Q": " ", "A": "b."}, 'row 2: "Q" is blank'),
        ({"Q": "a?", "A": None}, 'row 2: "A" is null, not a text'),
        ("text", "row 2: a text, not an object"),
    ],
)
def test_an_unreadable_row_is_counted_and_named_and_fails_under_strict(tmp_path: Path, bad: Any, message: str) -> None:
    folder = write_files(tmp_path, EBK=[*QA, bad])
    imported = load(folder)
    assert f'"{NAMES["EBK"]}", {message}' in "\n".join(imported.account.unexpected)
    account = line(imported, "EBK")
    assert (account.rows, account.cases, account.fates["unreadable"]) == (3, 2, 1)
    assert account.details["dropped_rows"]["unreadable"][0][0] == 2
    assert message in refusal(folder, strict=True)
    assert "3 rows, not 2247" in "\n".join(imported.account.unexpected)


def test_a_changed_file_is_noticed_with_what_differs(tmp_path: Path) -> None:
    folder = write_files(tmp_path, EBK=QA)
    (message,) = [m for m in load(folder).account.unexpected if "not the version" in m]
    assert "2 rows, not 2247" in message
    assert "bytes, not 884514" in message
    assert "git blob" in message
    assert line(load(folder), "EBK").details["is_measured_version"] is False


def test_the_git_blob_id_is_gits(tmp_path: Path) -> None:
    from judge.dataset.ecg_expert_qa.files import version_of

    assert version_of(b"hello\n").blob == "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object of "hello\n"


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    folder = write_files(tmp_path, EBK="\ufeff" + json.dumps(QA))
    assert line(load(folder), "EBK").cases == 2


def test_unknown_keys_are_said_and_not_read(tmp_path: Path) -> None:
    rows = [{**row, "note": "private"} for row in QA]
    imported = load(write_files(tmp_path, EBK=rows))
    assert any('rows 0, 1: the key "note" is not known: not read' in m for m in imported.account.unexpected)
    assert "private" not in str(imported.cases)
