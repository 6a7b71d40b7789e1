"""A score card from the tables of a run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from judge.domain.language import primary_subtag, say
from judge.domain.rubric import Rubric
from judge.report.calibration import with_calibration
from judge.report.judges import cost_of, is_offline_panel, judge_parts, requested_model
from judge.report.notices import notices_for
from judge.report.parts import Card, Model, Scale
from judge.report.provenance import agreement_part, rubric_part, run_part
from judge.report.safety import answers_to_check, gate_counts, model_of
from judge.report.scores import RowsByModel, by_dimension, by_model, differences_between, groups_of, score_of
from judge.report.tables import (
    COMPOSITE,
    GradeRow,
    RunTables,
    call_rows,
    criterion_rows,
    grade_rows,
)
from judge.report.text import visible
from judge.report.words import LANGUAGES, Words


def build_card(tables: RunTables, *, language: str | None = None) -> Card:
    """Return the score card of a run in one language.

    Without ``language`` it is the language of most answers, if the card has words of it; on a tie that of the answer
    that comes first; else English.
    """
    rows = list(grade_rows(tables))
    card = with_calibration(_numbers(tables, rows, Words.of(language or _language_of(rows))), tables.calibration)
    return replace(card, notices=notices_for(card, n_panels=_n_panels(tables)))


def _numbers(tables: RunTables, rows: Sequence[GradeRow], words: Words) -> Card:
    """Return the card without its notices."""
    scales, composite = _scales(tables.rubric, words)
    models, ranked = _models(rows, tables, composite)
    parts = {name: by_dimension(found) for name, found in ranked.items()}
    composites = [row for row in rows if row.dimension == COMPOSITE]
    cases = {row.response_id: row.case_id for row in composites}
    every = (composite, *scales)
    return Card(
        language=words.language,
        name=visible(tables.name),
        is_simulated=any(model.is_simulated for model in models),
        is_baseline=is_offline_panel(tables.manifests),
        rubric=rubric_part(tables.rubric, words.language),
        notices=(),
        scales=scales,
        composite_scale=composite,
        models=models,
        scores=tuple(
            score_of(name, found.get(scale.id, ()), scale) for scale in scales for name, found in parts.items()
        ),
        gates=gate_counts(
            {name: found.get(COMPOSITE, ()) for name, found in parts.items()}, tables.rubric, words.language
        ),
        differences=differences_between(ranked, every),
        groups=(*groups_of("task", ranked, every), *groups_of("language", ranked, every)),
        judges=judge_parts(tables, cases, scales),
        answers=answers_to_check(composites, criterion_rows(tables)),
        agreement=agreement_part(tables.agreement),
        cost=cost_of(call_rows(tables)),
        runs=tuple(run_part(manifest) for manifest in tables.manifests),
        n_answers=len(composites),
        n_cases=len(set(cases.values())),
        has_calibrations_left_out=tables.has_calibrations_left_out,
    )


def _scales(rubric: Rubric, words: Words) -> tuple[tuple[Scale, ...], Scale]:
    dimensions = tuple(
        Scale(d.id, visible(say(d.name, words.language)), visible(d.code), d.lowest, d.highest, d.levels, d.is_core)
        for d in rubric.dimensions
    )
    return dimensions, Scale(COMPOSITE, words("composite"), words("composite"), 0.0, 100.0, (), is_core=False)


def _models(rows: Sequence[GradeRow], tables: RunTables, composite: Scale) -> tuple[tuple[Model, ...], RowsByModel]:
    """Return the models with their rows, best mean composite first, models without one last."""
    grouped = by_model(rows)
    made: Mapping[str, Model] = {
        name: _model(name, [row for row in found if row.dimension == COMPOSITE], tables, composite)
        for name, found in grouped.items()
    }
    order = sorted(grouped, key=lambda name: _rank(made[name]))
    return tuple(made[name] for name in order), {name: grouped[name] for name in order}


def _model(name: str, composites: Sequence[GradeRow], tables: RunTables, scale: Scale) -> Model:
    score = score_of(name, composites, scale)
    simulated = tables.is_simulated or any(bool(m.get("simulated")) for m in tables.manifests)
    return model_of(name, composites, score, tables.rubric, is_simulated=simulated)


def _rank(model: Model) -> tuple[bool, float, str]:
    value = model.composite.mean.value
    return value is None, -(value or 0.0), model.name


def _language_of(rows: Sequence[GradeRow]) -> str:
    spoken = Counter(
        primary_subtag(row.language) for row in rows if row.dimension == COMPOSITE and row.language is not None
    )
    known = [language for language, _ in spoken.most_common() if language in LANGUAGES]
    return known[0] if known else LANGUAGES[0]


def _n_panels(tables: RunTables) -> int:
    """Return how many different panels graded the runs."""
    panels = {
        tuple(sorted(str(judge.get("judge_hash") or requested_model(judge)) for judge in manifest.get("panel") or ()))
        for manifest in tables.manifests
    }
    return len(panels)
