"""``judge import`` and its verbs: what is written, printed and refused."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from dataset_builders import write_jsonl
from ecg_builders import QA, write_files

from judge.api.importing import import_ecg_expert_qa
from judge.cli.importing import importing
from judge.errors import ConfigError, DataError, StoreError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(importing, [str(argument) for argument in arguments])


def test_cases_and_account_are_written_side_by_side(tmp_path: Path) -> None:
    folder, out = write_files(tmp_path / "in", EBK=QA), tmp_path / "new" / "cases.parquet"
    report = import_ecg_expert_qa(folder, out, derive_critical=lambda _: ("G01",))
    table = pq.read_table(out)
    assert table.column_names == [
        "case_id",
        "task",
        "language",
        "question",
        "context",
        "reference",
        "critical",
        "meta",
    ]
    assert table.column("critical").to_pylist() == [["G01"], ["G01"]]
    document = json.loads((tmp_path / "new" / "import.json").read_text(encoding="utf-8"))
    assert document["format"] == "judge-import/1"
    assert document["totals"]["cases"] == 2
    assert report.account_path == tmp_path / "new" / "import.json"
    assert sorted(path.name for path in out.parent.iterdir()) == ["cases.parquet", "import.json"]


def test_the_offline_judge_derives_critical_gates_by_default(tmp_path: Path) -> None:
    rows = [{"Disease": "Cardiac arrest", "Q": "What is this?", "A": "This is ventricular fibrillation."}]
    out = tmp_path / "cases.parquet"
    import_ecg_expert_qa(write_files(tmp_path / "in", CD=rows), out)
    assert "G05a" in pq.read_table(out).column("critical").to_pylist()[0]


def test_the_command_prints_a_table_and_talks_on_stderr(tmp_path: Path) -> None:
    result = run("ecg-expert-qa", write_files(tmp_path / "in", EBK=QA), "--out", tmp_path / "cases.parquet")
    assert result.exit_code == 0, result.output
    header, first = result.stdout.splitlines()[:2]
    assert header.split("  ")[0] == "file"
    assert "not found" in header
    assert first.split() == ["EBK", "2", "2", "2", "0", "0", "0", "0", "22"]
    assert str(tmp_path / "import.json") in result.stdout
    assert "not the version that was measured" in result.stderr
    assert 'not found: "Long text diagnosis.json" (LTD)' in result.stderr


def test_json_is_one_document_and_quiet_says_nothing(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "in", EBK=QA)
    result = run("ecg-expert-qa", folder, "--out", tmp_path / "cases.parquet", "--json", "--quiet")
    document = json.loads(result.stdout)
    assert document["totals"]["rows"] == 2
    assert document["out"] == str(tmp_path / "cases.parquet")
    assert result.stderr == ""


def test_quiet_prints_the_totals_in_one_line(tmp_path: Path) -> None:
    out = tmp_path / "cases.parquet"
    result = run("ecg-expert-qa", write_files(tmp_path / "in", EBK=QA), "--out", out, "--quiet")
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"{out}: rows 2, cases 2, references 2, repaired 0")
    assert result.stderr == ""


def test_the_account_of_another_cases_file_is_not_overwritten(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "in", EBK=QA)
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    run("ecg-expert-qa", folder, "--out", first)
    before = (tmp_path / "import.json").read_bytes()
    write_files(folder, EBK=[*QA, {"Q": "New?", "A": "Yes."}])
    said = run("ecg-expert-qa", folder, "--out", second)
    assert (tmp_path / "import.json").read_bytes() == before
    assert json.loads((tmp_path / "b.import.json").read_text(encoding="utf-8"))["totals"]["rows"] == 3
    assert "import.json there is of another cases file and stays" in said.stderr
    assert str(tmp_path / "b.import.json") in said.stdout
    assert "has changed since" not in said.stderr
    again = run("ecg-expert-qa", folder, "--out", first)
    assert "has changed since" in again.stderr
    assert json.loads((tmp_path / "import.json").read_text(encoding="utf-8"))["totals"]["rows"] == 3


def test_a_file_that_is_no_account_of_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "import.json").write_text('{"mine": 1}', encoding="utf-8")
    report = import_ecg_expert_qa(write_files(tmp_path / "in", EBK=QA), tmp_path / "c.parquet")
    assert report.account_path == tmp_path / "c.import.json"
    assert (tmp_path / "import.json").read_text(encoding="utf-8") == '{"mine": 1}'


def test_strict_says_in_its_help_what_is_unexpected() -> None:
    said = " ".join(run("ecg-expert-qa", "--help").output.split())
    assert "unexpected: an unreadable row; a changed, renamed or foreign file; a key, or damage to a text" in said
    assert "Files that are not there are expected" in said


def test_strict_writes_nothing(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "in", EBK=[*QA, {"Q": "a?"}])
    result = run("ecg-expert-qa", folder, "--out", tmp_path / "cases.parquet", "--strict")
    assert isinstance(result.exception, DataError)
    assert result.exception.exit_code == 3
    assert not (tmp_path / "cases.parquet").exists()
    assert not (tmp_path / "import.json").exists()


def test_a_change_since_the_last_import_is_said(tmp_path: Path) -> None:
    folder, out = write_files(tmp_path / "in", EBK=QA), tmp_path / "cases.parquet"
    first = import_ecg_expert_qa(folder, out, derive_critical=lambda _: ())
    write_files(folder, EBK=[*QA, {"Q": "New?", "A": "Yes."}])
    second = import_ecg_expert_qa(folder, out, derive_critical=lambda _: ())
    third = import_ecg_expert_qa(folder, out, derive_critical=lambda _: ())
    assert first.changed_since == third.changed_since == ()
    assert second.changed_since == ("ECG Knowledge (Basic Q&A).json",)


def test_an_old_account_that_is_broken_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "import.json").write_text("[]", encoding="utf-8")
    folder = write_files(tmp_path / "in", EBK=QA)
    assert import_ecg_expert_qa(folder, tmp_path / "cases.parquet", derive_critical=lambda _: ()).changed_since == ()


def test_the_output_has_to_be_a_parquet_file(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "in", EBK=QA)
    with pytest.raises(ConfigError, match=r"\.parquet"):
        import_ecg_expert_qa(folder, tmp_path / "cases.csv", derive_critical=lambda _: ())


def test_an_output_that_cannot_be_written_is_a_storage_error_and_leaves_nothing(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "in", EBK=QA)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        import_ecg_expert_qa(folder, tmp_path / "file" / "cases.parquet", derive_critical=lambda _: ())
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


def test_healthbench_has_its_own_command(tmp_path: Path) -> None:
    given = {
        "prompt_id": "p1",
        "prompt": [{"role": "user", "content": "Is it dangerous?"}],
        "rubrics": [{"criterion": "Says no", "points": 5, "tags": []}],
    }
    result = run("healthbench", write_jsonl(tmp_path / "h.jsonl", given), "--out", tmp_path / "cases.parquet")
    assert result.exit_code == 0, result.output
    assert "1 criteria in 1 checklists" in result.stderr
    assert pq.read_table(tmp_path / "cases.parquet").column("case_id").to_pylist() == ["p1"]


def test_help_has_examples_and_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, judge.cli.importing; print([m for m in ('pyarrow', 'yaml', 'judge.dataset') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    assert "judge import ecg-expert-qa" in run("ecg-expert-qa", "--help").output
    assert "judge import healthbench" in run("healthbench", "--help").output
