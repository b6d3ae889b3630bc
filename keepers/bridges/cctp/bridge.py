"""USDC by CCTP V2: the service only attests the chain's own event."""

from __future__ import annotations

import structlog
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from keepers.bridges.cctp.iris import Iris, IrisMessage, pending_for
from keepers.bridges.cctp.lane import CctpLane
from keepers.bridges.cctp.message import (
    Burn,
    BurnMessage,
    decode_message,
    find_burn,
    require_attested,
    require_same,
)
from keepers.bridges.cctp.quotes import quote_cctp
from keepers.bridges.explanation import explain, unreadable
from keepers.bridges.lane import Chains, Lanes
from keepers.model.bridges.values import (
    Accepted,
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import (
    ArrivedShortError,
    BridgeBusyError,
    BridgeError,
    ForgedMessageError,
)

NAME = "CCTP"
PROOF = ["bytes", "bytes"]
LOOK = "Compare the message on the source chain with what the attestation service shows."

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class CctpBridge:
    """The engine's `Bridge` for USDC."""

    name = NAME

    def __init__(self, iris: Iris, chains: Chains, lanes: tuple[CctpLane, ...]) -> None:
        self._iris = iris
        self._chains = chains
        self._lanes = Lanes(NAME, lanes)
        self._attesters: frozenset[str] = frozenset()

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Quote the present fees with a margin; standard where fast is off, used up or too dear."""
        lane = self._lanes.find(request.asset, request.source, request.destination)
        return await quote_cctp(self._iris, self._chains, lane, request)

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Accept at once: the burn itself is the order."""
        del effect
        find_burn(departure, self._lanes.of(departure))
        return Accepted(departure.receipt.transaction_hash)

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Read the attestation service's state of the burn."""
        del remote_id
        lane = self._lanes.of(departure)
        burn = find_burn(departure, lane)
        try:
            return await self._look(departure, lane, burn)
        except ForgedMessageError as error:
            _log.error("bridge message differs", transfer=departure.transfer_id, part=error.part)
            return Stuck(f"the {error.part} of the attested message {error.problem}", LOOK)
        except BridgeError as error:
            return unreadable(error)

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Message and attestation, decoded and compared once more."""
        burn = find_burn(departure, self._lanes.of(departure))
        message, attestation = _parts_of(crossed.proof)
        await self._believe(burn, message, attestation)
        received, least = decode_message(message).received, departure.terms.min_received
        if received < least:
            raise ArrivedShortError(departure.transfer_id, received, least)
        return crossed.proof

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Describe a state in a sentence or two."""
        return explain(NAME, state)

    async def _look(self, departure: Departure, lane: CctpLane, burn: Burn) -> Tracking:
        transaction = departure.receipt.transaction_hash
        messages = await self._iris.messages(lane.source_domain, transaction)
        if not messages:
            return Pending(Wait.UNSEEN, "the attestation service has not seen the burn")
        if burn.place >= len(messages):
            said = f"the service has {len(messages)} messages, ours is number {burn.place + 1}"
            return Pending(Wait.UNSEEN, said)
        told_of = messages[burn.place]
        if not told_of.complete:
            return pending_for(told_of)
        attested = await self._believe(burn, told_of.message, told_of.attestation)
        if await self._is_expired(lane, attested):
            return await self._again(told_of, attested)
        return _crossed(told_of, attested)

    async def _believe(self, burn: Burn, message: bytes, attestation: bytes) -> BurnMessage:
        attested = decode_message(message)
        require_same(burn.message, attested)
        try:
            require_attested(message, attestation, self._attesters)
        except ForgedMessageError:
            # Keys change: the service's own list decides.
            self._attesters = await self._iris.attesters()
            require_attested(message, attestation, self._attesters)
        return attested

    async def _is_expired(self, lane: CctpLane, attested: BurnMessage) -> bool:
        if attested.expiration_block == 0:
            return False
        return attested.expiration_block <= await self._chains[lane.destination].contract_block()

    async def _again(self, told_of: IrisMessage, attested: BurnMessage) -> Pending:
        try:
            await self._iris.reattest(told_of.nonce or f"0x{attested.nonce.hex()}")
        except BridgeBusyError as error:
            return unreadable(error)
        return Pending(Wait.EXPIRED, f"the attestation ended at block {attested.expiration_block}")


def _parts_of(proof: bytes) -> tuple[bytes, bytes]:
    """Message and attestation of a proof, which may have been found by hand.

    Raises:
        ForgedMessageError: It is none.
    """
    try:
        message, attestation = decode(PROOF, proof)
    except DecodingError:
        raise ForgedMessageError("proof", "is no message with its attestation") from None
    return message, attestation


def _crossed(told_of: IrisMessage, attested: BurnMessage) -> Crossed:
    return Crossed(
        amount=attested.received,
        proof=encode(PROOF, [told_of.message, told_of.attestation]),
        facts={
            "nonce": f"0x{attested.nonce.hex()}",
            "fee": str(attested.fee_executed),
            "finality": str(attested.finality_executed),
            "expires_at_block": str(attested.expiration_block),
        },
    )
