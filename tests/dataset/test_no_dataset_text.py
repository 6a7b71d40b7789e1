"""The dataset has no licence: nothing of its text may be in the repository."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "../shared/data/ecg-expert-qa"
N_WORDS = 10
pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="reference data not present: ../shared/data/ecg-expert-qa"),
]


def shingles(text: str) -> set[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {" ".join(words[start : start + N_WORDS]) for start in range(len(words) - N_WORDS + 1)}


def test_no_ten_words_in_a_row_of_the_dataset_are_tracked() -> None:
    answers = [
        next(value for key, value in row.items() if key in ("A", "Answer"))
        for path in sorted(FOLDER.glob("*.json"))
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]
    theirs = set().union(*map(shingles, answers))
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = {}
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file():
            same = shingles(path.read_text(encoding="utf-8", errors="replace")) & theirs
            if same:
                found[name] = sorted(same)[:3]
    assert not found
