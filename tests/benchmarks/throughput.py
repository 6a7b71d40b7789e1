"""What the way through `judge grade` costs, measured in ratios within one run.

``python -m tests.benchmarks.throughput [path] [latency] [refused] [million] [memory] [--scale X]`` from the project's
root; all five without a name. ``--scale 0.1`` makes a tenth of the work.

path     calls per second of the whole path (three judges an answer, hints of gates on) against bare
         ``litellm.acompletion`` with the same messages, 64 in flight, no latency, one process; median of five
         interleaved pairs. Aim: at least 0.75.
latency  share of the ideal rate with 256 calls in flight and a server that takes 1 s. Aim: at least 0.95.
refused  calls per second at a server that takes 8 at once and answers 429 to more, once settled: with 64 allowed in
         the panel file against 8; median of five interleaved pairs. Aim: at least 0.9.
million  an answer of a million characters, and of a tenth, by the offline judge, in seconds of CPU. Aim: below 8 s.
memory   47,211 answers × 3 judges from Parquet to Parquet, offline replies; peak memory at a third and at all of the
         rows. Aim: below 600 MB and flat.
         Then the same command again on the complete run. Aim: no call, below 15 s for 47,211 answers × 3 judges.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "tests" / "servers" / "openai_server.py"
REPLY = f"{ROOT / 'tests' / 'servers' / 'graders.py'}:plain"
N_JUDGES = 3
N_PAIRS = 5
ANSWER = (
    "This is atrial fibrillation: the rhythm is irregularly irregular and no P waves are seen in any lead. The rate is "
    "about 110 per minute. I would assess the stroke risk and the haemodynamic state first. Answer number {n}."
)


@contextmanager
def servers(n: int, **script: Any) -> Iterator[list[str]]:
    """Run judges on loopback; yields their base URLs."""
    command = [sys.executable, str(SERVER)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(n)]
    try:
        urls = []
        for process in running:
            if process.stdout is None:
                raise RuntimeError("the server says nothing")
            port = json.loads(process.stdout.readline())["port"]
            _post(f"http://127.0.0.1:{port}/control", {"reply": REPLY, **script})
            urls.append(f"http://127.0.0.1:{port}")
        yield urls
    finally:
        for process in running:
            process.terminate()
            process.wait()


def _post(url: str, document: Any) -> None:
    request = urllib.request.Request(url, json.dumps(document).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).read()


def _get(url: str) -> Any:
    return json.loads(urllib.request.urlopen(url, timeout=60).read())


def write_answers(path: Path, n: int, *, first: int = 0) -> Path:
    """Write answers of 60 words to one question."""
    question = {"question": "What is the rhythm?", "reference": "Atrial fibrillation.", "task": "CD", "language": "en"}
    with path.open("w", encoding="utf-8") as file:
        for number in range(first, first + n):
            row = {"case_id": f"c{number}", "model": "m", "response": ANSWER.format(n=number), **question}
            file.write(json.dumps(row) + "\n")
    return path


def write_panel(path: Path, urls: Sequence[str], in_flight: int) -> Path:
    """Write a panel of three judges that share the calls in flight."""
    judges = [
        {
            "id": f"j{place}",
            "model": f"openai/m{place}",
            "api_base": f"{urls[place % len(urls)]}/v1",
            "max_concurrency": -(-in_flight // N_JUDGES),
        }
        for place in range(N_JUDGES)
    ]
    path.write_text(json.dumps({"judges": judges, "limits_shared_by": "judge"}), encoding="utf-8")
    return path


def whole_path(answers: Path, panel: Path, out: Path) -> float:
    """Return the seconds of one `judge.grade`."""
    import judge

    started = time.perf_counter()
    run = judge.grade(answers, panel=panel, out=out)
    seconds = time.perf_counter() - started
    unscored = {status: n for status, n in run.manifest["counts"]["verdicts"].items() if status != "scored"}
    if unscored.keys() - {"not_applicable"}:
        raise RuntimeError(f"not every verdict was scored: {unscored}")
    return seconds


def bare(answers: Path, panel: Path, in_flight: int) -> float:
    """Return the seconds of the same calls through ``litellm.acompletion`` alone; rendering is not counted."""
    from judge.api.grading.options import GradeOptions
    from judge.api.grading.plan import make_plan
    from judge.call.tame import litellm_module
    from judge.panel.judging import Judging
    from judge.panel.request import build_request

    litellm = litellm_module()
    plan = make_plan(GradeOptions(answers=answers, panel=panel))
    judgings = [Judging(plan.rubric, one, None) for one in plan.panel.judges]  # type: ignore[arg-type]
    calls = [
        call
        for item in plan.items()
        for judging in judgings
        for call in judging.first_calls(build_request(plan.rubric, item.case, item.response), "r", 1)
    ]

    async def run() -> None:
        room = asyncio.Semaphore(in_flight)

        async def one(call: Any) -> None:
            async with room:
                await litellm.acompletion(
                    model=call.model,
                    api_base=call.api_base,
                    api_key="none",
                    messages=[dict(message) for message in call.messages],
                    response_format=dict(call.response_format),
                    max_tokens=call.max_tokens,
                    max_retries=0,
                    timeout=120,
                )

        await asyncio.gather(*(one(call) for call in calls))

    started = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - started


def measure_path(folder: Path, scale: float) -> None:
    """Print calls per second and the ratio, median of interleaved pairs."""
    n, in_flight = max(40, round(500 * scale)), 64
    with servers(1) as urls:
        panel = write_panel(folder / "panel.yaml", urls, in_flight)
        warm = write_answers(folder / "warm.jsonl", 20, first=10_000_000)
        whole_path(warm, panel, folder / "warm" / "run")
        bare(warm, panel, in_flight)
        ratios, rates = [], []
        for pair in range(N_PAIRS):
            answers = write_answers(folder / f"a{pair}.jsonl", n, first=n * pair)
            ours = whole_path(answers, panel, folder / f"path{pair}" / "run")
            theirs = bare(answers, panel, in_flight)
            ratios.append(theirs / ours)
            rates.append((N_JUDGES * n / ours, N_JUDGES * n / theirs))
    ours_rate, bare_rate = (statistics.median(column) for column in zip(*rates, strict=True))
    print(
        f"path     whole path {ours_rate:.0f} calls/s, bare litellm {bare_rate:.0f} calls/s, "
        f"ratio {statistics.median(ratios):.2f} (of {N_PAIRS}: {min(ratios):.2f}–{max(ratios):.2f}), aim ≥ 0.75"
    )


def measure_latency(folder: Path, scale: float) -> None:
    """Print the share of the ideal rate."""
    in_flight, latency_s = 256, 1.0
    n = max(256, round(1_500 * scale))
    with servers(2, latency_s=latency_s) as urls:
        panel = write_panel(folder / "panel.yaml", urls, in_flight)
        whole_path(write_answers(folder / "warm.jsonl", 20, first=10_000_000), panel, folder / "warm" / "run")
        seconds = whole_path(write_answers(folder / "a.jsonl", n), panel, folder / "latency" / "run")
    ideal = N_JUDGES * n / in_flight * latency_s
    print(
        f"latency  {N_JUDGES * n} calls in {seconds:.1f} s, ideal {ideal:.1f} s, "
        f"share {ideal / seconds:.2f}, aim ≥ 0.95"
    )


def _settled_rate(url: str, answers: Path, panel: Path, out: Path, capacity: int) -> float:
    """Return how many calls a second were served in the second half of a run."""
    _post(f"{url}/reset", {})
    whole_path(answers, panel, out)
    served = sorted(entry["at"] for entry in _get(f"{url}/log") if entry["ok"] and entry["status"] == 200)
    settled = served[len(served) // 2 : -2 * capacity]
    return (len(settled) - 1) / (settled[-1] - settled[0])


def measure_refused(folder: Path, scale: float) -> None:
    """Print the ratio of the rates with a limit that is found and one that is told, median of interleaved pairs."""
    n, capacity, ratios = max(100, round(500 * scale)), 8, []
    answers = write_answers(folder / "a.jsonl", n)
    with servers(1, latency_s=0.2, max_concurrent=capacity) as urls:
        for pair in range(N_PAIRS):
            told, found = (
                _settled_rate(
                    urls[0], answers, _shared(folder / f"{allowed}.yaml", urls[0], allowed),
                    folder / f"{allowed}-{pair}" / "run", capacity,
                )
                for allowed in (capacity, 64)
            )  # fmt: skip
            ratios.append(found / told)
    print(
        f"refused  settled rate with the limit found against told: {statistics.median(ratios):.2f} "
        f"(of {N_PAIRS}: {min(ratios):.2f}–{max(ratios):.2f}), aim ≥ 0.9"
    )


def _shared(path: Path, url: str, allowed: int) -> Path:
    judges = [{"id": "j", "model": "openai/m", "api_base": f"{url}/v1", "max_concurrency": allowed}]
    path.write_text(json.dumps({"judges": judges}), encoding="utf-8")
    return path


def measure_million(folder: Path, scale: float) -> None:
    """Print what an answer of a million characters costs the offline judge."""
    from tests.offline.asking import ask, case

    about = case("What is the rhythm?", ["Atrial fibrillation."])
    ask("warm", about)
    for size in (round(100_000 * scale), round(1_000_000 * scale)):
        text = (ANSWER * (size // len(ANSWER) + 1))[:size]
        started = time.process_time()
        ask(text, about)
        print(f"million  {size} characters: {time.process_time() - started:.2f} s of CPU, aim < 8 s a million")


_CHILD = """
import resource, sys, time
import judge
from judge.domain.panel import Judge, Panel
started = time.perf_counter()
panel = Panel(judges=(Judge(id="lexicon", model="offline/lexicon", repeats=3),))
run = judge.grade(sys.argv[1], panel=panel, out=sys.argv[2])
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(run.manifest["cost"]["this_invocation"]["sent"], round(seconds, 1), round(peak))
"""


def _child(answers: Path, out: Path) -> tuple[int, float, int]:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(answers), str(out)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    sent, seconds, peak = done.stdout.split()[-3:]
    return int(sent), float(seconds), int(peak)


def measure_memory(folder: Path, scale: float) -> None:
    """Print the peak memory of a process at a third and at all of the rows, and the time of a resume."""
    import pyarrow.json
    import pyarrow.parquet as pq

    n = max(300, round(47_211 * scale))
    peaks = []
    for rows in (n // 3, n):
        lines = write_answers(folder / f"m{rows}.jsonl", rows)
        pq.write_table(pyarrow.json.read_json(lines), folder / f"m{rows}.parquet")
        _, seconds, peak = _child(folder / f"m{rows}.parquet", folder / f"m{rows}" / "run")
        peaks.append(peak)
        print(f"memory   {rows} answers × 3: {seconds:.0f} s, peak {peak} MB")
    print(f"memory   growth from a third to all: {peaks[1] - peaks[0]} MB, aim < 600 MB and flat")
    sent, seconds, _ = _child(folder / f"m{n}.parquet", folder / f"m{n}" / "run")
    print(f"memory   {n} answers × 3 again: {sent} calls, {seconds:.1f} s, aim 0 calls and < 15 s")


MEASURES = {
    "path": measure_path,
    "latency": measure_latency,
    "refused": measure_refused,
    "million": measure_million,
    "memory": measure_memory,
}


def main() -> None:
    """Run the measures that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measures", nargs="*", metavar="measure", default=list(MEASURES))
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    for name in arguments.measures:
        with tempfile.TemporaryDirectory() as place:
            MEASURES[name](Path(place), arguments.scale)
    print(f"peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
