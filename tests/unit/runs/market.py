"""Vault and market on an in-memory chain: every asset is worth one settlement unit.

Balances are computed from the blocks, so a reorganisation undoes trades.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from eth_account import Account
from sqlalchemy import Connection

from keepers.model.chain import ActionEvent, ContractCall, PlanEvents, Receipt
from keepers.model.limits import KeeperLimits, Limit, LossBudgets
from keepers.model.order import OrderKind, Quote, QuoteRequest, TradingRoom
from keepers.model.order import Trade as MarketTrade
from keepers.model.risk import FailedCall, Simulation
from keepers.model.vault import HoldingKind, TierBand, VaultPosition, VaultSnapshot
from tests.support.sending import SteppedClock
from tests.unit.transactions.paper_chain import Paper, PaperChain
from tests.unit.transactions.paper_engine import KEY

KEEPER: str = Account.from_key(KEY).address
CONTROLLER = "0x" + "aa" * 20
NOTHING = "0x"
"""Calldata of a cancellation and of external transactions."""

START = datetime(2030, 1, 1, tzinfo=UTC)
BANDS = (TierBand(minimum_bps=0, target_bps=3333, maximum_bps=10_000),) * 3
ONE = Fraction(1)
NO_LIMIT = TradingRoom(None, None)
PLENTY = Limit(10**18, 10**18, 86_400)


@dataclass
class Asset:
    """Holding before the first block; `rate` is the quoted share of the oracle's value."""

    tier: int
    balance: int
    kind: HoldingKind = HoldingKind.ERC4626
    rate: Fraction = ONE
    delivered: Fraction = ONE
    """Share of the quote that a trade delivers."""
    estimate_error: Exception | None = None
    reverts: bool = False
    is_silent: bool = False
    """Whether the controller emits no event for its trades."""
    room: TradingRoom = NO_LIMIT
    cap_bps: int = 10_000
    problem: str | None = None
    """Reason that it cannot be valued."""
    marked: bool = False
    """Whether it is marked down."""
    low: bool = False
    """Whether its rate is below the minimum rate."""
    quote_problem: str | None = None
    """Reason that it cannot be quoted."""
    target_bps: int = 10_000
    fails_together: bool = False
    """Whether its trades fail in a call with others, and only there."""
    refuses_purchases: bool = False
    """Whether the chain refuses to buy it, as it does while redemptions are not covered."""


@dataclass(frozen=True)
class Trade:
    """Decoded call of a trade."""

    kind: OrderKind
    symbol: str
    amount: int
    minimum: int

    @property
    def calldata(self) -> str:
        """Calldata as hexadecimal text."""
        said = f"{self.kind}:{self.symbol}:{self.amount}:{self.minimum}"
        return f"0x{said.encode().hex()}"


OPENING = "OPENING:"


def opening(text: str) -> str:
    """Return the calldata that opens a plan; it trades nothing."""
    return f"0x{f'{OPENING}{text}'.encode().hex()}"


TOGETHER = "TOGETHER;"


@dataclass(frozen=True)
class PlannedTrade:
    """Trade of a call with several, with the indices of those before that must succeed."""

    index: int
    depends_on: tuple[int, ...]
    trade: Trade


def together(trades: Sequence[PlannedTrade]) -> str:
    """Return the calldata of several trades in one call."""
    said = [
        f"{each.index}/{'.'.join(map(str, each.depends_on))}/"
        + bytes.fromhex(each.trade.calldata[2:]).decode()
        for each in trades
    ]
    return f"0x{(TOGETHER + ';'.join(said)).encode().hex()}"


def trades_of(calldata: str) -> list[PlannedTrade]:
    """Decode a call with several trades; empty for any other call."""
    said = bytes.fromhex(calldata[2:]).decode()
    if not said.startswith(TOGETHER):
        return []
    parts = [each.split("/") for each in said.removeprefix(TOGETHER).split(";")]
    return [
        PlannedTrade(
            int(index),
            tuple(int(each) for each in needed.split(".") if each),
            trade_of(f"0x{text.encode().hex()}"),
        )
        for index, needed, text in parts
    ]


def is_trade(calldata: str) -> bool:
    """Return whether calldata is a single trade."""
    is_other = calldata.startswith(opening("")) or bool(trades_of(calldata))
    return calldata != NOTHING and not is_other


def trade_of(calldata: str) -> Trade:
    """Decode the calldata of a trade."""
    kind, symbol, amount, minimum = bytes.fromhex(calldata[2:]).decode().split(":")
    return Trade(OrderKind(kind), symbol, int(amount), int(minimum))


