"""A disk that fills up in mid-run: one message, exit 5, nothing corrupt, and the same command goes on later."""

import subprocess
import sys

import pytest

import judge
from judge.call.upkeep import verify
from tests.acceptance.crashing import MOST_IN_FLIGHT, SCRIPT, TABLES, Crashing
from tests.acceptance.processes import run_command

N = 150


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 400 kB; a function that makes it larger."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(*options):
        done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(place)], capture_output=True, text=True)
        return done.stderr if done.returncode else None

    refused = mount("-o", "size=400k") if sys.platform == "linux" else "no tmpfs here"
    if refused is not None:
        pytest.skip(f"a small disk cannot be mounted (root may): {refused.strip()}")
    yield place, lambda: mount("-o", "remount,size=64m")
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("full", ["ledger", "run"])
def test_a_full_disk_is_exit_5_with_one_message_and_the_same_command_goes_on(openai_server, tmp_path, small_disk, full):
    disk, enlarge = small_disk
    crashing = Crashing(tmp_path, [openai_server(**SCRIPT) for _ in range(2)], N)
    whole = judge.grade(crashing.file, panel=crashing.panel, out=tmp_path / "whole" / "run")
    for server in crashing.servers:
        server.reset()
    if full == "ledger":
        command = ("grade", crashing.file, "--panel", crashing.panel, "--quiet", "--out", "disk/run")
    else:
        (disk / "filler").write_bytes(b"x" * (400 * 1024 - 7 * 4096))
        command = (*crashing.command("killed")[:-1], "disk/run", "--ledger", "ledger.sqlite")
    found = run_command(*command, cwd=tmp_path)
    assert found.code == 5, found.err
    said = found.err.splitlines()
    assert [line.startswith("judge: ") for line in said] == [True, False], found.err
    assert said[0].count("disk") >= 1
    assert not (disk / "run" / "manifest.json").exists()

    assert enlarge() is None
    ledger = disk / "ledger.sqlite" if full == "ledger" else tmp_path / "ledger.sqlite"
    assert verify(ledger).problems == ()
    assert verify(ledger).n_replies > 0
    again = judge.grade(crashing.file, panel=crashing.panel, out=disk / "run", ledger=ledger)
    assert again.is_complete
    assert verify(ledger).problems == ()
    for server in crashing.servers:
        assert server.stats()["distinct"] == N
        assert server.stats()["requests"] - N <= (MOST_IN_FLIGHT if full == "ledger" else 0)
    for table in TABLES:
        assert again.table(table).equals(whole.table(table)), table
