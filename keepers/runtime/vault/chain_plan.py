"""Plans of a vault from its chain: the same request and response as from a file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from keepers.config import Settings, load_settings
from keepers.model.errors import InputError
from keepers.model.json_document import Json, plan_id
from keepers.model.tier_plan import AUTO
from keepers.planning.files.document import PlannerAnswer
from keepers.planning.files.tiers import COMMAND, answer_with, encode_tiers_request
from keepers.reports.status_text import plan_lines
from keepers.runs.tiers.tier_plan import plan_of, request_of
from keepers.runtime.process.logs import configure_logs
from keepers.runtime.vault.setup import connected, set_up
from keepers.runtime.vault.status import read_document


def plan_from_chain(
    command: str, config: Path | None = None, vault: str | None = None
) -> PlannerAnswer:
    """Plan a vault's current needs; nothing is sent, and no key is read.

    Raises:
        InputError: The planner has no chain to read from yet.
    """
    if command != COMMAND:
        raise InputError("--input", f"is required: {command} are planned from a file only")
    configure_logs(verbose=False)
    return asyncio.run(_answer(load_settings(config), vault))


async def _answer(settings: Settings, vault: str | None) -> PlannerAnswer:
    """Return the plan that a run would make for a vault's current state."""
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


def explain_from_chain(config: Path | None, vault: str | None) -> tuple[str, ...]:
    """Explain a vault's plan: bands, triggers, holdings left out, pauses and limits."""
    configure_logs(verbose=False)
    return asyncio.run(_explain(config, vault))


async def _explain(config: Path | None, vault: str | None) -> tuple[str, ...]:
    setup = set_up(load_settings(config), vault)
    async with connected(setup, None) as chain:
        snapshot, document = await read_document(setup, chain)
    tiers = setup.vault.tier_config(snapshot.settlement_decimals)
    found = plan_of(request_of(snapshot, tiers, AUTO, weekly=False).canonical(), snapshot)
    return (*_state(document), *found.idle, *_bounds(document))


def explain_document(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Explain a plan from its document: its triggers, and the reason of each move."""
    if not plan["triggers"]:
        return ("No trigger fires: no tier, holding or redemption is beyond its limit.",)
    fired = (f"Fires: {each['kind']}: {each['reason']}." for each in plan["triggers"])
    moves = (
        f"Moves {each['amount']} from {each['from_tier']} to {each['to_tier']}: {each['reason']}."
        for each in plan["actions"]
    )
    return (*fired, *(moves if plan["actions"] else ("No move is large enough to be made.",)))


def _state(document: Mapping[str, Any]) -> Iterator[str]:
    for each in document["layers"]:
        inside = {True: "inside", False: "OUTSIDE", None: "no assets, so not compared with"}
        yield (
            f"{each['tier']} is {each['ratio']} of the vault, target {each['target']}, "
            f"{inside[each['within_bounds']]} its band of {each['min']} to {each['max']}."
        )
    if document["redemptions_due"] != "0":
        yield f"Redemptions due: {document['redemptions_due']}; they come before purchases."


def _bounds(document: Mapping[str, Any]) -> Iterator[str]:
    for each in document["left_out"]:
        yield f"{each['text']}."
    if document["paused"]:
        yield "The controller is paused: nothing is bought until a configurator unpauses it."
    plan: Mapping[str, Json] | None = document["plan"]
    yield from plan_lines(plan, document["settlement"]["symbol"])
