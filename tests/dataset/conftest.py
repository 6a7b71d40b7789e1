"""Makes ``dataset_builders`` importable by name (tests run with import-mode importlib)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
