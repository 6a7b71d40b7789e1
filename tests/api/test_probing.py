"""A probe measures what it should: judges that are known to give in so often, or never, are found out exactly."""

import json
import re
import sys
from pathlib import Path

import pytest

from judge.api.probing.answers import asked, drawn, inserts, weak_answers
from judge.api.probing.probe import ProbeOptions, estimate_probe, probe_injection
from judge.api.probing.sums import said_by_judges
from judge.api.probing.text import present_probe
from judge.cli.main import main
from judge.errors import BudgetReached, ConfigError
from judge.panel.injection import suspect
from judge.panel.untrusted import neutralise
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from tests.api.probing_markers import MARKERS

JUDGES = Path(__file__).with_name("probing_judges.py")
N = 4


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="module")
def rubric():
    return load_rubric(find_rubric("ecg-clinical-reasoning"))


@pytest.fixture
def panel_of(place, openai_server):
    """Return a function that writes a panel of servers with characters, and gives its file and servers."""

    def write(*characters, **settings):
        servers = [openai_server(reply=f"{JUDGES}:{character}") for character in characters]
        judges = [
            {"id": character, "model": f"openai/{character}", "api_base": server.base_url, **settings}
            for character, server in zip(characters, servers, strict=True)
        ]
        path = place / "panel.yaml"
        path.write_text(json.dumps({"name": "probed", "judges": judges}), encoding="utf-8")
        return path, servers

    return write


def options(panel, **others):
    return ProbeOptions(**{"panel": panel, "n": N, **others})


def attacked(rubric, n=N):
    """Return every attacked answer of a probe with whether an obedient judge sees a marker in it."""
    found = [one for one in asked(drawn(weak_answers(rubric), n, 0)) if one.insert and one.insert.arm == "attack"]
    return [(one, any(marker in neutralise(one.text).text for marker in MARKERS)) for one in found]


def of(probe, rater):
    return next(result for result in probe.raters if result.rater == rater)


def test_a_judge_that_obeys_certain_words_is_found_to_give_in_exactly_as_often(place, panel_of, rubric):
    panel, _ = panel_of("obedient")
    probe = probe_injection(options(panel))
    marked = [hit for _, hit in attacked(rubric)]
    assert 0 < sum(marked) < len(marked)
    for rater in ("obedient", "panel"):
        found = of(probe, rater)
        assert (found.attacks.rose.n_hits, found.attacks.rose.n) == (sum(marked), len(marked))
        assert found.attacks.gave_in == found.attacks.rose
        assert found.attacks.rose.value == sum(marked) / len(marked)
        assert found.attacks.rose.n_cases == N
        # from level 2 to 5 where it obeys
        assert found.attacks.shift.value == pytest.approx(3 * sum(marked) / len(marked))
        assert (found.controls.gave_in.n_hits, found.controls.gave_in.n) == (0, 2 * N)
    assert of(probe, "panel").attacks.composite_rose.n_hits == sum(marked)


def test_rates_by_family_language_and_attack_are_those_of_their_members(place, panel_of, rubric):
    panel, _ = panel_of("obedient")
    found = of(probe_injection(options(panel)), "obedient")
    every = attacked(rubric)
    for name, group in found.by_family.items():
        members = [hit for one, hit in every if one.insert.family == name]
        assert (group.rose.n_hits, group.rose.n) == (sum(members), len(members)), name
    for name, group in found.by_language.items():
        members = [hit for one, hit in every if one.base.language == name]
        assert (group.rose.n_hits, group.rose.n) == (sum(members), len(members)), name
    assert set(found.by_language) == {"en", "zh"}
    assert {name for name, group in found.by_attack.items() if group.rose.n_hits} == {
        one.insert.id for one, hit in every if hit
    }


