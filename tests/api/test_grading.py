"""Runs end to end: real judge processes on loopback, real files, real resumes."""

import json
import os
import stat

import pytest

import judge
from judge.domain.panel import Judge, Panel
from judge.errors import BackendError, BudgetReached, ConfigError, DataError, StoreError
from judge.store.manifest import changed_files
from tests.api.run_helpers import answers, reply_file, write_jsonl, write_panel

DIMENSIONS = 6


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def three(openai_server):
    return [openai_server(reply=reply_file()) for _ in range(3)]


def sent(servers):
    return sum(server.stats()["requests"] for server in servers)


def rows(run, table):
    return run.table(table).to_pylist()


def test_every_answer_is_graded_by_three_judges_and_the_same_command_again_asks_nothing(place, three):
    file = write_jsonl(place / "answers.jsonl", answers())
    panel = write_panel(place / "panel.yaml", three)
    run = judge.grade(file, panel=panel)
    assert run.is_complete
    assert sent(three) == 12 * 3
    grades, verdicts = rows(run, "grades"), rows(run, "verdicts")
    assert len(verdicts) == 12 * 3 * DIMENSIONS
    assert {row["status"] for row in verdicts} == {"scored"}
    assert len(grades) == 12 * (DIMENSIONS + 1)
    composites = [row for row in grades if row["dimension"] == "composite"]
    assert all(0 <= row["score_low"] <= row["score"] <= row["score_high"] <= 100 for row in composites)
    assert json.loads(composites[0]["meta"]) == {"ward": "south"}
    before = {path.name: path.read_bytes() for path in run.folder.glob("*.parquet") if path.name != "calls.parquet"}

    again = judge.grade(file, panel=panel)
    assert again.folder == run.folder
    assert sent(three) == 12 * 3
    assert again.manifest["cost"]["this_invocation"] == {"sent": 0, "replayed": 0, "failed": 0}
    assert {name: (again.folder / name).read_bytes() for name in before} == before


def test_rows_stand_in_the_order_of_input_panel_repeat_dimension(place, openai_server):
    servers = [openai_server(reply=reply_file(), latency_s=[0.0, 0.05]) for _ in range(2)]
    file = write_jsonl(place / "answers.jsonl", answers(n=4))
    run = judge.grade(file, panel=write_panel(place / "panel.yaml", servers, repeats=2))
    order = [(row["case_id"], row["model"], row["judge"], row["repeat"]) for row in rows(run, "verdicts")]
    expected = [
        (f"c{case}", model, one, repeat)
        for case in range(4)
        for model in ("model-a", "model-b")
        for one in ("j1", "j2")
        for repeat in (1, 2)
        for _ in range(DIMENSIONS)
    ]
    assert order == expected


def test_a_blank_answer_is_a_row_without_a_call(place, three):
    table = [*answers(n=1, models=("a",)), {**answers(n=1, models=("a",))[0], "case_id": "c9", "response": "  \n"}]
    run = judge.grade(write_jsonl(place / "answers.jsonl", table), panel=write_panel(place / "panel.yaml", three))
    blank = [row for row in rows(run, "verdicts") if row["case_id"] == "c9"]
    assert {row["status"] for row in blank} == {"empty"}
    assert {row["level"] for row in blank} == {None}
    assert sent(three) == 3
    assert {row["status"] for row in rows(run, "grades") if row["case_id"] == "c9"} == {"empty"}


def test_no_judge_ever_reads_the_models_name_or_carried_columns(place, openai_server):
    server = openai_server(reply=reply_file())
    table = [{**row, "model": "SECRET-MODEL-NAME", "ward": "SECRET-WARD"} for row in answers(n=2, models=("a",))]
    judge.grade(write_jsonl(place / "answers.jsonl", table), panel=write_panel(place / "panel.yaml", [server]))
    received = json.dumps(server.log()) + (place / "outputs" / "ledger.sqlite").read_bytes().decode("latin-1")
    assert "SECRET-" not in received


