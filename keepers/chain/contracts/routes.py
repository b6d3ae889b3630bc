"""Contracts of routes, as far as deployments files repeat what they say."""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract


class CctpV2Route(Contract):
    """USDC by CCTP."""

    def max_fee(self) -> Call[int]:
        """The most that a fee may be, in basis points."""
        return self._call("maxFeeBps")

    def transmitter(self) -> Call[str]:
        """Circle's contract that takes messages in."""
        return self._call("transmitter", convert=lambda values: to_checksum_address(values[0]))

    def obstacle(self, chain_id: int, keeper: str) -> Call[int]:
        """Why Circle would refuse a burn for another chain, as a number; 0 is no reason."""
        return self._call("obstacleOf", chain_id, keeper)


class OftRoute(Contract):
    """A token of LayerZero's."""

    def oft(self) -> Call[str]:
        """The token, or its adapter."""
        return self._call("oft", convert=lambda values: to_checksum_address(values[0]))


class CustodialRoute(Contract):
    """Any asset through a custodian or an exchange."""

    def deposit_address(self) -> Call[str]:
        """Where what leaves is paid to."""
        return self._call("depositAddress", convert=lambda values: to_checksum_address(values[0]))

    def inbox(self) -> Call[str]:
        """Where what arrives is paid to."""
        return self._call("inbox", convert=lambda values: to_checksum_address(values[0]))
