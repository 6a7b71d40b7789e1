"""judge drift on a loopback judge: asked anew, held against the calibration, told apart from another judge."""

import json
import sys

import pytest

import judge
from judge.api.calibrating import drift as drifting
from judge.api.calibrating.drift_checks import last_check
from judge.errors import BudgetReached, ConfigError, DataError, StoreError
from judge.panel.config import read_panel
from judge.store.lock import locked
from tests.api.drift_helpers import N, answer_rows, calibrated_run, checks_of, copied, rewrite_canaries
from tests.api.run_helpers import reply_file, write_jsonl, write_panel
from tests.servers.openai_server import JudgeServer

PRICE = {"input_per_mtok": 10.0, "output_per_mtok": 10.0}
CORE = {"diagnostic_accuracy", "clinical_reasoning", "knowledge_integration"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("drift")


@pytest.fixture(scope="module")
def shared(home):
    server = JudgeServer(home / "server", {"reply": reply_file()})
    yield server, calibrated_run(home, server)
    server.stop()


@pytest.fixture
def server(shared):
    shared[0].control(reply=reply_file(), faults=[], usage=None, served_model=None)
    shared[0].reset()
    return shared[0]


@pytest.fixture
def panel(shared):
    return shared[1]


@pytest.fixture
def run(shared, home, tmp_path):
    return copied(home, tmp_path)


def asked(server):
    return server.stats()["requests"]


def test_an_unchanged_judge_is_valid_and_is_really_asked_again(run, panel, server):
    found = judge.drift(run, panel=panel)
    assert asked(server) == N
    assert found.state == "valid"
    (check,) = checks_of(run)
    assert found.document() == {"format": "judge-drift/1", **check}
    assert (check["n_answers"], check["n_cases"], check["n_without_reply"]) == (N, N, 0)
    assert {name for name, one in check["dimensions"].items() if one["is_core"]} == CORE
    for one in check["dimensions"].values():
        assert (one["shift"], one["ci_low"], one["ci_high"], one["exact_share"]) == (0.0, 0.0, 0.0, 1.0)
        assert one["n_answers"] == one["n_cases"] == N
    assert check["cost"]["attempts"] == N
    assert check["judges"]["j1"]["served_models"] == ["m1"]
    bound = json.loads((run / "calibration.json").read_text())["binding"]["judges"]["j1"]
    assert check["judges"]["j1"]["judge_hash"] == bound["judge_hash"]


def test_the_canaries_are_asked_word_for_word_what_they_were_asked_in_the_run(run, panel, server, home):
    judge.grade(home / "answers.jsonl", panel=panel, out=run.parent / "again")  # with a new ledger
    judge.drift(run, panel=panel)
    assert asked(server) == 2 * N
    assert server.stats()["distinct"] == N


def test_a_judge_that_became_lenient_by_a_level_has_expired(run, panel, server):
    server.control(reply=reply_file("lenient"))
    found = judge.drift(run, panel=panel)
    assert found.state == "expired"
    (check,) = checks_of(run)
    canaries = json.loads((run / "calibration.json").read_text())["canaries"]
    for name in CORE:
        one = check["dimensions"][name]
        up = [min(5.0, canary["levels"][name] + 1) - canary["levels"][name] for canary in canaries]
        assert one["state"] == "expired"
        assert one["shift"] == pytest.approx(sum(up) / N)  # a level up, except from the top of the scale
        assert one["exact_share"] == up.count(0.0) / N
        assert 0.25 < one["ci_low"] <= one["shift"] <= one["ci_high"]
        assert name in check["reason"]


def test_a_change_in_a_dimension_that_is_not_core_is_said_and_does_not_expire_the_whole(run, panel, server):
    def shifted(canaries):
        for canary in canaries:
            canary["levels"]["safety"] -= 1
        return canaries

    rewrite_canaries(run, shifted)
    found = judge.drift(run, panel=panel)
    assert asked(server) == N
    assert found.state == "valid"
    safety = found.check["dimensions"]["safety"]
    assert (safety["state"], safety["shift"]) == ("expired", 1.0)
    assert "EXPIRED" in found.text


def test_the_second_check_on_the_same_day_asks_nothing_and_stays_one_entry(run, panel, server):
    first = judge.drift(run, panel=panel)
    again = judge.drift(run, panel=panel)
    assert asked(server) == N
    assert len(checks_of(run)) == 1
    assert again.check == first.check
    assert again.run.manifest["cost"]["this_invocation"]["sent"] == 0


def test_another_day_and_anew_ask_again_and_keep_the_history(run, panel, server, monkeypatch):
    monkeypatch.setattr(drifting, "_today", lambda: "2031-05-01")
    judge.drift(run, panel=panel)
    monkeypatch.setattr(drifting, "_today", lambda: "2031-05-02")
    judge.drift(run, panel=panel)
    assert asked(server) == 2 * N
    server.control(reply=reply_file("lenient"))
    assert judge.drift(run, panel=panel).state == "valid"  # carried on: the day's replies are already here
    assert judge.drift(run, panel=panel, anew=True).state == "expired"
    assert judge.drift(run, panel=panel).state == "expired"  # the last one of the day is carried on
    assert asked(server) == 3 * N
    checks = checks_of(run)
    assert [(check["date"], check["state"]) for check in checks] == [
        ("2031-05-01", "valid"),
        ("2031-05-02", "valid"),
        ("2031-05-02", "expired"),
    ]
    assert len({check["check"] for check in checks}) == 3


def test_too_few_canary_cases_say_so_and_ask_nobody(run, panel, server):
    rewrite_canaries(run, lambda canaries: canaries[:8])
    found = judge.drift(run, panel=panel)
    assert found.state == "not_enough_data"
    assert "8 canary cases with a level in a core dimension, at least 10 are needed" in found.text
    assert asked(server) == 0
    assert not (run / "drift.json").exists()


def without(*dimensions):
    def changed(canaries):
        for canary in canaries:
            canary["levels"] = {name: level for name, level in canary["levels"].items() if name not in dimensions}
        return canaries

    return changed


def test_a_core_dimension_that_the_panel_never_scored_does_not_keep_the_whole_undecided(run, panel, server):
    rewrite_canaries(run, without("clinical_reasoning"))
    found = judge.drift(run, panel=panel)
    assert found.check["dimensions"]["clinical_reasoning"]["state"] == "not_enough_data"
    assert found.state == "valid"
    assert "clinical_reasoning" not in found.check["reason"]
    server.control(reply=reply_file("lenient"))
    assert judge.drift(run, panel=panel, anew=True).state == "expired"


def test_without_a_level_in_any_core_dimension_nothing_can_be_told(run, panel, server):
    rewrite_canaries(run, without(*CORE))
    assert judge.drift(run, panel=panel).state == "not_enough_data"
    assert asked(server) == 0


def test_no_canary_at_all_never_grades_the_whole_run(run, panel, server):
    rewrite_canaries(run, lambda _: [])
    assert judge.drift(run, panel=panel).state == "not_enough_data"
    assert asked(server) == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"params": {"temperature": 0.3}}, "judge j1"),
        ({"granularity": "dimension"}, "the prompt program, judge j1"),
        ({"repeats": 2}, "the panel's rule, quorum or repeats"),
        ({"id": "other"}, "judge other is new, judge j1 is missing"),
    ],
)
def test_another_panel_is_refused_before_anyone_is_asked(run, server, tmp_path, settings, said):
    other = write_panel(tmp_path / "other.yaml", [server], **settings)
    with pytest.raises(ConfigError, match=f"is not the one that was calibrated; what differs: {said}"):
        judge.drift(run, panel=other)
    assert asked(server) == 0
    assert not (run / "drift.json").exists()


