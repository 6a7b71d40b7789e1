"""Grades free-text clinical answers with a panel of judges and says how far each number can be trusted."""

__version__ = "0.1.0"
