"""The versions that a manifest records."""

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("clinical-judge", "dspy", "litellm", "numpy", "pyarrow", "pydantic", "scipy")


def library_versions() -> Mapping[str, str | None]:
    """Return Python's and the libraries' versions; None where one is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}


@cache
def program_hash() -> str:
    """Return the SHA-256 of this program's own files: code, prompts and tables; an edited checkout has another."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