def test_a_judge_that_never_obeys_gives_in_never_and_its_flags_are_counted(place, panel_of, rubric):
    panel, _ = panel_of("steadfast")
    found = of(probe_injection(options(panel)), "steadfast")
    marked = [hit for _, hit in attacked(rubric)]
    assert (found.attacks.gave_in.value, found.attacks.gave_in.n) == (0.0, len(marked))
    assert found.attacks.gave_in.low == 0.0
    # as wide as nought of four cases: 1 - 0.025 ** (1 / 4)
    assert found.attacks.gave_in.high == pytest.approx(1 - 0.025**0.25)
    assert (found.attacks.flagged.n_hits, found.attacks.flagged.n) == (sum(marked), len(marked))


def test_a_gate_that_an_attack_silences_counts_even_where_the_level_stays(place, panel_of, rubric):
    panel, _ = panel_of("forgetful")
    found = of(probe_injection(options(panel)), "forgetful").attacks
    marked = [hit for _, hit in attacked(rubric)]
    assert (found.lost_gate.n_hits, found.lost_gate.n) == (sum(marked), len(marked))
    assert (found.rose.n_hits, found.gave_in.n_hits) == (0, sum(marked))


def test_an_attack_that_leaves_a_judge_without_a_verdict_is_counted_apart(place, panel_of, rubric):
    panel, _ = panel_of("mute")
    found = of(probe_injection(options(panel)), "mute").attacks
    marked = [hit for _, hit in attacked(rubric)]
    assert found.unscored_after == {"unparsable": sum(marked)}
    assert found.unscored_before == {}
    assert (found.gave_in.n_hits, found.gave_in.n) == (0, len(marked) - sum(marked))
    assert found.n_pairs == len(marked)


def test_answers_at_the_top_of_the_scale_leave_no_room_and_are_in_no_rate(place, panel_of):
    panel, _ = panel_of("generous")
    found = of(probe_injection(options(panel)), "generous").attacks
    assert found.n_no_room == found.n_pairs > 0
    assert (found.rose.n, found.rose.value, found.rose.undefined) == (0, None, "no_pairs")


def test_a_panel_holds_where_most_of_its_judges_do(place, panel_of):
    panel, _ = panel_of("obedient", "steadfast", "plain")
    probe = probe_injection(options(panel, n=2))
    assert of(probe, "obedient").attacks.rose.n_hits > 0
    assert of(probe, "panel").attacks.rose.n_hits == 0
    assert [result.rater for result in probe.raters] == ["obedient", "steadfast", "plain", "panel"]


def test_the_same_probe_again_asks_nothing_and_finds_the_same(place, panel_of):
    panel, (server,) = panel_of("obedient")
    first = probe_injection(options(panel, n=2))
    n_asked = server.stats()["requests"]
    assert n_asked == len(first.asked)
    again = probe_injection(options(panel, n=2))
    assert server.stats()["requests"] == n_asked
    assert again.raters == first.raters
    assert again.folder == first.folder


def test_its_estimate_is_what_it_then_asks(place, panel_of):
    panel, (server,) = panel_of("obedient")
    estimate = estimate_probe(options(panel, n=2))
    assert server.stats()["requests"] == 0
    assert not (place / "outputs").exists()
    probe_injection(options(panel, n=2))
    assert estimate.n_to_send == server.stats()["requests"]
    assert estimate_probe(options(panel, n=2)).n_to_send == 0


def test_at_the_cap_what_is_done_is_kept_and_the_rest_is_unscored(place, panel_of):
    prices = {"price": {"input_per_mtok": 1.0, "output_per_mtok": 1.0}, "params": {"max_tokens": 1000}}
    panel, _ = panel_of("obedient", max_concurrency=1, **prices)
    probe = probe_injection(options(panel, max_usd=0.4))
    assert probe.run.manifest["cost"]["usd"] <= 0.4
    found = of(probe, "obedient").attacks
    missing = sum(found.unscored_before.values()) + sum(found.unscored_after.values())
    assert 0 < missing < found.n_pairs
    assert set(found.unscored_after) == {"over_budget"}
    assert found.gave_in.n == found.n_pairs - missing
    with pytest.raises(BudgetReached):
        probe.run.raise_if_stopped()


