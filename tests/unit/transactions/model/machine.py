"""Rules of the model: every event that may happen, in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from keepers.model.chain import NodeErrorKind
from keepers.model.transaction_states import RequestedAction
from tests.unit.transactions.model.checks import Check
from tests.unit.transactions.model.replica import LEASE_SECONDS, Replica
from tests.unit.transactions.model.settling import break_finality, settle
from tests.unit.transactions.model.world import World
from tests.unit.transactions.paper_chain import GWEI, Paper
from tests.unit.transactions.paper_nodes import refused, unheard

MOST_INTENTS = 8
METHODS = (
    *("view", "market", "nonce_at", "estimate", "simulate"),
    *("knows", "receipt", "block_hash", "spender", "all"),
)
SOME_BLOCKS = st.integers(1, 3)
WHICH = st.integers(0, 7)
MINED = st.sampled_from(["all", "all", "none", "some"])
REPLICA = st.sampled_from([0, 0, 1])
POINT = st.integers(0, 30)


@dataclass(frozen=True)
class Databases:
    """Function that creates empty databases for the machine."""

    new_url: Callable[[], str]


class EngineMachine(RuleBasedStateMachine):
    """Machine with two replicas, one sender, and all external events."""

    databases: ClassVar[Databases]
    count: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.databases.new_url())
        self.chain = self.world.chain

    # Events of operators and strategies.

    @initialize(number=st.integers(0, 4), passes=st.integers(0, 1))
    def begin(self, number: int, passes: int) -> None:
        replica = self._replica(0)
        for each in range(number):
            new = self.world.new_intent(expires_in=None)
            if each == 1:
                self.world.failing.add(new.calldata)
            replica.run(replica.submit(new))
        if passes:
            replica.run(replica.engine.run_pass())

    @precondition(lambda self: len(self.world.asked) < MOST_INTENTS)
    @rule(
        who=REPLICA,
        fails=st.sampled_from(["", "", "", "simulated", "mined"]),
        expires_in=st.sampled_from([None, None, 0, 30, 90, 300]),
        crash_in=st.none() | st.integers(0, 6),
    )
    def submit(self, who: int, fails: str, expires_in: float | None, crash_in: int | None) -> None:
        new = self.world.new_intent(expires_in=expires_in)
        if fails == "simulated":
            self.world.nodes.reverting.add(new.calldata)
        if fails == "mined":
            self.world.failing.add(new.calldata)
        replica = self._replica(who)
        if replica.is_standing:
            return
        replica.interruptions.crash_in = crash_in
        replica.run(replica.submit(new))

    @precondition(lambda self: self.world.asked)
    @rule(who=REPLICA, which=WHICH)
    def submit_again(self, who: int, which: int) -> None:
        replica = self._replica(who)
        if replica.is_standing:
            return
        new = self.world.asked[which % len(self.world.asked)]
        first = replica.run(replica.submit(new))
        second = replica.run(replica.submit(new))
        assert first == second

    @precondition(lambda self: self.world.asked)
    @rule(which=WHICH, wanted=st.sampled_from(RequestedAction))
    def want(self, which: int, wanted: RequestedAction) -> None:
        ids = list(self.world.rows().intents)
        if ids:
            self.world.ask(ids[which % len(ids)], wanted)

    @rule(paused=st.booleans())
    def pause_or_resume(self, *, paused: bool) -> None:
        if paused:
            self.world.pause()
        else:
            self.world.resume()

    @rule(who=REPLICA, blocks=st.integers(1, 4))
    def go_while_paused(self, who: int, blocks: int) -> None:
        self.world.pause()
        self.submit(who, "", None, None)
        self.go(who, blocks, "all")
        self.world.resume()

    # Events of processes.

    @rule(who=REPLICA, times=st.integers(1, 2))
    def run_passes(self, who: int, times: int) -> None:
        replica = self._replica(who)
        for _ in range(times):
            if replica.is_standing:
                replica.go_on()
            else:
                self._full_pass(replica)

    @rule(who=REPLICA, blocks=st.integers(1, 6), what=MINED)
    def go(self, who: int, blocks: int, what: str) -> None:
        """Mine blocks, with a pass after each."""
        for each in range(blocks):
            self.mine(1, what, each)
            self.pass_time(12)
            self.run_passes(who, 1)

    @rule(who=REPLICA, crash_in=POINT)
    def run_and_crash(self, who: int, crash_in: int) -> None:
        replica = self._replica(who)
        if not replica.is_standing:
            replica.interruptions.crash_in = crash_in
            replica.run(replica.engine.run_pass())

    @rule(who=REPLICA, fail_in=st.integers(0, 8))
    def run_without_database(self, who: int, fail_in: int) -> None:
        replica = self._replica(who)
        if not replica.is_standing:
            replica.interruptions.fail_in = fail_in
            replica.run(replica.engine.run_pass())

    @rule(who=REPLICA, stall_in=POINT)
    def stand_still(self, who: int, stall_in: int) -> None:
        replica = self._replica(who)
        if not replica.is_standing:
            replica.interruptions.stall_in = stall_in
            replica.run(replica.engine.run_pass())
            self.count["stalled"] += replica.is_standing

    @rule(who=REPLICA, stall_in=POINT, blocks=st.integers(0, 2))
    def taken_over(self, who: int, stall_in: int, blocks: int) -> None:
        """Stall one replica until the other has its lease, then let the first continue."""
        self.stand_still(who, stall_in)
        if self._replica(who).is_standing:
            self.pass_time(LEASE_SECONDS + 1)
            for _ in range(blocks + 1):
                self.run_passes(1 - who, 1)
                self.mine(blocks, "all", 0)
            self.run_passes(who, 1)
            self.count["zombies"] += 1

    @rule(who=REPLICA, anew=st.booleans())
    def kill(self, who: int, *, anew: bool) -> None:
        self._replica(who).kill(anew=anew)

    @rule(who=REPLICA)
    def leave_in_order(self, who: int) -> None:
        replica = self._replica(who)
        if not replica.is_standing:
            replica.run(replica.engine.close())
            replica.start()

    @rule(seconds=st.sampled_from([10, 31, LEASE_SECONDS + 1]))
    def pass_time(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    # Events of the chain.

    @rule(blocks=SOME_BLOCKS, what=MINED, salt=WHICH)
    def mine(self, blocks: int, what: str, salt: int) -> None:
        def is_wanted(each: Paper) -> bool:
            return what == "all" or (what == "some" and (int(each.hash, 16) + salt) % 2 == 0)

        for _ in range(blocks):
            self.chain.mine(wanted=is_wanted)

    @rule(who=REPLICA, which=WHICH, base_fee=st.sampled_from([GWEI, 60 * GWEI, 150 * GWEI]))
    def mine_old(self, who: int, which: int, base_fee: int) -> None:
        """Include nothing for some blocks, then include bytes that were already replaced."""
        self.stuck(who, base_fee)
        self.chain.base_fee = GWEI
        found = self.world.minable()
        if found:
            self.chain.include(found[which % len(found)])
            self.go(who, which % 3, "all")

    @precondition(lambda self: self.chain.pool)
    @rule(which=WHICH, everything=st.booleans())
    def drop(self, which: int, *, everything: bool) -> None:
        hashes = [each.hash for each in self.chain.pool.values()]
        for each in hashes if everything else hashes[which % len(hashes) :][:1]:
            self.chain.drop(each)

    @rule(
        depth=st.integers(1, 6), returned=st.booleans(), longer=st.booleans(), turned=st.booleans()
    )
    def reorganise(self, depth: int, *, returned: bool, longer: bool, turned: bool) -> None:
        depth = min(depth, self.chain.head.number - max(self.world.final, 0))
        if depth > 0:
            self.world.reorganise(depth, returned=returned, longer=longer, turned=turned)
            self.count["reorganised"] += 1

    @rule(who=REPLICA, blocks=SOME_BLOCKS, returned=st.booleans(), turned=st.booleans())
    def undo(self, who: int, blocks: int, *, returned: bool, turned: bool) -> None:
        """Reorganise the blocks that included the newest transactions."""
        self.submit(who, "", None, None)
        self.run_passes(who, 1)
        self.go(who, blocks, "all")
        self.reorganise(blocks, returned=returned, longer=False, turned=turned)
        self.go(who, blocks, "none")

    @rule(who=REPLICA, blocks=st.integers(1, 2), deeper=st.integers(0, 1), times=st.integers(1, 3))
    def usurp(self, who: int, blocks: int, deeper: int, times: int) -> None:
        """Let external transactions use nonces, let the engine use later ones, then reorganise."""
        for _ in range(times):
            self.stranger(ahead=0, tip=1, in_block=True)
        self.go(who, blocks, "none")
        self.submit(who, "", None, None)
        self.run_passes(who, 1)
        self.reorganise(blocks + times + deeper, returned=False, longer=False, turned=False)

    @rule(base_fee=st.sampled_from([1, GWEI, 10 * GWEI, 30 * GWEI]))
    def market(self, base_fee: int) -> None:
        self.chain.base_fee = base_fee

    @rule(who=REPLICA, balance=st.sampled_from([0, 10**15, 10**16]), blocks=SOME_BLOCKS)
    def balance(self, who: int, balance: int, blocks: int) -> None:
        """Lower the balance for some blocks."""
        self.chain.balance = balance
        self.go(who, blocks, "all")
        self.chain.balance = 10**20

    @rule(who=REPLICA, base_fee=st.sampled_from([60 * GWEI, 150 * GWEI, 250 * GWEI]))
    def stuck(self, who: int, base_fee: int) -> None:
        """Include nothing for some blocks, because gas costs more than the attempts offer."""
        before, self.chain.base_fee = self.chain.base_fee, base_fee
        self.go(who, 5, "none")
        self.chain.base_fee = before

    @rule(in_block=st.booleans(), ahead=st.sampled_from([0, 0, 1, 2]), tip=st.integers(1, 25))
    def stranger(self, ahead: int, tip: int, *, in_block: bool) -> None:
        nonce = self.chain.nonce(self.world.sender)
        if in_block:
            self.chain.include(self.world.stranger(nonce, tip * GWEI).raw)
            self.count["strangers"] += 1
        else:
            self.chain.send(self.world.stranger(nonce + ahead, tip * GWEI).raw)

    # Events of nodes and signers.

    @rule(who=REPLICA, method=st.sampled_from(METHODS), blocks=SOME_BLOCKS, stays=st.booleans())
    def node_fails(self, who: int, method: str, blocks: int, *, stays: bool) -> None:
        self.world.nodes.down.add(method)
        self.go(who, blocks, "all")
        if not stays:
            self.world.nodes.down.discard(method)

    @rule(kind=st.sampled_from(NodeErrorKind), arrives=st.booleans(), times=SOME_BLOCKS)
    def send_fails(self, kind: NodeErrorKind, times: int, *, arrives: bool) -> None:
        self.world.nodes.faults.extend([unheard(kind) if arrives else refused(kind)] * times)

    @rule(who=REPLICA, named=st.booleans(), blocks=st.sampled_from([1, 3, 9]))
    def hide(self, who: int, blocks: int, *, named: bool) -> None:
        """Hide the receipts of the next inclusions for some blocks."""
        for raw in dict.fromkeys(self.world.sent):
            if not self.chain.receipt(self.world.scribe.read(raw).hash):
                self.world.hide(raw, named=named)
        self.go(who, blocks, "all")

    @rule()
    def nodes_recover(self) -> None:
        self.world.nodes.down.clear()
        self.world.nodes.hidden.clear()
        self.world.nodes.faults.clear()
        self.world.blind_since = None

    @rule(who=REPLICA, denies=st.booleans(), blocks=SOME_BLOCKS)
    def signer_fails(self, who: int, blocks: int, *, denies: bool) -> None:
        self.world.scribe.is_silent, self.world.scribe.denies = not denies, denies
        self.go(who, blocks, "all")
        self.world.scribe.is_silent = self.world.scribe.denies = False

    @rule(which=WHICH)
    def simulation(self, which: int) -> None:
        """Turn a success of the simulation into a revert, or a revert into a success."""
        if self.world.asked:
            new = self.world.asked[which % len(self.world.asked)]
            self.world.nodes.reverting ^= {new.calldata}

    @invariant()
    def everything_holds(self) -> None:
        self.count["steps"] += 1
        Check(self.world).everything()

    def teardown(self) -> None:
        try:
            self.end()
        finally:
            self.world.close()

    def end(self) -> None:
        """Remove all faults and check that everything ends as the chain shows."""
        for state, number in settle(self.world).items():
            self.count[state] += number

    def _replica(self, who: int) -> Replica:
        return self.world.replicas[who]

    def _full_pass(self, replica: Replica) -> None:
        """Run one pass and check that nothing is signed or sent during a pause."""
        before = self.world.is_paused, len(self.world.sent), len(self.world.scribe.written)
        replica.run(replica.engine.run_pass())
        after = True, len(self.world.sent), len(self.world.scribe.written)
        assert not before[0] or before == after, "something was sent while it was paused"


class BrokenMachine(EngineMachine):
    """Machine that removes a final block from the chain at the end of each sequence."""

    def end(self) -> None:
        self.count["broken"] += break_finality(self.world)
