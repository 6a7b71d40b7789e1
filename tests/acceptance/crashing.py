"""A run that is killed at some moment, and the same command again; for tests and for ``tests/benchmarks/kill_many``."""

import time
from collections import Counter
from dataclasses import dataclass

import pyarrow.parquet as pq

from tests.acceptance.processes import kill, run_command, start_command, wait_until
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

CONCURRENCY = 8
TABLES = ("verdicts", "criteria", "grades")
SCRIPT = {"reply": reply_file(), "latency_s": [0.01, 0.05]}


@dataclass(frozen=True)
class Resumed:
    """What became of a run that was killed once."""

    n_before: int
    """Requests that the servers had got when it was killed."""
    n_asked: int
    n_twice: int
    """Requests that the servers got twice."""
    n_paid_twice: int
    most_in_flight: int
    is_equal: bool
    """Whether its tables are those of an uninterrupted run, times apart."""


class Crashing:
    """A folder, two judges and a command."""

    def __init__(self, place, servers, n_answers=100):
        self.place = place
        self.servers = servers
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
        n_before = self.n_requests()
        ended = run_command(*self.command(out), cwd=self.place)
        assert ended.code == 0, ended.err
        stats = [server.stats() for server in self.servers]
        times = Counter(entry["key"] for server in self.servers for entry in server.log())
        return Resumed(
            n_before=n_before,
            n_asked=sum(found["requests"] for found in stats),
            n_twice=sum(times.values()) - len(times),
            n_paid_twice=sum(found["paid_twice"] for found in stats),
            most_in_flight=CONCURRENCY * len(self.servers),
            is_equal=all(one.equals(other) for one, other in zip(self.tables(out), self.whole, strict=True)),
        )
