from judge.tuning.examples import target_of
from tests.tuning.builders import grade


def test_the_target_is_the_mean_of_physicians_each_counted_once():
    target = target_of([grade("r", "a", 2), grade("r", "a", 4, repeat=1), grade("r", "b", 4)])
    assert (target.level, target.source) == (3.0, "mean")  # a: lower median of 2 and 4 = 2; (2 + 4) / 2
    assert [(said.rater, said.level) for said in target.said] == [("a", 2.0), ("b", 4.0)]


def test_an_adjudicated_level_goes_before_the_mean_and_what_physicians_said_is_kept():
    target = target_of(
        [
            grade("r", "a", 1, comment="misses the point"),
            grade("r", "b", 5),
            grade("r", "chair", 2, is_adjudicated=True),
        ]
    )
    assert (target.level, target.source) == (2.0, "adjudicated")
    assert [said.comments for said in target.said] == [("misses the point",), ()]
