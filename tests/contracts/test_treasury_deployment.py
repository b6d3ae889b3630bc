"""The ape scripts of treasuries: deploy on each chain, configure differences, verify."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from eth_utils.address import to_checksum_address

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.configure import all_differences, configure
from scripts.deployment.deploy import deploy
from scripts.deployment.errors import DeploymentConfigError, DeploymentError, NotPermittedError
from scripts.deployment.limits import limit_key
from scripts.deployment.local import GUARDIAN
from scripts.deployment.treasury.deployment import ManagedTreasury
from scripts.deployment.treasury.local import local_treasury, offer_treasuries
from scripts.deployment.treasury.settings import word
from scripts.network import start_network
from scripts.network.accounts import TREASURY_KEEPER, WHALE, test_account
from scripts.network.chain import LocalChain
from tests.contracts.conftest import Scripts

HERE, THERE = "ethereum-local", "arbitrum-local"
STRANGER = "0x00000000000000000000000000000000DeaDBeef"
USD = 10**6
ROUTES = {"USDC.CCTP", "USDT.OFT", "USDC.EXCHANGE", "USDT.EXCHANGE", "USDC.CUSTODIAN"}


@dataclass(frozen=True)
class Treasuries:
    """Two chains with a treasury each; the scripts deployed and configured the first."""

    chains: Mapping[str, LocalChain]
    folder: Path

    def scripts(self, name: str = HERE) -> Scripts:
        return Scripts(self.chains[name], self.folder / f"{name}.treasury.toml")

    def deployment(self, name: str = HERE, sender: str = WHALE) -> ManagedTreasury:
        chain = unlocked_chain(self.chains[name].web3, sender)
        return ManagedTreasury.open(chain, self.folder / f"{name}.treasury.toml")

    def rewrite(self, **changes: Any) -> ManagedTreasury:
        """Rewrite parts of the first chain's configuration."""
        document = local_treasury(self.chains[HERE], self.chains) | changes
        path = self.folder / f"{HERE}.treasury.toml"
        path.write_text(tomlkit.dumps(document))  # pyright: ignore[reportUnknownMemberType]
        return self.deployment()


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Treasuries]:
    folder = tmp_path_factory.mktemp("treasuries")
    with start_network((HERE, THERE)) as network:
        offer_treasuries(network.chains.values(), folder)
        treasuries = Treasuries(network.chains, folder)
        deploy(treasuries.deployment(THERE), quietly)
        for script in ("treasury deploy", "treasury configure"):
            done = treasuries.scripts().run(script)
            assert done.returncode == 0, done.stdout + done.stderr
        configure(treasuries.deployment(THERE), quietly)
        yield treasuries


@pytest.fixture
def treasuries(deployed: Treasuries) -> Iterator[Treasuries]:
    """Treasuries whose chains and files are reset afterwards."""
    kept = {path: path.read_text() for path in deployed.folder.iterdir()}
    snapshots = {chain: chain.snapshot() for chain in deployed.chains.values()}
    yield deployed
    for chain, snapshot in snapshots.items():
        chain.revert(snapshot)
    for path in deployed.folder.iterdir():
        path.unlink()
    for path, text in kept.items():
        path.write_text(text)


def quietly(_: str) -> None:
    return None


def send(deployment: ManagedTreasury, name: str, function: str, *arguments: object) -> None:
    data = deployment.contract(name).encode_abi(function, args=list(arguments))
    deployment.chain.call(deployment.address(name), data)


def differing(deployment: ManagedTreasury) -> dict[tuple[str, str], bool]:
    """Return the differences, and whether a call corrects each."""
    return {
        (entry.contract, entry.what): entry.target is not None
        for entry in all_differences(deployment)
    }


def test_scripts__second_run__send_nothing_and_find_all_as_intended(treasuries: Treasuries) -> None:
    scripts = treasuries.scripts()
    before = scripts.chain.web3.eth.block_number
    for script, said in (
        ("treasury deploy", "0 deployed"),
        ("treasury configure", "nothing to change"),
        ("treasury verify", "no differences"),
    ):
        done = scripts.run(script)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout
    assert scripts.chain.web3.eth.block_number == before


