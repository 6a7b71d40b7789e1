"""Three judges that do everything wrong: every answer ends in a grade or in a row with the status of what happened.

300 answers for every commit; 2,000 with ``JUDGE_ACCEPTANCE=full pytest tests/acceptance/test_storm.py``.
"""

import time
from collections import Counter, defaultdict

import pytest

import judge
from judge.call.ledger import open_ledger
from judge.call.retries import Retries
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from tests.acceptance.processes import IS_FULL
from tests.acceptance.storm import (
    FAILING,
    LASTING,
    PASSING,
    SLOW,
    STATUS_AFTER,
    WORTHLESS,
    answers,
    by_answer,
    expected_status,
    faults_of,
    record,
)
from tests.api.run_helpers import reply_file, write_jsonl, write_panel
from tests.servers.graders import level_at, steady_share

N = 2000 if IS_FULL else 300
TIMEOUT_S = 3.0
MOST_ASKS = 3


class Storm:
    """One run through the storm, read by several tests."""

    def __init__(self, run, logs, seconds):
        self.run = run
        self.logs = logs
        self.seconds = seconds
        self.again = None
        self.logs_again = []
        self.verdicts = run.table("verdicts").to_pylist()
        self.grades = run.table("grades").to_pylist()
        self.calls = run.table("calls").to_pylist()
        self.attempts = self.read_attempts()
        self.attempts_again = []

    def read_attempts(self):
        with open_ledger(self.run.folder.parent / "ledger.sqlite") as opened:
            return list(opened.attempts())

    def rows(self):
        """Yield judge, its number, the requests about an answer, and the rows that came of them."""
        rows = defaultdict(list)
        for row in self.verdicts:
            rows[row["judge"], row["response_id"]].append(row)
        for number, log in enumerate(self.logs):
            for label, entries in by_answer(log).items():
                yield number, entries, rows[f"j{number + 1}", f"r{label}"]


@pytest.fixture(scope="module")
def storm(tmp_path_factory):
    from tests.servers.openai_server import JudgeServer

    place = tmp_path_factory.mktemp("storm")
    script = {"reply": reply_file(), "latency_s": [0.02, 0.2], "label": r"record (\d+)"}
    servers = [JudgeServer(place / f"server-{n}", {**script, "faults": faults_of(n)}) for n in range(3)]
    try:
        panel = write_panel(place / "panel.yaml", servers, timeout_s=TIMEOUT_S, max_concurrency=24)
        file = write_jsonl(place / "answers.jsonl", answers(N))
        started = time.monotonic()
        run = judge.grade(file, panel=panel, out=place / "run")
        found = Storm(run, [server.log() for server in servers], time.monotonic() - started)
        for server in servers:
            server.control(faults=[])
            server.reset()
        found.again = judge.grade(file, panel=panel, out=place / "run")
        found.logs_again = [server.log() for server in servers]
        found.attempts_again = found.read_attempts()[len(found.attempts) :]
        yield found
    finally:
        for server in servers:
            server.stop()


def test_nothing_is_lost_and_nothing_hangs(storm):
    dimensions = len(load_rubric(find_rubric("ecg-clinical-reasoning")).dimensions)
    assert len(storm.verdicts) == N * 3 * dimensions
    assert len({(r["response_id"], r["judge"], r["dimension"]) for r in storm.verdicts}) == N * 3 * dimensions
    assert len(storm.grades) == N * (dimensions + 1)
    assert all(log.keys() == {f"{n:05d}" for n in range(N)} for log in map(by_answer, storm.logs))
    assert storm.run.is_complete
    assert storm.seconds < 3000  # minutes, however busy the machine is; a hang is an hour


def test_every_status_is_that_of_the_last_fault_that_the_server_served(storm):
    wrong = [
        (entries[-1]["label"], number, [entry["kind"] for entry in entries], {row["status"] for row in rows})
        for number, entries, rows in storm.rows()
        if {row["status"] for row in rows} != {expected_status(entries)}
    ]
    assert wrong == []


def test_every_fault_was_met_and_every_status_occurs(storm):
    kinds = Counter(entry["kind"] for log in storm.logs for entry in log)
    assert set(kinds) >= {*LASTING, *FAILING, *(fault["kind"] for fault in PASSING), "plain"}
    assert {row["status"] for row in storm.verdicts} == {*STATUS_AFTER.values(), "timeout"}


