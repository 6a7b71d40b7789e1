"""A small run on a loopback judge, graded by a physician and calibrated, for drift checks."""

import csv
import json
import shutil

import judge
from tests.api.run_helpers import answers, write_jsonl, write_panel

N = 20


def answer_rows(n=N, first=0):
    rows = answers(n=first + n, models=("model-a",))[first:]
    return [{**row, "response_id": f"r{first + place}"} for place, row in enumerate(rows)]


def write_physician(path, run):
    """Write a physician's grades of every answer, mostly the panel's own level and now and then one below."""
    rows = [row for row in run.table("grades").to_pylist() if row["dimension"] != "composite" and row["level"]]
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(["item", "rater", "role", "dimension", "level"])
        for place, row in enumerate(rows):
            level = max(1, row["level"] - (place % 3 == 0))
            write.writerow([row["response_id"], "dr-x", "physician", row["dimension"], f"{level:g}"])
    return path


def calibrated_run(folder, server):
    """Grade, have a physician grade, calibrate; return the panel file."""
    panel = write_panel(folder / "panel.yaml", [server])
    run = judge.grade(write_jsonl(folder / "answers.jsonl", answer_rows()), panel=panel, out=folder / "run")
    judge.calibrate(run, write_physician(folder / "grades.csv", run), simple_random=True)
    return panel


def copied(folder, place):
    """Return a copy of a calibrated run, so that each test has its own."""
    shutil.copytree(folder / "run", place / "run")
    return place / "run"


def rewrite_canaries(run, change):
    """Change the canaries of a run's calibration."""
    path = run / "calibration.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["canaries"] = change(document["canaries"])
    path.write_text(json.dumps(document), encoding="utf-8")


def checks_of(run):
    document = json.loads((run / "drift.json").read_text(encoding="utf-8"))
    assert document["format"] == "judge-drift/1"
    return document["checks"]
