"""The same command on a run that is complete: nothing is asked, read or written again, unless something changed."""

import pytest

import judge
from judge.api.grading import finished, recording
from judge.store.manifest import changed_files, read_manifest
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

N = 12


@pytest.fixture
def server(openai_server):
    return openai_server(reply=reply_file())


@pytest.fixture
def graded(server, tmp_path):
    """A function that grades the same answers with the same panel."""
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=N // 2))
    panel = write_panel(tmp_path / "panel.yaml", [server])

    def grade(**options):
        return judge.grade(file, panel=panel, out=tmp_path / "run", **options)

    return grade


def invocation(run):
    return run.manifest["cost"]["this_invocation"]


def test_a_complete_run_stands_without_its_ledger(graded, server, tmp_path):
    first = graded()
    (tmp_path / "ledger.sqlite").unlink()
    again = graded()
    assert server.stats()["requests"] == N
    assert invocation(again) == {"sent": 0, "replayed": 0, "failed": 0}
    assert again.manifest["times"] == first.manifest["times"]
    assert again.warnings == first.warnings
    assert read_manifest(again.folder) == again.manifest
    assert not (tmp_path / "ledger.sqlite").exists()


@pytest.mark.parametrize("damage", ["gone", "edited"])
def test_a_file_that_is_gone_or_edited_is_made_again(graded, server, damage):
    run = graded()
    path = run.folder / "grades.parquet"
    before = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(before[:-1])
    again = graded()
    assert invocation(again)["replayed"] == N
    assert server.stats()["requests"] == N
    assert path.read_bytes() == before
    assert changed_files(again.folder, again.manifest) == ()


def test_an_edited_program_makes_the_run_again(graded, server, monkeypatch):
    graded()
    for module in (finished, recording):
        monkeypatch.setattr(module, "program_hash", lambda: "another")
    assert invocation(graded())["replayed"] == N
    assert invocation(graded())["replayed"] == 0
    assert server.stats()["requests"] == N


def test_other_tables_that_are_asked_for_are_made(graded):
    graded()
    with_baselines = graded(with_baselines=True)
    assert with_baselines.table("baselines").num_rows > 0
    assert invocation(with_baselines)["replayed"] == N


def test_a_verdict_that_failed_is_asked_for_again(graded, server):
    server.control(faults=[{"kind": "context"}])
    assert graded().manifest["counts"]["verdicts"].get("too_long")
    server.control(faults=[])
    again = graded()
    assert invocation(again)["sent"] >= 1
    assert "too_long" not in again.manifest["counts"]["verdicts"]
