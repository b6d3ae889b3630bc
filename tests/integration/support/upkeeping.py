"""Maintenance in a separate process, in its working folder; it can be killed there."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from keepers.config import Settings, load_settings
from keepers.model.run import RunRecord
from keepers.runs.maintenance import run_maintenance
from keepers.runtime.vault.runtime import vault_runtime


async def keep_up(settings: Settings, *, armed: bool) -> RunRecord | None:
    """Do the maintenance that is due, once, and no other work."""
    async with vault_runtime(settings, None, arm=armed, progress=print) as work:
        return await run_maintenance(work.maintenance, armed=work.armed)


def main() -> None:
    """Run once; with `--arm`, send."""
    settings = load_settings(Path("ballast.toml"))
    record = asyncio.run(keep_up(settings, armed="--arm" in sys.argv))
    sys.stdout.write("nothing due\n" if record is None else f"{record.status}\n")


if __name__ == "__main__":
    main()
