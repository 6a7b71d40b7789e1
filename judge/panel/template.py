"""The hot path: a prompt rendered once by the adapter, filled in one pass for each answer."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge.domain.case import Case
from judge.domain.panel import Granularity
from judge.domain.request import AskedCriterion, JudgeRequest
from judge.domain.rubric import Rubric
from judge.panel.render import (
    N_SHUFFLES,
    answer_text,
    case_text,
    checklist_text,
    references_text,
    rubric_text,
    task_text,
)
from judge.panel.request import generic_criteria
from judge.panel.shape import Scope, part_of, scopes_of, shape_of
from judge.panel.wording import wording

SLOTS = ("case", "checklist", "references", "answer")
"""Fields that differ from answer to answer; rubric and task card are part of the template."""
_SLOT = re.compile("\x00([a-z]+)\x00")
_KEPT_TEMPLATES = 1024


@dataclass(frozen=True, slots=True)
class Template:
    """The messages of one call with slots for what is particular to an answer."""

    opening: tuple[Mapping[str, str], ...]
    """System message and demonstrations."""
    parts: tuple[str, ...]
    """The last message: literal text and names of slots in turn."""

    def fill(self, fields: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the messages; text in one field cannot pull in another."""
        content = "".join(fields[part] if index % 2 else part for index, part in enumerate(self.parts))
        return [*(dict(message) for message in self.opening), {"role": "user", "content": content}]

    @property
    def unfilled(self) -> list[dict[str, str]]:
        """The messages with their slots open: what the prompt hash is made of."""
        return self.fill({name: f"\x00{name}\x00" for name in SLOTS})


class PromptBook:
    """All prompts of one rubric under one program, rendered when first needed.

    Parameters
    ----------
    rubric
        The rubric.
    program
        Instructions and demonstrations of a tuned program by language; None for the shipped words.
    """

    def __init__(self, rubric: Rubric, program: Mapping[str, Any] | None = None) -> None:
        self._rubric = rubric
        self._program = program
        self._programs: dict[Scope, Any] = {}
        self._templates: OrderedDict[tuple[Any, ...], Template] = OrderedDict()
        self._last_slots: tuple[JudgeRequest | None, str, dict[str, str]] = (None, "", {})

    def template(self, scope: Scope, part: JudgeRequest, shuffle: int) -> Template:
        """Return the template for one call's part of a request."""
        generic = tuple(c.id for c in part.criteria if c.source == "rubric")
        key = (scope, part.task, part.language, shuffle, generic, part.dimensions, part.gates)
        found = self._templates.get(key)
        if found is None:
            found = self._templates[key] = self._rendered(scope, part, shuffle)
            if len(self._templates) > _KEPT_TEMPLATES:
                self._templates.popitem(last=False)
        return found

    def format(self, scope: Scope, part: JudgeRequest, inputs: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the messages as dspy's adapter formats them: the slow way, which templates must equal."""
        from judge.panel.adapter import JudgeAdapter

        predictor = self._predictor(scope, part.language)
        messages: list[dict[str, Any]] = JudgeAdapter(part.language).format(
            predictor.signature, predictor.demos, dict(inputs)
        )
        return messages

    def inputs(self, part: JudgeRequest, shuffle: int, prompt_hash: str) -> dict[str, str]:
        """Return all input fields of one call."""
        return {
            "rubric": rubric_text(self._rubric, part, shuffle),
            "task": task_text(self._rubric, part),
            **self.slots(part, prompt_hash),
        }

    def slots(self, part: JudgeRequest, prompt_hash: str) -> dict[str, str]:
        """Return the fields that differ from answer to answer."""
        last_part, last_hash, slots = self._last_slots
        if last_part is not part or last_hash != prompt_hash:
            words = wording(part.language)
            slots = {
                "case": case_text(part.case, words, prompt_hash),
                "checklist": checklist_text(self._rubric, part),
                "references": references_text(part.case, words, prompt_hash),
                "answer": answer_text(part, prompt_hash),
            }
            self._last_slots = (part, prompt_hash, slots)
        return slots

    def _predictor(self, scope: Scope, language: str) -> Any:
        if scope not in self._programs:
            from judge.panel.program import JudgeProgram, load_instructions

            program = JudgeProgram(shape_of(self._rubric, scope), self._rubric.languages)
            if self._program is not None:
                load_instructions(program, self._program)
            self._programs[scope] = program
        return self._programs[scope].by_language[language]

    def _rendered(self, scope: Scope, part: JudgeRequest, shuffle: int) -> Template:
        inputs = {
            "rubric": rubric_text(self._rubric, part, shuffle),
            "task": task_text(self._rubric, part),
            **{name: f"\x00{name}\x00" for name in SLOTS},
        }
        *opening, last = self.format(scope, part, inputs)
        parts = tuple(_SLOT.split(last["content"]))
        if parts[1::2] != SLOTS:
            raise ValueError(f"the adapter lost a field of the prompt: {parts[1::2]}")
        return Template(tuple(opening), parts)


def canonical_parts(rubric: Rubric, granularity: Granularity) -> Iterator[tuple[Scope, JudgeRequest, int]]:
    """Yield every unfilled prompt of a rubric: each task, language, call and shuffle, all generic criteria asked."""
    for task in rubric.tasks:
        for language in rubric.languages:
            request = _bare_request(rubric, task, language)
            for scope in scopes_of(rubric, request, granularity):
                part = part_of(rubric, request, scope)
                for shuffle in range(N_SHUFFLES if len(part.criteria) > 1 else 1):
                    yield scope, part, shuffle


def _bare_request(rubric: Rubric, task: str, language: str) -> JudgeRequest:
    case = Case(case_id="", question="", task=task, language=language)
    criteria: Iterable[AskedCriterion] = generic_criteria(rubric, case, language)
    return JudgeRequest(
        rubric_hash=rubric.hash,
        task=task,
        language=language,
        case=case,
        answer="",
        criteria=tuple(criteria),
        gates=tuple(g.id for g in rubric.gates_of(task) if not g.is_flag),
        dimensions=tuple(d.id for d in rubric.dimensions),
        na_allowed=frozenset(d.id for d in rubric.dimensions if task in d.na_allowed),
    )
