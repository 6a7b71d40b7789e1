"""Every reason why a statistic is undefined has words."""

import inspect
import re

import pytest

from judge import agreement
from judge.report.agreement_reasons import in_words

_DOCUMENTED = sorted(
    {
        code
        for name in agreement.__all__
        for paragraph in re.findall(r"Undefined:(?:[^\n]+\n)+", inspect.getdoc(getattr(agreement, name)) or "")
        for code in re.findall(r"``([a-z]+(?:_[a-z]+)+)``", paragraph)
    }
)


def test_the_documented_reasons_are_found():
    assert {"no_overlap", "no_variation", "too_few_items_per_annotator"} <= set(_DOCUMENTED)


@pytest.mark.parametrize("reason", _DOCUMENTED)
def test_a_documented_reason_is_told_in_words_with_its_code(reason):
    assert in_words(reason).endswith(f" ({reason})")


def test_what_has_no_words_stands_as_it_is():
    assert in_words("difference +0.1, margin 0.2") == "difference +0.1, margin 0.2"
