"""An option that a statistic does not have is refused whatever the ratings are."""

import inspect
from typing import Literal, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from judge import agreement
from judge.agreement.named_options import check_option

LEVELS = {"one item": [[1, 2]], "nothing rated": [[np.nan, np.nan]], "three items": [[1, 2], [2, 2], [3, 1]]}
VECTORS = ("judge", "panel", "cases", "differences", "p_values", "information")


def is_named(hint) -> bool:
    """Whether a parameter takes names: a Literal of texts, alone or beside a matrix."""
    return get_origin(hint) is Literal or any(get_origin(part) is Literal for part in get_args(hint))


NAMED = [
    (name, parameter)
    for name in agreement.__all__
    if inspect.isfunction(function := getattr(agreement, name))
    for parameter, hint in get_type_hints(function).items()
    if is_named(hint)
]


def arguments(function, table):
    """Return ratings, and something for each other parameter that has no default."""
    values, hints = {}, get_type_hints(function)
    for name, parameter in inspect.signature(function).parameters.items():
        if name in ("levels", "physicians"):
            values[name] = table
        elif name in VECTORS:
            values[name] = np.asarray(table, dtype=float)[:, 0]
        elif parameter.default is inspect.Parameter.empty:
            values[name] = get_args(hints[name])[0] if get_origin(hints[name]) is Literal else 2
    return values


def test_the_statistics_with_named_options_are_found():
    assert len(NAMED) >= 25
    assert ("krippendorff_alpha", "metric") in NAMED


@pytest.mark.parametrize("ratings", LEVELS)
@pytest.mark.parametrize(("name", "parameter"), NAMED)
def test_an_unknown_name_is_refused_before_the_ratings_are_looked_at(name, parameter, ratings):
    function = getattr(agreement, name)
    given = arguments(function, LEVELS[ratings])
    if name == "agreement_weights":
        given = {"scale": np.arange(1.0, 3.0)}
    with pytest.raises(ValueError, match='"foo"'):
        function(**{**given, parameter: "foo"})


def test_an_unknown_kind_of_interval_is_refused():
    with pytest.raises(ValueError, match='not "bcs", did you mean "bca"'):
        agreement.Interval("bcs")


def test_the_refusal_names_what_there_is_and_the_nearest():
    with pytest.raises(ValueError, match='a metric is one of "nominal", "ordinal", not "ordinall", did you mean'):
        check_option("a metric", "ordinall", ["nominal", "ordinal"])
    check_option("a metric", "ordinal", ["nominal", "ordinal"])
