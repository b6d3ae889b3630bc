"""The ports of the transfer machine, and what it has seen in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keepers.model.errors.chain import ChainGoneError
from keepers.model.errors.transfers import BridgeGoneError
from keepers.model.ports import Clock, Notifier, Progress
from keepers.model.transactions.chain_view import ChainView
from keepers.model.transfer_record import TransferRecord
from keepers.transfers.machine.ports import Bridge, Transfers, TreasuryChain

Decimals = Callable[[int, str], int | None]


def _unknown(chain_id: int, asset: str) -> int | None:
    del chain_id, asset


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferWorld:
    """The ports.

    Attributes:
        chains: By chain id.
        bridges: By the name of their route.
        decimals: Of an asset's token on a chain; None where they are not known.
        pass_seconds: How long a chain's engine, and a transfer, have in one pass; each on its own.
    """

    chains: Mapping[int, TreasuryChain]
    bridges: Mapping[str, Bridge]
    transfers: Transfers
    notifier: Notifier
    clock: Clock
    say: Progress
    decimals: Decimals = _unknown
    pass_seconds: float = 30.0

    def chain(self, chain_id: int) -> TreasuryChain:
        """A chain.

        Raises:
            ChainGoneError: The settings do not have it any more.
        """
        if chain_id not in self.chains:
            raise ChainGoneError(chain_id)
        return self.chains[chain_id]

    def source(self, record: TransferRecord) -> TreasuryChain:
        """Where a transfer leaves; raises as `chain`."""
        return self.chain(record.terms.source_chain)

    def destination(self, record: TransferRecord) -> TreasuryChain:
        """Where it arrives; raises as `chain`."""
        return self.chain(record.terms.destination_chain)

    def bridge(self, record: TransferRecord) -> Bridge:
        """What carries it.

        Raises:
            BridgeGoneError: The settings do not have it any more.
        """
        if record.terms.route not in self.bridges:
            raise BridgeGoneError(record.terms.route)
        return self.bridges[record.terms.route]


Seen = Mapping[int, ChainView | None]
"""The chains as the last passes of their engines have seen them; None where nodes do not answer."""
