"""Maintenance of a vault: redemptions that wait are paid, receivables that are ready taken in."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.chain import ContractCall

FULFIL = "FULFIL"
"""The kind of steps that pay redemptions of a batch."""

CLAIM = "CLAIM"
"""The kind of steps that take in what an asynchronous fund has settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceTask:
    """A call that is due now, with what it brought when it was simulated.

    Attributes:
        kind: `FULFIL` or `CLAIM`.
        key: What it is about and how that stood, so that it is done once: a batch with what of it
            is paid, or an asset.
        subject: The queue, or the asset.
        symbol: For people.
        call: The call itself.
        shares: Shares that it is for: of the vault, or of the asset.
        assets: Settlement base units that it pays or brings.
        reason: Why, for people.
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
