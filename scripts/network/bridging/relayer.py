"""Relayer of LayerZero's messages: verifies a packet, delivers it, then its composed message.

Every step is reported to the scan service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from scripts.network.accounts import RELAYER, test_account
from scripts.network.bridging.feed import Event
from scripts.network.bridging.scan import ScanService
from scripts.network.bridging.switches import Switches
from scripts.network.chain import LocalChain
from scripts.network.errors import TransactionFailedError

PACKET_SENT = keccak(text="PacketSent(bytes,bytes,address)")
COMPOSE_SENT = keccak(text="ComposeSent(address,address,bytes32,uint16,bytes)")
NONCE, SOURCE, SENDER = slice(1, 9), slice(9, 13), slice(13, 45)
DESTINATION, RECEIVER, GUID, MESSAGE = (
    slice(45, 49),
    slice(61, 81),
    slice(81, 113),
    slice(113, None),
)
NOTHING = b""


@dataclass(frozen=True)
class Composed:
    """Composed message that waits in an endpoint for execution."""

    chain: LocalChain
    arguments: tuple[Any, ...]


@dataclass
class Relayer:
    """Executor and verifier in one; `chains` are keyed by LayerZero's numbers."""

    service: ScanService
    switches: Switches
    chains: Mapping[int, LocalChain]
    _packets: list[tuple[Event, bytes]] = field(default_factory=list[tuple[Event, bytes]])
    _composed: list[Composed] = field(default_factory=list[Composed])

    def see(self, event: Event) -> None:
        """Record a sent packet."""
        if event.topics[0] != PACKET_SENT:
            return
        packet, _, _ = decode(["bytes", "bytes", "address"], event.data)
        self._packets.append((event, packet))
        self.service.tell(_guid(packet), "INFLIGHT", transaction=event.transaction)

    def act(self) -> int:
        """Deliver confirmed packets in the order of sending, then their composed messages."""
        delivered = [each for each in self._packets if self._is_ready(*each)]
        for event, packet in delivered:
            self._deliver(event, packet)
        self._packets = [each for each in self._packets if each not in delivered]
        composed = [] if self.switches.composes else self._composed.copy()
        for each in composed:
            self._compose(each)
            self._composed.remove(each)
        return len(delivered) + len(composed)

    def forget(self) -> None:
        """Forget all packets."""
        self._packets.clear()
        self._composed.clear()

    def _is_ready(self, event: Event, packet: bytes) -> bool:
        """Return whether a packet can be delivered: not held, confirmed, destination running."""
        if self.switches.packets or _destination(packet) not in self.chains:
            return False
        return event.confirmations >= self.switches.packet_blocks

    def _deliver(self, event: Event, packet: bytes) -> None:
        there = self.chains[_destination(packet)]
        layer_zero, guid = there.addresses.layer_zero, _guid(packet)
        library = there.contract("SimpleMessageLib", layer_zero.library).functions
        endpoint = there.contract("EndpointV2", layer_zero.endpoint).functions
        origin = (
            int.from_bytes(packet[SOURCE], "big"),
            packet[SENDER],
            int.from_bytes(packet[NONCE], "big"),
        )
        receiver = to_checksum_address(packet[RECEIVER])
        sender = test_account(RELAYER).address
        arguments = (origin, receiver, packet[GUID], packet[MESSAGE], NOTHING)
        try:
            there.send(library.validatePacket(packet), sender=sender)
            receipt = there.send(endpoint.lzReceive(*arguments), sender=sender)
        except TransactionFailedError:
            self.service.tell(guid, "FAILED", destination="FAILED", transaction=event.transaction)
            return
        self._composed += [
            Composed(there, _arguments(bytes(log["data"])))
            for log in receipt["logs"]
            if bytes(log["topics"][0]) == COMPOSE_SENT
        ]
        self.service.tell(guid, "DELIVERED", destination="SUCCEEDED", transaction=event.transaction)

    def _compose(self, composed: Composed) -> None:
        there = composed.chain
        endpoint = there.contract("EndpointV2", there.addresses.layer_zero.endpoint).functions
        there.send(endpoint.lzCompose(*composed.arguments), sender=test_account(RELAYER).address)


def _arguments(told: bytes) -> tuple[Any, ...]:
    """Return the arguments of `lzCompose`, from the endpoint's event."""
    types = ["address", "address", "bytes32", "uint16", "bytes"]
    source, to, guid, index, message = decode(types, told)
    return to_checksum_address(source), to_checksum_address(to), guid, index, message, NOTHING


def _destination(packet: bytes) -> int:
    return int.from_bytes(packet[DESTINATION], "big")


def _guid(packet: bytes) -> str:
    return f"0x{packet[GUID].hex()}"
