"""Transfers between treasuries: terms, positions, and the table of legal moves.

Origin: the stages and steps of the source document (Transfer_Out, Cross, Transfer_In, Invest), and
the `Treasury` contract; both treasuries compute the id of a transfer from the same terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from eth_hash.auto import keccak

from keepers.model.errors import InputError
from keepers.model.money import UINT256_MAX

WORD = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTerms:
    """Terms of a transfer, as in `ITreasury.Transfer`.

    Attributes:
        source_treasury: Address of 20 bytes, as is `destination_treasury`.
        asset: Name on all chains, as in `USDC`; at most 32 bytes, as is `route`.
        amount: Amount sent, in units of the source's token.
        min_received: Minimum that arrives, in units of the destination's token.
        nonce: Any number that makes the terms unique.

    Raises:
        InputError: A field does not fit into its ABI word.
    """

    source_chain: int
    source_treasury: str
    destination_chain: int
    destination_treasury: str
    asset: str
    amount: int
    min_received: int
    route: str
    nonce: int

    def __post_init__(self) -> None:
        for name in ("source_chain", "destination_chain", "amount", "min_received", "nonce"):
            if not 0 <= getattr(self, name) <= UINT256_MAX:
                raise InputError(name, "is not from 0 to 2^256 - 1")
        for name in ("asset", "route"):
            if not 0 < len(getattr(self, name).encode()) <= WORD:
                raise InputError(name, "must have 1 to 32 bytes")
        for name in ("source_treasury", "destination_treasury"):
            if len(_account(name, getattr(self, name))) != WORD:
                raise InputError(name, "is not an address")
        if self.source_chain == self.destination_chain:
            raise InputError("destination_chain", "is the source itself")

    def ingredients(self) -> bytes:
        """Return `abi.encode(transfer)`: the nine words whose Keccak-256 is the transfer id."""
        words = (
            _number(self.source_chain),
            _account("source_treasury", self.source_treasury),
            _number(self.destination_chain),
            _account("destination_treasury", self.destination_treasury),
            self.asset.encode().ljust(WORD, b"\0"),
            _number(self.amount),
            _number(self.min_received),
            self.route.encode().ljust(WORD, b"\0"),
            _number(self.nonce),
        )
        return b"".join(words)

    @property
    def transfer_id(self) -> str:
        """Return the id used by both treasuries, as `0x` and 64 digits."""
        return f"0x{keccak(self.ingredients()).hex()}"


def _number(value: int) -> bytes:
    return value.to_bytes(WORD, "big")


def _account(name: str, address: str) -> bytes:
    try:
        return bytes.fromhex(address.removeprefix("0x")).rjust(WORD, b"\0")
    except ValueError:
        raise InputError(name, "is not an address") from None


class TransferStage(StrEnum):
    """Stage of a transfer. DONE and CALLED_OFF are terminal."""

    TRANSFER_OUT = "TRANSFER_OUT"
    CROSS = "CROSS"
    TRANSFER_IN = "TRANSFER_IN"
    INVEST = "INVEST"
    DONE = "DONE"
    CALLED_OFF = "CALLED_OFF"
    """The transfer was cancelled before anything was sent from the source."""


class TransferStep(StrEnum):
    """Step of a stage: six for stages on chain, three for the crossing."""

    BUILD = "BUILD"
    AUDIT = "AUDIT"
    SIGN = "SIGN"
    VALIDATE = "VALIDATE"
    BROADCAST = "BROADCAST"
    CONFIRM = "CONFIRM"
    CREATE = "CREATE"
    """The bridge receives the request that it needs, if any."""
    CROSSING = "CROSSING"
    CROSSED = "CROSSED"
    """The proof is available, and the treasury can receive the transfer."""


class TransferCause(StrEnum):
    """Cause of a transfer's move."""

    PLAN = "PLAN"
    ADVANCE = "ADVANCE"
    """A step is done."""
    REBUILD = "REBUILD"
    """A call that was not sent, or had no effect, is built again."""
    STALE = "STALE"
    """The proof has expired or is void; a new one is requested from the bridge."""
    REORG = "REORG"
    """A reorg removed the receipt on which the position was based."""
    CALL_OFF = "CALL_OFF"
    """Cancelled before anything was sent: refused, finally reverted, or no longer required."""
    RESOLVE = "RESOLVE"
    """An operator's decision about a transfer that is stuck."""
    TAKEN_IN = "TAKEN_IN"
    """Another account had the destination's treasury receive it, as any account may."""


