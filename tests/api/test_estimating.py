"""What an estimate says is what a run then does; nothing is sent, no key is read, no price is made up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import judge
from judge.api.estimating.estimate import estimate_with
from judge.api.estimating.prompts import show_prompt
from judge.api.estimating.replies import LATENCY_S, PER_LEVEL, TOKENS_PER_S
from judge.api.estimating.text import cap_warning, present_estimate
from judge.api.estimating.tokens import PER_MESSAGE, PER_REQUEST
from judge.api.grading.options import GradeOptions
from judge.cli.main import main
from judge.domain.panel import Judge, Panel, Price
from judge.errors import ConfigError, DataError
from tests.api.run_helpers import answers, reply_file, write_jsonl

JUDGES = Path(__file__).with_name("probing_judges.py")
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def rows():
    """Twelve answers of six cases, a blank one, and one in the words of another model's."""
    given = answers()
    given[3]["response"] = "  "
    given[5]["response"] = given[4]["response"]
    return given


def one(judge_id="j", **settings):
    return Judge(judge_id, settings.pop("model", "openai/m"), **{"params": {"max_tokens": 4000}, **settings})


def estimated(place, *judges, **options):
    file = write_jsonl(place / "answers.jsonl", options.pop("rows", None) or rows())
    return estimate_with(GradeOptions(answers=file, panel=Panel(tuple(judges)), **options))


@pytest.mark.parametrize(
    ("granularity", "repeats"), [("response", 1), ("response", 3), ("dimension", 1), ("criterion", 2)]
)
def test_calls_and_prompt_tokens_are_those_that_the_server_then_receives(
    place, tmp_path, monkeypatch, openai_server, granularity, repeats
):
    (tmp_path / "bodies").mkdir()
    monkeypatch.setenv("RECORD_TO", str(tmp_path / "bodies"))
    server = openai_server(reply=f"{JUDGES}:recorded")
    asked = one(api_base=server.base_url, granularity=granularity, repeats=repeats)
    estimate = estimated(place, asked, rows=rows()[:6])
    assert server.stats()["requests"] == 0
    judge.grade(place / "answers.jsonl", panel=Panel((asked,)))
    bodies = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "bodies").iterdir()]
    found = estimate.judges[0]
    assert found.n_to_send == found.n_calls == len(bodies) == server.stats()["requests"]
    assert found.prompt_tokens == sum(map(tokens_of, bodies))
    assert found.reply_tokens_ceiling == sum(body["max_tokens"] for body in bodies)


def tokens_of(body):
    """Count a body that went over the wire, with the tokenizer itself and in one piece."""
    from litellm.litellm_core_utils.default_encoding import encoding

    texts = [message["content"] for message in body["messages"]]
    texts.append(json.dumps(body["response_format"], ensure_ascii=False))
    whole = sum(len(encoding.encode(text, disallowed_special=())) for text in texts)
    return whole + PER_MESSAGE * len(body["messages"]) + PER_REQUEST


def test_blank_answers_make_no_call_and_the_same_words_are_asked_once(place):
    estimate = estimated(place, one(api_base=NOWHERE))
    assert (estimate.counted.n_answers, estimate.counted.n_blank, estimate.counted.n_same) == (12, 1, 1)
    assert estimate.n_to_send == 10


