"""Readers of answers, cases and checklists."""