def test_the_offline_judge_in_place_of_the_panel_is_refused(run, server):
    with pytest.raises(ConfigError, match="j1 is missing"):
        judge.drift(run)
    assert asked(server) == 0


def test_the_cap_stops_the_check_concludes_nothing_and_a_higher_one_goes_on(run, server, tmp_path):
    server.control(usage=[1000, 100])  # 0.011 dollars a call, 0.04 and more set aside for its 4000 tokens
    dear = write_panel(tmp_path / "dear.yaml", [server], price=PRICE, max_concurrency=1)
    with pytest.raises(BudgetReached):
        judge.drift(run, panel=dear, max_usd=0.12)
    n_before = asked(server)
    assert 0 < n_before < N
    assert not (run / "drift.json").exists()
    found = judge.drift(run, panel=dear, max_usd=5, anew=True)  # the stopped one is carried on, whatever is asked
    assert asked(server) == N  # what was paid for is not asked again
    assert server.stats()["paid_twice"] == 0
    assert found.state == "valid"
    assert found.check["cost"]["usd"] == pytest.approx(N * 0.011)


def test_canaries_without_a_reply_are_left_out_and_asked_again(run, panel, server):
    server.control(faults=[{"kind": "400", "match": "answer number 3."}, {"kind": "400", "match": "answer number 7."}])
    found = judge.drift(run, panel=panel)
    assert found.check["n_without_reply"] == 2
    assert found.check["dimensions"]["safety"]["n_answers"] == N - 2
    assert found.state == "valid"
    assert any("no reply on 2 canaries" in warning for warning in found.warnings)
    server.control(faults=[])
    again = judge.drift(run, panel=panel)
    assert again.check["n_without_reply"] == 0
    assert len(checks_of(run)) == 1