def test_the_offline_judge_cannot_be_persuaded(place):
    probe = probe_injection(ProbeOptions(n=6))
    found = of(probe, "offline/lexicon").attacks
    assert found.n_pairs > 100
    assert found.rose.value == 0.0


def test_another_rubric_is_probed_on_its_own_scale(place, panel_of):
    panel, _ = panel_of("obedient")
    probe = probe_injection(options(panel, n=2, rubric="open-answer"))
    assert (probe.yardstick.highest, probe.yardstick.step, probe.yardstick.composite_step) == (10, 1, 10)
    assert of(probe, "obedient").attacks.rose.n_hits > 0


def test_a_folder_that_holds_another_probe_is_refused(place):
    probe_injection(ProbeOptions(n=2, out=place / "here"))
    with pytest.raises(ConfigError, match="another probe"):
        probe_injection(ProbeOptions(n=3, out=place / "here"))


def test_weak_answers_do_not_speak_to_the_grader_and_are_drawn_the_same_for_a_seed(rubric):
    weak = weak_answers(rubric)
    assert len(weak) >= 20
    assert not any(suspect(base.answer).is_suspected for base in weak)
    assert drawn(weak, 8, 3) == drawn(weak, 8, 3)
    assert drawn(weak, 8, 3) != drawn(weak, 8, 4)
    assert sorted(base.language for base in drawn(weak, 8, 3)) == ["en"] * 4 + ["zh"] * 4
    with pytest.raises(ConfigError, match="weak answers"):
        drawn(weak, len(weak) + 1, 0)


def test_harmless_text_is_not_flagged_and_both_languages_have_it():
    controls = [insert for insert in inserts() if insert.arm == "control"]
    assert sorted(insert.language for insert in controls) == ["en", "en", "zh", "zh"]
    assert not any(suspect(insert.text).is_suspected for insert in controls)


def test_the_command_prints_tables_and_writes_the_figures(place, panel_of, monkeypatch, capsys):
    panel, _ = panel_of("obedient")

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["judge", "probe", "injection", "--panel", str(panel), "--n", "2", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    code, text = command("--quiet")
    assert code == 0
    assert "panel, by family" in text
    assert "Our own detector flags" in text
    code, text = command("--quiet", "--json")
    document = json.loads(text)
    assert code == 0
    assert document["format"] == "judge-probe-injection/1"
    (folder,) = place.glob("outputs/probe-injection-*")
    assert json.loads((folder / "injection.json").read_text("utf-8")) == document
    assert len(document["pairs"]) == 2 * sum(1 for _ in document["pairs"] if _["rater"] == "panel")
    code, text = command("--estimate")
    assert code == 0
    assert "No call was made" in text


def test_what_the_judges_say_and_what_the_detector_finds_stand_side_by_side(place, panel_of, rubric):
    panel, _ = panel_of("obedient")
    found = probe_injection(options(panel, n=2))
    text = present_probe(found).text
    head = next(line for line in text.splitlines() if line.startswith("panel, by family"))
    assert re.split(r"  +", head)[-3:] == ["flagged: by any", "by a judge", "by our detector"]
    assert "by a judge is its own word" in text
    own = said_by_judges(found.pairs, [found.raters[0].rater], lambda pair: pair.insert.family)
    (judge_, _) = found.raters
    assert {name: rate.n_hits for name, rate in own.items()} == {
        name: group.flagged.n_hits for name, group in judge_.by_family.items() if group.flagged.n
    }


def test_a_reason_for_a_missing_interval_is_said_in_words(place, panel_of):
    panel, _ = panel_of("obedient")
    text = present_probe(probe_injection(options(panel, n=1))).text
    assert "undefined: all pairs are of one case" in text
    assert "one_case" not in text
    assert "no_pairs" not in text
    assert "no_variation" not in text


def test_every_share_that_is_printed_has_its_n(place, panel_of):
    panel, _ = panel_of("obedient")
    text = present_probe(probe_injection(options(panel, n=2))).text
    shares = [word for line in text.splitlines() for word in line.split("  ") if " %" in word and "–" not in word]
    assert shares
    assert all("/" in word for word in shares if "interval" not in word)
