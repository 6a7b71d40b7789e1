"""Numbers with units, comparators, ranges, conversions, Chinese forms and full width."""

import pytest

from judge.offline.leads import find_leads
from judge.offline.numbers import Value
from judge.offline.reading import read


def only(text: str) -> Value:
    values = read(text).values
    assert len(values) == 1, values
    return values[0]


@pytest.mark.parametrize(
    ("text", "quantity", "low", "high", "op", "unit"),
    [
        ("PR interval 0.20 s", "pr", 200, 200, "=", "ms"),
        ("PR interval 200 ms", "pr", 200, 200, "=", "ms"),
        ("PR interval of 5 small boxes", "pr", 200, 200, "=", "ms"),
        ("PR间期０．２０秒", "pr", 200, 200, "=", "ms"),
        ("PR间期五小格", "pr", 200, 200, "=", "ms"),
        ("QRS duration ≥ 120 ms", "qrs", 120, 120, ">=", "ms"),
        ("QRS duration of at least 120 ms", "qrs", 120, 120, ">=", "ms"),
        ("QRS时限不少于120毫秒", "qrs", 120, 120, ">=", "ms"),
        ("QRS时限小于0.12秒", "qrs", 120, 120, "<", "ms"),
        ("QRS of 120 ms or more", "qrs", 120, 120, ">=", "ms"),
        ("heart rate 60-100 bpm", "rate", 60, 100, "=", "/min"),
        ("心率60至100次/分", "rate", 60, 100, "=", "/min"),
        ("heart rate about 75/min", "rate", 75, 75, "~", "/min"),
        ("an axis of -42 degrees", "axis", -42, -42, "=", "deg"),
        ("ST elevation of 0.2 mV", "st", 2, 2, "=", "mm"),
        ("serum potassium 6.8 mEq/L", "k", 6.8, 6.8, "=", "mmol/L"),
        ("SBP 12 kPa", "sbp", 90, 90, "=", "mmHg"),
        ("magnesium: serum magnesium 2.0 mg/dL", "mg", 0.822, 0.822, "=", "mmol/L"),
        ("LVEF ≤ 40 %", "lvef", 40, 40, "<=", "%"),
        ("PR interval 200", "pr", 200, 200, "=", "ms"),
    ],
)
def test_a_number_is_read_with_quantity_comparator_and_unit(
    text: str, quantity: str, low: float, high: float, op: str, unit: str
) -> None:
    value = only(text)
    assert (value.quantity, value.op, value.unit) == (quantity, op, unit)
    assert value.low == pytest.approx(low)
    assert value.high == pytest.approx(high)


@pytest.mark.parametrize("text", ["PR interval 9000", "12-lead ECG", "2:1 AV block"])
def test_a_number_without_sense_for_its_quantity_is_left_out(text: str) -> None:
    assert not read(text).values


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("ST elevation in V1-V4", {"V1", "V2", "V3", "V4"}),
        ("V1至V3导联", {"V1", "V2", "V3"}),
        ("leads II, III and aVF", {"II", "III", "aVF"}),
        ("Ⅱ、Ⅲ、aVF导联", {"II", "III", "aVF"}),
        ("V3R-V5R", {"V3R", "V4R", "V5R"}),
        ("class III drugs", set()),
        ("Mobitz II block", set()),
        ("II度房室传导阻滞", set()),
    ],
)
def test_leads_and_ranges_of_leads_are_read(text: str, leads: set[str]) -> None:
    reading = read(text)
    assert {lead for named in find_leads(reading.text, reading.tokens).values() for lead in named} == leads
