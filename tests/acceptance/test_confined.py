"""A run and an estimate connect to nothing but the judges' own endpoints, and neither read nor write a pickle."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.processes import run_command
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

WATCHING = Path(__file__).resolve().parent / "watching"


@pytest.fixture
def watched(tmp_path, openai_server):
    """Run a command on two judges under watch; return its end, what was noted, the servers and its home."""
    servers = [openai_server(reply=reply_file()) for _ in range(2)]
    home = tmp_path / "home"
    home.mkdir()
    panel = write_panel(tmp_path / "panel.yaml", servers)
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=5))

    def run(verb):
        log = tmp_path / f"{verb}.log"
        environment = {"PYTHONPATH": path_with(WATCHING), "WATCH_LOG": str(log), "HOME": str(home)}
        found = run_command(verb, file, "--panel", panel, "--json", cwd=tmp_path, **environment)
        assert found.code == 0, found.err
        json.loads(found.out)
        return [line.split("\t") for line in log.read_text(encoding="utf-8").splitlines()]

    return run, servers, home


def path_with(folder):
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def test_the_watch_sees_a_pickle_and_a_connection(tmp_path):
    code = (
        "import io, pickle, socket; pickle.loads(pickle.dumps(1)); pickle.Pickler(io.BytesIO()).dump(1)\n"
        "socket.socket().connect_ex(('127.0.0.1', 9))"
    )
    log = tmp_path / "log"
    environment = {"PYTHONPATH": str(WATCHING), "WATCH_LOG": str(log), "PATH": ""}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert [line.split("\t")[0] for line in log.read_text().splitlines()] == [
        "pickle.dumps", "pickle.loads", "pickle.Pickler", "socket.connect",
    ]  # fmt: skip


def is_constant_of_jinja2(line):
    """Its import pickles two numbers for the head of cache files, which nobody here writes."""
    what, _, stack = line
    return what == "pickle.dumps" and "jinja2/bccache.py:" in stack.split(" < ")[0]


@pytest.mark.parametrize("verb", ["grade", "estimate"])
def test_no_pickle_is_used_and_nothing_is_reached_but_the_judges(watched, verb):
    run, servers, home = watched
    noted = run(verb)
    assert [line for line in noted if line[0].startswith("pickle.") and not is_constant_of_jinja2(line)] == []
    reached = {ast.literal_eval(detail)[0] for what, detail, _ in noted if what == "socket.connect"}
    assert reached == ({("127.0.0.1", server.port) for server in servers} if verb == "grade" else set())
    looked_up = {ast.literal_eval(detail)[0] for what, detail, _ in noted if what.startswith("socket.get")}
    assert looked_up <= {"127.0.0.1"}
    assert not [what for what, _, _ in noted if what == "socket.sendto"]
    assert sum(server.stats()["requests"] for server in servers) == (20 if verb == "grade" else 0)
    assert [path for path in home.rglob("*") if path.is_file()] == [], "a dependency keeps a cache of its own"
