"""The judge's program as a dspy module that optimisers can change and run.

This module imports dspy; import it inside the function that needs it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dspy

from judge.panel.program import signature_of
from judge.panel.shape import Scope, shape_of
from judge.tuning.bench import Bench
from judge.tuning.demonstration import Shown, reply_of
from judge.tuning.examples import TuningExample
from judge.tuning.feedback import feedback_on
from judge.tuning.program import LanguageProgram, Program
from judge.tuning.scoring import Scoring, levels_of


class TunedModule(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """One language's predictor; run on an answer's id, it judges that answer as a run would.

    Parameters
    ----------
    bench
        Where answers are judged.
    program
        The program to start from; languages other than ``language`` stay as they are.
    language
        The language that is tuned.
    """

    def __init__(self, bench: Bench, program: Program, language: str) -> None:
        super().__init__()
        own = program.by_language[language]
        signature = signature_of(shape_of(bench.rubric, Scope("response")), language)
        self.judging = dspy.Predict(signature.with_instructions(own.instructions))
        self.judging.demos = [dict(demo) for demo in own.demos]
        self._around = _Around(bench, program, language)

    def forward(self, response_id: str) -> Any:
        """Judge one answer and leave a trace for the optimiser."""
        judged = self._around.bench.judged(self.program, response_id)
        example = self._around.bench.examples[response_id]
        reply = dspy.Prediction(**reply_of(self._around.bench.rubric, judged.verdict))
        trace = dspy.settings.trace
        if trace is not None:
            trace.append((self.judging, self._around.shown.inputs(example.request), reply))
        return dspy.Prediction(verdict=judged.verdict)

    @property
    def program(self) -> Program:
        """The state of the module as a program; nothing else of it is ever kept."""
        demos = [{k: v for k, v in dict(demo).items() if k != "augmented"} for demo in self.judging.demos]
        own = LanguageProgram(str(self.judging.signature.instructions), tuple(demos))
        return self._around.program.changed(self._around.language, own)


class _Around:
    """What copies of a module share."""

    def __init__(self, bench: Bench, program: Program, language: str) -> None:
        self.bench, self.program, self.language = bench, program, language
        self.shown = Shown(bench.rubric)

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Around":
        return self


def as_dspy(examples: Sequence[TuningExample]) -> list[Any]:
    """Return examples as dspy knows them: the answer's id, and nothing that tells a label."""
    return [dspy.Example(response_id=example.response_id).with_inputs("response_id") for example in examples]


class Metric:
    """The metric of an optimiser: nearness to the physicians' levels, with feedback in words.

    Parameters
    ----------
    scoring
        How an answer is scored.
    examples
        By response id.
    """

    def __init__(self, scoring: Scoring, examples: Mapping[str, TuningExample]) -> None:
        self._scoring, self._examples = scoring, examples

    def score(self, gold: Any, prediction: Any, trace: Any = None) -> float:  # noqa: ARG002
        """Return the score alone."""
        return self._scoring.score(levels_of(prediction.verdict), self._examples[gold.response_id])

    def with_feedback(
        self,
        gold: Any,
        prediction: Any,
        trace: Any = None,
        pred_name: Any = None,  # noqa: ARG002
        pred_trace: Any = None,  # noqa: ARG002
    ) -> Any:
        """Return score and feedback, as GEPA asks for them."""
        example = self._examples[gold.response_id]
        said = feedback_on(prediction.verdict, example, tuple(self._scoring.ranges))
        return dspy.Prediction(score=self.score(gold, prediction, trace), feedback=said)
