"""Panels of loopback servers and answer files for end-to-end tests."""

import json
from pathlib import Path

GRADERS = Path(__file__).resolve().parents[1] / "servers" / "graders.py"

QUESTION = "What does an irregularly irregular rhythm without P waves mean?"
REFERENCE = "Atrial fibrillation."


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def answers(n=6, models=("model-a", "model-b")):
    return [
        {
            "case_id": f"c{index}",
            "model": model,
            "question": QUESTION,
            "reference": REFERENCE,
            "task": "EBK",
            "response": f"This is atrial fibrillation, says {model[-1]} in answer number {index}.",
            "ward": "north" if index % 2 else "south",
        }
        for index in range(n)
        for model in models
    ]


def write_panel(path, servers, **settings):
    """Write a panel file with one judge a server; ``settings`` are added to every judge."""
    judges = [
        {"id": f"j{place}", "model": f"openai/m{place}", "api_base": server.base_url, **settings}
        for place, server in enumerate(servers, start=1)
    ]
    path.write_text(json.dumps({"name": "loopback", "judges": judges}), encoding="utf-8")
    return path


def reply_file(function="steady"):
    return f"{GRADERS}:{function}"
