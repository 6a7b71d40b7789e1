"""Why a statistic is undefined, in words."""

_WORDS = {
    "all_differences_zero": "the two never differ",
    "all_missing": "nobody rated it",
    "class_never_occurs": "a level never occurs",
    "constant_input": "a rater gave one level only",
    "counts_too_small": "too few dangerous answers were graded",
    "fractional_levels": "a grade lies between two levels",
    "needs_two_annotators": "it takes two physicians",
    "no_concordant_pairs": "the two never agree",
    "no_discordant_pairs": "the two never differ",
    "no_margin_stated": "no margin was stated",
    "no_negatives": "every graded answer has it",
    "no_overlap": "no answer was rated by two",
    "no_positives": "no graded answer has it",
    "no_repeats": "nothing was rated twice",
    "no_variation": "all ratings are one level",
    "not_binary": "a rating is neither yes nor no",
    "not_crossed": "the raters share too few answers",
    "one_item": "a single answer was rated by two",
    "too_few_items_per_annotator": "too few answers for each physician",
    "too_few_raters": "it takes two raters",
    "too_many_for_exact": "too many answers for the exact test",
}


def in_words(reason: str) -> str:
    """Return a reason in words with its code, the code alone where there are no words for it.

    >>> in_words("no_overlap")
    'no answer was rated by two (no_overlap)'
    """
    return f"{_WORDS[reason]} ({reason})" if reason in _WORDS else reason
