"""The score card for programs: ``judge-card/1``."""

import json
from dataclasses import asdict
from typing import Any

from judge.report.parts import FORMAT, Card


def card_document(card: Card) -> dict[str, Any]:
    """Return a card as JSON values; what is undefined is null beside its reason."""
    return {"format": FORMAT, **asdict(card)}


def render_json(card: Card) -> str:
    """Return a card as an indented JSON text in the order of its parts."""
    return json.dumps(card_document(card), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
