"""Errors that a user sees. Each names what was wrong, where, and the way out, and owns its exit code.

JudgeError                    1   a check that the user asked for failed
├── ConfigError               2   bad YAML, unroutable model, a folder with another plan
├── DataError                 3   bad input; ``problems`` lists all of them
├── BackendError              4   a provider refuses key or model, a judge stays parked
├── StoreError                5   disk, lock, ledger
├── BudgetReached             6   the cap holds; what is done is kept
└── Interrupted             130   stopped by the user; what is done is kept
"""

import difflib
from collections.abc import Iterable, Sequence


class JudgeError(Exception):
    """Base of all errors that end a command with a message.

    Parameters
    ----------
    message
        What was wrong and where.
    hint
        What to do about it.
    """

    exit_code = 1
    is_retryable = False

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class ConfigError(JudgeError):
    """The set-up is wrong: nothing was spent."""

    exit_code = 2


class DataError(JudgeError):
    """The input is wrong: nothing was graded."""

    exit_code = 3
    shown = 20

    def __init__(self, message: str, *, hint: str | None = None, problems: Sequence[str] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [self.message, *(f"  {problem}" for problem in self.problems[: self.shown])]
        if len(self.problems) > self.shown:
            lines.append(f"  … and {len(self.problems) - self.shown} more")
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


class BackendError(JudgeError):
    """A provider refuses to work for us."""

    exit_code = 4


class StoreError(JudgeError):
    """A file, folder or ledger cannot be read or written."""

    exit_code = 5


class BudgetReached(JudgeError):  # noqa: N818  (a state, not a fault)
    """The cap on spending was reached."""

    exit_code = 6


class Interrupted(JudgeError):  # noqa: N818  (a state, not a fault)
    """The user stopped the run."""

    exit_code = 130


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``, did you mean "x"?`` for the nearest known name, or an empty text."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f', did you mean "{close[0]}"?' if close else ""
