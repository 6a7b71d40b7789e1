"""The progress bar: rate, cost so far, unscored so far; silent where stderr is not a terminal."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from judge.api.grading.progress import Tally

if TYPE_CHECKING:
    from tqdm import tqdm


class Bar:
    """Shows a run's tally by tqdm, once the run has taken two seconds."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: tqdm[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, tally: Tally) -> None:
        """Move the bar."""
        from tqdm import tqdm

        if self._quiet or not sys.stderr.isatty():
            return
        if self._bar is None:
            empty: list[None] = []
            self._bar = tqdm(empty, total=tally.n_total, unit="answer", delay=2, dynamic_ncols=True)
        unknown = f"+{tally.n_calls_of_unknown_price} calls of unknown price" if tally.n_calls_of_unknown_price else ""
        self._bar.set_postfix_str(f"${tally.cost_usd:.4f}{unknown}, unscored {tally.n_unscored}", refresh=False)
        self._bar.update(tally.n_done - self._bar.n)

    def say(self, message: str) -> None:
        """Write a line above the bar."""
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.write(message, file=sys.stderr)
        else:
            click.echo(message, err=True)