@dataclass
class Memory:
    """In-memory market, chain and simulator; `idle` is the vault's settlement balance."""

    idle: int
    assets: dict[str, Asset]
    paper: PaperChain = field(default_factory=PaperChain)
    paused: bool = False
    automatic: Limit = PLENTY
    reducing: Limit = PLENTY
    loss_adding: Limit = PLENTY
    loss_reducing: Limit = PLENTY
    balance: int = 10**18
    redemptions_due: int = 0
    simulation_error: Exception | None = None
    at: datetime = START
    surprise: int = 0
    """Unplanned amount in L1 that a snapshot shows after the first transaction."""

    def __post_init__(self) -> None:
        self.paper.reverts = self._reverts

    def holdings(self) -> dict[str, int]:
        """Return the balances after all blocks; the settlement balance is under `idle`."""
        held = {"idle": self.idle, **{name: each.balance for name, each in self.assets.items()}}
        for _, each in self.paper.included():
            if is_trade(each.decoded.calldata) and not self._reverts(each):
                self._do(held, trade_of(each.decoded.calldata))
            for trade in self._executed(each.decoded.calldata).values():
                self._do(held, trade)
        return held

    def _executed(self, calldata: str) -> dict[int, Trade]:
        """Return the trades that a call with several executes, by index, with their amounts.

        One that fails is skipped, with those that depend on it; a purchase spends at most what its
        sales of the same call brought.
        """
        trades = trades_of(calldata)
        known, done = {each.index for each in trades}, dict[int, Trade]()
        unspent = dict[int, int]()
        for each in trades:
            inside = [index for index in each.depends_on if index in known]
            fails = self._refuses(each.trade) or self.assets[each.trade.symbol].fails_together
            if fails or any(index not in done for index in inside):
                continue
            trade = each.trade
            if inside and len(inside) == len(each.depends_on):
                trade = replace(
                    trade, amount=min(trade.amount, sum(unspent[index] for index in inside))
                )
                left = trade.amount
                for index in inside:
                    part = min(unspent[index], left)
                    unspent[index], left = unspent[index] - part, left - part
            done[each.index] = trade
            unspent[each.index] = self._received(trade)
        return done

    def executed_bits(self, calldata: str) -> int:
        """Return the trades that a call with several executes, as bits."""
        return sum(1 << index for index in self._executed(calldata))

    def plan_events_of(self, receipt: Receipt) -> PlanEvents:
        """Return the controller's events of a transaction with several trades."""
        (found,) = (
            each for _, each in self.paper.included() if each.hash == receipt.transaction_hash
        )
        done = self._executed(found.decoded.calldata)
        return PlanEvents(
            tuple(
                ActionEvent(f"0x{each.symbol}", each.amount, self._received(each))
                for each in done.values()
                if not self.assets[each.symbol].is_silent
            ),
            {
                each.index: "Nope()"
                for each in trades_of(found.decoded.calldata)
                if each.index not in done
            },
        )

    def action_of(self, receipt: Receipt) -> ActionEvent | None:
        """Return the controller's event of a transaction, or None for a silent asset."""
        (found,) = (
            each for _, each in self.paper.included() if each.hash == receipt.transaction_hash
        )
        trade = trade_of(found.decoded.calldata)
        if self.assets[trade.symbol].is_silent:
            return None
        return ActionEvent(f"0x{trade.symbol}", trade.amount, self._received(trade))

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """Return the vault at the newest block."""
        del block
        held = self.holdings()
        has_traded = any(True for _ in self.paper.included())
        values = [held["idle"] + (self.surprise if has_traded else 0), 0, 0]
        for name, asset in self.assets.items():
            values[asset.tier] += held[name]
        return VaultSnapshot(
            chain_id=1,
            block_number=self.paper.head.number,
            block_hash=self.paper.head.block_hash,
            at=self.at,
            vault="main",
            settlement_symbol="USDT",
            settlement_decimals=6,
            total_assets=sum(values),
            total_supply=sum(values),
            tier_values=(values[0], values[1], values[2]),
            bands=(BANDS[0], BANDS[1], BANDS[2]),
            positions=tuple(self._position(name, held[name]) for name in self.assets),
            redemptions_due=self.redemptions_due,
            paused=self.paused,
            loss_budgets=LossBudgets(self.loss_adding, self.loss_reducing),
            keeper=KEEPER,
            keeper_limits=KeeperLimits(KEEPER, self.automatic, self.reducing),
            keeper_balance_wei=self.balance,
        )

    def _position(self, name: str, balance: int) -> VaultPosition:
        asset = self.assets[name]
        return VaultPosition(
            tier=asset.tier,
            asset=f"0x{name}",
            symbol=name,
            decimals=6,
            kind=asset.kind,
            venue="0xvenue",
            target_bps=asset.target_bps,
            maximum_loss_bps=200,
            cap_bps=asset.cap_bps,
            balance=balance,
            value=balance,
            problem=asset.problem,
            known=asset.problem is None,
            marked=asset.marked,
            low=asset.low,
        )

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        """Quote each request at the rate of its asset."""
        del block
        return tuple(
            Quote(
                each.amount_in,
                int(each.amount_in * self.assets[each.position.symbol].rate),
                each.amount_in,
                self.assets[each.position.symbol].quote_problem,
            )
            for each in requests
        )

    async def room(self, positions: Sequence[VaultPosition], block: int) -> tuple[TradingRoom, ...]:
        """Return the trading room set on each asset."""
        del block
        return tuple(self.assets[each.symbol].room for each in positions)

    async def terms(
        self, kind: OrderKind, position: VaultPosition, *, amount_in: int, deadline: datetime
    ) -> bytes:
        """Return empty terms."""
        del kind, position, amount_in, deadline
        return b""

    async def call(
        self,
        kind: OrderKind,
        position: VaultPosition,
        *,
        amount_in: int,
        minimum_out: int,
        deadline: datetime,
    ) -> ContractCall:
        """Return a call that the in-memory chain can execute."""
        del deadline
        trade = Trade(kind, position.symbol, amount_in, minimum_out)
        return ContractCall(CONTROLLER, trade.calldata)

    async def call_together(self, trades: Sequence[MarketTrade]) -> ContractCall:
        """Return a call of several trades that the in-memory chain can execute."""
        planned = [
            PlannedTrade(
                index,
                each.depends_on,
                Trade(each.kind, each.position.symbol, each.amount_in, each.minimum_out),
            )
            for index, each in enumerate(trades)
        ]
        return ContractCall(CONTROLLER, together(planned))

    async def simulate(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Simulate calls at their quotes, or fail at the first that would revert."""
        assert sender == KEEPER
        if self.simulation_error is not None:
            raise self.simulation_error
        trades = [trade_of(each.calldata) if is_trade(each.calldata) else None for each in calls]
        for index, trade in enumerate(trades):
            if trade is not None and self._refuses(trade):
                return Simulation(
                    method="memory",
                    gas=(),
                    received=(),
                    tier_values=None,
                    failed=FailedCall(index, "Nope()"),
                )
        now = self.holdings()
        quoted = {
            name: Asset(each.tier, now[name], rate=each.rate) for name, each in self.assets.items()
        }
        twin = Memory(now["idle"], quoted)
        held = twin.holdings()
        received = tuple(
            self._simulated(twin, held, call.calldata) if trade is None else twin._do(held, trade)
            for call, trade in zip(calls, trades, strict=True)
        )
        values = [held["idle"], 0, 0]
        for name, each in quoted.items():
            values[each.tier] += held[name]
        return Simulation(
            method="memory",
            gas=(1,) * len(calls),
            received=received,
            tier_values=(values[0], values[1], values[2]),
            failed=None,
        )

    def _simulated(self, twin: Memory, held: dict[str, int], calldata: str) -> int:
        """Apply a call with several trades at their quotes; return the executed ones as bits."""
        done = self._executed(calldata)
        for trade in done.values():
            twin._do(held, trade)
        return sum(1 << index for index in done)

    def _do(self, held: dict[str, int], trade: Trade) -> int:
        """Apply a trade to the balances; return the amount received."""
        received = self._received(trade)
        sold, bought = trade.symbol, "idle"
        if trade.kind is OrderKind.PURCHASE:
            sold, bought = bought, sold
        held[sold] -= trade.amount
        held[bought] += received
        return received

    def _received(self, trade: Trade) -> int:
        asset = self.assets[trade.symbol]
        return int(trade.amount * asset.rate * asset.delivered)

    def _reverts(self, found: Paper) -> bool:
        calldata = found.decoded.calldata
        return is_trade(calldata) and self._refuses(trade_of(calldata))

    def _refuses(self, trade: Trade) -> bool:
        asset = self.assets[trade.symbol]
        return asset.reverts or (asset.refuses_purchases and trade.kind is OrderKind.PURCHASE)


@dataclass
class Clock(SteppedClock):
    """Clock that advances only on `sleep`; the database uses the same clock."""

    on_sleep: Callable[[], None] | None = None

    def __call__(self, connection: Connection) -> datetime:
        """Return the time for the database."""
        del connection
        return self.now()

    def now(self) -> datetime:
        """Return the start time plus the seconds slept."""
        return START + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        """Advance the clock without waiting, then call `on_sleep`."""
        await super().sleep(seconds)
        if self.on_sleep is not None:
            self.on_sleep()
