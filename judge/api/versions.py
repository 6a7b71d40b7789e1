"""The versions that a manifest records."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

_LIBRARIES = ("clinical-judge", "dspy", "litellm", "numpy", "pyarrow", "pydantic", "scipy")


def library_versions() -> Mapping[str, str | None]:
    """Return Python's and the libraries' versions; None where one is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
