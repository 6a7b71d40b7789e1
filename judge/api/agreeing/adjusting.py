"""Adjusted p values over dimensions and raters: Holm for the claims, Benjamini-Hochberg for all other tests."""

from collections.abc import Sequence
from dataclasses import replace

from judge.agreement.comparisons import Result
from judge.agreement.multiplicity import Adjustment, adjust

CONFIRMATORY = ("non_inferiority", "tost")


def adjusted(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results with adjusted p values.

    A family is one statistic and variant in one group and kind of comparison, over dimensions and raters; for the
    claims it is the statistic in one group over all of them.
    """
    families: dict[tuple[str, ...], list[int]] = {}
    for i, result in enumerate(results):
        if result.estimate.p_value is not None:
            families.setdefault(_family(result), []).append(i)
    out = list(results)
    for members in families.values():
        method: Adjustment = "holm" if results[members[0]].estimate.statistic in CONFIRMATORY else "bh"
        p_values = [results[i].estimate.p_value or 0.0 for i in members]
        for i, p_value in zip(members, adjust(p_values, method), strict=True):
            out[i] = replace(out[i], p_adjusted=float(p_value), adjustment=method)
    return tuple(out)


def _family(result: Result) -> tuple[str, ...]:
    group = "|".join(f"{name}={value}" for name, value in sorted(result.group.items()))
    if result.estimate.statistic in CONFIRMATORY:
        return (result.estimate.statistic, group)
    is_pair = str(len(result.raters) == 2)
    return (result.estimate.statistic, result.estimate.variant, group, result.comparison, is_pair)
