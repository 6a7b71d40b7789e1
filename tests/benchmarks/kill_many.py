"""kill -9 at many random moments of a run, each followed by the same command.

``python -m tests.benchmarks.kill_many [--kills 20] [--answers 400] [--seed 0]`` from the project's root; about 15 s a
kill. A moment is a number of requests drawn from 0 to all of them, and up to a quarter of a second more. Prints a line
for each: how many requests the judges had got when it was killed, how many of them were in flight (sent, and the reply
not yet on disk), how many they got afterwards, which must be what the ledger lacked, and whether the tables are those
of an uninterrupted run. Exit 1 where one of them is not as it must be.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.acceptance.crashing import SCRIPT, Crashing
from tests.servers.openai_server import JudgeServer


def main() -> int:
    parser = argparse.ArgumentParser(description="kill -9 at random moments, then the same command.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--answers", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        servers = [JudgeServer(Path(folder) / f"server-{n}", SCRIPT) for n in range(2)]
        try:
            return kill_many(Crashing(Path(folder), servers, arguments.answers), arguments.kills, arguments.seed)
        finally:
            for server in servers:
                server.stop()


def kill_many(crashing: Crashing, n_kills: int, seed: int) -> int:
    crashing.run_whole()
    n_requests = crashing.n_requests()
    print(f"uninterrupted: {n_requests} requests in {crashing.seconds:.1f} s")
    draw, n_wrong = random.Random(seed), 0
    for number in range(n_kills):
        found = crashing.kill_after(draw.randint(0, n_requests), draw.uniform(0.0, 0.25), f"killed-{number}")
        n_wrong += not found.is_right
        print(
            f"killed after {found.n_before:4d} requests, {found.n_in_flight:2d} of them in flight: "
            f"{found.n_after:4d} more, where {found.n_all - found.n_held:4d} replies were missing; "
            f"{'equal' if found.is_equal else 'NOT EQUAL'}{'' if found.is_right else '  <- wrong'}",
            flush=True,
        )
    print(f"{n_kills - n_wrong} of {n_kills} right")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
