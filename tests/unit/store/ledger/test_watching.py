"""Deposits of a vault are read while the chain is reorganised; each final one counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepers.model.chain_events import BlockCursor, Deposit, DepositScan, Handled
from keepers.model.errors.chain import BlockNotThereError, ChainUnreachableError, RangeRefusedError
from keepers.model.run import RunKind
from keepers.runs.events.deposits import DepositReader
from keepers.store import run_writes
from keepers.store.chain_events import REMEMBERED, ChainEventRepository, keep_handled
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.tables import deposits
from keepers.store.ticks import clock_lease
from tests.unit.store.ledger.samples import RUN

pytestmark = pytest.mark.long

CONFIRMATIONS = 3
BEGINNING = 10
_vaults = count()
Key = tuple[str, int]


class KilledError(Exception):
    """The process is killed at this point."""


@dataclass(frozen=True)
class Block:
    """Block with the amounts of its deposits."""

    name: str
    deposits: tuple[int, ...] = ()


@dataclass
class PaperChain:
    """The watcher's `Blocks`, controlled by a test."""

    blocks: list[Block] = field(default_factory=list[Block])
    most_blocks: int = 1_000
    names: Iterator[int] = field(default_factory=count)
    orphans: list[list[Block]] = field(default_factory=list[list[Block]])
    turning: tuple[int, int] | None = None
    """Depth and length of a reorganisation just before the next range is read."""

    def mine(self, *deposits: int) -> None:
        self.blocks.append(Block(f"0x{next(self.names):064x}", deposits))

    def reorganise(self, depth: int, length: int, amount: int) -> None:
        depth = min(depth, len(self.blocks) - BEGINNING - 1)
        self.orphans.append(list(self.blocks))
        del self.blocks[len(self.blocks) - depth :]
        for _ in range(length):
            self.mine(amount)

    def return_to(self, number: int) -> None:
        if self.orphans:
            self.blocks = list(self.orphans[number % len(self.orphans)])

    def final(self, after: int) -> dict[Key, int]:
        """Return the deposits in final blocks after block `after`."""
        end = len(self.blocks) - CONFIRMATIONS + 1
        return {
            (block.name, index): amount
            for block in self.blocks[after + 1 : end]
            for index, amount in enumerate(block.deposits)
        }

    async def head(self) -> int:
        return len(self.blocks) - 1

    async def hash_at(self, block: int) -> str | None:
        return self.blocks[block].name if block < len(self.blocks) else None

    async def deposits(self, first: int, last: int) -> DepositScan:
        if last - first + 1 > self.most_blocks:
            raise RangeRefusedError(first, last, "too many")
        if self.turning is not None:
            depth, length = self.turning
            self.turning = None
            self.reorganise(depth, length, 9)
        if last >= len(self.blocks):
            raise ChainUnreachableError("paper", f"it does not have block {last}")
        found = tuple(
            Deposit(BlockCursor(number, self.blocks[number].name), index, amount)
            for number in range(first, last + 1)
            for index, amount in enumerate(self.blocks[number].deposits)
        )
        parent = self.blocks[first - 1].name
        return DepositScan(parent, BlockCursor(last, self.blocks[last].name), found)


