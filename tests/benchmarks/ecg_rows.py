"""A minimal reader of the five dataset files at hand, for benchmarks: rows as cases, read in place, nothing kept.

``judge import ecg-expert-qa`` is the real loader, with repairs and merging. Here rows that break off in the middle of a
sentence, repeat an earlier row or hold text damaged by a wrong encoding are left out, and counted.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.domain.case import Case, Reference

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "ecg-expert-qa"
FILES = {
    "EBK": "ECG Knowledge (Basic Q&A).json",
    "CK": "Cardiology Knowledge (Basic Knowledge Q&A).json",
    "CD": "Complex diagnosis (analysis of difficult diseases).json",
    "PP": "Patient prognosis (prognostic analysis).json",
    "PRTK": "Patient's right to know.json",
}
KNOWN_BAD = frozenset(
    {1094, 1140, 1228, 1247, 1257, 1260, 1275, 1290, 1299, 1305, 1313, 1334, 1347, 1393}
    | {1436, 1525, 1707, 1893, 1898, 1913, 1918, 2065}
)
"""Zero-based rows of the first file whose reference is wrong, as listed by this project (by number only)."""
_CONTEXTS = {"CD": "Disease", "PP": "medical_advice"}
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class EcgRow:
    """One question with its answer."""

    task: str
    number: int
    question: str
    answer: str
    context: str | None
    key: str
    """Equal for rows that ask the same of the same input."""

    def case(self, answer: str | None = None) -> Case:
        """Return the row as a case whose one reference is its answer (or another one)."""
        return Case(
            case_id=f"{self.task}-{self.number}",
            question=self.question,
            references=(Reference(self.answer if answer is None else answer),),
            context=self.context,
            task=self.task,
            language="en",
        )


@dataclass(frozen=True, slots=True)
class EcgFile:
    """The usable rows of one file, and how many were left out."""

    task: str
    rows: tuple[EcgRow, ...]
    n_left_out: int


def read_files(folder: Path = FOLDER) -> Mapping[str, EcgFile]:
    """Return the five files by task code; raises FileNotFoundError where the folder lacks one."""
    return {task: _read(task, folder / name) for task, name in FILES.items()}


def _read(task: str, path: Path) -> EcgFile:
    records = json.loads(path.read_text(encoding="utf-8"))
    rows: list[EcgRow] = []
    seen: set[tuple[str, str]] = set()
    for number, record in enumerate(records):
        row = _row(task, number, record)
        if _is_usable(row) and (row.key, row.answer) not in seen:
            seen.add((row.key, row.answer))
            rows.append(row)
    return EcgFile(task, tuple(rows), len(records) - len(rows))


def _row(task: str, number: int, record: Mapping[str, str]) -> EcgRow:
    question = record.get("Q") or record["Question"]
    context = record[_CONTEXTS[task]] if task in _CONTEXTS else None
    key = _folded(question) if task != "PP" else f"{_folded(context or '')}|{_folded(question)}"
    return EcgRow(task, number, question, record.get("A") or record["Answer"], context, key)


def _is_usable(row: EcgRow) -> bool:
    is_damaged = _IDEOGRAPH.search(row.question + row.answer) is not None
    is_broken_off = row.answer.rstrip()[-1:] not in '.!?)"’”'
    is_known_bad = row.task == "EBK" and row.number in KNOWN_BAD
    return not (is_damaged or is_broken_off or is_known_bad)


def _folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
