import re

from judge.resources import find_rubric
from judge.rubric import load_rubric


def test_open_answer_is_a_ten_step_scale_with_accuracy_as_its_only_core():
    rubric = load_rubric(find_rubric("open-answer"))

    assert [(d.id, d.is_core) for d in rubric.dimensions] == [
        ("accuracy", True),
        ("completeness", False),
        ("logical_consistency", False),
        ("clarity", False),
        ("evidence", False),
    ]
    assert all(d.levels == tuple(range(11)) for d in rubric.dimensions)
    assert all(d.level_method == "judged" for d in rubric.dimensions)
    assert (rubric.languages, rubric.criteria, rubric.gates) == (("en",), (), ())
    assert set(rubric.tasks) == {"default"}
    assert sum(rubric.variant(None).weights.values()) == 100


def test_each_of_its_eleven_levels_has_an_anchor_of_its_own():
    for dimension in load_rubric(find_rubric("open-answer")).dimensions:
        anchors = [anchor["en"] for anchor in dimension.anchors.values()]
        assert len(set(anchors)) == 11
        assert all(len(anchor) > 15 for anchor in anchors)


def test_it_knows_nothing_of_hearts():
    text = find_rubric("open-answer").read_text(encoding="utf-8")

    assert not re.search(r"\b(?:ECG|heart|cardi|patient)", text, re.IGNORECASE)
