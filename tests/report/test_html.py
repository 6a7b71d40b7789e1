"""The page: valid, self-contained, readable without a script, and safe whatever the texts hold."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from judge.report.card import build_card
from judge.report.html import render_html
from judge.report.tables import grade_rows

VOID = {"meta", "br", "line", "circle"}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>' + chr(0x202E) + "{{ 7*7 }}"


class Page(HTMLParser):
    """Collects what a page is made of and refuses tags that do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text, self.ids = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if self.open and self.open[-1] != "style":
            self.text.append(text)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def page(card):
    return Page(render_html(card))


def test_tags_nest_and_ids_are_unique(page):
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("h1") == 1
    assert {"main", "header", "footer", "table", "caption", "svg"} <= set(page.tags)


def test_every_label_names_an_element_of_the_page(page):
    named = [value for name, value in page.attributes if name in ("aria-labelledby",)]
    assert named
    assert set(named) <= set(page.ids)


def test_there_is_no_script_and_no_outside_resource(page, card):
    assert not {"script", "img", "link", "iframe", "object", "embed", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name in ("src", "srcset", "style") or name.startswith("on")]
    assert {value for name, value in page.attributes if name == "href"} == {"#overview"}
    text = render_html(card)
    assert "http:" not in text.replace("http-equiv", "")
    assert "https:" not in text
    assert "@import" not in text
    assert "url(" not in text


def test_the_policy_of_the_page_forbids_both(page):
    policies = [value for name, value in page.attributes if name == "content" and value and "default-src" in value]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_every_table_has_a_caption_and_every_heading_cell_a_scope(card):
    text = render_html(card)
    tables = re.findall(r"<table.*?</table>", text, re.S)
    assert len(tables) == text.count("<table") >= 8
    for table in tables:
        assert table.count("<caption>") == 1
        assert not re.findall(r"<th(?![^>]*scope=)[ >]", table)


def test_every_figure_has_a_title(card):
    text = render_html(card)
    for figure in re.findall(r"<svg.*?</svg>", text, re.S):
        assert 'aria-hidden="true"' in figure or re.search(r'role="img" aria-labelledby="[\w-]+"', figure)


def test_it_says_at_once_what_the_numbers_are_not(page):
    assert "no physician has checked them" in page.words
    assert page.words.count("raw panel levels, no physician has checked them") >= 6
    assert "Research use. Not a medical device." in page.words


def test_a_baseline_says_so_before_anything_else(synthetic):
    page = Page(render_html(build_card(synthetic.synthetic_run(judges=synthetic.JUDGES[2:]), language="en")))
    body = page.words[page.words.index("Skip to the results") + len("Skip to the results") :].strip()
    assert body.startswith("This is a baseline")


def test_simulated_models_are_tagged_in_every_result_table(synthetic):
    text = render_html(build_card(synthetic.synthetic_run(meta={"simulated": True}), language="en"))
    for name in ("overview", "dimensions", "safety"):
        section = re.search(rf'aria-labelledby="{name}">.*?</section>', text, re.S).group(0)
        assert section.count('<span class="tag">simulated</span>') >= 3


def hostile(run):
    """Return the run with hostile text in every text that others write."""
    rows = list(grade_rows(run))
    grades = {
        **run.grades,
        "model": [r.model + HOSTILE for r in rows],
        "case_id": [r.case_id + HOSTILE for r in rows],
        "task": [HOSTILE for _ in rows],
        "flags": [[HOSTILE] for _ in rows],
        "gates": [[HOSTILE] if r.gates else [] for r in rows],
    }
    criteria = {
        **run.criteria,
        "quotes": [[HOSTILE] for _ in run.criteria["id"]],
        "judge": [HOSTILE for _ in run.criteria["id"]],
        "id": [HOSTILE for _ in run.criteria["id"]],
    }
    verdicts = {**run.verdicts, "served_model": [HOSTILE for _ in run.verdicts["judge"]]}
    manifest = {
        **run.manifest,
        "inputs": [{"path": HOSTILE, "sha256": HOSTILE, "rows": 1}],
        "stopped": HOSTILE,
        "versions": {HOSTILE: HOSTILE},
        "panel": [{"id": HOSTILE, "model": HOSTILE}],
    }
    return replace(run, grades=grades, criteria=criteria, verdicts=verdicts, manifest=manifest, name=HOSTILE)


def test_texts_of_others_are_escaped_and_made_visible(run):
    text = render_html(build_card(hostile(run), language="en"))
    page = Page(text)
    assert not {"script", "img"} & set(page.tags)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert chr(0x202E) not in text
    assert "⟨U+202E⟩" in text
    assert "{{ 7*7 }}" in page.words


@pytest.mark.parametrize("code", [0x00, 0x1B, 0x200B, 0x2066, 0xD800])
def test_no_hidden_character_reaches_the_page(run, code):
    rows = list(grade_rows(run))
    odd = replace(run, grades={**run.grades, "model": [f"m{chr(code)}{r.model}" for r in rows]})
    text = render_html(build_card(odd, language="en"))
    assert chr(code) not in text
    text.encode("utf-8")


def test_the_page_is_in_the_language_of_the_card(card_zh):
    text = render_html(card_zh)
    page = Page(text)
    assert '<html lang="zh-Hans">' in text
    assert "未经医生核对" in page.words
    assert "仅供研究使用，不是医疗器械。" in page.words
    assert "准确性" in page.words
    for english in ("Results at a glance", "needs a human", "Research use", "none missing", "no quorum"):
        assert english not in page.words


def test_answers_to_check_show_the_words_and_mark_lost_ones(run):
    rows = list(grade_rows(run))
    pending = [["X1"] if r.response_id == "synthetic-middle/03" else r.gates_pending for r in rows]
    text = render_html(build_card(replace(run, grades={**run.grades, "gates_pending": pending}), language="en"))
    assert "<q><bdi>give the forbidden drug</bdi></q>" in text
    assert 'class="lost"><bdi>words that nobody wrote – not in the answer</bdi>' in text


@pytest.mark.parametrize("n_cases", [0, 1])
def test_a_tiny_run_still_makes_a_whole_page(synthetic, n_cases):
    Page(render_html(build_card(synthetic.synthetic_run(n_cases=n_cases), language="en")))


def test_many_models_keep_the_page_to_ten_pairs(synthetic):
    models = tuple((f"model-{number}", 1.5 + 0.4 * number) for number in range(6))
    card = build_card(synthetic.synthetic_run(models=models, n_cases=4), language="en")
    page = Page(render_html(card))
    assert len(card.differences) == 15 * 5
    assert "10 of 15 pairs are shown" in page.words
