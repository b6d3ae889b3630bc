"""Bridge of USDC over CCTP V2: the attestation service confirms the event of the burn."""

from __future__ import annotations

import structlog
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from keepers.bridges.bridge import LaneBridge, require_enough, unreadable
from keepers.bridges.cctp.iris import Iris, IrisMessage, pending_for
from keepers.bridges.cctp.lane import CctpLane, quote_cctp
from keepers.bridges.cctp.message import (
    Burn,
    BurnMessage,
    decode_message,
    find_burn,
    require_attested,
    require_same,
)
from keepers.bridges.lane import Chains
from keepers.model.bridge import (
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
    BridgeBusyError,
    BridgeError,
    ForgedMessageError,
)

NAME = "CCTP"
PROOF = ["bytes", "bytes"]
COMPARE = "Compare the message on the source chain with what the attestation service shows."

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class CctpBridge(LaneBridge[CctpLane]):
    """Bridge for USDC: burnt on the source, minted on the destination."""

    name = NAME

    def __init__(self, iris: Iris, chains: Chains, lanes: tuple[CctpLane, ...]) -> None:
        super().__init__(chains, lanes)
        self._iris = iris
        self._attesters: frozenset[str] = frozenset()

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Quote current fees with a margin; standard speed if fast is off, used up or expensive."""
        lane = self._lanes.for_request(request)
        return await quote_cctp(self._iris, self._chains, lane, request)

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Accept at once: the burn itself starts the transfer."""
        del effect
        find_burn(departure, self._lanes.of(departure))
        return Accepted(departure.receipt.transaction_hash)

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Read the attestation service's state of the burn."""
        del remote_id
        lane = self._lanes.of(departure)
        burn = find_burn(departure, lane)
        try:
            return await self._attestation_of(departure, lane, burn)
        except ForgedMessageError as error:
            _log.error("bridge message differs", transfer=departure.transfer_id, part=error.part)
            return Stuck(f"the {error.part} of the attested message {error.problem}", COMPARE)
        except BridgeError as error:
            return unreadable(error)

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Return message and attestation, decoded and compared again."""
        burn = find_burn(departure, self._lanes.of(departure))
        message, attestation = _parts_of(crossed.proof)
        attested = await self._verify(burn, message, attestation)
        require_enough(departure, attested.received)
        return crossed.proof

    async def _attestation_of(self, departure: Departure, lane: CctpLane, burn: Burn) -> Tracking:
        transaction = departure.receipt.transaction_hash
        messages = await self._iris.messages(lane.source_domain, transaction)
        if not messages:
            return Pending(Wait.UNSEEN, "the attestation service has not seen the burn")
        if burn.index >= len(messages):
            text = (
                f"the service has {len(messages)} message(s), but ours is number {burn.index + 1}"
            )
            return Pending(Wait.UNSEEN, text)
        reported = messages[burn.index]
        if not reported.complete:
            return pending_for(reported)
        attested = await self._verify(burn, reported.message, reported.attestation)
        if await self._is_expired(lane, attested):
            return await self._reattest(reported, attested)
        return _crossed(reported, attested)

    async def _verify(self, burn: Burn, message: bytes, attestation: bytes) -> BurnMessage:
        attested = decode_message(message)
        require_same(burn.message, attested)
        try:
            require_attested(message, attestation, self._attesters)
        except ForgedMessageError:
            # The service rotates its keys: its current list decides.
            self._attesters = await self._iris.attesters()
            require_attested(message, attestation, self._attesters)
        return attested

    async def _is_expired(self, lane: CctpLane, attested: BurnMessage) -> bool:
        if attested.expiration_block == 0:
            return False
        return attested.expiration_block <= await self._chains[lane.destination].contract_block()

    async def _reattest(self, reported: IrisMessage, attested: BurnMessage) -> Pending:
        try:
            await self._iris.reattest(reported.nonce or f"0x{attested.nonce.hex()}")
        except BridgeBusyError as error:
            return unreadable(error)
        return Pending(
            Wait.EXPIRED, f"the attestation expired at block {attested.expiration_block}"
        )


def _parts_of(proof: bytes) -> tuple[bytes, bytes]:
    """Return message and attestation of a proof, which an operator may have supplied.

    Raises:
        ForgedMessageError: The bytes are no valid proof.
    """
    try:
        message, attestation = decode(PROOF, proof)
    except DecodingError:
        raise ForgedMessageError("proof", "is not a message with its attestation") from None
    return message, attestation


def _crossed(reported: IrisMessage, attested: BurnMessage) -> Crossed:
    return Crossed(
        amount=attested.received,
        proof=encode(PROOF, [reported.message, reported.attestation]),
        facts={
            "nonce": f"0x{attested.nonce.hex()}",
            "fee": str(attested.fee_executed),
            "finality": str(attested.finality_executed),
            "expires_at_block": str(attested.expiration_block),
        },
    )
