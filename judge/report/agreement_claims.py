"""May a judge stand in for a physician: a sentence for each test, judge and dimension."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judge.report.agreement_reasons import in_words
from judge.report.text import visible

Row = Mapping[str, Any]
Tests = Mapping[tuple[str, tuple[str, ...], str], Row]
_ANSWERS = {"yes": "YES", "no": "NO", "not_enough_data": "NOT ENOUGH DATA"}
_ALT_TEST, _NON_INFERIORITY = "alt_test_omega", "non_inferiority"
_WHAT_IT_ASKS = "  Alternative annotator test: may it replace most of the physicians, allowed to be worse by epsilon?"
_STATE_A_MARGIN = "  State a margin with --margin to test non-inferiority."


def claims_text(document: Mapping[str, Any], lone_judge: str | None) -> list[str]:
    """Return the lines on standing in for a physician; none where there is nothing to say.

    Parameters
    ----------
    document
        Of an agreement.
    lone_judge
        The only judge's id where there is but one: what the panel says too is then said once.
    """
    verdicts, has_margin = document["verdicts"], document["options"]["margin"] is not None
    if not verdicts:
        return []
    said = _sentences(verdicts, _tests(document["results"]), has_margin=has_margin)
    lines = ["May it stand in for a physician?"]
    if any(v["claim"].startswith(_ALT_TEST) for v in verdicts):
        lines.append(_WHAT_IT_ASKS)
    for (dimension, who), own in said.items():
        known = said.get((dimension, lone_judge), []) if lone_judge is not None and who != lone_judge else []
        news = [sentence for sentence in own if sentence not in known]
        if news:
            lines.append(f"  {visible(dimension)}, {visible(who)}: {news[0]}")
            lines += [f"    {sentence}" for sentence in news[1:]]
    if not has_margin and any(v["claim"].startswith(_NON_INFERIORITY) for v in verdicts):
        lines.append(_STATE_A_MARGIN)
    return [*lines, ""]


def _tests(results: Sequence[Row]) -> Tests:
    return {
        (row["dimension"], tuple(row["raters"]), f"{row['statistic']} {row['variant']}"): row
        for row in results
        if row["group"] == "*" and row["statistic"] == _ALT_TEST
    }


def _sentences(verdicts: Sequence[Row], tests: Tests, *, has_margin: bool) -> dict[tuple[str, str], list[str]]:
    """Return what is said by dimension and judge."""
    by_judge: dict[tuple[str, str], list[Row]] = {}
    for verdict in verdicts:
        by_judge.setdefault((verdict["dimension"], ", ".join(verdict["raters"])), []).append(verdict)
    return {
        key: [*_alt_test(own, tests), *(_non_inferiority(own) if has_margin else ())] for key, own in by_judge.items()
    }


def _alt_test(verdicts: Sequence[Row], tests: Tests) -> Iterator[str]:
    """Yield one sentence: at which allowances the judge passes, or why the test has nothing to say."""
    own = [v for v in verdicts if v["claim"].startswith(_ALT_TEST)]
    if not own:
        return
    row = tests[own[0]["dimension"], tuple(own[0]["raters"]), own[0]["claim"]]
    if row["undefined"]:
        counts = f": {_needed(row)}" if row["undefined"] == "too_few_items_per_annotator" else ""
        yield f"NOT ENOUGH DATA, {in_words(row['undefined'])}{counts}."
        return
    epsilons = {
        word: [v["claim"].partition("@")[2] for v in own if v["answer"] == answer] for answer, word in _ANSWERS.items()
    }
    shown = "; ".join(f"{word} at epsilon {', '.join(at)}" for word, at in epsilons.items() if at)
    yield f"{shown} ({_needed(row)})."


def _needed(row: Row) -> str:
    """Return how many answers each physician must share with the judge and another, and how many they do."""
    each, least = row["detail"]["n_items_each"], row["detail"]["min_items"]
    have = f"{each[0]}" if min(each) == max(each) else f"{min(each)} to {max(each)}"
    return f"needs >= {least} answers a physician, have {have}"


def _non_inferiority(verdicts: Sequence[Row]) -> Iterator[str]:
    for verdict in verdicts:
        if verdict["claim"].startswith(_NON_INFERIORITY):
            more, reason = verdict["n_more_cases"], visible(verdict["reason"])
            plan = "" if more is None else f" A fresh set of about {more} cases would settle it."
            why = f"it takes two physicians ({reason})" if reason == "too_few_raters" else in_words(reason)
            yield f"Non-inferiority in kappa: {_ANSWERS[verdict['answer']]}, {why}.{plan}"
