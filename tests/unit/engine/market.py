"""A vault, its market and its chain in memory: every asset is worth one settlement unit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from keepers.domain.chain import ActionEvent, ContractCall, Fees, Receipt, Signed, Unsigned
from keepers.domain.errors_chain import CallRevertedError, ChainUnreachableError
from keepers.domain.limits import KeeperLimits, Limit, LossBudgets
from keepers.domain.order import OrderKind
from keepers.domain.quote import Quote, QuoteRequest, Room
from keepers.domain.simulation import FailedCall, Simulation
from keepers.domain.vault import HoldingKind, TierBand, VaultPosition, VaultSnapshot

KEEPER = "0x00000000000000000000000000000000000000Ee"
START = datetime(2030, 1, 1, tzinfo=UTC)
BANDS = (TierBand(minimum_bps=0, target_bps=3333, maximum_bps=10_000),) * 3
ONE = Fraction(1)
BLOCK_HASH = "0x" + "cd" * 32
ANOTHER = "0x" + "99" * 32
NO_LIMIT = Room(None, None)

PLENTY = Limit(10**18, 10**18, 86_400)


@dataclass
class Asset:
    """A holding; `rate` is what its market pays of the oracle's value."""

    tier: int
    balance: int
    kind: HoldingKind = HoldingKind.ERC4626
    rate: Fraction = ONE
    delivered: Fraction = ONE
    """What really comes of the quote."""
    estimate_error: Exception | None = None
    reverts: bool = False
    room: Room = NO_LIMIT
    cap_bps: int = 10_000


