"""Every public statistic's docstring: its worked example runs, each of its sources says where it can be looked up."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest

import judge.agreement

WITHOUT_A_SOURCE = {"cases_for_delta", "pairs_from_table", "positives_needed", "simulate_delta"}
MODULES = [f"judge.agreement.{m.name}" for m in pkgutil.iter_modules(judge.agreement.__path__)]
FUNCTIONS = [n for n in judge.agreement.__all__ if inspect.isfunction(getattr(judge.agreement, n))]
# where a source is found, or the plain word that no identifier was
FOUND_AT = re.compile(r"doi:10\.\d{4,}/\S+|arXiv:\d{4}\.\d{5}|https://\S+|ISBN [\d-]+|no DOI|DOI not verified")
NEW_ENTRY = re.compile(r"^[A-Z]\S+ .*\(\d{4}\)\.? ")


def entries(text):
    """Return the entries of a References section, one string each."""
    section = re.search(r"^References\n-+\n(.*?)(?:\n\n|\Z)", inspect.cleandoc(text), re.DOTALL | re.MULTILINE)
    found = []
    for line in section.group(1).splitlines() if section else ():
        if NEW_ENTRY.match(line) or not found:
            found.append(line)
        else:
            found[-1] += f" {line}"
    return found


def documented():
    """Yield name and docstring of every module and function of the package."""
    for name in MODULES:
        module = importlib.import_module(name)
        yield name, module.__doc__ or ""
        for own, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == name:
                yield f"{name}.{own}", function.__doc__ or ""


@pytest.mark.parametrize("name", MODULES)
def test_worked_examples_give_the_numbers_they_state(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_statistic_has_an_example_that_was_run_and_a_source(name):
    function = getattr(judge.agreement, name)
    tests = doctest.DocTestFinder(recurse=False).find(function, name)
    assert sum(len(test.examples) for test in tests) > 0
    assert all(test.examples[-1].want for test in tests)
    assert entries(function.__doc__) or name in WITHOUT_A_SOURCE


def test_every_source_says_where_it_is_found_or_that_it_was_not():
    sources = [(name, entry) for name, text in documented() for entry in entries(text)]
    assert len(sources) > 80
    assert [pair for pair in sources if not FOUND_AT.search(pair[1])] == []


def test_one_work_has_one_doi_wherever_it_is_cited():
    found = {}
    for _, text in documented():
        for entry in entries(text):
            work = re.match(r"(\S+) .*?\((\d{4})\).*?(\d+:e?\d+)", entry)
            doi = re.search(r"doi:(\S+?)[.,]?(?: |$)", entry)
            if work and doi:
                found.setdefault(work.groups(), set()).add(doi.group(1))
    assert len(found) > 40
    assert {work: dois for work, dois in found.items() if len(dois) > 1} == {}


def test_an_entry_over_two_lines_is_one_and_a_bare_one_is_caught():
    text = (
        "Sum.\n\nReferences\n----------\nDoe J (1999). A title.\ndoi:10.1000/xyz.\nRoe R (2001). Stat 1:2.\n\nNotes\n"
    )
    assert [bool(FOUND_AT.search(entry)) for entry in entries(text)] == [True, False]


def test_exported_names_exist():
    for name in judge.agreement.__all__:
        assert getattr(judge.agreement, name) is not None


def test_importing_the_statistics_imports_no_scipy():
    import subprocess
    import sys

    code = "import sys, judge.agreement; sys.exit(any(m.split('.')[0] in ('scipy', 'pandas') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
