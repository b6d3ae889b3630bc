"""Maintenance tasks of a vault: fulfilling redemptions and claiming receivables."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.chain import ContractCall

FULFIL = "FULFIL"
"""Kind of the steps that pay redemptions of a batch."""

CLAIM = "CLAIM"
"""Kind of the steps that claim what an asynchronous fund has settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceTask:
    """Call that is due now, with its simulated result.

    Attributes:
        kind: `FULFIL` or `CLAIM`.
        key: Deduplication key of subject and state: a batch with its amount paid so far, or an
            asset.
        subject: The queue, or the asset.
        symbol: Symbol for display.
        call: The call.
        shares: Affected shares: of the vault, or of the asset.
        assets: Settlement base units that are paid or received.
        reason: Reason for display.
    """

    kind: str
    key: str
    subject: str
    symbol: str
    call: ContractCall
    shares: int
    assets: int
    reason: str


@dataclass(frozen=True, slots=True)
class UpkeepEvent:
    """Event of a maintenance task: `shares` and settlement `assets`."""

    subject: str
    shares: int
    assets: int
