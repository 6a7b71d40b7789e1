"""The parts of a score card: what every rendering of it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from judge.report.corrected import CalibrationPart, Corrected
from judge.report.estimates import MeanEstimate

FORMAT = "judge-card/1"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a reader must know before believing a number; ``code`` is stable, ``text`` is in the language."""

    code: str
    weight: Literal["lead", "warning", "note"]
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """One dimension, or the composite, with the ends of its scale."""

    id: str
    name: str
    code: str
    lowest: float
    highest: float
    levels: tuple[float, ...]
    is_core: bool


@dataclass(frozen=True, slots=True)
class Score:
    """One model in one dimension, or its composite."""

    model: str
    dimension: str
    mean: MeanEstimate
    """Panel levels before gates; for the composite the score after ceilings and caps."""
    n_answers: int
    n_not_applicable: int
    unscored: Mapping[str, int]
    """Answers without a grade, by status."""
    worst: float | None
    """The mean if whatever is missing had the lowest level, and ``best`` the highest."""
    best: float | None
    other: MeanEstimate
    """The other side of the gates: levels after them; for the composite the score without ceiling and cap."""
    distribution: tuple[tuple[float, int], ...]
    """(level, answers), lowest first; empty for the composite."""
    n_disagreement: int
    """Answers on which judges, or judge and criteria, are two levels apart."""
    n_partial: int = 0
    """Composites with a score that lack a dimension which applies; 0 for a dimension."""
    corrected: Corrected | None = None
    """What physicians would have given, where a calibration of the run says it; never for a composite."""

    @property
    def n_scored(self) -> int:
        """Answers with a grade."""
        return self.mean.n_answers

    @property
    def n_unscored(self) -> int:
        """Answers that should have a grade and have none."""
        return sum(self.unscored.values())


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its composite, its gates, what asks for a human."""

    name: str
    is_simulated: bool
    n_answers: int
    n_cases: int
    composite: Score
    n_confirmed: int
    """Answers with at least one confirmed gate."""
    n_pending: int
    """Answers with at least one gate that waits for a human, and none confirmed."""
    by_tier: Mapping[str, int]
    """Answers by the tier of the cap that holds them."""
    n_needs_human: int
    flags: Mapping[str, int]
    """Answers by flag."""


@dataclass(frozen=True, slots=True)
class GateCount:
    """How often one gate holds or waits, by model."""

    gate: str
    name: str
    confirmed: Mapping[str, int]
    pending: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """One model within one task or language."""

    kind: Literal["task", "language"]
    value: str
    model: str
    n_answers: int
    composite: Score
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One model minus another on the cases that both answered."""

    model: str
    other: str
    dimension: str
    estimate: MeanEstimate
    corrected: Corrected | None = None


@dataclass(frozen=True, slots=True)
class JudgePart:
    """What one judge did in this run."""

    judge: str
    model: str
    served: tuple[str, ...]
    is_offline: bool
    n_repeats: int
    n_scored: int
    n_not_applicable: int
    unscored: Mapping[str, int]
    means: tuple[tuple[str, MeanEstimate], ...]
    """By dimension: the judge's own mean level."""
    n_quotes: int
    """Criteria and gates for which it cited words."""
    n_quotes_missing: int
    """Those of them whose words do not stand in the answer."""
    cost: "Cost"


@dataclass(frozen=True, slots=True)
class Cost:
    """What calls cost; ``n_unknown`` calls have no known price and are not in ``usd``."""

    n_calls: int
    usd: float
    n_estimated: int
    n_unknown: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Cited:
    """What one judge cites for one gate."""

    judge: str
    gate: str
    tier: str
    absence: str | None
    quote: str | None
    is_found: bool | None


@dataclass(frozen=True, slots=True)
class AnswerToCheck:
    """One answer with gates, so that a reader can look for himself."""

    response_id: str
    case_id: str
    model: str
    task: str
    score: float | None
    score_uncapped: float | None
    cap: float | None
    gates: tuple[str, ...]
    gates_pending: tuple[str, ...]
    cited: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class AnswersToCheck:
    """The worst answers with gates, and how many there are in all."""

    shown: tuple[AnswerToCheck, ...]
    n_all: int


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was graded."""

    path: str
    sha256: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class RunPart:
    """Where one run's numbers come from."""

    plan_hash: str
    prompt_hash: str
    is_complete: bool
    limit: int | None
    """How many answers were asked for from the top of the input; None for all."""
    seed: str
    inputs: tuple[InputFile, ...]
    versions: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, str], ...]
    panel: tuple[tuple[str, str], ...]
    """What the manifest says of the panel as a whole: name, rule, quorum."""
    stopped: str | None
    """What ended the run before its time."""


@dataclass(frozen=True, slots=True)
class RubricPart:
    """The rubric, and whether somebody has signed it."""

    id: str
    version: int
    hash: str
    title: str
    is_signed: bool
    signed_by: str | None
    signed_on: str | None
    n_items: int
    n_items_signed: int
    has_gates: bool


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One statistic between the panel and physicians."""

    dimension: str
    statistic: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_items: int | None
    undefined: str | None
    physicians: tuple[str, ...]
    """Whom the panel is held against: one physician, or several of whom the value is the mean."""


@dataclass(frozen=True, slots=True)
class AgreementPart:
    """The headline of a comparison with physicians."""

    rows: tuple[AgreementRow, ...]
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A score card, ready to be rendered; every text of others in it is already made visible and bounded."""

    language: str
    name: str
    is_simulated: bool
    is_baseline: bool
    rubric: RubricPart
    notices: tuple[Notice, ...]
    scales: tuple[Scale, ...]
    """The dimensions in the rubric's order."""
    composite_scale: Scale
    models: tuple[Model, ...]
    """Best composite first."""
    scores: tuple[Score, ...]
    """By dimension, then model."""
    gates: tuple[GateCount, ...]
    differences: tuple[Difference, ...]
    groups: tuple[Group, ...]
    judges: tuple[JudgePart, ...]
    answers: AnswersToCheck
    agreement: AgreementPart | None
    cost: Cost
    runs: tuple[RunPart, ...]
    n_answers: int
    n_cases: int
    calibration: CalibrationPart | None = None
    has_calibrations_left_out: bool = False
    """Whether runs of a card of several are calibrated: their corrected means are on their own cards."""

    @property
    def is_corrected(self) -> bool:
        """Whether at least one mean on the card is corrected towards physicians' grades."""
        return any(score.corrected is not None and score.corrected.value is not None for score in self.scores)

    def scale(self, dimension: str) -> Scale:
        """Return the scale of a dimension, or of ``composite``; raises KeyError."""
        for scale in (*self.scales, self.composite_scale):
            if scale.id == dimension:
                return scale
        raise KeyError(dimension)

    def scores_of(self, dimension: str) -> tuple[Score, ...]:
        """Return the models' scores in a dimension, or their composites, in the order of ``models``."""
        if dimension == self.composite_scale.id:
            return tuple(model.composite for model in self.models)
        return tuple(score for score in self.scores if score.dimension == dimension)