@dataclass
class Memory:
    """Market, chain and simulator at once; `log` is what happened, in order."""

    idle: int
    assets: dict[str, Asset]
    log: list[str] = field(default_factory=list[str])
    sent: dict[str, str] = field(default_factory=dict[str, str])
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])
    nonce_used: int = 0
    pending: int = 0
    block: int = 100
    paused: bool = False
    automatic: Limit = PLENTY
    reducing: Limit = PLENTY
    loss_adding: Limit = PLENTY
    loss_reducing: Limit = PLENTY
    balance: int = 10**18
    simulation_error: Exception | None = None
    send_error: Exception | None = None
    keeps_bytes: bool = True
    """Whether bytes arrive although sending answered with an error."""
    mines: bool = True
    surprise: int = 0
    """What verification finds in L1 that nobody planned."""
    depth_of_nonce: int = 0
    """The block in which the last nonce was used."""
    nonce_spender: str | None = ANOTHER
    """The transaction that used the nonce, where the node can tell."""
    replaced: set[int] = field(default_factory=set[int])
    """Blocks that are no longer in the chain."""
    repeated: list[str] = field(default_factory=list[str])
    on_receipt: Callable[[Memory], None] | None = None

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """The vault as it is."""
        del block
        values = [self.idle + (self.surprise if self.sent else 0), 0, 0]
        for asset in self.assets.values():
            values[asset.tier] += asset.balance
        return VaultSnapshot(
            chain_id=1,
            block_number=self.block,
            block_hash="0x" + "ab" * 32,
            at=START,
            vault="main",
            settlement_symbol="USDT",
            settlement_decimals=6,
            total_assets=sum(values),
            total_supply=sum(values),
            tier_values=(values[0], values[1], values[2]),
            bands=(BANDS[0], BANDS[1], BANDS[2]),
            positions=tuple(self._position(name) for name in self.assets),
            redemptions_due=0,
            paused=self.paused,
            loss_budgets=LossBudgets(self.loss_adding, self.loss_reducing),
            keeper=KEEPER,
            keeper_limits=KeeperLimits(KEEPER, self.automatic, self.reducing),
            keeper_balance_wei=self.balance,
        )

    def _position(self, name: str) -> VaultPosition:
        asset = self.assets[name]
        return VaultPosition(
            tier=asset.tier,
            asset=f"0x{name}",
            symbol=name,
            decimals=6,
            kind=asset.kind,
            venue="0xvenue",
            target_bps=10_000,
            maximum_loss_bps=200,
            cap_bps=asset.cap_bps,
            balance=asset.balance,
            value=asset.balance,
        )

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        """Each at its asset's rate."""
        del block
        return tuple(
            Quote(
                each.amount_in,
                int(each.amount_in * self.assets[each.position.symbol].rate),
                each.amount_in,
            )
            for each in requests
        )

    async def room(self, positions: Sequence[VaultPosition], block: int) -> tuple[Room, ...]:
        """As set on each asset."""
        del block
        return tuple(self.assets[each.symbol].room for each in positions)

    async def call(
        self,
        kind: OrderKind,
        position: VaultPosition,
        *,
        amount_in: int,
        minimum_out: int,
        deadline: datetime,
    ) -> ContractCall:
        """A call that `send` understands."""
        del deadline
        return ContractCall("0xcontroller", f"{kind}:{position.symbol}:{amount_in}:{minimum_out}")

    async def simulate(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Every call delivers its quote."""
        assert sender == KEEPER
        if self.simulation_error is not None:
            raise self.simulation_error
        for index, call in enumerate(calls):
            if self.assets[_parts(call.calldata)[1]].reverts:
                return Simulation(
                    method="memory",
                    gas=(),
                    received=(),
                    tier_values=None,
                    failed=FailedCall(index, "Nope()"),
                )
        twin = Memory(
            self.idle,
            {
                name: Asset(each.tier, each.balance, rate=each.rate)
                for name, each in self.assets.items()
            },
        )
        received = tuple(twin.trade(call.calldata)[1] for call in calls)
        values = (await twin.snapshot()).tier_values
        return Simulation(
            method="memory",
            gas=(1,) * len(calls),
            received=received,
            tier_values=values,
            failed=None,
        )

    def trade(self, calldata: str) -> tuple[int, int]:
        """Do what a call says; answers amount and received."""
        kind, symbol, amount, _minimum = _parts(calldata)
        asset = self.assets[symbol]
        out = int(amount * asset.rate * asset.delivered)
        if kind == OrderKind.SALE:
            asset.balance -= amount
            self.idle += out
        else:
            self.idle -= amount
            asset.balance += out
        return amount, out

    async def fees(self) -> Fees:
        """Cheap."""
        return Fees(2, 1)

    async def nonce(self, account: str, *, pending: bool = False, block: int | None = None) -> int:
        """Of the keeper."""
        assert account == KEEPER
        if block is not None and block < self.depth_of_nonce:
            return 0
        return self.nonce_used + (self.pending if pending else 0)

    async def estimate_gas(self, sender: str, call: ContractCall) -> int:
        """Fails where the asset says so."""
        del sender
        error = self.assets[_parts(call.calldata)[1]].estimate_error
        if error is not None:
            raise error
        return 100_000

    async def send(self, raw: str) -> None:
        """Take bytes; include them at once if blocks are made."""
        self.log.append(f"send {raw}")
        if self.send_error is None or self.keeps_bytes:
            self.sent[_hash(raw)] = raw
            if self.mines:
                self.include(raw)
        if self.send_error is not None:
            raise self.send_error

    def include(self, raw: str) -> None:
        """Put a transaction into a block."""
        if _hash(raw) in self.receipts:
            return
        calldata = json.loads(raw)["calldata"]
        reverts = self.assets[_parts(calldata)[1]].reverts
        self.block += 1
        self.nonce_used += 1
        action = None
        if not reverts:
            amount, received = self.trade(calldata)
            action = ActionEvent(f"0x{_parts(calldata)[1]}", amount, received)
        self.receipts[_hash(raw)] = Receipt(
            transaction_hash=_hash(raw),
            block_number=self.block,
            block_hash=BLOCK_HASH,
            succeeded=not reverts,
            gas_used=90_000,
            effective_gas_price=2,
            action=action,
        )

    async def knows(self, transaction_hash: str) -> bool:
        """Whether the bytes arrived."""
        return transaction_hash in self.sent

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """As included."""
        found = self.receipts.get(transaction_hash)
        if self.on_receipt is not None:
            self.on_receipt(self)
        return found

    async def head(self) -> int:
        """The newest block."""
        return self.block

    async def block_hash(self, block: int) -> str | None:
        """The one hash that all blocks have, until they are replaced."""
        return "0x" + "ef" * 32 if block in self.replaced else BLOCK_HASH

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        """Another transaction, if the node can tell."""
        del account, nonce, block
        return self.nonce_spender

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """A word, and what was repeated."""
        del sender, block
        self.repeated.append(raw)
        return "Nope()"


class Signer:
    """Signs by writing down; the raw bytes say everything."""

    address = KEEPER

    def sign(self, transaction: Unsigned) -> Signed:
        """The call and the nonce as JSON."""
        raw = json.dumps({"nonce": transaction.nonce, "calldata": transaction.call.calldata})
        return Signed(raw, _hash(raw), KEEPER)


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        """The beginning and what was waited."""
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Seconds waited."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Wait at once."""
        self.seconds += seconds


def _parts(calldata: str) -> tuple[str, str, int, int]:
    kind, symbol, amount, minimum = calldata.split(":")
    return kind, symbol, int(amount), int(minimum)


def _hash(raw: str) -> str:
    return f"0x{raw.encode().hex()[-64:]:0>64}"


def unreachable() -> ChainUnreachableError:
    """The node is away."""
    return ChainUnreachableError("http://node", "TimeoutError")


def reverted() -> CallRevertedError:
    """A contract says no."""
    return CallRevertedError("Nope")
