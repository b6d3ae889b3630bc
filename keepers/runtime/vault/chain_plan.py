"""Plans from the chain: the same request as from a file, the same answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

from keepers.config import Settings, load_settings
from keepers.model.errors import InputError
from keepers.model.tier_plan import AUTO
from keepers.planning.files.answer import Answer
from keepers.planning.files.canonical import plan_id
from keepers.planning.files.tiers import COMMAND
from keepers.planning.files.tiers_output import answer_with
from keepers.planning.files.tiers_request import encode_tiers_request
from keepers.runs.tiers.request import request_of
from keepers.runs.tiers.tier_plan import plan_of
from keepers.runtime.logs import configure_logs
from keepers.runtime.vault.setup import connected, set_up


def plan_from_chain(command: str, config: Path | None = None, vault: str | None = None) -> Answer:
    """Plan what a vault needs now; nothing is sent, and no key is read.

    Raises:
        InputError: The planner has no chain to read from yet.
    """
    if command != COMMAND:
        raise InputError("--input", f"is needed: {command} are planned from a file only")
    configure_logs(verbose=False)
    return asyncio.run(_answer(load_settings(config), vault))


async def _answer(settings: Settings, vault: str | None) -> Answer:
    """What a run would plan for a vault's state."""
    setup = set_up(settings, vault)
    async with connected(setup, None) as chain:
        snapshot = await chain.snapshot()
    config = setup.vault.tier_config(snapshot.settlement_decimals)
    request = request_of(snapshot, config, AUTO, weekly=False).canonical()
    return answer_with(
        plan_of(request, snapshot).plan,
        plan_id=plan_id(COMMAND, encode_tiers_request(request)),
        decimals=snapshot.settlement_decimals,
    )