def test_a_failing_judge_gives_rows_with_its_reason_and_the_panel_keeps_its_quorum(place, openai_server):
    good = [openai_server(reply=reply_file()) for _ in range(2)]
    bad = openai_server(faults=[{"kind": "broken_json"}])
    file = write_jsonl(place / "answers.jsonl", answers(n=2))
    run = judge.grade(file, panel=write_panel(place / "panel.yaml", [*good, bad]))
    verdicts = rows(run, "verdicts")
    assert {row["status"] for row in verdicts if row["judge"] == "j3"} == {"unparsable"}
    assert {row["status"] for row in verdicts if row["judge"] != "j3"} == {"scored"}
    grades = [row for row in rows(run, "grades") if row["dimension"] != "composite"]
    assert {(row["status"], row["n_verdicts"], row["n_unscored"]) for row in grades} == {("scored", 2, 1)}
    assert all(row["level_missing_low"] <= row["level"] <= row["level_missing_high"] for row in grades)


def test_a_wrong_key_stops_the_run_writes_what_there_is_and_exits_4(place, openai_server, monkeypatch):
    monkeypatch.setenv("WARD_KEY", "sk-not-the-key-5f3a")
    server = openai_server(reply=reply_file(), api_key="right")
    file = write_jsonl(place / "answers.jsonl", answers(n=20))
    run = judge.grade(file, panel=write_panel(place / "panel.yaml", [server], api_key_env="WARD_KEY"))
    assert not run.is_complete
    with pytest.raises(BackendError):
        run.raise_if_stopped()
    assert len(rows(run, "verdicts")) == 40 * DIMENSIONS
    assert {row["status"] for row in rows(run, "verdicts")} <= {"provider_error", "interrupted"}
    for path in place.rglob("*"):
        assert not path.is_file() or b"sk-not-the-key-5f3a" not in path.read_bytes()


def test_a_run_that_stops_at_once_still_writes_what_the_ledger_holds(place, openai_server, monkeypatch):
    good, strict = openai_server(reply=reply_file()), openai_server(reply=reply_file(), api_key="right")
    file = write_jsonl(place / "answers.jsonl", answers(n=40))
    assert judge.grade(file, panel=write_panel(place / "one.yaml", [good])).is_complete
    monkeypatch.setenv("WARD_KEY", "wrong")
    run = judge.grade(file, panel=write_panel(place / "two.yaml", [good, strict], api_key_env="WARD_KEY"))
    with pytest.raises(BackendError):
        run.raise_if_stopped()
    statuses = {one: {row["status"] for row in rows(run, "verdicts") if row["judge"] == one} for one in ("j1", "j2")}
    assert statuses == {"j1": {"scored"}, "j2": {"provider_error", "interrupted"}}
    assert len({row["response_id"] for row in rows(run, "verdicts")}) == 80
    assert "interrupted" not in {row["status"] for row in rows(run, "calls")}
    assert good.stats()["requests"] == 80


def test_the_cap_stops_before_the_call_and_a_higher_cap_goes_on(place, openai_server):
    server = openai_server(reply=reply_file(), usage=[1000, 100])
    file = write_jsonl(place / "answers.jsonl", answers(n=10))
    prices = {"price": {"input_per_mtok": 10.0, "output_per_mtok": 10.0}, "params": {"max_tokens": 500}}
    panel = write_panel(place / "panel.yaml", [server], max_concurrency=1, **prices)
    run = judge.grade(file, panel=panel, max_usd=0.15)
    with pytest.raises(BudgetReached, match=r"0\.15"):
        run.raise_if_stopped()
    assert run.manifest["cost"]["usd"] <= 0.15
    statuses = [row["status"] for row in rows(run, "verdicts")]
    assert {"scored", "over_budget"} == set(statuses)
    first = sent([server])
    whole = judge.grade(file, panel=panel, max_usd=10)
    assert whole.is_complete
    assert whole.folder == run.folder
    assert sent([server]) == 20
    assert first < 20


def test_an_agreement_made_of_earlier_grades_is_named_when_they_change(place):
    file = write_jsonl(place / "answers.jsonl", answers(n=3))
    run = judge.grade(file, limit=2, out="run")
    (run.folder / "agreement.json").write_text("{}", encoding="utf-8")
    assert not any("out of date" in warning for warning in judge.grade(file, limit=2, out="run").warnings)
    whole = judge.grade(file, out="run")
    assert any("agreement.json in the run folder" in warning for warning in whole.warnings)


