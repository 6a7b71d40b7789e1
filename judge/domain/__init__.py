"""Frozen types and ids; no files, no network, no clock."""
