"""A key is nowhere but in the request: not in ledger, tables, manifest, messages, tracebacks, ``--json``."""

import hashlib
import json
import os

import pytest

from tests.acceptance.processes import run_command
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

KEYS = {
    "WARD_API_KEY": "sk-proj-Qx7Lm2Vw9TzR4bN8",
    "WARD_ACCESS": "q7Lm2Vw9TzR4bN8xWardPlain",  # neither its name nor its form says what it is
    "WARD_SHORT": "zq9#k",
}
ECHOES = {
    "refused": [{"kind": "401", "message": "Incorrect API key provided: KEY, or HALVES. Your key is in the settings."}],
    "stumbling": [{"kind": "500", "message": "upstream said: header Authorization: Bearer KEY is odd", "times": 1}],
    "down": [{"kind": "400", "message": "cannot parse {'api_key': 'KEY'}, nor KEY, nor ?key=KEY&x=1"}],
}


def traces(folder, texts):
    """Return where any of the texts stands in the bytes of any file of a folder."""
    needles = [text.encode() for text in texts]
    return [
        (str(path.relative_to(folder)), needle)
        for path in folder.rglob("*")
        if path.is_file()
        for needle in needles
        if needle in path.read_bytes()
    ]


@pytest.mark.parametrize("echo", ECHOES)
def test_keys_are_kept_out_of_everything_also_when_the_provider_echoes_them(openai_server, tmp_path, echo):
    servers = [openai_server(reply=reply_file(), faults=echoing(echo, key)) for key in KEYS.values()]
    work = tmp_path / "work"
    work.mkdir()
    file = write_jsonl(work / "answers.jsonl", answers(n=2))
    panel = write_panel(work / "panel.yaml", servers)
    panel.write_text(with_keys(panel.read_text(encoding="utf-8")), encoding="utf-8")
    found = run_command(
        "grade", file, "--panel", panel, "--json", cwd=work, **KEYS, LITELLM_LOG="DEBUG", OPENAI_LOG="debug"
    )
    assert found.code == (0 if echo == "stumbling" else 4), found.err
    for server, key in zip(servers, KEYS.values(), strict=True):
        assert {entry["key_hash"] for entry in server.log()} == {hash_of(key)}
    searched = [text for key in KEYS.values() for text in (key, halves_of(key))]
    assert [text for text in searched if text in found.out + found.err] == []
    assert traces(work, searched) == []
    assert (work / "outputs" / "ledger.sqlite").is_file()


def halves_of(key):
    return f"{key[:4]}****{key[-4:]}"


def echoing(echo, key):
    return [
        {**fault, "message": fault["message"].replace("KEY", key).replace("HALVES", halves_of(key))}
        for fault in ECHOES[echo]
    ]


def with_keys(panel):
    document = json.loads(panel)
    for entry, name in zip(document["judges"], KEYS, strict=True):
        entry["api_key_env"] = name
    return json.dumps(document)


def hash_of(key):
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def test_a_traceback_shows_no_key(openai_server, tmp_path):
    """Something of ours breaks in mid-run; what Python prints then is what a user would send us."""
    key = KEYS["WARD_API_KEY"]
    server = openai_server(reply=reply_file())
    panel = write_panel(tmp_path / "panel.yaml", [server], api_key_env="WARD_API_KEY")
    file = write_jsonl(tmp_path / "answers.jsonl", answers(n=1))
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import judge.api.grading.writing as writing\n"
        "def broken(self, asked):\n    raise RuntimeError('broken on purpose')\n"
        "writing.RunFiles.add = broken\n"
    )
    found = run_command(
        "grade", file, "--panel", panel, cwd=tmp_path, WARD_API_KEY=key, PYTHONPATH=path_with(site), timeout_s=200
    )
    assert found.code == 1
    assert "Traceback" in found.err
    assert "broken on purpose" in found.err
    assert key not in found.out + found.err
    assert traces(tmp_path, [key]) == []


def path_with(folder):
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
