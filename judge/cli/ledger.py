"""``judge ledger``."""

from pathlib import Path
from typing import Any

import click

from judge.cli.common import Output, output_options
from judge.errors import DataError

_EPILOG = """\b
Examples:
  judge ledger show outputs/answers-1a2b3c4d
  judge ledger verify outputs/ledger.sqlite
  judge ledger export outputs/ledger.sqlite backup.sqlite
  judge ledger forget --response-id r17 outputs/answers-1a2b3c4d
"""
_PLACE = click.argument(
    "place", type=click.Path(path_type=Path), default=Path("outputs/ledger.sqlite"), metavar="[LEDGER|RUN]"
)


@click.group(epilog=_EPILOG)
def ledger() -> None:
    """Look at what was sent, what came back and what it cost; copy it; delete what one answer received."""


@ledger.command(epilog="\b\nExample:\n  judge ledger show outputs/answers-1a2b3c4d")
@_PLACE
@click.option("--run", metavar="HASH", help="Only the attempts of the run with this plan hash [RUN's own].")
@click.option("--key", metavar="KEY", help="One reply in full, by its call_key.")
@output_options
def show(place: Path, as_json: bool, quiet: bool, **arguments: Any) -> None:
    """Show attempts, tokens and money of each judge, or one reply."""
    from judge.api.ledger import show_ledger

    shown = show_ledger(place, **arguments)
    Output(as_json, quiet).result(shown.text, shown.document)


@ledger.command(epilog="\b\nExample:\n  judge ledger verify outputs/ledger.sqlite")
@_PLACE
@output_options
def verify(place: Path, as_json: bool, quiet: bool) -> None:
    """Check the file and every reply in it; exit code 1 if something is damaged."""
    from judge.api.ledger import verify_ledger

    shown = verify_ledger(place)
    Output(as_json, quiet).result(shown.text, shown.document)


@ledger.command(epilog="\b\nExample:\n  judge ledger export outputs/ledger.sqlite backup.sqlite")
@click.argument("place", type=click.Path(path_type=Path), metavar="LEDGER|RUN")
@click.argument("to", type=click.Path(path_type=Path), metavar="FILE")
@output_options
def export(place: Path, to: Path, as_json: bool, quiet: bool) -> None:
    """Write a consistent copy, also while a run is using the ledger."""
    from judge.api.ledger import export_ledger

    shown = export_ledger(place, to)
    Output(as_json, quiet).result(shown.text, shown.document)


@ledger.command(epilog="\b\nExample:\n  judge ledger forget --response-id r17 outputs/answers-1a2b3c4d")
@_PLACE
@click.option("--response-id", "response_ids", multiple=True, metavar="ID", help="An answer; repeatable.")
@click.option(
    "--key", "keys", multiple=True, metavar="KEY", help="A call_key, or its first 12 digits or more; repeatable."
)
@output_options
def forget(place: Path, as_json: bool, quiet: bool, **arguments: Any) -> None:
    """Delete what an answer received; the bytes are overwritten, the cost is kept.

    An answer or key of which the ledger knows nothing is an error (exit 3), and nothing is deleted.
    """
    from judge.api.ledger import forget_in_ledger

    output = Output(as_json, quiet)
    try:
        shown = forget_in_ledger(place, **arguments)
    except DataError:
        if as_json:
            output.result("", {"n_replies": 0, "n_attempts": 0, "is_erased": False})
        raise
    output.result(shown.text, shown.document)
