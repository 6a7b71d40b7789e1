"""Fixtures of the call layer's tests; the server's is taken by path, as its docstring says."""

import importlib.util
import sys
from pathlib import Path

_SERVER = Path(__file__).resolve().parents[1] / "servers" / "openai_server.py"
_spec = importlib.util.spec_from_file_location("openai_server", _SERVER)
if _spec is None or _spec.loader is None:
    raise ImportError(f"{_SERVER} cannot be loaded")
_module = importlib.util.module_from_spec(_spec)
sys.modules["openai_server"] = _module
_spec.loader.exec_module(_module)
openai_server = _module.openai_server
