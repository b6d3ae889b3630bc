"""Expected interface files of the keeper, taken from the compiled contracts.

`python -m tests.unit.chain.abi_files` rewrites the files of our own contracts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from keepers.chain.abi import FOLDER

ROOT = Path(__file__).resolve().parents[3]
USED: dict[str, tuple[str, ...]] = {
    "AssetController": (
        "tierValues",
        "bookValues",
        "bounds",
        "paused",
        "bucketOf",
        "available",
        "purchaseAsset",
        "redeemAsset",
        "openPlan",
        "execute",
        "executePlan",
        "executeActions",
        "ledger",
        "epoch",
        "approvalsFor",
        "claimAsset",
        "AssetClaimed",
        "AssetPurchased",
        "AssetRedeemed",
        "ActionFailed",
    ),
    "AutoVenue": ("venuesOf",),
    "CctpV2Route": ("maxFeeBps", "obstacleOf", "transmitter"),
    "CustodialRoute": ("depositAddress", "inbox", "isUsed"),
    "Erc7540Venue": ("requested",),
    "HoldingReader": (),
    "IBridgeRoute": ("quote", "Dispatched"),
    "Inbox": (),
    "KillSwitch": ("isRemoved",),
    "LiquidityVault": ("asset", "queue", "totalAssets", "totalSupply", "Deposit"),
    "OftRoute": ("arrivalOf", "oft", "Arrived"),
    "PlanLedger": ("weightOf", "statusOf", "isNonceUsed", "hashOf"),
    "PaidRebalancerRegistry": (
        "allowTarget",
        "createPaidRebalancer",
        "deletePaidRebalancer",
        "entryOf",
        "fixReschedule",
        "fixRescheduleBatch",
        "handleOf",
        "updateRecurringConfig",
        "defaultRecurringConfig",
        "bookingGas",
        "FailedRecurringSchedule",
        "FixedReschedule",
        "Rebalanced",
        "RebalanceFailed",
        "RunSkipped",
        "Halted",
    ),
    "Portfolio": ("holdings", "positions", "valueOf", "weights"),
    "PriceOracle": ("convert", "feedOf", "price"),
    "RebalanceSupervisor": (
        "cursor",
        "fixReschedule",
        "length",
        "nextExecutionTimestamp",
        "number",
        "poke",
        "schedule",
    ),
    "RecurringRebalancer": (
        "close",
        "fixReschedule",
        "number",
        "setRecurringConfig",
        "target",
    ),
    "IRebalanceable": ("rebalance",),
    "RedemptionQueue": ("batchOf", "dueWithin", "fulfil", "oldestBatch", "BatchFulfilled"),
    "SchedulerLens": ("fixOf", "jobOf", "numbersOf", "page", "rowOf", "sweep"),
    "TransactionScheduler": (
        "accountOf",
        "availableTo",
        "bookingOf",
        "checkUpkeep",
        "execute",
        "executeBatch",
        "isBooked",
        "payoutFor",
        "rearmFee",
        "records",
        "terms",
        "transactionOf",
        "Executed",
    ),
    "Treasury": (
        "approvalsFor",
        "assetOf",
        "available",
        "bands",
        "bucketOf",
        "divest",
        "divestApproved",
        "isKeeper",
        "epoch",
        "invest",
        "investApproved",
        "laneOf",
        "ledger",
        "openPlan",
        "paused",
        "receiveFromBridge",
        "routeOf",
        "sendApproved",
        "sendToBridge",
        "venueOf",
        "Divested",
        "Invested",
        "TransferReceived",
        "TransferSent",
    ),
    "TreasuryLens": ("balancesOf", "legsOf", "positionsOf", "quote"),
    "UniswapV3Venue": ("pathOf",),
    "WeightJudge": ("scales", "reweigh", "rebalancer", "maxLossBps", "Rebalanced"),
    "WeightRebalancer": ("terms", "lastRun", "paused", "bucketOf", "available"),
}
"""Functions and events of our contracts that the keeper uses; all errors are included."""

INHERITED = {
    "AssetController": ("RateLimits_",),
    "CctpV2Route": ("BridgeRoute_",),
    "CustodialRoute": ("BridgeRoute_",),
    "HoldingReader": ("BoundedCall_",),
    "OftRoute": ("BridgeRoute_",),
    "PaidRebalancerRegistry": ("Recurring_",),
    "RecurringRebalancer": ("OwnableUnauthorizedAccount",),
    "Treasury": ("RateLimits_",),
    "WeightJudge": ("PortfolioWeights_", "Rebalance_"),
}
"""Prefixes of a contract's errors besides its own name."""


def compiled(name: str) -> list[dict[str, Any]]:
    """Return the compiled interface of a contract, without fields that only Solidity uses."""
    path = ROOT / "out" / f"{name}.sol" / f"{name}.json"
    return _plain(json.loads(path.read_text())["abi"])


def used(name: str) -> list[dict[str, Any]]:
    """Return the part of a contract's interface that the keeper uses, in a fixed order."""
    entries = [
        entry
        for entry in compiled(name)
        if entry.get("name") in USED[name]
        or (
            entry["type"] == "error"
            and entry["name"].startswith((f"{name}_", *INHERITED.get(name, ())))
        )
    ]
    return sorted(entries, key=lambda entry: (entry["type"], entry["name"]))


def _plain(entry: object) -> Any:
    if isinstance(entry, dict):
        fields = cast("dict[str, object]", entry)
        return {key: _plain(each) for key, each in fields.items() if key != "internalType"}
    if isinstance(entry, list):
        return [_plain(each) for each in cast("list[object]", entry)]
    return entry


def main() -> None:
    """Write the interface files."""
    for name in USED:
        (FOLDER / f"{name}.json").write_text(json.dumps(used(name), indent=1) + "\n")


if __name__ == "__main__":
    main()