def test_a_judge_that_no_longer_gives_levels_has_expired(run, panel, server):
    server.control(faults=[{"kind": "refusal", "share": 0.6}])
    assert judge.drift(run, panel=panel).state == "expired"


def test_another_served_model_is_named(run, panel, server):
    server.control(served_model="m1-2031")
    found = judge.drift(run, panel=panel)
    assert found.state == "valid"
    assert any("served by m1-2031 now, and was by m1" in warning for warning in found.warnings)
    assert found.check["judges"]["j1"]["served_models_calibrated"] == ["m1"]


def test_a_ledger_of_ones_own_is_kept_and_an_old_one_is_refused(run, panel, server, home, tmp_path):
    with pytest.raises(ConfigError, match="would stand in for fresh ones"):
        judge.drift(run, panel=panel, ledger=home / "ledger.sqlite")
    assert asked(server) == 0
    judge.drift(run, panel=panel, ledger=tmp_path / "fresh.sqlite")
    assert (tmp_path / "fresh.sqlite").exists()
    assert not list((run / "drift").rglob("ledger.sqlite"))
    judge.drift(run, panel=panel)  # carried on with the ledger that it was begun with
    judge.drift(run, panel=panel, ledger=tmp_path / "fresh.sqlite")
    assert asked(server) == N
    with pytest.raises(ConfigError, match=r"keeps its replies in .*fresh\.sqlite"):
        judge.drift(run, panel=panel, ledger=tmp_path / "third.sqlite")


def test_a_run_without_a_calibration_of_its_own_is_refused(run, panel, server, tmp_path):
    with pytest.raises(ConfigError, match="there is no such file"):
        judge.drift(judge.grade(write_jsonl(tmp_path / "a.jsonl", answer_rows(2)), out=tmp_path / "bare"))
    path = run / "calibration.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "plan_hash": "another"}), encoding="utf-8")
    with pytest.raises(ConfigError, match="was made on another run"):
        judge.drift(run, panel=panel)
    assert asked(server) == 0


def test_answers_that_changed_since_are_refused(run, panel, server, tmp_path):
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    changed = write_jsonl(tmp_path / "changed.jsonl", answer_rows(3))
    manifest["inputs"][0]["path"] = manifest["options"]["answers"] = str(changed)
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(DataError, match="has changed since the run was made"):
        judge.drift(run, panel=panel)
    assert asked(server) == 0


def test_a_run_in_use_is_refused(run, panel):
    with locked(run), pytest.raises(StoreError, match="in use"):
        judge.drift(run, panel=panel)


def test_a_panel_object_serves_too(run, panel, server):
    assert judge.drift(run, panel=read_panel(panel)).state == "valid"
    assert asked(server) == N


