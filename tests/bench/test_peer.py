"""Cost of one paid run of a target that does nothing, here and with Chainlink's registry.

Both run on one local chain; whole transactions are measured. The table goes to the terminal and
to docs/evidence/benchmarks/peer.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_typing import ChecksumAddress

from scripts.network import start_network
from scripts.network.accounts import WHALE
from scripts.network.market import accrue
from tests.bench.many_rebalancers import UNLIMITED, ManyRebalancers, deploy_many
from tests.bench.size import publish
from tests.bench.upkeep_registry import compiled, deploy_contract, deploy_registry
from tests.integration.support.deploy import KEEPER_ACCOUNT

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "benchmarks" / "peer.md"
CHAIN = "ethereum-local"
EFFORT, DAY, ETHER = 5_000_000, 86_400, 10**18
RUNS = 4
"""The last run is measured: by then no slot is written for the first time."""

TABLE = """\
# A paid run, beside Chainlink's

<!-- `make bench` writes this page: tests/bench/test_peer.py. -->

A target that does nothing is run once and paid for. Gas of the whole transaction, on one local
chain, in one run; each had {before} runs before. Ours is a record of the registry of paid
rebalancers, executed by a stranger through `executePlain`: it calls the target, pays the executor
out of what was set aside, and books and pays for the next run. Theirs is `performUpkeep` of
KeeperRegistry 1.1, from `@chainlink/contracts` 0.4.1, compiled from the package with solc 0.7.6:
a keeper of its list calls the target and is credited for it. Later registries of theirs need more
gas (signatures of several nodes are checked), and compilers and packages that are not here.

| | gas |
| --- | ---: |
| Ballast, full cycle of a registry record | {ours:,} |
| Chainlink KeeperRegistry 1.1, `performUpkeep` | {theirs:,} |
| ratio | {ratio:.2f} |
"""


def run_ours(many: ManyRebalancers, target: ChecksumAddress) -> int:
    """Execute the target's runs; return the gas of the last."""
    many.send("TransactionScheduler", "setSpender", many_registry(many), UNLIMITED, UNLIMITED)
    many.send("TransactionScheduler", "deposit", WHALE, many_registry(many), value=ETHER)
    many.send("PaidRebalancerRegistry", "allowTarget", target, WHALE)
    many.send("PaidRebalancerRegistry", "createPaidRebalancer", target)
    _, number, _ = many.read("PaidRebalancerRegistry", "entryOf", target)
    scheduler = many.vault.deployment.contract("TransactionScheduler")
    gas = 0
    for _ in range(RUNS):
        accrue(many.vault.chain, DAY)
        booking, _ = many.read("TransactionScheduler", "bookingOf", number)
        call = scheduler.functions.executePlain(booking)
        receipt = many.vault.chain.send(call, sender=KEEPER_ACCOUNT.address)
        assert many.read("TransactionScheduler", "isBooked", number), "the next run is booked"
        gas = int(receipt["gasUsed"])
    return gas


def many_registry(many: ManyRebalancers) -> str:
    """Return the address of the registry of paid rebalancers."""
    return many.vault.deployment.address("PaidRebalancerRegistry")


def test_peer__one_paid_run__costs_less_than_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contracts = compiled()
    with start_network([CHAIN]) as network:
        chain = network.chains[CHAIN]
        target = deploy_contract(chain, contracts, "Nothing").address
        ours = run_ours(deploy_many(chain, tmp_path, EFFORT), target)
        keepers = (KEEPER_ACCOUNT.address, WHALE)
        registry = deploy_registry(chain, contracts, target, keepers)
        theirs = [registry.perform(turn) for turn in range(RUNS)][-1]
    page = TABLE.format(before=RUNS - 1, ours=ours, theirs=theirs, ratio=ours / theirs)
    assert 0 < ours < theirs
    publish(PAGE, page, capsys)
