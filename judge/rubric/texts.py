"""Every text of a rubric file, and whether each stands in every language the file lists."""

from collections.abc import Iterator, Mapping

from judge.errors import did_you_mean
from judge.rubric.schema import CriterionBlock, DimensionBlock, GateBlock, RubricFile, TaskBlock, Words
from judge.rubric.source import Loc, Source


def texts_of(file: RubricFile) -> Iterator[tuple[Loc, Words]]:
    """Yield every text with its place."""
    yield ("title",), file.title
    for key, dimension in file.dimensions.items():
        yield from _dimension_texts(("dimensions", key), dimension)
    for loc, criterion in criteria_of(file):
        yield loc, criterion.text
    for key, task in file.tasks.items():
        yield from _task_texts(("tasks", key), task)
    for key, gate in file.gates.by_id.items():
        yield from _gate_texts(("gates", key), gate)
    for key, item in file.signoff.items.items():
        yield ("signoff", "items", key), item


def criteria_of(file: RubricFile) -> Iterator[tuple[Loc, CriterionBlock]]:
    """Yield the generic criteria, then every task's own, with their places."""
    for index, criterion in enumerate(file.criteria):
        yield ("criteria", index), criterion
    for key, task in file.tasks.items():
        for index, criterion in enumerate(task.extra):
            yield ("tasks", key, "extra", index), criterion


def check_texts(file: RubricFile, source: Source) -> None:
    """Report every text that lacks a language of the file, is blank, or has a language the file does not list."""
    for loc, words in texts_of(file):
        for language in file.languages:
            if not words.get(language, "").strip():
                source.report(
                    (*loc, language), f'the text in "{language}" is missing', f"write `{language}: …` beside the others"
                )
        _check_other_languages(loc, words, file, source)


def _check_other_languages(loc: Loc, words: Words, file: RubricFile, source: Source) -> None:
    is_worded = loc[0] == "criteria" or "extra" in loc or (loc[0] == "gates" and len(loc) == 2)
    fields = (GateBlock if loc[0] == "gates" else CriterionBlock).model_fields if is_worded else {}
    for language in words:
        if language not in file.languages:
            source.report(
                (*loc, language),
                f'unknown key "{language}"{did_you_mean(language, [*fields, *file.languages])}',
                "remove it, or add it to `languages` if it is one",
            )


def _dimension_texts(loc: Loc, dimension: DimensionBlock) -> Iterator[tuple[Loc, Words]]:
    yield (*loc, "name"), dimension.name
    yield (*loc, "question"), dimension.question
    yield from _optional(loc, note=dimension.note, na_when=dimension.na_when, na_unless=dimension.na_unless)
    for kind, anchors in (("anchors", dimension.anchors), ("case_free_anchors", dimension.case_free_anchors)):
        for level, words in anchors.items():
            yield (*loc, kind, f"{level:g}"), words


def _task_texts(loc: Loc, task: TaskBlock) -> Iterator[tuple[Loc, Words]]:
    yield (*loc, "name"), task.name
    yield from _optional(loc, key_means=task.key_means, notes=task.notes)


def _gate_texts(loc: Loc, gate: GateBlock) -> Iterator[tuple[Loc, Words]]:
    yield loc, gate.text
    yield from _optional(loc, omission=gate.omission, commission=gate.commission, note=gate.note)


def _optional(loc: Loc, **texts: Words | None) -> Iterator[tuple[Loc, Words]]:
    present: Mapping[str, Words] = {key: words for key, words in texts.items() if words is not None}
    for key, words in present.items():
        yield (*loc, key), words
