"""A small rubric, and a way to break it in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = """\
id: triage
version: 1
languages: [en, zh]
title: {en: "Triage notes", zh: "分诊记录"}
levels: [0, 1, 2]
level_from_coverage: [[0.8, 2], [0.4, 1], [0.0, 0]]
dimensions:
  urgency:
    code: UR
    core: true
    name: {en: "Urgency", zh: "紧急程度"}
    question: {en: "Is the urgency right?", zh: "紧急程度是否正确？"}
    anchors:
      2: {en: "Right category", zh: "类别正确"}
      1: {en: "Off by one step", zh: "相差一级"}
      0: {en: "Dangerously low or absent", zh: "危险地偏低或缺失"}
    na_allowed: [brief]
    na_when: {en: "No urgency is asked for", zh: "未问紧急程度"}
    level_method: coverage
    level_rules:
      - {criterion: UR1, when: unmet, at_most: 1}
  tone:
    code: TO
    core: false
    levels: [0, 1]
    name: {en: "Tone", zh: "语气"}
    question: {en: "Is it polite?", zh: "是否礼貌？"}
    anchors:
      1: {en: "Polite throughout", zh: "始终礼貌"}
      0: {en: "Rude at any point", zh: "任何一处无礼"}
criteria:
  - {id: UR1, dim: UR, points: 3, use: always, en: "Names the category", zh: "写明类别"}
  - {id: UR2, dim: UR, points: -2, use: always, each: true, max_total: -4,
     en: "Contradicts a vital sign", zh: "与生命体征矛盾"}
tasks:
  brief:
    name: {en: "Brief note", zh: "简短记录"}
    weights: {UR: 80, TO: 20}
    asker: nurse
    core_overrides: [UR1]
    extra:
      - {id: brief.X1, dim: TO, points: 1, use: asked, evidence: whole, en: "Thanks the caller", zh: "致谢"}
  default:
    name: {en: "Any note", zh: "任何记录"}
    weights: {UR: 60, TO: 40}
    asker: nurse
gates:
  tiers:
    omission: {cap: 40, UR: 1}
    fabrication: {cap: 60}
  missed_diagnosis_ceiling: {UR: 0}
  A1:
    en: "Shock"
    zh: "休克"
    tiers: [omission]
    severity: {omission: 3}
    omission: {en: "Not seen", zh: "未识别"}
    tasks: [brief]
    hint:
      conditions: [SHOCK]
      pairs: [[SHOCK, DISMISS]]
    acts: [ACT_FLUID]
  A2:
    en: "Invented sign"
    zh: "虚构体征"
    tiers: [fabrication]
    severity: {fabrication: null}
    yields_to: [A1]
signoff:
  status: draft
  items:
    S1: {en: "Anchors", zh: "等级描述"}
"""


@pytest.fixture
def rubric_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the small rubric, with each (old, new) replaced exactly once."""

    def write(*changes: tuple[str, str]) -> Path:
        text = SMALL
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
            text = text.replace(old, new)
        folder = tmp_path / "triage"
        folder.mkdir(exist_ok=True)
        path = folder / "v1.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def line_of() -> Callable[[Path, str], int]:
    """Return a function that finds the only line of a file that holds a mark."""

    def find(path: Path, mark: str) -> int:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [number for number, line in enumerate(lines, 1) if mark in line]
        assert len(found) == 1, f"{mark!r} is on lines {found}"
        return found[0]

    return find
