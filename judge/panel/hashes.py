"""The hashes that name a prompt, a judge and a panel."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from judge.call.request import without_credentials
from judge.domain.ids import digest, sha256_json
from judge.domain.panel import Granularity, Judge, Panel
from judge.domain.rubric import Rubric
from judge.panel.offline_program import PROGRAM
from judge.panel.output import response_format
from judge.panel.shape import shape_of
from judge.panel.template import PromptBook, canonical_parts
from judge.panel.tuned import read_program
from judge.panel.wording import wording

FORMAT = "judge-prompt/1"


def prompt_hash(rubric: Rubric, granularity: Granularity = "response", program: Mapping[str, Any] | None = None) -> str:
    """Return the hash of all unfilled templates (every language, task, call and shuffle) with their output schemas.

    The fixed words are part of it as a whole, those that ask again and those of data blocks among them.
    """
    if program is None:
        return _shipped_prompt_hash(rubric, granularity)
    return _prompt_hash(rubric, granularity, program)


def judge_hash(judge: Judge, rubric: Rubric, offline_hash: str) -> str:
    """Return the hash of a judge: model, endpoint, requested parameters, granularity, prompt.

    An offline judge is named by its tables and code version, ``offline_hash``. The judge's id, limits, price, key and
    number of repeats are not part of it: they change nothing that one call says.

    Raises
    ------
    ConfigError
        If the judge's tuned program cannot be used.
    """
    if judge.is_offline:
        return digest((FORMAT, judge.model, PROGRAM, rubric.hash, offline_hash))
    return judge_hash_of(judge, judge_prompt_hash(judge, rubric))


def judge_prompt_hash(judge: Judge, rubric: Rubric) -> str:
    """Return the hash of what a judge is asked with: its templates, or the name of the offline program.

    Raises
    ------
    ConfigError
        If the judge's tuned program cannot be used.
    """
    if judge.is_offline:
        return digest((FORMAT, PROGRAM))
    program = None if judge.program is None else read_program(Path(judge.program), rubric)
    return prompt_hash(rubric, judge.granularity, program)


def judge_hash_of(judge: Judge, prompt: str) -> str:
    """Return the hash of an LLM judge whose prompt hash is known."""
    return sha256_json(
        {
            "format": FORMAT,
            "model": judge.model,
            "api_base": without_credentials(judge.api_base),
            "params": dict(judge.params),
            "granularity": judge.granularity,
            "prompt": prompt,
        }
    )


def panel_hash(panel: Panel, judges: Mapping[str, str], weights: Mapping[str, float] | None = None) -> str:
    """Return the hash of a panel: its judges' hashes by id, repeats, aggregation rule, quorum and weights.

    Where a calibration lies plays no part, only what it says.
    """
    return sha256_json(
        {
            "judges": [[judge.id, judges[judge.id], judge.repeats] for judge in panel.judges],
            "aggregation": panel.aggregation,
            "quorum": panel.quorum_needed,
            "weights": None if weights is None else dict(weights),
        }
    )


@lru_cache(maxsize=32)
def _shipped_prompt_hash(rubric: Rubric, granularity: Granularity) -> str:
    return _prompt_hash(rubric, granularity, None)


def _prompt_hash(rubric: Rubric, granularity: Granularity, program: Mapping[str, Any] | None) -> str:
    book = PromptBook(rubric, program)
    rows = []
    schemas: dict[str, Any] = {}
    for scope, part, shuffle in canonical_parts(rubric, granularity):
        text = sha256_json(book.template(scope, part, shuffle).unfilled)
        rows.append([str(scope), part.task, part.language, shuffle, text])
        if str(scope) not in schemas:
            schemas[str(scope)] = response_format(shape_of(rubric, scope))
    words = {language: dict(wording(language).words) for language in rubric.languages}
    return sha256_json({"format": FORMAT, "templates": rows, "schemas": schemas, "words": words})
