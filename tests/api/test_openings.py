"""The record of looks at a test split."""

import json

import pytest

from judge.api.sampling.openings import NAME, no_longer_fresh, read_openings, record_opening
from judge.errors import DataError, StoreError
from judge.store.lock import locked


def opened(folder, command="judge calibrate", run="plan", **about):
    return record_opening(folder, command, run=run, about=about)


def test_each_new_look_is_counted_and_the_same_again_is_none(tmp_path):
    assert opened(tmp_path, grades="a") == 0
    assert opened(tmp_path, grades="a") == 0
    assert opened(tmp_path, grades="b") == 1
    assert opened(tmp_path, grades="a", run="another plan") == 2
    assert opened(tmp_path, "judge tune", grades="a") == 3
    assert opened(tmp_path, grades="b") == 1  # its own place in the order
    assert len(read_openings(tmp_path)) == 4


def test_the_record_names_date_run_and_command(tmp_path):
    opened(tmp_path, "judge calibrate --pass 4", run="f00d", grades="a")
    (entry,) = json.loads((tmp_path / NAME).read_text(encoding="utf-8"))["openings"]
    assert (entry["command"], entry["run"]) == ("judge calibrate --pass 4", "f00d")
    assert entry["date"].startswith("20")


def test_a_set_without_a_record_was_never_opened(tmp_path):
    assert read_openings(tmp_path) == ()
    assert no_longer_fresh(0) is None


def test_the_warning_counts_in_words_that_agree():
    assert "opened 1 time before" in no_longer_fresh(1)
    assert "opened 3 times before" in no_longer_fresh(3)


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"format": "x"}', '{"format": "judge-openings/1", "openings": [{}]}']
)
def test_a_damaged_record_is_an_error_and_is_left_as_it_is(tmp_path, text):
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        opened(tmp_path)
    assert (tmp_path / NAME).read_text(encoding="utf-8") == text


def test_two_commands_at_once_do_not_lose_a_look(tmp_path):
    with locked(tmp_path), pytest.raises(StoreError, match="in use"):
        opened(tmp_path)
    assert read_openings(tmp_path) == ()


def test_a_set_that_cannot_be_written_to_is_an_error_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr("judge.api.sampling.openings.os.access", lambda *_: False)
    with pytest.raises(StoreError, match="cannot be written to") as caught:
        opened(tmp_path)
    assert "copy the set" in str(caught.value)
