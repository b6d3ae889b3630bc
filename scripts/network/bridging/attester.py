"""Attester of CCTP messages: reads them from their chains, fills in fields and signs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from eth_abi.abi import decode
from eth_utils.crypto import keccak

from keepers.model.bridge import Tariff
from scripts.network.bridging.attestation import AttestationService
from scripts.network.bridging.feed import Event
from scripts.network.bridging.switches import Switches

MESSAGE_SENT = keccak(text="MessageSent(bytes)")
THRESHOLD, AMOUNT, MAX_FEE = slice(140, 144), slice(216, 248), slice(280, 312)
FAST, STANDARD = 1_000, 2_000
TOO_CHEAP = "insufficient_fee"


@dataclass
class Attester:
    """Reader and signer of messages for the attestation service."""

    service: AttestationService
    switches: Switches
    _seen: Counter[str] = field(default_factory=Counter[str])
    _waiting: list[tuple[Event, int, bytes]] = field(default_factory=list[tuple[Event, int, bytes]])

    def see(self, event: Event) -> None:
        """Record a sent message."""
        if event.topics[0] != MESSAGE_SENT:
            return
        (message,) = decode(["bytes"], event.data)
        domain = event.chain.addresses.cctp.domain
        self.service.observe(domain, event.transaction, [message])
        self._waiting.append((event, self._seen[event.transaction], message))
        self._seen[event.transaction] += 1

    def act(self) -> int:
        """Attest messages with enough confirmations."""
        if self.switches.attestations:
            return 0
        done = [each for each in self._waiting if self._attest(*each)]
        self._waiting = [each for each in self._waiting if each not in done]
        return len(done)

    def forget(self) -> None:
        """Forget all messages."""
        self._waiting.clear()
        self._seen.clear()

    def _attest(self, event: Event, place: int, message: bytes) -> bool:
        amount, offered = _number(message[AMOUNT]), _number(message[MAX_FEE])
        fee = self._fee(FAST, amount)
        wants_speed = _number(message[THRESHOLD]) <= FAST
        is_fast = wants_speed and fee <= offered
        if wants_speed and not is_fast:
            self.service.delay(event.transaction, TOO_CHEAP, place)
        burnt = event.block
        confirmed = event.confirmations >= (1 if is_fast else self.switches.burn_blocks)
        if burnt is None or not confirmed:
            return False
        life = self.switches.expiry_blocks
        expiry = burnt + life if is_fast and life else 0
        self.service.attest(
            event.transaction,
            place,
            fee=fee if is_fast else min(offered, self._fee(STANDARD, amount)),
            finality=FAST if is_fast else STANDARD,
            expiration_block=expiry,
        )
        return True

    def _fee(self, threshold: int, amount: int) -> int:
        """Return the fee of a speed, rounded up to a unit."""
        (bps,) = (
            Fraction(str(each["minimumFee"]))
            for each in self.service.fees
            if each["finalityThreshold"] == threshold
        )
        return Tariff(bps=bps).fee(amount)


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")
