"""The five published files themselves: every count of the rubric document. Skipped where the files are not at hand."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest
from ecg_builders import line, load

from judge.dataset.answers import AnswerSource, read_answers
from judge.dataset.ecg_expert_qa import Imported, load_tables
from judge.dataset.ecg_expert_qa.files import read_folder
from judge.dataset.ecg_expert_qa.reading import read_source
from judge.dataset.writing import write_import

FOLDER = Path(__file__).resolve().parents[2] / "../shared/data/ecg-expert-qa"
pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="reference data not present: ../shared/data/ecg-expert-qa"),
]
EXPECTED = {  # rows, truncated, exact duplicates, cases, references, cases with several references, most references
    "EBK": (2247, 0, 0, 2162, 2247, 72, 5),
    "CK": (2592, 3, 0, 2541, 2589, 46, 3),
    "CD": (1931, 0, 0, 1916, 1931, 15, 2),
    "PP": (1164, 0, 0, 1163, 1164, 1, 2),
    "PRTK": (1357, 0, 30, 1316, 1327, 10, 3),
}
KNOWN_BAD = (1094, 1140, 1228, 1247, 1257, 1260, 1275, 1290, 1299, 1305, 1313)
KNOWN_BAD += (1334, 1347, 1393, 1436, 1525, 1707, 1893, 1898, 1913, 1918, 2065)
LOST = {"EBK": [1209, 1228, 1240, 1257, 1290, 1299, 1305, 1313, 1334, 1347, 1393, 1707], "CK": [31, 37, 46]}


@pytest.fixture(scope="module")
def imported() -> Imported:
    return load(FOLDER, strict=True)


@pytest.mark.parametrize("code", EXPECTED)
def test_counts_are_those_of_the_document(imported: Imported, code: str) -> None:
    account = line(imported, code)
    n_references = [len(row.case.references) for row in imported.cases if row.case.task == code]
    found = (
        account.rows,
        account.fates["dropped_truncated"],
        account.fates["dropped_duplicate"],
        account.cases,
        account.references,
        sum(n > 1 for n in n_references),
        max(n_references),
    )
    assert found == EXPECTED[code]
    assert sum(account.fates.values()) == account.rows
    assert account.fates["unreadable"] == 0


def test_totals_are_those_of_the_document(imported: Imported) -> None:
    totals = imported.account.totals
    assert (totals["rows"], totals["cases"], totals["references"]) == (9291, 9098, 9258)
    assert totals["dropped"] == 33
    assert len({row.case.case_id for row in imported.cases}) == 9098


def test_nothing_is_unexpected_in_the_measured_version(imported: Imported) -> None:
    assert imported.account.unexpected == ()
    assert all(line(imported, code).details["is_measured_version"] for code in EXPECTED)
    assert all(line(imported, code).not_found == 0 for code in EXPECTED)


def test_defects_are_where_the_document_says(imported: Imported) -> None:
    flagged = {code: line(imported, code).details["flagged_rows"] for code in EXPECTED}
    assert flagged["EBK"]["known_bad"] == list(KNOWN_BAD)
    assert {code: flagged[code]["suspect_numeric"] for code in LOST} == LOST
    assert (len(flagged["EBK"]["mojibake_fixed"]), len(flagged["CK"]["mojibake_fixed"])) == (8, 29)
    assert {59, 899} <= set(flagged["CK"]["mojibake_fixed"])
    assert line(imported, "CK").details["dropped_rows"]["truncated"] == [16, 28, 1176]
    assert (flagged["CK"]["unterminated"], flagged["PRTK"]["unterminated"]) == ([528], [53])
    assert flagged["PRTK"]["polarity_conflict"] == [90, 636]
    assert len(flagged["CD"]["term_repaired"]) == 10 * 7 + 14 + 17 + 17 + 22 + 22


def test_only_known_bad_references_are_rejected(imported: Imported) -> None:
    statuses = Counter(reference.status for row in imported.cases for reference in row.case.references)
    assert statuses == {"unverified": 9258 - len(KNOWN_BAD), "rejected": len(KNOWN_BAD)}


def test_no_damage_is_left(imported: Imported) -> None:
    texts = [text for row in imported.cases for text in (row.case.question, *(r.text for r in row.case.references))]
    assert not any("\u3400" <= ch <= "\u9fff" for text in texts for ch in text)
    assert sum("[comparator lost]" in text for text in texts) == 15
    assert {row.case.language for row in imported.cases} == {"en"}


def test_labels_of_one_entity_are_both_in_the_context(imported: Imported) -> None:
    pairs = [row for row in imported.cases if isinstance(row.meta.get("disease"), list)]
    assert [row.meta["source_rows"] for row in pairs] == [[394, 408], [722, 743], [782, 800], [784, 802]]
    assert all(all(label in str(row.case.context) for label in row.meta["disease"]) for row in pairs)


def test_question_frames_are_those_of_the_document() -> None:
    tables = load_tables()
    (source,) = [file for file in read_folder(FOLDER, tables.files).files if file.known.code == "CD"]
    frames = Counter(found.entry.frame for found in read_source(source, tables).entries)
    assert len(frames) - sum(n == 1 for n in frames.values()) == 129
    assert sum(n for n in frames.values() if n > 1) == 489


def test_two_imports_are_the_same_bytes_and_read_back(imported: Imported, tmp_path: Path) -> None:
    again = load(FOLDER, strict=True)
    written = []
    for number, one in enumerate((imported, again)):
        out = tmp_path / str(number) / "cases.parquet"
        account = write_import(out, one.cases, one.account)
        written.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in (out, account)])
    assert written[0] == written[1]


def test_the_cases_file_serves_answers_made_from_the_references(imported: Imported, tmp_path: Path) -> None:
    import json

    from judge.resources import find_rubric
    from judge.rubric.load import load_rubric

    out = tmp_path / "cases.parquet"
    write_import(out, imported.cases, imported.account)
    answers = tmp_path / "answers.jsonl"
    with answers.open("w", encoding="utf-8") as file:
        for row in imported.cases:
            made = {"case_id": row.case.case_id, "model": "echo", "response": row.case.question}
            file.write(json.dumps(made) + "\n")
    found = read_answers(AnswerSource(answers, cases=out), load_rubric(find_rubric("ecg-clinical-reasoning")))
    assert [item.case for item in found.items] == [row.case for row in imported.cases]