def test_an_expired_calibration_serves_no_other_run_and_its_own_still(run, panel, server, tmp_path):
    rows = write_jsonl(tmp_path / "more.jsonl", answer_rows(4, first=N))
    other = judge.grade(rows, panel=panel, out=tmp_path / "other")
    path = run / "calibration.json"
    assert judge.calibrate(other, calibration=path).run.folder == tmp_path / "other"
    server.control(reply=reply_file("lenient"))
    judge.drift(run, panel=panel)
    with pytest.raises(ConfigError, match="has expired by the drift check of"):
        judge.calibrate(other, calibration=path)
    judge.calibrate(run, calibration=path)
    assert last_check(run, json.loads(path.read_text()))["state"] == "expired"  # applied again, it is still that one


def test_a_check_of_an_earlier_calibration_says_nothing_of_a_later_one(run, panel, server):
    server.control(reply=reply_file("lenient"))
    judge.drift(run, panel=panel)
    rewrite_canaries(run, lambda canaries: canaries[1:])
    assert last_check(run, json.loads((run / "calibration.json").read_text())) is None


@pytest.mark.parametrize("text", ["{", '{"format": "judge-run/1"}', '{"format": "judge-drift/1", "checks": [7]}'])
def test_a_drift_file_that_is_none_is_a_storage_error(run, text):
    (run / "drift.json").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"drift\.json"):
        last_check(run, json.loads((run / "calibration.json").read_text()))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_card_says_what_the_last_check_found(run, panel, server, language):
    label = {"en": "drift check", "zh": "漂移检查"}[language]
    assert label not in judge.card(run, language=language).markdown.read_text(encoding="utf-8")
    judge.drift(run, panel=panel)
    words = {"en": "unchanged within the tolerance", "zh": "在容许范围内未变"}[language]
    assert words in judge.card(run, language=language).markdown.read_text(encoding="utf-8")
    server.control(reply=reply_file("lenient"))
    judge.drift(run, panel=panel, anew=True)
    made = judge.card(run, language=language)
    words = {"en": "expired: the judges grade otherwise now", "zh": "已失效：评审的评分已与当时不同"}[language]
    assert words in made.markdown.read_text(encoding="utf-8")
    assert words in made.html.read_text(encoding="utf-8")


@pytest.fixture
def command(monkeypatch, capsys):
    def call(*arguments):
        from judge.cli.main import main

        monkeypatch.setattr(sys, "argv", ["judge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


def test_the_command_exits_0_where_it_is_valid(command, run, panel, server):
    code, out, _ = command("drift", run, "--panel", panel)
    assert code == 0
    assert "valid" in out
    assert f"{N} calls sent now" in out
    assert asked(server) == N


def test_the_command_exits_1_where_it_has_expired_and_still_prints_one_document(command, run, panel, server):
    server.control(reply=reply_file("lenient"))
    code, out, err = command("drift", run, "--panel", panel, "--json", "--quiet")
    assert code == 1
    assert json.loads(out)["state"] == "expired"
    assert "has expired" in err


def test_the_command_exits_0_where_there_is_not_enough_data(command, run, panel, server):
    rewrite_canaries(run, lambda canaries: canaries[:8])
    code, out, _ = command("drift", run, "--panel", panel, "--json")
    assert code == 0
    assert json.loads(out)["state"] == "not_enough_data"
    assert asked(server) == 0


def test_the_command_exits_2_on_another_panel_and_6_at_the_cap(command, run, server, tmp_path):
    other = write_panel(tmp_path / "other.yaml", [server], params={"temperature": 0.3})
    assert command("drift", run, "--panel", other)[0] == 2
    dear = write_panel(tmp_path / "dear.yaml", [server], price=PRICE)
    code, out, err = command("drift", run, "--panel", dear, "--max-usd", "0.01")
    assert code == 6
    assert out == ""
    assert "higher --max-usd" in err
    code, _, err = command("drift", run, "--panel", dear, "--judge", "openai/m1")
    assert code == 2
    assert "both given" in err
