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


def wait_until(is_so, process=None, timeout_s=300.0):
    """Wait until something holds; a process that ends before, or a hang, fails the test."""
    until = time.monotonic() + timeout_s
    while not is_so():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"the process ended with {process.returncode}: {process.communicate()[1]}")
        if time.monotonic() > until:
            if process is not None:
                kill(process)
            raise AssertionError("it never came to that")
        time.sleep(0.02)


def settled(servers):
    """Return how many requests servers got, once none is on its way: their senders are dead and all was read."""
    seen = None
    while True:
        stats = [server.stats() for server in servers]
        if (now := [one["requests"] for one in stats]) == seen and not any(one["in_flight"] for one in stats):
            return sum(now)
        seen = now
        time.sleep(0.05)