def test_a_call_that_two_answers_share_is_a_row_of_each_and_counted_once(place, openai_server):
    server = openai_server(reply=reply_file(), usage=[1000, 100])
    same = [{**row, "response": "This is atrial fibrillation."} for row in answers(n=1)]
    prices = {"price": {"input_per_mtok": 10.0, "output_per_mtok": 10.0}}
    panel = write_panel(place / "panel.yaml", [server], **prices)
    run = judge.grade(write_jsonl(place / "answers.jsonl", same), panel=panel)
    assert sent([server]) == 1
    calls = rows(run, "calls")
    assert len({row["call_key"] for row in calls}) == 1
    assert [row["model"] for row in rows(run, "grades") if row["dimension"] == "composite"] == ["model-a", "model-b"]
    assert [(row["cost_usd"], row["prompt_tokens"]) for row in calls] == [(pytest.approx(0.011), 1000), (0.0, 0)]
    assert run.manifest["cost"]["usd"] == pytest.approx(sum(row["cost_usd"] for row in calls))


def test_a_run_in_the_working_folder_has_its_folders_name_on_the_card(place, monkeypatch):
    run = judge.grade(write_jsonl(place / "answers.jsonl", answers(n=2)), out="here/pilot")
    monkeypatch.chdir(run.folder)
    assert judge.card(".").card.name == "pilot"


def test_a_limit_grades_the_first_answers_only_and_says_that_it_is_not_all(place, three):
    file = write_jsonl(place / "answers.jsonl", answers())
    panel = write_panel(place / "panel.yaml", three)
    run = judge.grade(file, panel=panel, limit=2)
    assert not run.is_complete
    assert len({row["response_id"] for row in rows(run, "grades")}) == 2
    whole = judge.grade(file, panel=panel, limit=12)
    assert (whole.folder, whole.is_complete) == (run.folder, True)
    assert sent(three) == 12 * 3


def test_a_folder_of_another_plan_is_refused_and_says_what_differs(place, three):
    file = write_jsonl(place / "answers.jsonl", answers(n=1))
    judge.grade(file, panel=write_panel(place / "panel.yaml", three[:2]), out="outputs/mine")
    with pytest.raises(ConfigError, match="what differs: the panel, the judges' repeats") as caught:
        judge.grade(file, panel=write_panel(place / "panel.yaml", three[1:2]), out="outputs/mine")
    assert caught.value.exit_code == 2
    with pytest.raises(ConfigError, match=r"what differs: --seed\n"):
        judge.grade(file, panel=write_panel(place / "panel.yaml", three[:2]), seed=5, out="outputs/mine")


def test_a_folder_with_other_files_is_left_alone(place, three):
    (place / "thesis").mkdir()
    (place / "thesis" / "chapter.txt").write_text("mine")
    file = write_jsonl(place / "answers.jsonl", answers(n=1))
    with pytest.raises(StoreError, match=r"holds other files \(chapter\.txt\)"):
        judge.grade(file, panel=write_panel(place / "panel.yaml", three), out="thesis")
    assert sent(three) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_outputs_that_cannot_be_written_are_a_storage_error(place, three):
    (place / "outputs").mkdir()
    (place / "outputs").chmod(stat.S_IRUSR | stat.S_IXUSR)
    file = write_jsonl(place / "answers.jsonl", answers(n=1))
    with pytest.raises(StoreError):
        judge.grade(file, panel=write_panel(place / "panel.yaml", three))


def test_an_output_place_that_is_a_file_is_a_storage_error_before_any_call(place, three):
    (place / "outputs").write_text("a file")
    file = write_jsonl(place / "answers.jsonl", answers(n=1))
    with pytest.raises(StoreError, match="outputs"):
        judge.grade(file, panel=write_panel(place / "panel.yaml", three))
    assert sent(three) == 0


def test_bad_input_stops_before_anything_is_made(place, three):
    file = write_jsonl(place / "answers.jsonl", [{"case_id": "c", "model": "m"}, {"model": "m", "response": "x"}])
    with pytest.raises(DataError) as caught:
        judge.grade(file, panel=write_panel(place / "panel.yaml", three))
    assert "response" in str(caught.value)
    assert not (place / "outputs").exists()


def test_two_judges_that_are_one_and_the_same_are_refused(place, openai_server):
    server = openai_server(reply=reply_file())
    panel = place / "panel.yaml"
    entry = {"model": "openai/m", "api_base": server.base_url}
    panel.write_text(json.dumps({"judges": [{"id": "a", **entry}, {"id": "b", **entry}]}))
    file = write_jsonl(place / "answers.jsonl", answers(n=1))
    with pytest.raises(ConfigError, match='"a" and "b" are one and the same'):
        judge.grade(file, panel=panel)


