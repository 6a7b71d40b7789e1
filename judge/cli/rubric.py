"""``judge rubric``: list, show, check, schema."""

from typing import TYPE_CHECKING, Any

import click

from judge.cli.common import Output, output_options

if TYPE_CHECKING:
    from judge.domain.rubric import Rubric

_EPILOG = """\b
Examples:
  judge rubric list
  judge rubric show ecg-clinical-reasoning --language zh
  judge rubric check my-rubric/v1.yaml
  judge rubric schema > rubric.schema.json
"""


@click.group(epilog=_EPILOG)
def rubric() -> None:
    """List, read and check rubrics, and print the format of their files."""


@rubric.command("list", epilog="\b\nExample:\n  judge rubric list --json")
@output_options
def list_command(as_json: bool, quiet: bool) -> None:
    """List the shipped rubrics."""
    from judge.api.rubrics import list_rubrics
    from judge.rubric.layout import table

    rows = [_summary(found) for found in list_rubrics()]
    heading = ["rubric", "levels", "dimensions", "criteria", "tasks", "gates", "languages", "sign-off", "title"]
    lines = table([heading, *([str(cell) for cell in row.values()] for row in rows)])
    documents = [{**row, "languages": str(row["languages"]).split(", ")} for row in rows]
    Output(as_json, quiet).result("\n".join(lines), {"rubrics": documents})


@rubric.command(epilog="\b\nExample:\n  judge rubric show ecg-clinical-reasoning --language zh")
@click.argument("name", metavar="ID")
@click.option("--language", metavar="TAG", help="One of the rubric's languages [its first].")
@output_options
def show(name: str, language: str | None, as_json: bool, quiet: bool) -> None:
    """Print a rubric as a physician reads it: anchors, criteria, tasks, gates.

    ID is a shipped rubric (open-answer, open-answer/v1) or the path of a file.
    """
    from judge.api.rubrics import rubric_as_document, rubric_in_words, show_rubric

    output = Output(as_json, quiet)
    found = show_rubric(name)
    text = rubric_in_words(found, language)
    output.result(text.rstrip("\n"), rubric_as_document(found) if as_json else None)
    if found.signoff.status == "draft":
        output.talk("warning: this rubric is a draft that no physician has signed")


@rubric.command(epilog="\b\nExample:\n  judge rubric check my-rubric/v1.yaml")
@click.argument("name", metavar="ID|FILE")
@output_options
def check(name: str, as_json: bool, quiet: bool) -> None:
    """Check a rubric file: errors with line and way out, warnings about wording.

    ID|FILE is the path of a file, or a shipped rubric (open-answer, open-answer/v1). Exit code 1 if there is an error;
    warnings pass.
    """
    from judge.api.rubrics import check_rubric

    checked = check_rubric(name)
    file = checked.path
    lines = [
        f"{file}:{found.line}: {found.severity}: {found.message}\n    way out: {found.way_out}"
        for found in checked.findings
    ]
    lines.append(f"{file}: errors {checked.n_errors}, warnings {checked.n_warnings}")
    document = {
        "file": str(file),
        "errors": checked.n_errors,
        "warnings": checked.n_warnings,
        "findings": [
            {"severity": found.severity, "line": found.line, "message": found.message, "way_out": found.way_out}
            for found in checked.findings
        ],
    }
    Output(as_json, quiet).result("\n".join(lines), document)
    checked.raise_if_failed()


@rubric.command(epilog="\b\nExample:\n  judge rubric schema > rubric.schema.json")
@output_options
def schema(as_json: bool, quiet: bool) -> None:  # noqa: ARG001  (the schema is one JSON document either way)
    """Print the JSON Schema of a rubric file."""
    from judge.api.rubrics import rubric_schema

    Output(True, quiet).result("", rubric_schema())


def _summary(found: "Rubric") -> dict[str, Any]:
    from judge.rubric.describe import scale_text

    return {
        "rubric": f"{found.id}/v{found.version}",
        "levels": "; ".join(sorted({scale_text(dimension.levels) for dimension in found.dimensions})),
        "dimensions": len(found.dimensions),
        "criteria": sum(criterion.task is None for criterion in found.criteria),
        "tasks": len(found.tasks),
        "gates": len(found.gates),
        "languages": ", ".join(found.languages),
        "sign_off": found.signoff.status,
        "title": next(iter(found.title.values())),
    }
