"""Chapter on three chains: treasuries are refilled, then an instruction moves funds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scripts.demo.errors import DemoError
from scripts.demo.inventory_tables import print_inventory, print_journeys
from scripts.demo.journeys import Journey, crossings, journeys
from scripts.demo.tables import console, progress
from scripts.demo.treasuries import ASSETS, BASE, Holdings, Treasuries

TITLE = "Treasuries on three chains"
STORY = (
    f"The team keeps {BASE:,} USDC and USDT on each of three chains. On Arbitrum half is spent, so "
    "both balances are at their threshold.\nThe keeper refills them with the minimum number of "
    "transfers; no source may end below its own base."
)
ETHEREUM, ARBITRUM, OPTIMISM = "ethereum-local", "arbitrum-local", "optimism-local"
STOCK = {ETHEREUM: 52_500, ARBITRUM: BASE, OPTIMISM: 55_000}
"""Initial balances in whole tokens: neither of the two sources alone has enough."""

SPENT = 20_000
INCOME, MOVED = 30_000, 25_000
FAST = {"BALLAST_TREASURY__BRIDGES__CCTP__FAST": "true"}
ROUNDS = 12
"""Sufficient number of keeper runs."""


def play(treasuries: Treasuries) -> None:
    """Refill spent balances, then move and invest; print the number of protocol events.

    Raises:
        DemoError: The final balances are wrong.
    """
    for chain, whole in STOCK.items():
        for asset in ASSETS:
            treasuries.receive(chain, asset, whole)
    with treasuries.bridges.serve():
        _filled_up(treasuries)
        found = _instructed(treasuries)
    counted = crossings(treasuries, found)
    for name, times in sorted(counted.items()):
        console.print(f"{name} received on chain: {times}")
    if not all(counted[each] for each in ("CCTP messages", "LayerZero packets")):
        raise DemoError("the transfers include no CCTP message or no LayerZero packet")


def _filled_up(treasuries: Treasuries) -> None:
    before = treasuries.idle()
    for asset in ASSETS:
        treasuries.spend(ARBITRUM, asset, SPENT)
    spent = treasuries.idle()
    for batch in _run_until_done(treasuries):
        progress(batch["detail"]["plan"])
    after = treasuries.idle()
    found = journeys(treasuries)
    print_inventory(treasuries, before, spent, after)
    print_journeys(found)
    progress(treasuries.said("transfers", "show", found[0].transfer_id))
    _check_bases(treasuries, after)
    _check_conservation(treasuries, spent, after, found)


def _run_until_done(treasuries: Treasuries) -> list[dict[str, Any]]:
    """Run the keeper's process repeatedly, with steps of the bridges in between."""
    batches: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        done = treasuries.ballast("run", "--once", "--arm", "--vault", "treasury")
        batches += done["batches"]
        if not done["under_way"]:
            return batches
    raise DemoError(f"after {ROUNDS} runs transfers are still in progress")


def _instructed(treasuries: Treasuries) -> list[Journey]:
    """Move and invest by an instruction; return all transfers so far."""
    console.print(
        f"\nA customer pays {INCOME:,} USDC on Ethereum. An instruction moves {MOVED:,} of it to "
        "Optimism by a fast transfer, which has a fee, and invests it in the money market there."
    )
    treasuries.receive(ETHEREUM, "USDC", INCOME)
    before = treasuries.idle()
    _write_order(treasuries)
    wanted = ("instruct", "move.json", "--arm", "--wait", "--key", "growth")
    done = treasuries.ballast(*wanted, **FAST)
    progress(treasuries.said("instructions", "show", "growth"))
    if done["state"] != "DONE" or done["progress"]["ended"] != done["progress"]["movements"]:
        raise DemoError(f"the instruction ended as {done['state']}: {done['reason']}")
    after, worth = treasuries.idle(), treasuries.invested()[OPTIMISM, "USDC"]
    if worth < treasuries.units(OPTIMISM, "USDC", MOVED - 1):
        raise DemoError(f"only {worth} units are invested on Optimism")
    if after[ETHEREUM, "USDC"] < treasuries.units(ETHEREUM, "USDC", BASE):
        raise DemoError("Ethereum's USDC fell below its base")
    found = journeys(treasuries)
    print_journeys(found[-1:])
    _check_conservation(treasuries, before, after, found[-1:], invested=MOVED)
    return found


def _write_order(treasuries: Treasuries) -> None:
    order = {
        "asset": "USDC",
        "source": f"EVM-{treasuries.chains[ETHEREUM].chain_id}",
        "destination": f"EVM-{treasuries.chains[OPTIMISM].chain_id}",
        "amount": str(MOVED),
        "invest": True,
    }
    body = json.dumps({"version": 1, "transfer": order})
    (treasuries.folder / "move.json").write_text(body)


def _check_bases(treasuries: Treasuries, after: Holdings) -> None:
    for (chain, asset), amount in after.items():
        base = treasuries.units(chain, asset, BASE)
        if chain == ARBITRUM and amount != base:
            raise DemoError(f"{asset} on {chain} is {amount}, not its base")
        if amount < base:
            raise DemoError(f"{asset} on {chain} fell below its base")


def _check_conservation(
    treasuries: Treasuries,
    before: Holdings,
    after: Holdings,
    found: Sequence[Journey],
    *,
    invested: int = 0,
) -> None:
    """Check that the missing amount is exactly in venues or was paid as bridge fees."""
    for asset in ASSETS:
        gone = _total(treasuries, before, asset) - _total(treasuries, after, asset)
        fees = sum(
            (each.sent - each.received for each in found if each.asset == asset),
            Decimal(0),
        )
        placed = invested if asset == "USDC" else 0
        if gone != placed + Fraction(fees):
            raise DemoError(f"{gone} {asset} are missing: {placed} are invested, {fees} are fees")


def _total(treasuries: Treasuries, holdings: Holdings, asset: str) -> Fraction:
    """Return the sum over all chains, in whole tokens."""
    amounts = (
        Fraction(amount, 10 ** treasuries.decimals(chain, named))
        for (chain, named), amount in holdings.items()
        if named == asset
    )
    return sum(amounts, Fraction(0))
