"""A run graded by an obedient judge on loopback, physicians' grades of it, and a set with a split."""

import csv
import json
import random
from dataclasses import asdict
from pathlib import Path

import judge
from judge.api.sampling.set import SetItem
from judge.api.sampling.set import write_set as write_calibration_set
from tests.servers.obedient import findings_in

OBEDIENT = Path(__file__).resolve().parents[1] / "servers" / "obedient.py"
DIMENSIONS = ("accuracy", "completeness", "clarity")
PHYSICIANS = ("p1", "p2", "p3")
LEVELS = tuple(range(11))
"""Of the rubric open-answer."""


def reply(function="judge"):
    return f"{OBEDIENT}:{function}"


def answer_text(number, n_findings):
    named = " ".join(f"Finding {letter} is seen." for letter in "ABCDE"[:n_findings])
    return f"Record {number} shows this. {named}"


def answer_rows(n_cases, n_models=2, n_chinese=0):
    """Return answers; the last ``n_chinese`` cases are asked in Chinese."""
    rng = random.Random(5)
    rows = []
    for case in range(n_cases):
        is_chinese = case >= n_cases - n_chinese
        for model in range(n_models):
            number = case * n_models + model
            rows.append(
                {
                    "case_id": f"c{case:03d}",
                    "model": f"model-{model}",
                    "response_id": f"r{number:03d}",
                    "question": f"图{case}说明什么？" if is_chinese else f"What does tracing {case} show?",
                    "language": "zh" if is_chinese else "en",
                    "reference": "Findings A to E.",
                    "response": answer_text(number, rng.randint(1, 5)),
                }
            )
    return rows


def write_answers(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_panel(path, judge_server, writer_server=None, **settings):
    """Write a panel of the obedient judge, and of a writer where there is one."""
    judges = [{"id": "pupil", "model": "openai/pupil", "api_base": judge_server.base_url, **settings}]
    if writer_server is not None:
        judges.append({"id": "writer", "model": "openai/writer", "api_base": writer_server.base_url, **settings})
    path.write_text(json.dumps({"name": "tuning", "quorum": 1, "judges": judges}), encoding="utf-8")
    return path


def physician_rows(rows, *, seed=1, error=0.2, raters=PHYSICIANS, shuffled=False, levels=LEVELS, dimensions=DIMENSIONS):
    """Return grades near the number of findings; ``shuffled`` deals all grades of an answer to another answer."""
    rng = random.Random(seed)
    owners = [row["response_id"] for row in rows]
    if shuffled:
        rng.shuffle(owners)
    found = []
    for owner, row in zip(owners, rows, strict=True):
        for rater in raters:
            for dimension in dimensions:
                level = findings_in(row["response"])
                if rng.random() < error:
                    level = max(1, min(5, level + rng.choice((-1, 1))))
                found.append(
                    {
                        "response_id": owner,
                        "rater": rater,
                        "role": "physician",
                        "dimension": dimension,
                        "level": levels[round((level - 1) / 4 * (len(levels) - 1))],
                        "comment": f"{level} findings stand up" if rng.random() < 0.2 else "",
                    }
                )
    return found


def write_grades(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_set(folder, rows, rubric, share=0.5):
    """Write a set whose cases are split at random, half to each part."""
    cases = sorted({row["case_id"] for row in rows})
    random.Random(3).shuffle(cases)
    n_tune = round(len(cases) * share)
    split = {case: "tune" if place < n_tune else "test" for place, case in enumerate(cases)}
    return write_split(folder, rows, split, rubric)


def write_split(folder, rows, split, rubric):
    """Write a set with a given split, or with pairs (case, part) of a faulty one."""
    parts = [split[row["case_id"]] if isinstance(split, dict) else split[place] for place, row in enumerate(rows)]
    items = [
        asdict(
            SetItem(f"a{row['response_id']}", row["response_id"], row["case_id"], row["model"], "default", "en",
                    "natural", 1.0, part, False)
        )
        for row, part in zip(rows, parts, strict=True)
    ]  # fmt: skip
    write_calibration_set(folder, [], "", {"format": "judge-set/1", "rubric": {"hash": rubric}, "items": items})
    return split


class Study:
    """Everything that a tuning needs, in one folder."""

    def __init__(self, place, judge_server, writer_server=None, *, n_cases=48, shuffled=False, **settings):
        self.place, self.rows = place, answer_rows(n_cases)
        self.answers = write_answers(place / "answers.jsonl", self.rows)
        self.panel = write_panel(place / "panel.yaml", judge_server, **settings)
        self.run = judge.grade(self.answers, panel=self.panel, rubric="open-answer", out=place / "run")
        self.with_writer = write_panel(place / "tuning.yaml", judge_server, writer_server, **settings)
        self.physicians = write_grades(place / "grades.csv", physician_rows(self.rows, shuffled=shuffled))
        self.split = write_set(place / "set", self.rows, self.run.manifest["rubric"]["hash"])
        self.set_folder = place / "set"

    def give_program(self, name):
        """Let the judge have a tuned program, in both panel files."""
        for path in (self.panel, self.with_writer):
            panel = json.loads(path.read_text())
            panel["judges"][0]["program"] = name
            path.write_text(json.dumps(panel))

    def numbers(self, part):
        """Return the record numbers of one part of the split."""
        return {row["response_id"][1:].lstrip("0") or "0" for row in self.rows if self.split[row["case_id"]] == part}

    def tune(self, **options):
        base = {
            "set_folder": self.set_folder,
            "judge": "pupil",
            "panel": self.with_writer,
            "out": self.place / "program.json",
            "rounds": 4,
        }
        return judge.tune(self.run, self.physicians, **(base | options))
