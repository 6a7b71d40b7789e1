"""``judge card``."""

from pathlib import Path

import click

from judge.cli.common import Output, output_options

_EPILOG = """\b
Example:
  judge card outputs/answers-1a2b3c4d
"""


@click.command(epilog=_EPILOG)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN [RUN …]")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for card.html, card.md, card.json [the first run]."
)
@click.option("--language", type=click.Choice(["en", "zh"]), help="Language of the card [that of most cases].")
@output_options
def card(runs: tuple[Path, ...], out: Path | None, language: str | None, as_json: bool, quiet: bool) -> None:
    """Write the score card of one run, or of several runs on one rubric."""
    from judge.api.card import card_of
    from judge.api.presenting import present_card

    output = Output(as_json, quiet)
    made = card_of(list(runs), out=out, language=language)
    shown = present_card(made)
    output.result(shown.text, shown.document)