def test_no_level_is_invented(storm):
    rubric = load_rubric(find_rubric("ecg-clinical-reasoning"))
    scales = {dimension.id: dimension.levels for dimension in rubric.dimensions}
    texts = {row["response_id"]: row["response"] for row in answers(N)}
    for row in storm.verdicts:
        if row["status"] == "scored":
            share = steady_share(f"m{row['judge'][1:]}", texts[row["response_id"]], row["dimension"])
            assert row["level"] == level_at(share, scales[row["dimension"]]), row
        else:
            assert row["level"] is None, row


def test_an_unscored_verdict_is_counted_and_never_enters_a_grade(storm):
    scored = defaultdict(list)
    for row in storm.verdicts:
        if row["status"] == "scored":
            scored[row["response_id"], row["dimension"]].append(row["level"])
    for row in storm.grades:
        if row["dimension"] == "composite":
            continue
        levels = sorted(scored[row["response_id"], row["dimension"]])
        assert (row["n_verdicts"], row["n_unscored"]) == (len(levels), 3 - len(levels)), row
        assert row["status"] == ("scored" if len(levels) >= 2 else "no_quorum"), row
        median = (levels[(len(levels) - 1) // 2] + levels[len(levels) // 2]) / 2 if len(levels) >= 2 else None
        assert row["level"] == median, row


def test_retries_stay_within_bounds_as_counted_by_the_server(storm):
    retries = Retries()
    for _, entries, _ in storm.rows():
        bodies = Counter(entry["key"] for entry in entries)
        assert len(bodies) <= MOST_ASKS
        for key in bodies:
            kinds = [entry["kind"] for entry in entries if entry["key"] == key]
            assert kinds.count("429") <= retries.rate_limited
            assert len(kinds) - kinds.count("429") <= retries.attempts * retries.rounds


def test_every_request_is_in_the_books(storm):
    """A request that ran into its time limit before the server saw it is in the books all the same."""
    surplus = len(storm.attempts) - sum(map(len, storm.logs))
    assert 0 <= surplus <= sum(n_late(storm, number) for number in range(3))
    assert {logged.attempt.status for logged in storm.attempts}.isdisjoint({"sent", "cancelled"})
    assert storm.run.manifest["cost"]["attempts"] == len(storm.attempts)


def test_no_reply_is_paid_twice_but_one_that_came_after_the_time_limit(storm):
    for number, log in enumerate(storm.logs):
        paid = Counter(e["key"] for e in log if e["ok"] and e["status"] == 200 and e["kind"] not in WORTHLESS)
        assert sum(paid.values()) - len(paid) <= n_late(storm, number)


def n_late(storm, number):
    """Return how many requests to a judge ran into the time limit without the server's doing: a busy machine."""
    n_cut_off = sum(entry["kind"] in SLOW and not entry["ok"] for entry in storm.logs[number])
    is_timeout = [one.judge == f"j{number + 1}" and one.attempt.status == "timeout" for one in storm.attempts]
    return sum(is_timeout) - n_cut_off


def test_a_wrong_model_name_is_recorded_and_a_missing_usage_is_null(storm):
    for _, entries, rows in storm.rows():
        if {entry["kind"] for entry in entries} == {"wrong_model"}:
            assert {(row["status"], row["served_model"]) for row in rows} == {("scored", "another-model")}
    served = [entry["served_models"] for entry in storm.run.manifest["panel"]]
    assert served == [["another-model", f"m{n}"] for n in (1, 2, 3)]
    assert sum("served by several models" in warning for warning in storm.run.warnings) == 3
    silent = f"r{record(20 + LASTING.index('no_usage'))[7:]}"
    tokens = [(c["prompt_tokens"], c["completion_tokens"]) for c in storm.calls if c["response_id"] == silent]
    assert tokens
    assert set(tokens[-3:]) <= {(None, None)}


def test_the_same_command_again_asks_only_for_what_failed_on_the_way(storm):
    failed = {(r["judge"], r["response_id"]) for r in storm.verdicts if r["status"] in ("provider_error", "timeout")}
    asked = [(f"j{n}", f"r{entry['label']}") for n, log in enumerate(storm.logs_again, start=1) for entry in log]
    assert failed
    assert set(asked) == failed
    again = Counter(one.attempt.status for one in storm.attempts_again)
    assert again["timeout"] + again["ok"] == again.total()
    assert len(failed) <= len(asked) <= len(failed) + again["timeout"], "twice only what a busy machine held up"
    for before, after in zip(storm.verdicts, storm.again.table("verdicts").to_pylist(), strict=True):
        if (before["judge"], before["response_id"]) in failed:
            assert after["status"] == "scored"
        else:
            assert after == before
