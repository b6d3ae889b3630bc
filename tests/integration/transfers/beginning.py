"""A process that keeps a planned batch, as a check does: `FILE`, a pickle of it."""

from __future__ import annotations

import asyncio
import pickle
import sys
from pathlib import Path

from keepers.config import load_settings
from tests.integration.transfers.keeper import begin

if __name__ == "__main__":
    batch = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - the test's own
    asyncio.run(begin(load_settings(Path("ballast.toml")), batch))
