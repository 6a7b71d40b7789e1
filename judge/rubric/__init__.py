"""Rubric files: schema, loading, lint."""

from judge.rubric.faults import Fault, RubricError
from judge.rubric.lint import Finding, lint_rubric
from judge.rubric.load import load_rubric
from judge.rubric.schema import json_schema

__all__ = ["Fault", "Finding", "RubricError", "json_schema", "lint_rubric", "load_rubric"]
