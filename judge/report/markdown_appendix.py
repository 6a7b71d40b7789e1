"""The later parts of the score card in Markdown: judges, agreement, answers to check, method, provenance."""

from collections.abc import Iterator

from judge.report.markdown_text import escape, table
from judge.report.numbers import DIGITS_COMPOSITE, DIGITS_LEVEL, interval, number
from judge.report.parts import AnswerToCheck, Card, Cited
from judge.report.phrases import cited_text, cost_text, counted, facts, method_keys, standing, with_whom
from judge.report.words import Words


def judges_section(card: Card, words: Words) -> Iterator[str]:
    """Yield what each judge did."""
    yield f"## {words('section.judges')}\n"
    yield words("caption.judges") + "\n"
    keys = (
        "judge",
        "requested",
        "served",
        "repeats",
        "scored",
        "not_applicable",
        "unscored",
        "quotes",
        "calls",
        "cost",
    )
    rows = [
        [
            escape(judge.judge),
            escape(judge.model),
            escape(", ".join(judge.served) or "–"),
            str(judge.n_repeats),
            str(judge.n_scored),
            str(judge.n_not_applicable),
            counted([(words.named("status", status), n) for status, n in judge.unscored.items()]),
            words("cell.of", count=judge.n_quotes_missing, all=judge.n_quotes),
            str(judge.cost.n_calls),
            cost_text(judge, words),
        ]
        for judge in card.judges
    ]
    yield from table([words(f"column.{key}") for key in keys], rows, n_left=3)
    yield ""
    yield from _judge_means(card, words)


def _judge_means(card: Card, words: Words) -> Iterator[str]:
    yield words("caption.judge_means", standing=standing(card, words)) + "\n"
    head = [words("column.judge"), *(escape(scale.code) for scale in card.scales)]
    yield from table(
        head,
        [
            [
                escape(judge.judge),
                *(
                    f"{number(m.value, DIGITS_LEVEL)} {interval(m, DIGITS_LEVEL, words)} ({m.n_answers})"
                    for _, m in judge.means
                ),
            ]
            for judge in card.judges
        ],
    )


def agreement_section(card: Card, words: Words) -> Iterator[str]:
    """Yield the comparison with physicians, nothing where there is none."""
    if card.agreement is None:
        return
    yield f"## {words('section.agreement')}\n"
    yield words("caption.agreement") + "\n"
    rows = [
        [
            escape(row.dimension),
            escape(row.statistic),
            escape(with_whom(row, words)),
            number(row.value, 3) if row.undefined is None else escape(row.undefined),
            f"[{number(row.ci_low, 3)}, {number(row.ci_high, 3)}]" if row.ci_low is not None else "–",
            str(row.n_items if row.n_items is not None else "–"),
        ]
        for row in card.agreement.rows
    ]
    head = [words(f"column.{key}") for key in ("dimension", "statistic", "with_whom", "value")]
    yield from table([*head, words("interval"), words("column.n")], rows, n_left=3)


def answers_section(card: Card, words: Words) -> Iterator[str]:
    """Yield the answers with gates and what judges cite for them."""
    if not card.answers.shown:
        return
    yield f"## {words('section.answers')}\n"
    yield words("caption.answers", shown=len(card.answers.shown), all=card.answers.n_all)
    for answer in card.answers.shown:
        yield f"\n- {_answer_line(answer, words)}"
        yield from (f"  - {_cited_line(cited, words)}" for cited in answer.cited)
        if not answer.cited:
            yield f"  - {words('cell.hint_only')}"


def _answer_line(answer: AnswerToCheck, words: Words) -> str:
    gates = [
        *(escape(g) for g in answer.gates),
        *(f"{escape(g)} ({words('tier.pending')})" for g in answer.gates_pending),
    ]
    score = f"{words('column.score')} {number(answer.score, DIGITS_COMPOSITE)}"
    uncapped = f"{words('column.uncapped')} {number(answer.score_uncapped, DIGITS_COMPOSITE)}"
    return (
        f"**{escape(answer.response_id)}** · {escape(answer.model)} · {escape(answer.case_id)} · "
        f"{escape(answer.task)}: {', '.join(gates)}; {score}, {uncapped}"
    )


def _cited_line(cited: Cited, words: Words) -> str:
    tier = words.named("tier", cited.tier)
    quote = escape(cited_text(cited, words))
    return f"{escape(cited.judge)}, {escape(cited.gate)} ({tier}): {quote}"


def method_section(card: Card, words: Words) -> Iterator[str]:
    """Yield how the numbers are made."""
    yield f"## {words('section.method')}\n"
    yield from (f"- {words(f'method.{key}')}" for key in method_keys(card))


def provenance_section(card: Card, words: Words) -> Iterator[str]:
    """Yield what a reader needs to run it again."""
    yield f"## {words('section.provenance')}\n"
    yield from (f"- {name}: {escape(text)}" for name, text in facts(card, words))
    yield "\n" + words("caption.inputs") + "\n"
    rows = [
        [escape(entry.path), str(entry.rows if entry.rows is not None else "–"), entry.sha256]
        for run in card.runs
        for entry in run.inputs
    ]
    yield from table([words(f"column.{key}") for key in ("path", "rows", "hash")], rows)
