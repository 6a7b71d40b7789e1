"""What was read, for the manifest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file that a run was made from."""

    path: str
    """As the user gave it."""
    sha256: str
    rows: int
    """Records, whether used or not."""