class Watching:
    """Watcher on a database, which may be killed and restarted."""

    def __init__(self, url: str) -> None:
        self.number = next(_vaults)
        self.vault = f"v{self.number}"
        self.url = url
        self.chain = PaperChain()
        for _ in range(BEGINNING + CONFIRMATIONS):
            self.chain.mine()
        self.handed: Counter[Key] = Counter()
        self.dying: str | None = None
        self.start()

    def start(self) -> None:
        self.ledger = Database(connect(self.url), self._crash)
        lease = clock_lease(self.ledger, self.vault, holder="one", seconds=3_600)
        lease.acquire()
        self.known = ChainEventRepository(self.ledger, self.vault, self.number, lease)
        self.reader = DepositReader(
            self.chain, self.known, confirmations=CONFIRMATIONS, longest_range=4
        )

    def _crash(self, point: str) -> None:
        if point == self.dying:
            self.dying = None
            raise KilledError

    async def look(self) -> bool:
        """Read; return False if the chain became too short or the process is killed."""
        try:
            while not await self.reader.catch_up():
                pass
        except BlockNotThereError:
            assert len(self.chain.blocks) <= self.known.places()[0].number
            return False
        except ChainUnreachableError:
            return False
        except KilledError:
            self.ledger.close()
            self.start()
            return False
        return True

    def rows(self) -> dict[Key, tuple[int, str | None]]:
        """Return the stored deposits that are not withdrawn."""
        with self.ledger.reading() as connection:
            mine = deposits.select().where(deposits.c.vault == self.vault)
            found = connection.execute(mine.where(deposits.c.withdrawn_at.is_(None)))
            return {(row.block_hash, row.log_index): (row.amount, row.run_id) for row in found}

    def hand_over(self) -> None:
        """Assign all open deposits to a run."""
        open_now = {key for key, (_, run_id) in self.rows().items() if run_id is None}
        ids = tuple(each.deposit_id for each in self.known.open_deposits())
        assert len(ids) == len(open_now)
        run_id = f"{self.vault}-{sum(self.handed.values())}-{len(self.handed)}"
        run = replace(RUN, run_id=run_id, vault=run_id)
        if ids:
            self.ledger.transact(
                "open_run", lambda w: run_writes.open_run(w, RunKind.REBALANCE, run)
            )
            self.ledger.transact(
                "hand_over", lambda w: keep_handled(w, self.vault, Handled(ids), run_id)
            )
            self.handed.update(open_now)


