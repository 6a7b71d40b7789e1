"""`judge grade` as a process of its own, which a test may kill."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

IS_FULL = os.environ.get("JUDGE_ACCEPTANCE") == "full"
"""Whether the full sizes run (``JUDGE_ACCEPTANCE=full pytest tests/acceptance``) in place of those for every commit."""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def start_command(*arguments, cwd, **environment):
    """Start ``judge ARGUMENTS``; variables are added to the environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "judge", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process, timeout_s=300):
    """Wait for a process; one that hangs fails the test."""
    try:
        out, err = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Ended(process.returncode, out, err)


def run_command(*arguments, cwd, timeout_s=300, **environment):
    return ended(start_command(*arguments, cwd=cwd, **environment), timeout_s)


def kill(process):
    """End a process as a power cut would."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def wait_until(is_so, process=None, timeout_s=60.0):
    """Wait until something holds; a process that ends before, or a minute gone by, fails the test."""
    until = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < until, "it never came to that"
        if process is not None and process.poll() is not None:
            raise AssertionError(f"the process ended with {process.returncode}: {process.communicate()[1]}")
        time.sleep(0.02)
