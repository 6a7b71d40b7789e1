"""``judge drift``."""

from pathlib import Path

import click

from judge.cli.common import Output, output_options
from judge.errors import ConfigError, JudgeError

_EPILOG = """\b
Examples (RUN is a run folder such as outputs/answers-1a2b3c4d that judge calibrate wrote a calibration.json into):
  judge drift RUN --panel panel.yaml
  judge drift RUN --panel panel.yaml --max-usd 2
  judge drift RUN --judge openai/gpt-4o-mini --anew
The same command on the same day carries on, and pays for nothing twice. On another day, or with --anew, all is asked
again. The result goes into drift.json of the run.
"""
_FILE = click.Path(path_type=Path)


@click.command(epilog=_EPILOG)
@click.argument("run", type=_FILE)
@click.option("--panel", type=_FILE, help="The panel file that the run was graded with.")
@click.option("--judge", "judges", multiple=True, metavar="MODEL", help="A judge of the run by litellm name.")
@click.option("--ledger", type=_FILE, help="Keep the replies in this new file [in the folder of the check].")
@click.option("--max-usd", type=click.FloatRange(min=0), help="Stop before more than this is spent on the check.")
@click.option("--anew", is_flag=True, help="Begin another check though one of today is concluded.")
@output_options
def drift(
    run: Path,
    panel: Path | None,
    judges: tuple[str, ...],
    ledger: Path | None,
    max_usd: float | None,
    anew: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Ask the judges of a calibrated run anew for a few answers, and say whether the calibration still holds.

    Exit code 1 where it has expired: a judge grades otherwise than on the day it was calibrated.
    """
    from judge.api.calibrating.drift import check_drift
    from judge.cli.progress import Bar

    if panel is not None and judges:
        raise ConfigError("--panel and --judge were both given", hint="Name the panel that the run was graded with.")
    output = Output(as_json, quiet)
    with Bar(quiet=quiet) as bar:
        found = check_drift(run, panel=panel or judges, ledger=ledger, max_usd=max_usd, anew=anew, progress=bar)
    for warning in found.warnings:
        output.talk(f"warning: {warning}")
    output.result(found.text, found.document())
    if found.state == "expired":
        raise JudgeError(
            "the calibration has expired: a judge grades otherwise than when it was calibrated",
            hint="Grade again with a new ledger, have physicians grade a new set, and calibrate anew.",
        )
