"""Worked examples in docstrings give the numbers they state."""

import doctest
import importlib
import pkgutil

import pytest

import judge.calibration

MODULES = [f"judge.calibration.{found.name}" for found in pkgutil.iter_modules(judge.calibration.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_worked_examples_give_the_numbers_they_state(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
