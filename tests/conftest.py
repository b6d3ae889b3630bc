"""Makes tools findable, however pytest was started: ape-foundry looks for anvil on PATH."""

import os
import sys
from pathlib import Path

BIN = Path(sys.prefix) / "bin"
ROOT = Path(__file__).resolve().parents[1]

os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
os.environ.setdefault("APE_DATA_FOLDER", str(ROOT / ".cache" / "ape"))
