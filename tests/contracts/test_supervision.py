"""V1: cancellation of operations scheduled in the manager, and all delays."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import tomlkit
from web3 import Web3
from web3.exceptions import ContractCustomError

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.config import USUAL_DELAY, Roles
from scripts.deployment.configure import all_differences, configure
from scripts.deployment.deploy import deploy
from scripts.deployment.local import GUARDIAN
from scripts.deployment.record import Record
from scripts.deployment.roles import ADMIN_CALLS, MANAGER_FUNCTIONS, selector
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.local import local_config
from scripts.network.accounts import WHALE, test_account
from scripts.network.chain import LocalChain
from tests.contracts.conftest import ROOT, Scripts

MANAGER = "AccessManager"
ADMIN, CONFIGURATOR = test_account(5).address, test_account(6).address
GUARDIANS = (test_account(GUARDIAN).address,)
SETBACK = 5 * 24 * 3600


@pytest.fixture
def deployment(scripts: Scripts) -> ManagedVault:
    """Deployed vault, handed over to owners with delays."""
    found = with_delays(scripts.deployment())
    configure(found, print)
    return found


def with_delays(deployment: ManagedVault) -> ManagedVault:
    roles = Roles(admin=ADMIN, configurators=(CONFIGURATOR,), guardians=GUARDIANS)
    return replace(deployment, config=deployment.config.model_copy(update={"roles": roles}))


def by(deployment: ManagedVault, sender: str) -> ManagedVault:
    return replace(deployment, chain=unlocked_chain(deployment.chain.web3, sender))


def pass_time(scripts: Scripts, seconds: int) -> None:
    scripts.chain.rpc("evm_increaseTime", seconds)
    scripts.chain.rpc("evm_mine")


def send(deployment: ManagedVault, sender: str, function: str, *arguments: object) -> None:
    data = deployment.contract(MANAGER).encode_abi(function, args=list(arguments))
    unlocked_chain(deployment.chain.web3, sender).call(deployment.address(MANAGER), data)


def test_configure__delays__are_there_at_once_or_told_with_their_time(
    scripts: Scripts, deployment: ManagedVault
) -> None:
    assert deployment.read(MANAGER, "hasRole", 0, ADMIN) == [True, USUAL_DELAY]
    assert deployment.read(MANAGER, "hasRole", 1, CONFIGURATOR) == [True, USUAL_DELAY]
    assert not deployment.read(MANAGER, "hasRole", 0, WHALE)[0]
    pending = list(all_differences(deployment))
    assert pending
    for difference in pending:
        assert "delay" in difference.what.lower()
        assert re.search(r"takes effect automatically at \d{4}-\d\d-\d\d", difference.hint)
    pass_time(scripts, SETBACK)
    assert list(all_differences(deployment)) == []
    for role in (0, 1, 2):
        assert deployment.read(MANAGER, "getRoleGrantDelay", role) == USUAL_DELAY
    target = deployment.address("LiquidityVault")
    assert deployment.read(MANAGER, "getTargetAdminDelay", target) == USUAL_DELAY


def test_configure__by_a_configurator_with_delay__is_scheduled_and_the_guardian_cancels_it(
    deployment: ManagedVault, scripts: Scripts
) -> None:
    vault = deployment.config.vault.model_copy(update={"holding_seconds": 60})
    changed = replace(deployment, config=deployment.config.model_copy(update={"vault": vault}))
    said: list[str] = []
    assert configure(by(changed, CONFIGURATOR), said.append) == 1
    assert "the guardian can cancel it until then" in "".join(said)
    assert "can be executed from" in "".join(said)
    data = deployment.contract("LiquidityVault").encode_abi("setHoldingTime", args=[60])
    call = (CONFIGURATOR, deployment.address("LiquidityVault"), Web3.to_bytes(hexstr=data))  # pyright: ignore[reportArgumentType]
    send(deployment, GUARDIANS[0], "cancel", *call)
    pass_time(scripts, USUAL_DELAY)
    with pytest.raises(ContractCustomError):
        send(deployment, CONFIGURATOR, "execute", *call[1:])
    assert deployment.read("LiquidityVault", "holdingTime") == 3600


@pytest.mark.parametrize("function", MANAGER_FUNCTIONS)
def test_configure__admins_calls__can_be_cancelled_by_the_guardian(
    scripts: Scripts, function: str
) -> None:
    deployment = scripts.deployment()
    chosen = selector(deployment, MANAGER, function)
    role = deployment.read(MANAGER, "getTargetFunctionRole", deployment.address(MANAGER), chosen)
    assert role == ADMIN_CALLS
    assert deployment.read(MANAGER, "getRoleGuardian", role) == 2
    assert deployment.read(MANAGER, "getRoleGuardian", 1) == 2


def test_configure__admins_grant__is_cancelled_by_the_guardian_and_its_removal_is_not(
    deployment: ManagedVault,
) -> None:
    manager = deployment.contract(MANAGER)
    grant = manager.encode_abi("grantRole", args=[1, ADMIN, 0])
    removal = manager.encode_abi("revokeRole", args=[2, GUARDIANS[0]])
    for data in (grant, removal):
        send(deployment, ADMIN, "schedule", manager.address, Web3.to_bytes(hexstr=data), 0)  # pyright: ignore[reportArgumentType]
    send(deployment, GUARDIANS[0], "cancel", ADMIN, manager.address, grant)
    with pytest.raises(ContractCustomError):
        send(deployment, GUARDIANS[0], "cancel", ADMIN, manager.address, removal)


def test_configure__role_guardian_taken_away__is_set_again(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    send(deployment, WHALE, "setRoleGuardian", 1, 0)
    assert [entry.what for entry in all_differences(deployment)] == ["getRoleGuardian(1)"]
    assert configure(deployment, print) == 1
    assert deployment.read(MANAGER, "getRoleGuardian", 1) == 2


def test_verify__accepted_zero_delays__are_told_every_time(scripts: Scripts) -> None:
    done = scripts.run("verify")
    assert done.returncode == 0
    for key in ("admin", "configurator", "grant", "target_admin"):
        assert f"accepted: roles.{key}_delay_seconds is 0" in done.stdout
    assert "no differences" in done.stdout


def test_forge_attack__has_the_managers_functions_of_the_scripts() -> None:
    source = (ROOT / "tests" / "solidity" / "attacks" / "StolenRoles.t.sol").read_text()
    body = source[source.index("function _vetoed") :]
    found = re.findall(r"= AccessManager\.(\w+)\.selector", body[: body.index("}")])
    assert set(found) == set(MANAGER_FUNCTIONS)


def test_deploy__with_delays_from_the_start__ends_with_the_owners(
    local_chain: LocalChain, tmp_path: Path
) -> None:
    """The deployer keeps no role, as on a real network, although its own calls never wait."""
    snapshot = local_chain.snapshot()
    path = tmp_path / "own.toml"
    roles = {"admin": ADMIN, "configurators": [CONFIGURATOR], "guardians": list(GUARDIANS)}
    path.write_text(tomlkit.dumps(local_config(local_chain) | {"roles": roles}))  # pyright: ignore[reportUnknownMemberType]
    config = VaultConfig.load(path)
    own = ManagedVault(
        unlocked_chain(local_chain.web3, WHALE), config, Record.load(tmp_path / "own.json", config)
    )
    deploy(own, print)
    configure(own, print)
    assert {entry.data for entry in all_differences(own)} == {None}
    for role in (0, 1, 2):
        assert not own.read(MANAGER, "hasRole", role, WHALE)[0]
    local_chain.revert(snapshot)