def weighted_panel(path, server, **settings):
    judges = [{"id": one, "model": f"openai/{one}", "api_base": server.base_url, **settings} for one in ("low", "high")]
    document = {"aggregation": "weighted", "calibration": "calibration.json", "judges": judges}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_a_weighted_panel_takes_its_weights_from_its_calibration(place, openai_server):
    levels = {name: {"reply": reply_file(f"{name}est")} for name in ("low", "high")}
    server = openai_server(by_model=levels)
    file = write_jsonl(place / "answers.jsonl", answers(n=2, models=("a",)))
    panel = weighted_panel(place / "panel.yaml", server)
    with pytest.raises(ConfigError, match=r"calibration\.json: there is no such file"):
        judge.grade(file, panel=panel)
    assert sent([server]) == 0
    assert not (place / "outputs").exists()

    plain = json.loads(panel.read_text(encoding="utf-8"))
    (place / "plain.yaml").write_text(json.dumps({"judges": plain["judges"]}), encoding="utf-8")
    median = judge.grade(file, panel=place / "plain.yaml")
    bound = {one["id"]: {"judge_hash": one["judge_hash"]} for one in median.manifest["panel"]}
    binding = {"judges": bound, "rubric_hash": median.manifest["rubric"]["hash"]}
    document = {"format": "judge-calibration/1", "binding": binding, "weights": {"low": 3.0, "high": 1.0}}
    (place / "calibration.json").write_text(json.dumps(document), encoding="utf-8")
    run = judge.grade(file, panel=panel)
    # levels 1 and 5: the median is 3, weights 3 and 1 make (3 · 1 + 1 · 5) / 4 = 2
    found = [{row["level"] for row in rows(one, "grades") if row["dimension"] != "composite"} for one in (median, run)]
    assert found == [{3.0}, {2.0}]
    document["weights"] = {"low": 1.0, "high": 3.0}
    (place / "calibration.json").write_text(json.dumps(document), encoding="utf-8")
    assert judge.grade(file, panel=panel).folder != run.folder


def test_judges_that_differ_in_one_parameter_or_endpoint_never_share_a_reply(place, openai_server):
    servers = [openai_server(reply=reply_file()) for _ in range(2)]
    base = {"model": "openai/m", "api_base": servers[0].base_url}
    judges = [
        {"id": "a", **base},
        {"id": "b", **base, "params": {"temperature": 0.5}},
        {"id": "c", **base, "api_base": servers[1].base_url},
    ]
    (place / "panel.yaml").write_text(json.dumps({"judges": judges}))
    file = write_jsonl(place / "answers.jsonl", answers(n=2, models=("m",)))
    run = judge.grade(file, panel=place / "panel.yaml")
    assert [server.stats()["requests"] for server in servers] == [4, 2]
    keys = [key for row in rows(run, "verdicts") for key in row["call_keys"]]
    assert len(set(keys)) == 6


def test_the_manifest_names_what_ran_and_the_files_are_as_it_says(place, three):
    file = write_jsonl(place / "answers.jsonl", answers(n=1))
    run = judge.grade(str(file), panel=write_panel(place / "panel.yaml", three), seed=7)
    manifest = run.manifest
    assert manifest["format"] == "judge-run/1"
    assert manifest["inputs"][0]["rows"] == 2
    assert manifest["seed"] == 7
    assert [entry["id"] for entry in manifest["panel"]] == ["j1", "j2", "j3"]
    assert manifest["panel"][0]["requested"] == {"max_tokens": 4000}
    assert manifest["panel"][0]["served_models"] == ["m1"]
    assert changed_files(run.folder, manifest) == ()
    (run.folder / "grades.parquet").write_bytes(b"tampered")
    assert changed_files(run.folder, manifest) == ("grades.parquet",)


def test_a_panel_object_and_a_list_of_models_are_panels_too(place):
    file = write_jsonl(place / "answers.jsonl", answers(n=1))
    by_name = judge.grade(file, panel=["offline/lexicon"])
    assert by_name.manifest["panel"][0]["id"] == "offline/lexicon"
    assert judge.grade(file).folder == by_name.folder
    panel = Panel(judges=(Judge(id="lexicon", model="offline/lexicon"),))
    assert judge.grade(file, panel=panel).manifest["panel"][0]["id"] == "lexicon"


def test_grade_works_inside_a_running_loop(place):
    import asyncio

    file = write_jsonl(place / "answers.jsonl", answers(n=1))

    async def notebook():
        return judge.grade(file)

    assert asyncio.run(notebook()).is_complete
