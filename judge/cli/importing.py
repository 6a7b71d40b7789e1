"""``judge import``."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from judge.cli.common import Output, output_options

if TYPE_CHECKING:
    from tqdm import tqdm

    from judge.api.importing import ImportReport

_EXAMPLE = """\b
Example:
  judge import ecg-expert-qa ~/ECG-Expert-QA --out cases.parquet
"""
_EXAMPLE_HEALTHBENCH = """\b
Example:
  judge import healthbench ~/healthbench_eval.jsonl --out cases.parquet
"""
MESSAGES_SHOWN = 20


@click.group("import", epilog=_EXAMPLE)
def importing() -> None:
    """Read a published dataset into a cases file for `judge grade --cases`.

    The data stay yours: nothing is downloaded, and none of it ships with this program.
    """


@importing.command("ecg-expert-qa", epilog=_EXAMPLE)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet file to write, one row a case.")
@click.option(
    "--strict",
    is_flag=True,
    help="Fail (exit 3) and write nothing on anything unexpected: an unreadable row; a changed, renamed or foreign "
    "file; a key, or damage to a text, that no rule is known for. Files that are not there are expected.",
)
@output_options
def ecg_expert_qa(folder: Path, out: Path, strict: bool, as_json: bool, quiet: bool) -> None:
    """Read ECG-Expert-QA's own JSON files, any of the eleven.

    Files that are not there are said, and are no error; a row that cannot be read is said and left out. A file that
    cannot be read at all is an error (exit 3), and nothing is written.

    Prints what was repaired, dropped, merged, flagged and not found (--quiet: the totals alone); writes the same as
    import.json beside --out, or as NAME.import.json where the import.json there is of another cases file.
    """
    from judge.api.importing import import_ecg_expert_qa

    with _Bar(quiet=quiet) as bar:
        report = import_ecg_expert_qa(folder, out, strict=strict, progress=bar.update)
    _present(report, Output(as_json, quiet))


@importing.command("healthbench", epilog=_EXAMPLE_HEALTHBENCH)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet file to write, one row a case.")
@output_options
def healthbench(file: Path, out: Path, as_json: bool, quiet: bool) -> None:
    """Read HealthBench's published JSONL: conversations with rubric items become cases with checklists."""
    from judge.api.importing import import_healthbench

    _present(import_healthbench(file, out), Output(as_json, quiet))


class _Bar:
    """Shows how many cases are done, once it has taken two seconds; silent where stderr is not a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._is_shown = not quiet and sys.stderr.isatty()
        self._bar: tqdm[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, n_done: int, n_total: int) -> None:
        """Move the bar."""
        if not self._is_shown:
            return
        from tqdm import tqdm

        if self._bar is None:
            nothing: list[None] = []
            self._bar = tqdm(nothing, total=n_total, unit="case", delay=2, dynamic_ncols=True)
        self._bar.update(n_done - self._bar.n)


def _present(report: "ImportReport", output: Output) -> None:
    account = report.account
    for name in report.changed_since:
        output.talk(f'warning: "{name}" has changed since the import that was here before')
    _talk(output, [f"warning: {message}" for message in account.unexpected], report)
    _talk(output, list(account.notes), report)
    if report.account_path.name != "import.json":
        output.talk(
            f"import.json there is of another cases file and stays; this import's account: {report.account_path}"
        )
    whole = f"{account_table(report)}\n{report.out}\n{report.account_path}"
    output.result(totals_line(report) if output.quiet else whole, report.as_json())


def totals_line(report: "ImportReport") -> str:
    """Return the sums over all files in one line."""
    counts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in report.account.totals.items())
    return f"{report.out}: {counts}"


def _talk(output: Output, messages: Sequence[str], report: "ImportReport") -> None:
    for message in messages[:MESSAGES_SHOWN]:
        output.talk(message)
    if len(messages) > MESSAGES_SHOWN:
        output.talk(f"… and {len(messages) - MESSAGES_SHOWN} more, all in {report.account_path}")


def account_table(report: "ImportReport") -> str:
    """Return the account as a table, one line a file."""
    totals = report.account.totals
    lines = [["file", *(name.replace("_", " ") for name in totals)]]
    for file in report.account.files:
        counts = file.as_json()
        read = [str(counts[name]) for name in totals] if file.status == "read" else ["–"] * (len(totals) - 1) + ["file"]
        lines.append([file.code, *read])
    if len(report.account.files) > 1:
        lines.append(["all", *map(str, totals.values())])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
