"""Rubric files: schema, loading, lint."""
