"""Fixtures of the report's tests."""

import importlib.util
import sys
from pathlib import Path

import pytest

from judge.report.card import build_card

_spec = importlib.util.spec_from_file_location("synthetic", Path(__file__).with_name("synthetic.py"))
_module = importlib.util.module_from_spec(_spec)
sys.modules["synthetic"] = _module
_spec.loader.exec_module(_module)


@pytest.fixture(scope="session")
def synthetic():
    """Return the module that makes synthetic runs."""
    return _module


@pytest.fixture(scope="session")
def run(synthetic):
    """Return the tables of the synthetic run."""
    return synthetic.synthetic_run()


@pytest.fixture(scope="session")
def card(run):
    """Return the English card of the synthetic run."""
    return build_card(run, language="en")


@pytest.fixture(scope="session")
def card_zh(run):
    """Return the Chinese card of the synthetic run."""
    return build_card(run, language="zh")
