"""Every test in a home of its own, with no network but loopback and no keys."""

import ipaddress
import os
import socket
from pathlib import Path

import pytest

from tests.servers.openai_server import openai_server as openai_server

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

PROJECT = Path(__file__).resolve().parents[1]
_KEYS = ("API_KEY", "_TOKEN", "_SECRET")


def _is_loopback(address) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = address[0]
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Refuse every connection that leaves this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(call):
        def inner(self, address):
            if not _is_loopback(address):
                raise AssertionError(f"a test tried to reach {address}")
            return call(self, address)

        return inner

    monkeypatch.setattr(socket.socket, "connect", guarded(connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex))


@pytest.fixture(autouse=True)
def _own_home(monkeypatch, tmp_path_factory):
    """Give a test an empty home and no key of the person who runs it."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    for name in list(os.environ):
        if name.endswith(_KEYS):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Return the folder of the reference data, or skip where it is not at hand."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("reference data not present: ../shared/data")
    return folder