@dataclass(frozen=True, slots=True)
class TransferPosition:
    """Position of a transfer in its stages; terminal stages have no step."""

    stage: TransferStage
    step: TransferStep | None = None

    @property
    def text(self) -> str:
        """Return the stored and displayed form, as in `CROSS.CREATE` or `DONE`."""
        return self.stage if self.step is None else f"{self.stage}.{self.step}"

    @classmethod
    def read(cls, text: str) -> TransferPosition:
        """Parse the stored form; raise ValueError for any other text."""
        stage, _, step = text.partition(".")
        return cls(TransferStage(stage), TransferStep(step) if step else None)


@dataclass(frozen=True, slots=True)
class TransferMove:
    """Legal move; a creation if `start` is None."""

    start: TransferPosition | None
    end: TransferPosition
    cause: TransferCause


CHAIN_STEPS = (
    TransferStep.BUILD,
    TransferStep.AUDIT,
    TransferStep.SIGN,
    TransferStep.VALIDATE,
    TransferStep.BROADCAST,
    TransferStep.CONFIRM,
)
CROSS_STEPS = (TransferStep.CREATE, TransferStep.CROSSING, TransferStep.CROSSED)


def _places(stage: TransferStage) -> tuple[TransferPosition, ...]:
    steps = CROSS_STEPS if stage is TransferStage.CROSS else CHAIN_STEPS
    return tuple(TransferPosition(stage, step) for step in steps)


OUT = _places(TransferStage.TRANSFER_OUT)
CROSS = _places(TransferStage.CROSS)
IN = _places(TransferStage.TRANSFER_IN)
INVEST = _places(TransferStage.INVEST)
DONE = TransferPosition(TransferStage.DONE)
CALLED_OFF = TransferPosition(TransferStage.CALLED_OFF)

Row = tuple[Iterable[TransferPosition | None], Iterable[TransferPosition], TransferCause]
ROWS: tuple[Row, ...] = (
    ((None,), (OUT[0],), TransferCause.PLAN),
    *(
        ((start,), (end,), TransferCause.ADVANCE)
        for places in (OUT, CROSS, IN, INVEST)
        for start, end in pairwise(places)
    ),
    ((OUT[-1],), (CROSS[0],), TransferCause.ADVANCE),
    ((CROSS[-1],), (IN[0],), TransferCause.ADVANCE),
    ((IN[-1],), (INVEST[0], DONE), TransferCause.ADVANCE),
    ((INVEST[-1],), (DONE,), TransferCause.ADVANCE),
    (IN, (INVEST[0], DONE), TransferCause.TAKEN_IN),
    *((places[1:], (places[0],), TransferCause.REBUILD) for places in (OUT, IN, INVEST)),
    ((CROSS[-1], *IN), (CROSS[1],), TransferCause.STALE),
    (CROSS, (OUT[-1],), TransferCause.REORG),
    (INVEST, (IN[-1],), TransferCause.REORG),
    ((DONE,), (IN[-1], INVEST[-1]), TransferCause.REORG),
    (OUT, (CALLED_OFF,), TransferCause.CALL_OFF),
    ((CALLED_OFF,), (OUT[-1],), TransferCause.REORG),
    # Stuck: proof was supplied, the crossing is requested again, or the rest is abandoned.
    (CROSS[:2], (CROSS[-1],), TransferCause.RESOLVE),
    (CROSS[1:], (CROSS[0],), TransferCause.RESOLVE),
    ((*OUT, *CROSS, *IN, *INVEST), (DONE,), TransferCause.RESOLVE),
)


def _moves() -> Iterator[TransferMove]:
    for starts, ends, cause in ROWS:
        yield from (TransferMove(start, end, cause) for start in starts for end in ends)


TRANSFER_MOVES = tuple(_moves())
_LEGAL = frozenset(TRANSFER_MOVES)


def is_legal_move(move: TransferMove) -> bool:
    """Return whether the table has this move."""
    return move in _LEGAL
