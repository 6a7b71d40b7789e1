"""The split of a set into tune and test: by case, and by whatever else ties answers together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from judge.api.sampling.frame import SPLIT_COLUMNS, SampleFrame
from judge.calibration.folds import BoolArray, linked_groups, split_groups
from judge.calibration.sampling import Drawn
from judge.dataset.answers import Item
from judge.domain.ids import sha256_json

LARGEST_SHARE = 0.34
"""A tie that makes one group of more than this share of the answers leaves nothing to split, and is dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class Splitting:
    """Which answers are in the tune split, and what kept answers together."""

    is_tune: BoolArray
    tied_by: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def split_drawn(
    frame: SampleFrame, drawn: Drawn, items: Sequence[Item], share: float, rng: np.random.Generator
) -> Splitting:
    """Split the drawn answers by case and by equal question; by disease and frame where the run carries them."""
    keys = [[f"case {item.case.case_id}", f"question {_question(item)}"] for item in items]
    metas = [_carried(frame.meta[place]) for place in drawn.places]
    tied, warnings = ["case_id", "question"], []
    for column in SPLIT_COLUMNS:
        if not any(meta.get(column) for meta in metas):
            continue
        wider = [
            [*key, *(f"{column} {value}" for value in _values(meta.get(column)))]
            for key, meta in zip(keys, metas, strict=True)
        ]
        if len(items) and np.bincount(linked_groups(wider)).max() > max(1.0, LARGEST_SHARE * len(items)):
            warnings.append(
                f"equal {column} is on both sides of the split: keeping it together leaves nothing to split"
            )
            continue
        keys, tied = wider, [*tied, column]
    groups = linked_groups(keys)
    if len(np.unique(groups)) < 2:
        warnings.append("the answers are all of one case: everything is in the tune split, nothing is left to test")
        return Splitting(np.ones(len(items), dtype=bool), tuple(tied), tuple(warnings))
    return Splitting(split_groups(_stable(groups, keys), share, rng), tuple(tied), tuple(warnings))


def _stable(groups: Any, keys: Sequence[Sequence[str]]) -> Any:
    """Return a name of each group that does not depend on the order of the answers: its least key."""
    least: dict[int, str] = {}
    for group, key in zip(groups.tolist(), keys, strict=True):
        least[group] = min([*key, *([least[group]] if group in least else [])])
    return np.array([least[group] for group in groups.tolist()])


def _question(item: Item) -> str:
    context = item.case.context
    turns = context if context is None or isinstance(context, str) else [[turn.role, turn.text] for turn in context]
    return sha256_json([" ".join(item.case.question.split()).casefold(), turns])[:16]


def _carried(meta: Any) -> dict[str, Any]:
    return dict(json.loads(meta)) if meta else {}


def _values(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
