"""A deployment with thousands of paid rebalancers, every hundredth of them stuck."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address

from scripts.deployment.chain import forge_artifact
from scripts.deployment.roles import CONFIGURATOR, GUARDIAN
from scripts.deployment.vault.local import local_config
from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from scripts.network.market import accrue
from tests.integration.support.deploy import DeployedVault, deploy_as_written

ETHER = 10**18
UNLIMITED = 2**40 - 1
YEAR = 365 * 86_400
AT_ONCE = 40
"""Number of rebalancers that fit into a transaction."""

EFFORT = 500_000
"""Gas of a run: the next booking needs 350,000, and the targets do nothing."""

PAGE = 1_000
MARGIN_BPS, MEDIUM = 10_000, 1


@dataclass(frozen=True)
class ManyRebalancers:
    """The deployed contracts, with the calls of the benchmarks."""

    vault: DeployedVault

    def send(self, name: str, function: str, *arguments: object, value: int = 0) -> None:
        """Call a contract as its owner, with the maximum gas of a transaction."""
        call = self.vault.deployment.contract(name).functions[function](*arguments)
        self.vault.chain.send(call, value=value)

    def read(self, name: str, function: str, *arguments: object) -> Any:
        """Call a view."""
        return self.vault.deployment.read(name, function, *arguments)

    def register(self, count: int) -> None:
        """Register `count` rebalancers by one contract, each with a contract of its own."""
        self._prepare()
        chain, deployment = self.vault.chain, self.vault.deployment
        registrar = self._registrar()
        names = ("TransactionScheduler", "PaidRebalancerRegistry", "RebalanceSupervisor")
        addresses = [deployment.address(each) for each in names]
        contract = chain.web3.eth.contract(registrar, abi=forge_artifact("Registrar").abi)
        for _ in range(0, count, AT_ONCE):
            chain.send(contract.functions.register(*addresses, AT_ONCE))

    def stuck(self) -> int:
        """Return the number of rebalancers with nothing booked."""
        count, at = 0, 1
        while at:
            *_, found, at = self.read("SchedulerLens", "sweep", at, PAGE)
            count += len(found)
        return count

    def ticks_around(self, interval: int, effort: int) -> int:
        """Return the ticks that the supervisor alone needs for one round of its list."""
        terms = (interval, effort, MARGIN_BPS, MEDIUM)
        self.send("RebalanceSupervisor", "setSchedule", terms)
        number, ticks, place = self.read("RebalanceSupervisor", "number"), 0, 0
        while ticks == 0 or self.read("RebalanceSupervisor", "cursor") > place:
            place = self.read("RebalanceSupervisor", "cursor")
            accrue(self.vault.chain, interval)
            booking, _ = self.read("TransactionScheduler", "bookingOf", number)
            self.send("TransactionScheduler", "executePlain", booking)
            ticks += 1
        return ticks

    def _prepare(self) -> None:
        """Set money without limits, a long interval so that nothing is due, and the least effort.

        With the default effort the slots of the scheduler have no capacity for all of them.
        """
        registry = self.vault.deployment.address("PaidRebalancerRegistry")
        supervisor = self.vault.deployment.address("RebalanceSupervisor")
        self.send("TransactionScheduler", "setSpender", registry, UNLIMITED, UNLIMITED)
        self.send("TransactionScheduler", "deposit", WHALE, registry, value=100 * ETHER)
        self.send("TransactionScheduler", "deposit", supervisor, supervisor, value=100 * ETHER)
        _, medium, _, *rest = self.read("PaidRebalancerRegistry", "defaultRecurringConfig")
        config = (YEAR, medium, EFFORT, *rest)
        self.send("PaidRebalancerRegistry", "updateDefaultRecurringConfig", config)

    def _registrar(self) -> ChecksumAddress:
        compiled = forge_artifact("Registrar")
        chain = self.vault.chain
        receipt = chain.transact(compiled.bytecode, what="Registrar")
        address = to_checksum_address(str(receipt["contractAddress"]))
        for role in (CONFIGURATOR, GUARDIAN):
            self.send("AccessManager", "grantRole", role, address, 0)
        return address


def deploy_many(chain: LocalChain, folder: Path, longest_tick: int) -> ManyRebalancers:
    """Deploy locally, with bookings of up to `longest_tick` gas."""
    path = folder / f"{chain.name}.toml"
    document = local_config(chain)
    document["recurring"] |= {"maximum_effort": longest_tick}
    path.write_text(tomlkit.dumps(document))  # pyright: ignore[reportUnknownMemberType]
    return ManyRebalancers(deploy_as_written(chain, path))
