"""The judge's prompt as a dspy program: what is tuned is the instruction, never the rubric.

This module imports dspy; import it inside the function that needs it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import dspy

from judge.panel.output import output_types
from judge.panel.shape import Shape
from judge.panel.wording import wording

INPUT_FIELDS = ("rubric", "task", "case", "checklist", "references", "answer")
"""In the order of the prompt: the stable part first, the answer last."""


def signature_of(shape: Shape, language: str) -> Any:
    """Return the dspy signature of one call: rubric, case and answer in, the typed reply out."""
    fields: dict[str, Any] = {name: (str, dspy.InputField(desc=name)) for name in INPUT_FIELDS}
    for name, kind in output_types(shape).items():
        fields[name] = (kind, dspy.OutputField(desc=name))
    return dspy.make_signature(fields, wording(language).instructions, signature_name="JudgeAnswer")


class JudgeProgram(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """A judge's program: one predictor for each language of the rubric.

    Parameters
    ----------
    shape
        The fields of a reply.
    languages
        The rubric's languages.
    """

    def __init__(self, shape: Shape, languages: Iterable[str]) -> None:
        super().__init__()
        self.by_language: dict[str, Any] = {
            language: dspy.Predict(signature_of(shape, language)) for language in languages
        }

    def forward(self, language: str, **fields: str) -> Any:
        """Judge one answer; ``fields`` are the rendered inputs."""
        from judge.panel.adapter import JudgeAdapter

        with dspy.context(adapter=JudgeAdapter(language)):
            return self.by_language[language](**fields)

    async def aforward(self, language: str, **fields: str) -> Any:
        """Judge one answer without blocking; ``fields`` are the rendered inputs."""
        from judge.panel.adapter import JudgeAdapter

        with dspy.context(adapter=JudgeAdapter(language)):
            return await self.by_language[language].acall(**fields)


def load_instructions(program: JudgeProgram, state: Mapping[str, Any]) -> JudgeProgram:
    """Give a program the instructions and demonstrations of a tuned one; fields and types stay ours.

    Raises
    ------
    KeyError
        If the tuned program lacks one of the languages.
    """
    for language, predictor in program.by_language.items():
        tuned = state[language]
        predictor.signature = predictor.signature.with_instructions(str(tuned["instructions"]))
        predictor.demos = [dict(demo) for demo in tuned.get("demos", ())]
    return program


def dump_instructions(program: JudgeProgram) -> dict[str, Any]:
    """Return what tuning may have changed, by language, as JSON types."""
    return {
        language: {
            "instructions": predictor.signature.instructions,
            "demos": [dict(demo) for demo in predictor.demos],
        }
        for language, predictor in program.by_language.items()
    }
