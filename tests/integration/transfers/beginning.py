"""Process that stores a planned batch, as a check does; argument: a file with the pickled batch."""

from __future__ import annotations

import asyncio
import pickle
import sys
from pathlib import Path

from keepers.config import load_settings
from tests.integration.transfers.keeper import begin

if __name__ == "__main__":
    batch = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - written by the test
    asyncio.run(begin(load_settings(Path("ballast.toml")), batch))
