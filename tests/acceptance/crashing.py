"""A run that is killed at some moment, and the same command again; for tests and for ``tests/benchmarks/kill_many``."""

import time
from dataclasses import dataclass

import pyarrow.parquet as pq

from judge.call.upkeep import verify
from judge.call.writer import GROUP_ROWS
from tests.acceptance.processes import kill, run_command, settled, start_command, wait_until
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

CONCURRENCY = 8
MOST_IN_FLIGHT = 2 * CONCURRENCY + GROUP_ROWS
"""Requests at two servers without a reply, and replies in the group that is being committed."""
TABLES = ("verdicts", "criteria", "grades")
SCRIPT = {"reply": reply_file(), "latency_s": [0.01, 0.05]}


@dataclass(frozen=True)
class Resumed:
    """What became of a run that was killed once."""

    n_before: int
    """Requests that the servers had got when it was killed."""
    n_held: int
    """Replies that the ledger held then: whatever was sent beyond was in flight, sent and not yet durable."""
    n_after: int
    """Requests that the servers got afterwards."""
    n_all: int
    is_equal: bool
    """Whether its tables are those of an uninterrupted run, times apart."""

    @property
    def is_right(self):
        """Whether it asked for what the ledger lacked, no more and no less, and little had been in flight."""
        return self.is_equal and self.n_after == self.n_all - self.n_held and self.n_in_flight <= MOST_IN_FLIGHT

    @property
    def n_in_flight(self):
        return self.n_before - self.n_held


class Crashing:
    """A folder, two judges and a command."""

    def __init__(self, place, servers, n_answers=100):
        self.place = place
        self.servers = servers
        self.n_answers = n_answers
        self.file = write_jsonl(place / "answers.jsonl", answers(n=n_answers // 2))
        self.panel = write_panel(place / "panel.yaml", servers, max_concurrency=CONCURRENCY)
        self.whole = None
        self.seconds = 0.0

    def command(self, out):
        return ("grade", self.file, "--panel", self.panel, "--quiet", "--out", f"{out}/run")

    def run_whole(self):
        """Run once without a crash; its tables are what all others must come to."""
        started = time.monotonic()
        ended = run_command(*self.command("whole"), cwd=self.place)
        assert ended.code == 0, ended.err
        self.seconds = time.monotonic() - started
        self.whole = self.tables("whole")

    def tables(self, out):
        return [pq.read_table(self.place / out / "run" / f"{table}.parquet") for table in TABLES]

    def n_requests(self):
        """Return how many requests the servers have got."""
        return sum(server.stats()["requests"] for server in self.servers)

    def kill_after(self, n_requests, seconds, out):
        """Start the command, kill it so many seconds after so many requests, run it again to the end."""
        for server in self.servers:
            server.reset()
        process = start_command(*self.command(out), cwd=self.place)
        wait_until(lambda: self.n_requests() >= n_requests, process)
        time.sleep(seconds)
        kill(process)
        n_before, n_held = settled(self.servers), n_replies(self.place / out / "ledger.sqlite")
        ended = run_command(*self.command(out), cwd=self.place)
        assert ended.code == 0, ended.err
        return Resumed(
            n_before=n_before,
            n_held=n_held,
            n_after=self.n_requests() - n_before,
            n_all=2 * self.n_answers,
            is_equal=all(one.equals(other) for one, other in zip(self.tables(out), self.whole, strict=True)),
        )


def n_replies(ledger):
    """Return how many replies a ledger holds that nobody closed."""
    if not ledger.exists():
        return 0
    found = verify(ledger)
    assert found.problems == ()
    return found.n_replies