@pytest.mark.parametrize("environment", [{}, {"CUSTOM_TIKTOKEN_CACHE_DIR": "empty", "OPENAI_API_KEY": "k"}])
def test_it_connects_nowhere_and_needs_no_key(place, environment):
    panel = {
        "judges": [
            {"id": "mini", "model": "openai/gpt-4o-mini"},
            {"id": "sonnet", "model": "anthropic/claude-sonnet-4-5"},
            {
                "id": "far",
                "model": "openai/m",
                "api_base": "https://models.example.org/v1",
                "api_key_env": "NO_SUCH_KEY",
            },
            {"id": "llama", "model": "together_ai/meta-llama/Llama-3-70b-chat-hf"},
            {"id": "embedded", "model": "offline/lexicon"},
        ]
    }
    (place / "panel.yaml").write_text(json.dumps(panel), encoding="utf-8")
    write_jsonl(place / "answers.jsonl", rows())
    code = (
        "import sys\n"
        "tried = []\n"
        "watched = ('socket.connect', 'socket.getaddrinfo', 'socket.sendto', 'socket.gethostbyname')\n"
        "sys.addaudithook(lambda event, found: tried.append((event, found)) if event in watched else None)\n"
        "from judge.cli.main import cli\n"
        "cli.main(['estimate', 'answers.jsonl', '--panel', 'panel.yaml', '--json'], standalone_mode=False)\n"
        "print(tried, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "[]"
    document = json.loads(done.stdout)
    assert [found["n_calls"] for found in document["judges"]] == [10, 10, 10, 10, 10]
    assert len(document["obstacles"]) == 4 - len(environment.keys() & {"OPENAI_API_KEY"})
    assert "cl100k_base" in document["assumptions"][0]
    assert any("NO_SUCH_KEY" in obstacle for obstacle in document["obstacles"])
    assert not (place / "outputs").exists()


def test_the_offline_judge_costs_nothing_and_sends_nothing(place):
    estimate = estimated(place, Judge("embedded", "offline/lexicon"))
    assert (estimate.n_to_send, estimate.usd, estimate.usd_ceiling) == (0, 0.0, 0.0)


def test_each_price_names_its_source_and_an_unknown_one_is_said(place):
    estimate = estimated(
        place,
        one("stated", api_base=NOWHERE, price=Price(2.0, 10.0)),
        one("here", model="openai/n", api_base=NOWHERE),
        one("listed", model="openai/gpt-4o-mini"),
        one("unknown", api_base="https://models.example.org/v1"),
    )
    stated, here, listed, unknown = estimate.judges
    assert [judge_.price_source for judge_ in estimate.judges] == ["panel", "loopback", "litellm", "unknown"]
    assert stated.usd_ceiling == pytest.approx((stated.prompt_tokens * 2 + 10 * 4000 * 10) / 1e6)
    # 3 % of the calls again: prompt, reply and 80 tokens of complaint each; and their replies
    again = 0.03 * (stated.prompt_tokens + stated.reply_tokens + 80 * 10)
    expected = (stated.prompt_tokens + again) * 2 + 1.03 * stated.reply_tokens * 10
    assert stated.usd == pytest.approx(expected / 1e6, rel=1e-9)
    assert here.usd == 0.0
    assert listed.usd > 0
    assert unknown.usd is None
    assert estimate.n_of_unknown_price == 10
    assert "the price of openai/m is not known" in present_estimate(estimate).text
    assert estimate.usd == pytest.approx(stated.usd + listed.usd)


def test_the_worst_case_asks_three_times_and_sends_every_reply_back(place):
    (found,) = estimated(place, one(api_base=NOWHERE, price=Price(1.0, 0.0))).judges
    # three prompts; the second holds one reply of 4,000 tokens and a complaint of 80, the third two of each
    assert found.usd_ceiling_reasked == pytest.approx((3 * found.prompt_tokens + 3 * 10 * 4080) / 1e6)


@pytest.mark.parametrize(("max_usd", "fits"), [(100.0, "yes"), (0.3, "expected"), (0.0001, "no")])
def test_with_a_cap_it_says_whether_the_run_fits(place, max_usd, fits):
    estimate = estimated(place, one(api_base=NOWHERE, price=Price(1.0, 10.0)), max_usd=max_usd)
    assert estimate.usd < 0.3 < estimate.usd_ceiling < 100
    assert estimate.fits == fits
    assert f"--max-usd {max_usd:g}" in present_estimate(estimate).text


def test_a_run_that_does_not_fit_says_so_in_capitals_with_both_amounts(place):
    estimate = estimated(place, one(api_base=NOWHERE, price=Price(100.0, 100.0)), max_usd=0.01)
    line = next(line for line in present_estimate(estimate).text.splitlines() if "--max-usd" in line)
    assert line.startswith("DOES NOT FIT --max-usd 0.01: $")
    assert "$0.0100 are left" in line
    assert cap_warning(estimate) == line
    assert cap_warning(estimated(place, one(api_base=NOWHERE, price=Price(100.0, 100.0)), max_usd=1000)) is None


def test_a_cap_with_an_unknown_price_is_said_to_be_refused_as_grade_refuses_it(place):
    far = one("far", api_base="https://models.example.org/v1")
    estimate = estimated(place, far, max_usd=5.0)
    assert estimate.fits == "refused"
    with pytest.raises(ConfigError, match="price"):
        judge.grade(place / "answers.jsonl", panel=Panel((far,)), max_usd=5.0)


def test_what_the_ledger_holds_is_subtracted(place, openai_server):
    server = openai_server(reply=reply_file())
    asked = one(api_base=server.base_url)
    before = estimated(place, asked).judges[0]
    judge.grade(place / "answers.jsonl", panel=Panel((asked,)), limit=4)
    after = estimated(place, asked).judges[0]
    # the first four answers: one is blank, so three calls were made
    assert (after.n_calls, after.n_in_ledger, after.n_to_send) == (10, 3, 7)
    assert after.prompt_tokens < before.prompt_tokens
    judge.grade(place / "answers.jsonl", panel=Panel((asked,)))
    done = estimated(place, asked)
    assert (done.n_to_send, done.judges[0].prompt_tokens, done.usd_ceiling) == (0, 0, 0.0)
    assert server.stats()["requests"] == 10
    assert "are not asked for and not paid again" in present_estimate(done).text


def test_money_spent_by_the_run_before_counts_against_the_cap(place, openai_server):
    server = openai_server(reply=reply_file(), usage=[1000, 1000])
    asked = one(api_base=server.base_url, price=Price(0.0, 1000.0), params={"max_tokens": 1000})
    judge.grade(write_jsonl(place / "answers.jsonl", rows()), panel=Panel((asked,)), limit=4)
    estimate = estimated(place, asked, max_usd=9.5)
    assert estimate.counted.spent_usd == pytest.approx(3.0)
    assert estimate.usd_ceiling == pytest.approx(7.0)
    assert estimate.fits != "yes"
    assert estimated(place, asked, max_usd=10.0).fits == "yes"


def test_after_a_pilot_the_means_of_its_replies_replace_the_assumptions(place, openai_server):
    many = answers(n=15)
    server = openai_server(reply=reply_file(), usage=[9000, 321])
    asked = one(api_base=server.base_url)
    assumed = estimated(place, asked, rows=many).judges[0]
    judge.grade(place / "answers.jsonl", panel=Panel((asked,)), limit=20)
    found = estimated(place, asked, rows=many).judges[0]
    assert (assumed.n_seen, found.n_seen, found.n_to_send) == (0, 20, 10)
    assert found.reply_tokens == 3210
    assert found.prompt_tokens == pytest.approx(10 * 9000, rel=0.01)
    assert found.latency_s < 5


def test_a_parameter_that_the_model_refuses_is_left_out_of_what_is_shown(place, openai_server):
    server = openai_server(reply=reply_file(), refuses=["temperature"])
    asked = one(api_base=server.base_url, params={"max_tokens": 4000, "temperature": 0})
    options = GradeOptions(answers=write_jsonl(place / "answers.jsonl", rows()), panel=Panel((asked,)))
    response_id = judge.grade(options.answers, panel=options.panel, limit=1).table("grades")["response_id"][0].as_py()
    (call,) = show_prompt(options, response_id).document["calls"]
    assert call["params"] == {"max_tokens": 4000}
    assert call["in_ledger"] is True
    assert call["sent"] is False


def test_show_prompt_prints_exactly_the_messages_that_the_server_receives(place, tmp_path, monkeypatch, openai_server):
    (tmp_path / "bodies").mkdir()
    monkeypatch.setenv("RECORD_TO", str(tmp_path / "bodies"))
    server = openai_server(reply=f"{JUDGES}:recorded")
    judges = (
        one("a", api_base=server.base_url, repeats=2),
        one("b", api_base=server.base_url, granularity="dimension"),
    )
    given = [{**rows()[0], "response_id": "r1"}]
    options = GradeOptions(answers=write_jsonl(place / "answers.jsonl", given), panel=Panel(judges))
    shown = show_prompt(options, "r1")
    assert server.stats()["requests"] == 0
    judge.grade(options.answers, panel=options.panel)
    received = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "bodies").iterdir()]
    announced = {
        json.dumps([call["messages"], call["response_format"]], sort_keys=True) for call in shown.document["calls"]
    }
    arrived = {json.dumps([body["messages"], body["response_format"]], sort_keys=True) for body in received}
    assert announced == arrived
    assert {call["judge"] for call in shown.document["calls"]} == {"a", "b"}
    for body in received:
        assert all(message["content"] in shown.text for message in body["messages"])