MOVES = st.one_of(
    st.tuples(st.just("mine"), st.integers(0, 3), st.integers(1, 6)),
    st.tuples(st.just("reorganise"), st.integers(1, 12), st.integers(0, 14)),
    st.tuples(st.just("turn"), st.integers(1, 12), st.integers(8, 16)),
    st.tuples(st.just("return"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("refuse"), st.integers(1, 5), st.just(0)),
    st.tuples(st.just("look"), st.just(0), st.just(0)),
    st.tuples(st.just("hand"), st.just(0), st.just(0)),
    st.tuples(st.just("kill"), st.integers(0, 5), st.just(0)),
)
POINTS = [
    f"{when}_{name}"
    for when in ("before", "inside", "after")
    for name in ("keep_deposits", "step_back")
]


async def follow(watching: Watching, moves: list[tuple[str, int, int]]) -> None:
    for move, first, second in moves:
        if move == "look":
            turned = watching.chain.turning is not None
            if await watching.look():
                compare(watching, turned=turned)
        elif move == "hand":
            watching.hand_over()
        elif move == "kill":
            watching.dying = POINTS[first]
        else:
            change(watching.chain, move, first, second)


def change(chain: PaperChain, move: str, first: int, second: int) -> None:
    match move:
        case "mine":
            for _ in range(second):
                chain.mine(*range(1, first + 1))
        case "reorganise":
            chain.reorganise(first, second, first)
        case "turn":
            chain.turning = (first, second)
        case "return":
            chain.return_to(first)
        case _:
            chain.most_blocks = first


def compare(watching: Watching, *, turned: bool = False) -> None:
    """Check that each deposit read is stored once, and none of a block that left the chain."""
    remembered = {key: amount for key, (amount, _) in watching.rows().items()}
    read = watching.known.places()[0].number
    blocks = watching.chain.blocks
    assert turned or read >= len(blocks) - CONFIRMATIONS
    assert remembered == {
        (block.name, index): amount
        for block in blocks[BEGINNING + 1 : read + 1]
        for index, amount in enumerate(block.deposits)
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(MOVES, max_size=14))
async def test_deposits__any_chain_any_kill__each_final_one_is_handed_over_once(
    url: str, moves: list[tuple[str, int, int]]
) -> None:
    watching = Watching(url)
    await watching.reader.catch_up()
    await follow(watching, moves)
    watching.dying = watching.chain.turning = None
    while len(watching.chain.blocks) <= watching.known.places()[0].number + CONFIRMATIONS:
        watching.chain.mine()
    assert await watching.look()
    compare(watching)
    watching.hand_over()
    assert set(watching.handed) >= set(watching.chain.final(after=BEGINNING))
    assert set(watching.handed.values()) <= {1}
    assert all(run_id is not None for _, run_id in watching.rows().values())
    watching.ledger.close()


async def test_first_look__older_deposits__do_not_count(url: str) -> None:
    watching = Watching(url)
    watching.chain.blocks[5] = Block("0x05", (7,))
    await watching.reader.catch_up()
    assert watching.rows() == {}
    assert watching.known.places()[0].number == BEGINNING


async def test_no_block_in_common__is_read_again_from_the_oldest(url: str) -> None:
    watching = Watching(url)
    await watching.reader.catch_up()
    watching.chain.mine(1)
    watching.chain.mine()
    await watching.reader.catch_up()
    del watching.chain.blocks[BEGINNING - 2 :]
    watching.chain.mine(5)
    watching.chain.mine(6)
    for _ in range(2 * CONFIRMATIONS):
        watching.chain.mine(7)
    await watching.reader.catch_up()
    assert watching.known.places()[-1].number == BEGINNING - 1
    remembered = {key: amount for key, (amount, _) in watching.rows().items()}
    assert remembered == watching.chain.final(after=BEGINNING - 1)


async def test_chain_turns_while_it_is_read__nothing_of_two_chains_is_joined(url: str) -> None:
    watching = Watching(url)
    await watching.reader.catch_up()
    for _ in range(6):
        watching.chain.mine(1)
    await watching.reader.catch_up()
    watching.chain.mine(2)
    watching.chain.turning = (8, 12)
    await watching.reader.catch_up()
    remembered = {key: amount for key, (amount, _) in watching.rows().items()}
    read = watching.known.places()[0].number
    assert set(remembered.values()) == {9}
    assert {name for name, _ in remembered} <= {
        block.name for block in watching.chain.blocks[BEGINNING + 1 : read + 1]
    }


async def test_one_block_refused__says_which(url: str) -> None:
    watching = Watching(url)
    await watching.reader.catch_up()
    watching.chain.mine()
    watching.chain.most_blocks = 0
    with pytest.raises(RangeRefusedError) as caught:
        await watching.reader.catch_up()
    assert (caught.value.first, caught.value.last) == (BEGINNING + 1, BEGINNING + 1)


async def test_long_absence__is_read_in_parts(url: str) -> None:
    watching = Watching(url)
    await watching.reader.catch_up()
    for _ in range(300):
        watching.chain.mine()
    assert not await watching.reader.catch_up()
    assert await watching.reader.catch_up()


def test_handled__more_than_a_statement_can_name__are_all_of_the_run(url: str) -> None:
    # Anyone can make a hundred thousand deposits of zero.
    watching = Watching(url)
    last = BlockCursor(BEGINNING, "0xlast")
    found = [Deposit(last, index, 0) for index in range(1_001)]
    watching.known.keep(found, last)
    run = replace(RUN, run_id="r1", vault=watching.vault)
    watching.ledger.transact("open_run", lambda w: run_writes.open_run(w, RunKind.REBALANCE, run))
    ids = tuple(each.deposit_id for each in watching.known.open_deposits())
    handled = Handled((*ids, *range(10**6, 10**6 + 300_000)))
    watching.ledger.transact(
        "finish_tick", lambda w: keep_handled(w, watching.vault, handled, "r1")
    )
    assert {run_id for _, run_id in watching.rows().values()} == {"r1"}
    watching.ledger.close()


async def test_another_chain__after_weeks__killed_or_refused_on_the_way__loses_no_deposit(
    url: str,
) -> None:
    watching = Watching(url)
    for _ in range(REMEMBERED + 5):
        watching.chain.mine()
        await watching.look()
    assert len(watching.known.places()) == REMEMBERED
    oldest = watching.known.places()[-1].number
    watching.chain.blocks = [
        Block(f"0xff{number:062x}", (7,)) if number >= oldest else each
        for number, each in enumerate(watching.chain.blocks)
    ]
    watching.chain.most_blocks = 0  # nodes refuse every range for now
    with pytest.raises(RangeRefusedError):
        await watching.reader.catch_up()
    assert [each.number for each in watching.known.places()] == [oldest - 1]
    watching.chain.most_blocks = 1_000
    assert await watching.look()
    assert len(watching.rows()) == len(watching.chain.final(oldest - 1))
    watching.ledger.close()
