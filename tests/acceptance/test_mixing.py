"""Judges that differ in one thing never share a reply, and a run never takes over another panel's verdicts."""

import json
from collections import defaultdict

import pytest

import judge
from judge.call.ledger import open_ledger
from judge.panel.tuned import write_program
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from tests.api.run_helpers import answers, reply_file, write_jsonl
from tests.servers.graders import level_at, steady_share

N = 8


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def rubric():
    return load_rubric(find_rubric("ecg-clinical-reasoning"))


@pytest.fixture
def servers(openai_server):
    return [openai_server(reply=reply_file()) for _ in range(2)]


def panel_of(place, name, *judges):
    path = place / name
    path.write_text(json.dumps({"judges": list(judges)}), encoding="utf-8")
    return path


def grade(place, panel, **options):
    """Grade the same answers on the same ledger."""
    rows = [{name: value for name, value in row.items() if name != "task"} for row in answers(n=N // 2)]
    file = write_jsonl(place / "answers.jsonl", rows)
    return judge.grade(file, panel=panel, ledger="ledger.sqlite", **options)


def sent(servers):
    return sum(server.stats()["requests"] for server in servers)


def keys_by_judge(run):
    found = defaultdict(set)
    for row in run.table("verdicts").to_pylist():
        found[row["judge"]].update(row["call_keys"])
    return found


def program(place, rubric):
    path = place / "program.json"
    write_program(path, rubric, {one: {"instructions": f"Judge ({one})."} for one in rubric.languages}, {})
    return path.name


@pytest.mark.parametrize("difference", ["api_base", "temperature", "program", "granularity"])
def test_two_judges_that_differ_in_one_thing_never_share_a_reply(place, servers, rubric, difference):
    base = {"model": "openai/m", "api_base": servers[0].base_url}
    other = {
        "api_base": {"api_base": servers[1].base_url},
        "temperature": {"params": {"temperature": 0.5}},
        "program": {"program": program(place, rubric)},
        "granularity": {"granularity": "dimension"},
    }[difference]
    run = grade(place, panel_of(place, "panel.yaml", {"id": "a", **base}, {"id": "b", **base, **other}))
    keys = keys_by_judge(run)
    assert len(keys["a"]) == N
    assert keys["a"].isdisjoint(keys["b"])
    assert sent(servers) == len(keys["a"]) + len(keys["b"])
    first, second = run.manifest["panel"]
    assert first["judge_hash"] != second["judge_hash"]
    assert (first["prompt_hash"] == second["prompt_hash"]) == (difference in ("api_base", "temperature"))


def test_repeats_of_one_judge_are_asked_each_for_itself(place, servers):
    base = {"id": "a", "model": "openai/m", "api_base": servers[0].base_url}
    run = grade(place, panel_of(place, "panel.yaml", {**base, "repeats": 3}))
    rows = run.table("verdicts").to_pylist()
    by_repeat = [{key for row in rows if row["repeat"] == n for key in row["call_keys"]} for n in (1, 2, 3)]
    assert [len(keys) for keys in by_repeat] == [N, N, N]
    assert len(set.union(*by_repeat)) == 3 * N == sent(servers)
    once = grade(place, panel_of(place, "once.yaml", base))
    assert keys_by_judge(once)["a"] == by_repeat[0]
    assert sent(servers) == 3 * N


def test_one_changed_word_of_a_rubric_is_another_question(place, servers):
    panel = panel_of(place, "panel.yaml", {"id": "a", "model": "openai/m", "api_base": servers[0].base_url})
    text = find_rubric("open-answer").read_text(encoding="utf-8")
    (place / "one.yaml").write_text(text, encoding="utf-8")
    changed = text.replace("one statement imprecise", "one statement inexact")
    assert changed != text
    (place / "other.yaml").write_text(changed, encoding="utf-8")
    one, other = (grade(place, panel, rubric=place / name) for name in ("one.yaml", "other.yaml"))
    assert one.folder != other.folder
    assert one.manifest["rubric"]["hash"] != other.manifest["rubric"]["hash"]
    assert keys_by_judge(one)["a"].isdisjoint(keys_by_judge(other)["a"])
    assert sent(servers) == 2 * N


def test_another_panel_on_the_same_ledger_takes_over_only_what_it_asks_itself_and_the_manifest_says_whose_a_row_is(
    place, servers, rubric
):
    ends = [server.base_url for server in servers]
    judges = [
        {"id": "a", "model": "openai/m1", "api_base": ends[0]},
        {"id": "b", "model": "openai/m2", "api_base": ends[0]},
        {"id": "a", "model": "openai/m2", "api_base": ends[1]},  # the name of the first, the model of the second
    ]
    first = grade(place, panel_of(place, "first.yaml", *judges[:2]))
    assert sent(servers) == 2 * N
    second = grade(place, panel_of(place, "second.yaml", judges[2], judges[1]))
    assert sent(servers) == 3 * N
    assert first.folder != second.folder
    assert keys_by_judge(first)["b"] == keys_by_judge(second)["b"]
    assert keys_by_judge(first)["a"].isdisjoint(keys_by_judge(second)["a"])

    texts = {(row["case_id"], row["model"]): row["response"] for row in answers(n=N // 2)}
    scales = {dimension.id: dimension.levels for dimension in rubric.dimensions}
    for run in (first, second):
        named = {entry["id"]: entry for entry in run.manifest["panel"]}
        for row in run.table("verdicts").to_pylist():
            entry = named[row["judge"]]
            model = entry["model"].removeprefix("openai/")
            share = steady_share(model, texts[row["case_id"], row["model"]], row["dimension"])
            assert row["level"] == level_at(share, scales[row["dimension"]])
            assert row["judge_hash"] == entry["judge_hash"]
            assert row["prompt_hash"] == entry["prompt_hash"]
            assert row["rubric_hash"] == run.manifest["rubric"]["hash"]
            assert row["served_model"] == model
        with open_ledger(place / "ledger.sqlite") as ledger:
            for name, keys in keys_by_judge(run).items():
                served = {ledger.get(key).served_model for key in keys}
                assert served == {named[name]["model"].removeprefix("openai/")}