def test_show_prompt_prints_a_prompt_once_and_says_who_else_gets_it_and_what_differs(place):
    judges = (
        one("a", api_base=NOWHERE, repeats=30),
        one("b", api_base=NOWHERE, model="openai/n", params={"max_tokens": 900}),
    )
    given = [{**rows()[0], "response_id": "r1"}]
    shown = show_prompt(GradeOptions(write_jsonl(place / "answers.jsonl", given), panel=Panel(judges)), "r1")
    calls = shown.document["calls"]
    distinct = {json.dumps(call["messages"]) for call in calls}
    assert len(calls) == 31
    assert 1 < len(distinct) <= 4  # the criteria are asked for in one of four orders
    assert shown.text.count(given[0]["response"]) == len(distinct)
    assert shown.text.count("call_key") == 31
    assert all(call["call_key"] in shown.text for call in calls)
    assert shown.text.count("the lines are those of prompt 1, in another order") == len(distinct) - 1
    (line,) = [line for line in shown.text.splitlines() if "judge b, repeat 1" in line]
    assert line.startswith("- ")
    assert 'model openai/n, parameters {"max_tokens": 900}, call_key' in line
    repeat = next(line for line in shown.text.splitlines() if line.startswith("- judge a"))
    assert "model" not in repeat


def test_show_prompt_of_a_blank_answer_and_of_an_unknown_one(place):
    given = [{**row, "response_id": f"r{number}"} for number, row in enumerate(rows())]
    options = GradeOptions(answers=write_jsonl(place / "answers.jsonl", given), panel=Panel((one(api_base=NOWHERE),)))
    assert "nothing is asked" in show_prompt(options, "r3").text
    with pytest.raises(DataError, match='did you mean "r1'):
        show_prompt(options, "r1x")


