import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from judge.resources import list_rubrics, rubrics_dir
from judge.rubric import json_schema


def as_json(path: Path):
    """Return a YAML file as JSON sees it: all keys texts."""
    return json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))


def test_the_published_schema_is_that_of_the_models():
    published = (rubrics_dir() / "rubric.schema.json").read_text(encoding="utf-8")

    assert json.loads(published) == json_schema(), "run `judge rubric schema > rubrics/rubric.schema.json`"


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", sorted(list_rubrics()))
def test_the_shipped_rubrics_fit_the_published_schema(name):
    problems = list(Draft202012Validator(json_schema()).iter_errors(as_json(list_rubrics()[name])))

    assert problems == []


def test_the_small_rubric_fits_and_its_misspellings_do_not(rubric_file):
    validator = Draft202012Validator(json_schema())

    assert list(validator.iter_errors(as_json(rubric_file()))) == []
    for change in [
        ("evidence: whole", "evidense: whole"),
        ("acts: [ACT_FLUID]", "actions: [ACT_FLUID]"),
        ("use: asked", "use: sometimes"),
        ("pairs: [[SHOCK, DISMISS]]", "pairs: [[SHOCK]]"),
        ("cap: 40", "cap: 140"),
    ]:
        assert list(validator.iter_errors(as_json(rubric_file(change)))), change
