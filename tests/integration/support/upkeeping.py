"""Upkeep in a process of its own, in the folder that it is started in; it can be killed there."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from keepers.app.settings import load_settings
from keepers.app.upkeep import keep_up


def main() -> None:
    """Run once; `--arm` sends."""
    settings = load_settings(Path("ballast.toml"))
    record = asyncio.run(keep_up(settings, None, arm="--arm" in sys.argv, say=print))
    sys.stdout.write("nothing due\n" if record is None else f"{record.status}\n")


if __name__ == "__main__":
    main()
