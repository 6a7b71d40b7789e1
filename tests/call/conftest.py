"""Fixtures of the call layer's tests."""

from tests.servers.openai_server import openai_server

__all__ = ["openai_server"]