def test_the_offline_judge_is_shown_to_send_nothing(place):
    given = [{**rows()[0], "response_id": "r1"}]
    file = write_jsonl(place / "answers.jsonl", given)
    (call,) = show_prompt(GradeOptions(answers=file), "r1").document["calls"]
    assert (call["sent"], call["endpoint"]) == (False, "this process")


def test_time_is_that_of_the_tightest_limit(place):
    free = estimated(place, one(api_base=NOWHERE, max_concurrency=2))
    latency_s = LATENCY_S + free.judges[0].reply_tokens / 10 / TOKENS_PER_S
    assert free.judges[0].latency_s == pytest.approx(latency_s)
    assert free.seconds == pytest.approx(10.3 * latency_s / 2)
    slow = estimated(place, one(api_base=NOWHERE, max_concurrency=64, rpm=2))
    assert (slow.seconds, slow.judges[0].bound_by) == (pytest.approx(10.3 / 2 * 60), "2 requests a minute")
    tokens = estimated(place, one(api_base=NOWHERE, max_concurrency=64, tpm=10_000))
    assert tokens.judges[0].bound_by == "10000 tokens a minute"
    assert tokens.seconds > tokens.judges[0].expected_tokens / 10_000 * 60


def test_time_is_never_less_than_that_of_one_call(place):
    alone = estimated(place, one(api_base=NOWHERE, max_concurrency=64), rows=rows()[:1])
    latency_s = alone.judges[0].latency_s
    assert alone.seconds == pytest.approx(latency_s)
    assert alone.judges[0].bound_by == "the time of one call"
    assert "bound by the time of one call" in present_estimate(alone).text


def test_judges_at_one_endpoint_share_their_limits_and_others_do_not(place):
    here, there = {"api_base": NOWHERE, "rpm": 2}, {"api_base": "http://127.0.0.1:10/v1", "rpm": 2}
    together = estimated(place, one("a", **here), one("b", **{**here, "model": "openai/n"}))
    apart = estimated(place, one("a", **here), one("b", **there))
    assert together.seconds == pytest.approx(2 * apart.seconds)


def test_a_reasoning_model_is_expected_to_write_more(place):
    plain = estimated(place, one(api_base=NOWHERE, params={"max_tokens": 16000})).judges[0]
    thinking = {"max_tokens": 16000, "reasoning_effort": "low"}
    found = estimated(place, one(api_base=NOWHERE, params=thinking)).judges[0]
    assert found.reply_tokens == plain.reply_tokens + 10 * 2500


def test_a_reply_is_never_expected_to_be_longer_than_its_limit(place):
    found = estimated(place, one(api_base=NOWHERE, params={"max_tokens": PER_LEVEL})).judges[0]
    assert found.reply_tokens == found.reply_tokens_ceiling == 10 * PER_LEVEL


def test_an_endpoint_that_the_panel_forbids_is_refused(place):
    file = write_jsonl(place / "answers.jsonl", rows())
    panel = Panel((one(model="openai/gpt-4o-mini"),), local_only=True)
    with pytest.raises(ConfigError, match="local_only"):
        estimate_with(GradeOptions(answers=file, panel=panel))


def test_the_command_prints_a_table_and_one_document(place, monkeypatch, capsys):
    file = write_jsonl(place / "answers.jsonl", rows())

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["judge", "estimate", str(file), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    code, text = command("--judge", "openai/gpt-4o-mini", "--max-usd", "20")
    assert code == 0
    assert "12 answers (1 blank: no call; 1 in the words of another: asked once)" in text
    assert "No call was made" in text
    assert "judge grade would not start now" in text
    code, text = command("--judge", "openai/gpt-4o-mini", "--max-usd", "20", "--json")
    document = json.loads(text)
    assert code == 0
    assert document["format"] == "judge-estimate/1"
    assert document["total"]["n_to_send"] == 10
    assert document["cap"]["fits"] == "yes"
    assert document["assumptions"]
