"""Settings of all tests: anvil is on PATH, where ape-foundry searches for it."""

import os
import sys
from pathlib import Path

BIN = Path(sys.prefix) / "bin"
ROOT = Path(__file__).resolve().parents[1]

os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
os.environ.setdefault("APE_DATA_FOLDER", str(ROOT / ".cache" / "ape"))