def test_verify__tampered__names_each_difference_as_json(treasuries: Treasuries) -> None:
    deployment = treasuries.deployment()
    send(deployment, "Treasury", "setBands", (USD, USD, 60))
    send(deployment, "USDC.CCTP", "setMaxFee", 1)
    send(deployment, "USDC.CUSTODIAN", "setDepositAddress", STRANGER)
    done = treasuries.scripts().run("treasury verify", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["network"] == HERE
    assert {(row["contract"], row["what"]) for row in answer["differences"]} == {
        ("Treasury", "bands"),
        ("USDC.CCTP", "maximum fee"),
        ("USDC.CUSTODIAN", "deposit address"),
    }


Places = Mapping[str, str]
Call = Callable[[Places], tuple[object, ...]]


TAMPERED: list[tuple[str, str, Call, str]] = [
    (
        "Treasury",
        "setLane",
        lambda at: (at["USDC.CCTP"], 7, (at["Treasury"], 6, True, 20, 1, 2)),
        "lane of {USDC.CCTP} to chain 7 open",
    ),
    (
        "Treasury",
        "setVenue",
        lambda at: (at["AAVE-USDC"], (word("USDC"), True, 999)),
        "venue {AAVE-USDC}",
    ),
    (
        "Treasury",
        "raiseLimit",
        lambda _: (limit_key("Auto", STRANGER), USD, 1, 0),
        f"automatic limit of keeper {STRANGER}",
    ),
    ("USDT.OFT", "setMaxNativeFee", lambda _: (1,), "maximum fee in wei"),
    ("USDC.EXCHANGE.inbox", "setRoute", lambda _: (STRANGER,), "route"),
    ("PlanLedger", "raiseApprover", lambda _: (STRANGER, 1), f"weight of approver {STRANGER}"),
    ("AccessManager", "grantRole", lambda _: (2, STRANGER, 0), f"role 2 of {STRANGER} (held)"),
    ("AccessManager", "setTargetClosed", lambda at: (at["Treasury"], True), "Treasury closed"),
]


@pytest.mark.parametrize(("name", "function", "arguments", "what"), TAMPERED)
def test_configure__tampered__mends_it(
    treasuries: Treasuries, name: str, function: str, arguments: Call, what: str
) -> None:
    deployment = treasuries.deployment()
    funds = treasuries.chains[HERE].addresses.funds
    places = {**deployment.record.addresses, "AAVE-USDC": funds["AAVE-USDC"]}
    send(deployment, name, function, *arguments(places))
    shown = re.sub(r"\{([^}]+)\}", lambda found: places[found[1]], what)
    assert differing(deployment) == {(name, shown): True}
    assert configure(deployment, quietly) > 0
    assert differing(deployment) == {}


def test_configure__keeper_that_the_guardian_removed__stays_out_unless_asked_for(
    treasuries: Treasuries,
) -> None:
    deployment = treasuries.deployment()
    keeper = test_account(TREASURY_KEEPER).address
    guardian = treasuries.deployment(sender=test_account(GUARDIAN).address)
    send(guardian, "KillSwitch", "removeKeeper", keeper)
    assert configure(deployment, quietly) == 0
    assert differing(deployment) == {("KillSwitch", f"keeper {keeper} removed"): False}
    assert not deployment.read("Treasury", "isKeeper", keeper)
    assert configure(deployment, quietly, restore_keepers=True) == 1
    assert differing(deployment) == {}
    assert deployment.read("Treasury", "isKeeper", keeper)


def test_verify__switch_paused__says_that_nothing_leaves(treasuries: Treasuries) -> None:
    deployment = treasuries.deployment()
    guardian = treasuries.deployment(sender=test_account(GUARDIAN).address)
    send(guardian, "KillSwitch", "pause")
    assert differing(deployment) == {("KillSwitch", "paused"): False}
    assert deployment.read("Treasury", "paused")
    assert configure(deployment, quietly) == 0
    assert configure(deployment, quietly, unpause=True) == 1
    assert differing(deployment) == {}


def test_configure__part_left_out__closes_it(treasuries: Treasuries) -> None:
    document = local_treasury(treasuries.chains[HERE], treasuries.chains)
    routes = [each for each in document["routes"] if each["kind"] != "OFT"]
    venues = document["venues"][:1]
    deployment = treasuries.rewrite(routes=routes, venues=venues, keepers=[])
    assert configure(deployment, quietly) > 0
    treasury, chain = deployment.contract("Treasury").functions, treasuries.chains[THERE].chain_id
    assert treasury.laneOf(deployment.address("USDT.OFT"), chain).call()[2] is False
    assert treasury.venueOf(document["venues"][1]["address"]).call()[1] is False
    assert not treasury.isKeeper(test_account(TREASURY_KEEPER).address).call()
    assert differing(deployment) == {}


def test_verify__what_is_for_good__is_left_to_a_person(treasuries: Treasuries) -> None:
    document = local_treasury(treasuries.chains[HERE], treasuries.chains)
    routes = document["routes"]
    routes[0] = routes[0] | {"domain": 7, "transmitter": STRANGER}
    routes[1] = routes[1] | {"eid": 7}
    deployment = treasuries.rewrite(routes=routes)
    assert differing(deployment) == {
        ("USDC.CCTP", "transmitter"): False,
        ("USDC.CCTP", "domain"): False,
        ("USDT.OFT", "eid"): False,
    }
    with pytest.raises(DeploymentError, match=r"USDC\.CCTP: transmitter"):
        configure(deployment, quietly)


def test_verify__record_of_another_network_changed__names_counterparts_and_lanes(
    treasuries: Treasuries,
) -> None:
    path = treasuries.folder / f"{THERE}.treasury.json"
    record = json.loads(path.read_text())
    record["contracts"]["Treasury"]["address"] = STRANGER
    record["routes"][0]["address"] = STRANGER
    path.write_text(json.dumps(record))
    lanes = {
        ("Treasury", f"lane {route} to {THERE}"): False for route in (*ROUTES, "USDT.CUSTODIAN")
    }
    expected = lanes | {("USDC.CCTP", f"counterpart on {THERE}"): False}
    assert differing(treasuries.deployment()) == expected


def test_configure__other_network_not_deployed__says_which_comes_first(
    treasuries: Treasuries,
) -> None:
    (treasuries.folder / f"{THERE}.treasury.json").unlink()
    done = treasuries.scripts().run("treasury configure")
    assert done.returncode == 1
    assert f"deploy the treasury of {THERE} first" in done.stderr
    assert "Traceback" not in done.stderr


def test_configure__stranger__is_refused(treasuries: Treasuries) -> None:
    send(treasuries.deployment(), "USDC.CCTP", "setMaxFee", 1)
    with pytest.raises(NotPermittedError, match="configurator"):
        configure(treasuries.deployment(sender=test_account(3).address), quietly)


def test_deploy__manager_and_ledger_of_another_deployment__uses_them(
    treasuries: Treasuries, tmp_path: Path
) -> None:
    first = treasuries.deployment()
    document = local_treasury(treasuries.chains[HERE], ())
    given = {
        "access_manager": first.address("AccessManager"),
        "kill_switch": first.address("KillSwitch"),
        "plan_ledger": first.address("PlanLedger"),
    }
    left = {name: part for name, part in document.items() if name not in {"roles", "approvers"}}
    path = tmp_path / f"{HERE}.treasury.toml"
    path.write_text(tomlkit.dumps(left | given))  # pyright: ignore[reportUnknownMemberType]
    second = ManagedTreasury.open(first.chain, path)
    names = deploy(second, quietly)
    assert {"AccessManager", "KillSwitch", "PlanLedger"}.isdisjoint(names)
    assert second.address("AccessManager") == given["access_manager"]
    assert configure(second, quietly) > 0
    assert differing(second) == {}
    treasury = second.contract("Treasury").functions
    assert treasury.ledger().call() == given["plan_ledger"]
    assert treasury.killSwitch().call() == given["kill_switch"]
    assert treasury.authority().call() == given["access_manager"]
    assert differing(treasuries.deployment()) == {}


def test_deploy__given_manager_is_not_there__says_so(
    treasuries: Treasuries, tmp_path: Path
) -> None:
    document = local_treasury(treasuries.chains[HERE], ())
    left = {name: part for name, part in document.items() if name != "roles"}
    path = tmp_path / f"{HERE}.treasury.toml"
    path.write_text(tomlkit.dumps(left | {"access_manager": STRANGER}))  # pyright: ignore[reportUnknownMemberType]
    with pytest.raises(DeploymentError, match=f"no contract at {to_checksum_address(STRANGER)}"):
        deploy(ManagedTreasury.open(treasuries.deployment().chain, path), quietly)


def test_record__is_what_keepers_read(treasuries: Treasuries) -> None:
    deployment, chain = treasuries.deployment(), treasuries.chains[HERE]
    record = json.loads(deployment.record.path.read_text())
    assert set(record) == {
        "network", "chain_id", "keepers", "assets", "routes", "venues", "external", "contracts",
        "block",
    }  # fmt: skip
    assert record["keepers"] == [test_account(TREASURY_KEEPER).address]
    assert record["assets"]["USDC"] == {"address": chain.addresses.tokens["USDC"], "decimals": 6}
    routes = {(each["asset"], each["name"]): each for each in record["routes"]}
    lanes = [treasuries.chains[THERE].chain_id]
    assert routes["USDC", "CCTP"] == {
        "asset": "USDC",
        "name": "CCTP",
        "kind": "CCTP",
        "address": deployment.address("USDC.CCTP"),
        "lanes": lanes,
        "domain": 0,
        "messenger": chain.addresses.cctp.messenger,
        "transmitter": chain.addresses.cctp.transmitter,
        "max_fee_bps": 15,
    }
    assert routes["USDT", "OFT"]["oft"] == chain.addresses.layer_zero.oft
    assert routes["USDT", "OFT"]["eid"] == 30_101
    exchange = routes["USDC", "EXCHANGE"]
    assert exchange["inbox"] == deployment.address("USDC.EXCHANGE.inbox")
    assert exchange["network"] == "ETH"
    assert {"Treasury", "TreasuryLens", "PlanLedger", "AccessManager"} <= set(record["contracts"])


def test_deploy__interrupted__goes_on_where_it_stopped(
    treasuries: Treasuries, tmp_path: Path
) -> None:
    path = tmp_path / f"{HERE}.treasury.toml"
    path.write_text(treasuries.deployment().record.path.with_suffix(".toml").read_text())
    chain = treasuries.deployment().chain
    stopping = replace(chain, artifacts=_failing_at(chain.artifacts, "OftRoute"))
    with pytest.raises(LookupError):
        deploy(ManagedTreasury.open(stopping, path), quietly)
    deployed = deploy(ManagedTreasury.open(chain, path), quietly)
    assert deployed[0] == "USDT.OFT"
    assert "Treasury" not in deployed


def test_record__of_another_chain__is_refused(treasuries: Treasuries) -> None:
    path = treasuries.folder / f"{THERE}.treasury.json"
    path.write_text(path.read_text().replace('"chain_id": 1042161', '"chain_id": 5'))
    with pytest.raises(DeploymentConfigError, match="is for chain 5, not 1042161"):
        list(all_differences(treasuries.deployment()))


def _failing_at(artifacts: Any, stop: str) -> Any:
    def found(name: str) -> Any:
        if name == stop:
            raise LookupError(name)
        return artifacts(name)

    return found
