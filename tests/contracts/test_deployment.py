"""The ape scripts: deploy runs once, configure changes differences, verify names each of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.config import Limit
from scripts.deployment.configure import all_differences, configure
from scripts.deployment.deploy import EMPTY_CODE_HASH, deploy
from scripts.deployment.errors import (
    DeploymentConfigError,
    DeploymentError,
    NotPermittedError,
)
from scripts.deployment.limits import limit_key
from scripts.deployment.local import GUARDIAN, KEEPER
from scripts.deployment.roles import FUNCTION_ROLES
from scripts.deployment.roles import GUARDIAN as GUARDIAN_ROLE
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.contracts import deployed_names
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.parts import HoldingKind, Keeper, VenueName, Weights
from scripts.network.accounts import WHALE, test_account
from tests.contracts.conftest import ROOT, Scripts

STRANGER = "0x00000000000000000000000000000000DeaDBeef"


BELOW_ANYBODY = "0x0000000000000000000000000000000000C0FFEE"
ABOVE_ANYBODY = "0xfFfFFfFFFfFFfffFfFFfFfFfffffffFFC0ffEEEe"
ZERO = "0x" + "00" * 20
YEAR = 365 * 24 * 3600
USDT = 10**6
TAKING_AND_GIVING_BACK = 2
LIMITS_OF_A_KEEPER = len(("automatic", "reducing", "loss", "turnover in L2", "turnover in L3"))
AUTOMATIC_OF_STRANGER = limit_key("Auto", STRANGER)


def quietly(_: str) -> None:
    return None


def sent_by(deployment: ManagedVault, sender: str) -> ManagedVault:
    return replace(deployment, chain=unlocked_chain(deployment.chain.web3, sender))


def with_config(deployment: ManagedVault, section: str, **changes: Any) -> ManagedVault:
    part = getattr(deployment.config, section).model_copy(update=changes)
    return replace(deployment, config=deployment.config.model_copy(update={section: part}))


def differing(deployment: ManagedVault) -> dict[str, bool]:
    """Return the differences, and whether a call corrects each."""
    return {entry.what: entry.target is not None for entry in all_differences(deployment)}


def named(deployment: ManagedVault) -> set[tuple[str, str]]:
    return {(entry.contract, entry.what) for entry in all_differences(deployment)}


def send(deployment: ManagedVault, name: str, function: str, *arguments: object) -> None:
    data = deployment.contract(name).encode_abi(function, args=list(arguments))
    deployment.chain.call(deployment.address(name), data)


def test_deploy__second_run__deploys_nothing(scripts: Scripts) -> None:
    before = scripts.chain.web3.eth.block_number
    done = scripts.run("deploy")
    assert done.returncode == 0, done.stderr
    assert "0 deployed" in done.stdout
    assert done.stdout.count("already at") == len(deployed_names(scripts.deployment().config))
    assert scripts.chain.web3.eth.block_number == before


def test_configure__second_run__sends_nothing(scripts: Scripts) -> None:
    before = scripts.chain.web3.eth.block_number
    done = scripts.run("configure")
    assert done.returncode == 0, done.stderr
    assert "nothing to change" in done.stdout
    assert scripts.chain.web3.eth.block_number == before


def test_verify__untouched__says_as_intended(scripts: Scripts) -> None:
    done = scripts.run("verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no differences" in done.stdout


def test_verify__tampered__names_each_difference(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    send(deployment, "AssetController", "setBounds", looser(deployment))
    send(deployment, "AssetController", "raiseLimit", AUTOMATIC_OF_STRANGER, USDT, 1, 0)
    send(deployment, "PlanLedger", "raiseApprover", STRANGER, 1)
    send(deployment, "RedemptionQueue", "setNotice", 60)
    send(deployment, "AccessManager", "grantRole", 2, STRANGER, 0)
    done = scripts.run("verify", "--json")
    assert done.returncode == 1
    found = {(row["contract"], row["what"]) for row in json.loads(done.stdout)["differences"]}
    assert found == {
        ("AssetController", "bounds"),
        ("AssetController", f"automatic limit of keeper {STRANGER}"),
        ("PlanLedger", f"weight of approver {STRANGER}"),
        ("RedemptionQueue", "notice in seconds"),
        ("AccessManager", f"role 2 of {STRANGER} (held)"),
    }


def test_verify__other_code_at_an_address__names_the_contract(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    scripts.chain.rpc("anvil_setCode", deployment.address("PriceOracle"), "0x60016001")
    assert named(deployment) == {("PriceOracle", "code hash")}


@pytest.mark.parametrize(
    ("name", "function", "arguments"),
    [
        ("PriceOracle", "removeFeed", ("WETH",)),
        ("PortfolioL3", "setOperator", (STRANGER, True)),
        ("PortfolioL2", "setOperator", (STRANGER, True)),
        ("AssetController", "raiseDualApproval", (1,)),
        ("AssetController", "raiseLimit", (limit_key("LossAdd"), 7 * USDT, 60, 0)),
        ("LiquidityVault", "setHoldingTime", (0,)),
        ("RedemptionQueue", "setMinimumShares", (5 * 10**12,)),
        ("UniswapV3Venue", "setTrader", (STRANGER, True)),
        ("OtcVenue", "setTrader", (STRANGER, True)),
        ("OtcVenue", "setDesk", (STRANGER, True)),
        ("OtcVenue", "setMaxLoss", (200,)),
        ("PortfolioL2", "setWeights", (ZERO,)),
        ("WeightJudgeL3", "setRebalancer", (ZERO,)),
        ("WeightRebalancerL3", "setTerms", ((400, 60, 90, 20, 50, USDT),)),
        ("WeightRebalancerL2", "raiseLimit", (limit_key("LossAdd"), 7 * USDT, 60, 0)),
        ("AccessManager", "setTargetClosed", ("LiquidityVault", True)),
    ],
)
def test_configure__tampered_parameter__is_named_and_mended(
    scripts: Scripts, name: str, function: str, arguments: tuple[object, ...]
) -> None:
    deployment = scripts.deployment()
    addresses = {symbol: token.address for symbol, token in deployment.config.tokens.items()}
    addresses |= {
        contract: entry.address for contract, entry in deployment.record.contracts.items()
    }
    resolved = [addresses.get(item, item) if isinstance(item, str) else item for item in arguments]
    send(deployment, name, function, *resolved)
    assert len(named(deployment)) == 1
    assert configure(deployment, lambda _: None) == 1
    assert named(deployment) == set()


def test_configure__limit_and_size__are_said_in_whole_tokens(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    send(deployment, "AssetController", "raiseLimit", limit_key("LossAdd"), 7 * USDT, 60, 0)
    send(deployment, "AssetController", "raiseDualApproval", 1)
    said: list[str] = []
    assert configure(deployment, said.append) == 2
    assert "AssetController: loss budget of actions that add risk: 10000 USDT in 604800 s" in said
    assert "AssetController: size above which plans need two approvals: 200000 USDT" in said


def looser(deployment: ManagedVault) -> list[int]:
    """Return the bounds with a loss bound of 2.5 %."""
    vault = deployment.config.vault
    return vault.model_copy(update={"maximum_loss_bps": 250}).bounds


@pytest.mark.parametrize(
    ("name", "function", "arguments", "what"),
    [
        (
            "AssetController",
            "raiseLimit",
            (AUTOMATIC_OF_STRANGER, USDT, 60, 0),
            f"automatic limit of keeper {STRANGER}",
        ),
        (
            "AssetController",
            "raiseLimit",
            (limit_key("Asset", STRANGER), USDT, 60, 0),
            f"limit of asset {STRANGER}",
        ),
        ("PlanLedger", "raiseApprover", (STRANGER, 1), f"weight of approver {STRANGER}"),
        (
            "WeightRebalancerL3",
            "raiseLimit",
            (AUTOMATIC_OF_STRANGER, USDT, 60, 0),
            f"automatic limit of keeper {STRANGER}",
        ),
    ],
)
def test_configure__surplus_permission__is_named_and_taken_away(
    scripts: Scripts, name: str, function: str, arguments: tuple[object, ...], what: str
) -> None:
    deployment = scripts.deployment()
    send(deployment, name, function, *arguments)
    assert differing(deployment) == {what: True}
    assert configure(deployment, quietly) == 1 + TAKING_AND_GIVING_BACK
    assert named(deployment) == set()
    assert not deployment.read("AccessManager", "hasRole", GUARDIAN_ROLE, WHALE)[0]


def test_configure__surplus_approver_and_no_guardian__mends_the_rest_and_says_so(
    scripts: Scripts,
) -> None:
    owner = test_account(GUARDIAN).address
    first = scripts.deployment()
    handed = with_config(first, "roles", admin=owner, configurators=(WHALE,))
    send(first, "PlanLedger", "raiseApprover", STRANGER, 1)
    send(first, "AssetController", "raiseDualApproval", 1)
    send(first, "AccessManager", "grantRole", 0, owner, 0)
    send(first, "AccessManager", "renounceRole", 0, WHALE)
    said: list[str] = []
    assert configure(handed, said.append) == 1
    assert "holds the guardian's role" in "".join(said)
    assert differing(handed) == {f"weight of approver {STRANGER}": True}


def test_configure__what_limits_admit_now__is_none_of_its_business(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    key = limit_key("Auto", test_account(KEEPER).address)
    assert deployment.read("AssetController", "bucketOf", key)[1] == 0
    scripts.chain.rpc("evm_increaseTime", 3600)
    scripts.chain.rpc("evm_mine")
    assert deployment.read("AssetController", "available", key) > 0
    assert named(deployment) == set()


def test_configure__limit_with_another_unit__is_reported(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    keeper = deployment.config.keepers[0].model_copy(update={"account": STRANGER})
    send(deployment, "AssetController", "raiseLimit", AUTOMATIC_OF_STRANGER, USDT, 60, 3)
    found = differing(with_keepers(deployment, keeper))
    assert found[f"unit of automatic limit of keeper {STRANGER}"] is False


def test_configure__cap_lowered_by_the_guardian__is_named_and_raised_again(
    scripts: Scripts,
) -> None:
    deployment = scripts.deployment()
    guardian = sent_by(deployment, test_account(GUARDIAN).address)
    asset = deployment.config.address("WETH")
    send(guardian, "PortfolioL3", "lowerCap", asset, 0)
    assert differing(deployment) == {"holdings": True}
    assert configure(deployment, quietly) == 1
    assert named(deployment) == set()


def test_configure__vault_without_its_queue__is_named_and_mended(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    again = deployment.chain.deploy(
        "RedemptionQueue",
        [deployment.address("AccessManager"), deployment.address("LiquidityVault")],
    )
    other = again["contractAddress"]
    assert other is not None
    send(deployment, "LiquidityVault", "setQueue", other)
    assert differing(deployment) == {"queue": True}
    assert configure(deployment, quietly) == 1
    assert named(deployment) == set()


def test_deploy__chain_without_the_recorded_code__refuses(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    scripts.chain.rpc("anvil_setCode", deployment.address("AssetController"), "0x")
    assert deployment.chain.code_hash(deployment.address("AssetController")) == EMPTY_CODE_HASH
    with pytest.raises(DeploymentError, match="no code there"):
        deploy(deployment, lambda _: None)


def test_deploy__interrupted__goes_on_where_it_stopped(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    del deployment.record.contracts["UniswapV3Venue"]
    again = deploy(deployment, lambda _: None)
    assert again == ["UniswapV3Venue"]


def test_deploy__node_of_another_chain__refuses(scripts: Scripts, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(scripts.config.read_text().replace("chain_id = 1000001", "chain_id = 1"))
    done = Scripts(scripts.chain, other).run("deploy")
    assert done.returncode == 1
    assert "the node serves chain 1000001" in done.stderr
    assert "Traceback" not in done.stderr


def test_function_roles__cover_every_restricted_function_of_the_sources() -> None:
    pattern = re.compile(r"function (\w+)\([^)]*\)[^{;]*\brestricted\b")
    for contract, roles in FUNCTION_ROLES.items():
        restricted = {
            function for source in sources_of(contract) for function in pattern.findall(source)
        }
        assert restricted == {function for functions in roles.values() for function in functions}


def sources_of(contract: str) -> list[str]:
    """Return the source of one of our contracts, and of those of our contracts that it inherits."""
    files = {path.stem: path for path in (ROOT / "contracts").rglob("*.sol")}
    source = files[contract].read_text()
    (parents,) = re.findall(
        rf"^(?:abstract )?contract {contract} is ([^{{]+) {{", source, re.MULTILINE
    )
    found = [source]
    for parent in re.findall(r"\w+", parents):
        if parent in files and not parent.startswith("I"):
            found += sources_of(parent)
    return found


def new_owner(which: str) -> str:
    address = to_checksum_address(which)
    assert (int(address, 16) < int(WHALE, 16)) == (which == BELOW_ANYBODY)
    return address


@pytest.mark.parametrize("which", [BELOW_ANYBODY, ABOVE_ANYBODY])
def test_configure__handing_over__new_admin_holds_and_sender_holds_nothing(
    scripts: Scripts, which: str
) -> None:
    owner = new_owner(which)
    deployment = with_config(
        scripts.deployment(), "roles", admin=owner, configurators=(owner,), guardians=(owner,)
    )
    send(deployment, "AssetController", "setBounds", looser(deployment))
    configure(deployment, quietly)
    for role in (0, 1, 2):
        assert deployment.read("AccessManager", "hasRole", role, owner) == [True, 0]
        assert not deployment.read("AccessManager", "hasRole", role, WHALE)[0]
    assert named(deployment) == set()


def test_configure__admin_with_a_delay__schedules_and_a_later_run_carries_out(
    scripts: Scripts,
) -> None:
    admin = test_account(GUARDIAN).address
    deployment = with_config(scripts.deployment(), "roles", admin=admin, admin_delay_seconds=60)
    configure(deployment, quietly)
    assert deployment.read("AccessManager", "hasRole", 0, admin) == [True, 60]
    grown = with_config(deployment, "roles", guardians=(admin, STRANGER))
    by_admin = sent_by(grown, admin)
    what = f"role 2 of {STRANGER} (held, delay)"
    said: list[str] = []
    assert configure(by_admin, said.append) == 1
    assert f"{what}: (True, 0): scheduled; can be executed from " in "".join(said)
    assert differing(by_admin) == {what: True}
    scripts.chain.rpc("evm_increaseTime", 61)
    scripts.chain.rpc("evm_mine")
    assert configure(by_admin, quietly) == 1
    assert named(by_admin) == set()
    send(sent_by(deployment, WHALE), "AssetController", "setBounds", looser(deployment))
    with pytest.raises(NotPermittedError, match="is not an admin that could take it immediately"):
        configure(by_admin, quietly)


@pytest.mark.parametrize("which", [BELOW_ANYBODY, ABOVE_ANYBODY])
def test_configure__new_admin_not_yet_admin__takes_nobodys_role(
    scripts: Scripts, which: str
) -> None:
    deployment = with_config(scripts.deployment(), "roles", admin=new_owner(which), guardians=())
    send(deployment, "AccessManager", "setGrantDelay", 0, YEAR)
    scripts.chain.rpc("evm_increaseTime", 6 * 24 * 3600)
    scripts.chain.rpc("evm_mine")
    with pytest.raises(DeploymentError, match="no role was revoked"):
        configure(deployment, quietly)
    assert deployment.read("AccessManager", "hasRole", 0, WHALE)[0]
    guardian = test_account(GUARDIAN).address
    assert deployment.read("AccessManager", "hasRole", 2, guardian)[0]
    found = differing(deployment)
    assert found[f"role 0 of {deployment.config.roles.admin} (held, delay)"] is False


@pytest.mark.parametrize("role", ["admin", "configurators", "guardians"])
@pytest.mark.parametrize("nobody", ["0x" + "00" * 20, "0x000000000000000000000000000000000000dEaD"])
def test_deploy_and_configure__placeholder_account__refuse(
    scripts: Scripts, role: str, nobody: str
) -> None:
    accounts: Any = nobody if role == "admin" else (nobody,)
    deployment = with_config(scripts.deployment(), "roles", **{role: accounts})
    with pytest.raises(DeploymentConfigError, match=f"roles.{role} is .*fill in"):
        configure(deployment, quietly)
    with pytest.raises(DeploymentConfigError, match="fill in"):
        deploy(deployment, quietly)


@pytest.mark.parametrize("section", ["keepers", "approvers"])
def test_configure__placeholder_among_keepers_or_approvers__refuses(
    scripts: Scripts, section: str
) -> None:
    deployment = scripts.deployment()
    nobody = "0x000000000000000000000000000000000000dEaD"
    (entry, *_) = getattr(deployment.config, section)
    update = {section: (entry.model_copy(update={"account": nobody}),)}
    placeholder = replace(deployment, config=deployment.config.model_copy(update=update))
    with pytest.raises(DeploymentConfigError, match=f"{section} is .*fill in"):
        configure(placeholder, quietly)


def test_example__as_shipped__loads_but_cannot_be_deployed(scripts: Scripts) -> None:
    example = VaultConfig.load(ROOT / "deployments" / "example.toml")
    deployment = scripts.deployment()
    with pytest.raises(DeploymentConfigError, match=r"roles\.admin"):
        deploy(ManagedVault(deployment.chain, example, deployment.record), quietly)


@pytest.mark.parametrize(
    ("function", "arguments", "what"),
    [
        ("setRoleAdmin", (2, 7), "getRoleAdmin(2)"),
        ("setRoleAdmin", (9, 7), "getRoleAdmin(9)"),
        ("setRoleGuardian", (1, 7), "getRoleGuardian(1)"),
        ("setGrantDelay", (2, YEAR), "getRoleGrantDelay(2)"),
        ("setTargetAdminDelay", ("LiquidityVault", YEAR), "admin delay of LiquidityVault"),
        ("grantRole", (9, STRANGER, 0), f"role 9 of {STRANGER} (held)"),
    ],
)
def test_configure__tampered_manager__is_named_and_mended(
    scripts: Scripts, function: str, arguments: tuple[Any, ...], what: str
) -> None:
    deployment = scripts.deployment()
    recorded = deployment.record.contracts
    resolved = [recorded[each].address if each in recorded else each for each in arguments]
    send(deployment, "AccessManager", function, *resolved)
    assert differing(deployment) == {what: True}
    assert configure(deployment, quietly) == 1
    assert named(deployment) == set()


def test_configure__delay_taken_back__is_reported_until_it_has_passed(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    send(deployment, "AccessManager", "setGrantDelay", 2, 3600)
    scripts.chain.rpc("evm_increaseTime", 6 * 24 * 3600)
    scripts.chain.rpc("evm_mine")
    assert configure(deployment, quietly) == 1
    assert differing(deployment) == {"getRoleGrantDelay(2)": False}
    assert configure(deployment, quietly) == 0


def test_configure__pending_grant_to_a_stranger__is_named_and_revoked(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    send(deployment, "AccessManager", "setGrantDelay", 2, YEAR)
    scripts.chain.rpc("evm_increaseTime", 6 * 24 * 3600)
    scripts.chain.rpc("evm_mine")
    send(deployment, "AccessManager", "grantRole", 2, STRANGER, 0)
    assert not deployment.read("AccessManager", "hasRole", 2, STRANGER)[0]
    assert differing(deployment)[f"role 2 of {STRANGER} (held)"]
    configure(deployment, quietly)
    assert deployment.read("AccessManager", "getAccess", 2, STRANGER)[0] == 0


def test_configure__other_authority__is_named_and_refused(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    target, other = deployment.address("LiquidityVault"), deployment.address("PriceOracle")
    send(deployment, "AccessManager", "updateAuthority", target, other)
    assert ("LiquidityVault", "authority") in named(deployment)
    with pytest.raises(DeploymentError, match="authority"):
        configure(deployment, quietly)


def test_configure__paused__is_reported_and_left(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    send(sent_by(deployment, test_account(GUARDIAN).address), "AssetController", "pause")
    assert differing(deployment) == {"paused": False}
    said: list[str] = []
    assert configure(deployment, said.append) == 0
    assert "unpause()" in "".join(said)
    assert deployment.read("AssetController", "paused")


def test_configure__sequencer_feed_where_none_is_intended__is_removed(scripts: Scripts) -> None:
    deployment = with_config(scripts.deployment(), "external", sequencer_feed=None)
    configure(deployment, quietly)
    feed = next(token.feed for token in deployment.config.tokens.values() if token.feed)
    send(deployment, "PriceOracle", "setSequencerFeed", feed.aggregator, 60)
    assert differing(deployment) == {"sequencer feed": True}
    assert configure(deployment, quietly) == 1
    assert named(deployment) == set()


def test_configure__feed_of_another_token__is_removed(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    feed = next(token.feed for token in deployment.config.tokens.values() if token.feed)
    token = deployment.config.address("CREDIT")
    send(deployment, "PriceOracle", "setFeed", token, feed.aggregator, 60, 1, 2)
    assert differing(deployment) == {f"feed of {token}": True}
    assert configure(deployment, quietly) == 1
    assert named(deployment) == set()


def test_configure__path_that_no_holding_names__is_removed(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    settlement, asset = (deployment.config.address(symbol) for symbol in ("USDT", "WETH"))
    there, back = (
        deployment.read("UniswapV3Venue", "pathOf", *pair)
        for pair in ((settlement, asset), (asset, settlement))
    )
    other = deployment.config.address("HYD")
    hydra = deployment.read("UniswapV3Venue", "pathOf", settlement, other)
    assert there
    send(deployment, "UniswapV3Venue", "setPath", asset, other, back + hydra[20:])
    assert differing(deployment) == {f"path {asset}-{other}": True}
    assert configure(deployment, quietly) == 1
    assert named(deployment) == set()


def test_configure__other_constructor_arguments__is_named_and_refused(scripts: Scripts) -> None:
    deployment = with_config(scripts.deployment(), "vault", name="Another")
    assert differing(deployment) == {"constructor arguments": False}
    with pytest.raises(DeploymentError, match="deploy again"):
        configure(deployment, quietly)


def test_verify__other_decimals_in_the_configuration__names_the_token(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    tokens = dict(deployment.config.tokens)
    tokens["TBILL"] = tokens["TBILL"].model_copy(update={"decimals": 3})
    config = deployment.config.model_copy(update={"tokens": tokens})
    assert named(replace(deployment, config=config)) == {("tokens", "decimals of TBILL")}


def with_keepers(deployment: ManagedVault, *keepers: Keeper) -> ManagedVault:
    """Return the deployment with more keepers besides the configured ones."""
    together = (*deployment.config.keepers, *keepers)
    config = deployment.config.model_copy(update={"keepers": together})
    return replace(deployment, config=config)


def test_configure__keeper_removed_by_the_guardian__comes_back_only_if_asked(
    scripts: Scripts,
) -> None:
    deployment = scripts.deployment()
    (keeper,) = deployment.config.keepers
    guardian = sent_by(deployment, test_account(GUARDIAN).address)
    send(guardian, "KillSwitch", "removeKeeper", keeper.account)
    assert differing(deployment) == {f"keeper {keeper.account} removed": False}
    said: list[str] = []
    assert configure(deployment, said.append) == 0
    assert "remove it from keepers" in "".join(said)
    assert deployment.read("KillSwitch", "isRemoved", keeper.account)
    assert configure(deployment, quietly, restore_keepers=True) == len(("restoreKeeper",))
    assert not deployment.read("KillSwitch", "isRemoved", keeper.account)
    assert named(deployment) == set()


def test_configure__keeper_restored_once__gets_other_limits_without_asking(
    scripts: Scripts,
) -> None:
    deployment = scripts.deployment()
    (keeper,) = deployment.config.keepers
    guardian = sent_by(deployment, test_account(GUARDIAN).address)
    send(guardian, "KillSwitch", "removeKeeper", keeper.account)
    configure(deployment, quietly, restore_keepers=True)
    changed = keeper.model_copy(update={"automatic": Limit(cap=Decimal(5), period_seconds=60)})
    config = deployment.config.model_copy(update={"keepers": (changed,)})
    assert configure(replace(deployment, config=config), quietly) == (
        len(("automatic", "the registry's"))
        + len(("turnover", "anybody's turnover")) * len(("L2", "L3"))
    )


def test_configure__keeper_never_added__is_added(scripts: Scripts) -> None:
    keeper = scripts.deployment().config.keepers[0].model_copy(update={"account": STRANGER})
    deployment = with_keepers(scripts.deployment(), keeper)
    assert configure(deployment, quietly) == LIMITS_OF_A_KEEPER
    cap, level, _, period, _ = deployment.read("AssetController", "bucketOf", AUTOMATIC_OF_STRANGER)
    assert (cap, level, period) == (2_000_000 * USDT, 0, 86_400)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ((), "needs a path"),
        (("USDT", "WETH"), "a pool's fee"),
        (("USDT", 500, 500), "a pool's fee"),
        (("USDT", 500), "a pool's fee"),
        (("USDT", 500, "HYD"), "must run from USDT to WETH"),
        (("WETH", 500, "USDT"), "must run from USDT to WETH"),
    ],
)
def test_config__venue_holding_with_a_useless_path__names_the_holding(
    scripts: Scripts, path: tuple[str | int, ...], problem: str
) -> None:
    document = scripts.deployment().config.model_dump()
    document["l3"][0]["path"] = path
    with pytest.raises(ValueError, match=f"l3 holding WETH: .*{problem}"):
        VaultConfig.model_validate(document)


def test_configure__aggregator_without_code__names_the_token(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    feed = deployment.config.tokens["WETH"].feed
    assert feed is not None
    scripts.chain.rpc("anvil_setCode", feed.aggregator, "0x")
    with pytest.raises(DeploymentError, match="aggregator of WETH: the chain has no contract"):
        configure(deployment, quietly)


def test_configure__call_that_reverts__leaves_no_role_behind(scripts: Scripts) -> None:
    deployment = with_config(scripts.deployment(), "roles", configurators=(STRANGER,))
    configure(deployment, quietly)
    broken = with_config(deployment, "vault", maximum_loss_bps=1001)
    before = deployment.chain.web3.eth.block_number
    with pytest.raises(DeploymentError, match=r"AssetController\.setBounds would revert"):
        configure(broken, quietly)
    assert deployment.chain.web3.eth.block_number == before
    assert not deployment.read("AccessManager", "hasRole", 1, WHALE)[0]
    assert named(deployment) == set()


def test_configure__weights__have_the_documented_terms_and_limits(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    for tier in ("L2", "L3"):
        name, portfolio = f"WeightRebalancer{tier}", deployment.address(f"Portfolio{tier}")
        terms = tuple(deployment.read(name, "terms"))
        assert terms == (500, 3600, 100, 30, 100, 100 * USDT)
        (keeper,) = deployment.config.keepers
        for key, cap, period in (
            (limit_key("Auto", keeper.account), 2_000_000 * USDT, 86_400),
            (limit_key("Auto", portfolio), 2_000_000 * USDT, 86_400),
            (limit_key("LossAdd"), 10_000 * USDT, 7 * 86_400),
        ):
            bucket = deployment.read(name, "bucketOf", key)
            assert (bucket[0], bucket[3]) == (cap, period)


def test_configure__paused_or_closed_by_the_guardian__is_left_to_a_person(
    scripts: Scripts,
) -> None:
    deployment = scripts.deployment()
    guardian = sent_by(deployment, test_account(GUARDIAN).address)
    send(guardian, "KillSwitch", "pause")
    send(guardian, "LiquidityVault", "lowerDepositCap", 0)
    assert differing(deployment) == {"paused": False, "cap on deposits": False}
    assert configure(deployment, quietly) == 0


def test_configure__deposit_cap_and_single_approvals__are_as_configured(scripts: Scripts) -> None:
    key, day = limit_key("SingleApproved"), 86_400
    deployment = scripts.deployment()
    bucket = deployment.read("AssetController", "bucketOf", key)
    assert (bucket[0], bucket[3]) == (200_000 * USDT, day)
    limit = Limit(cap=Decimal(7), period_seconds=60)
    changes = {"deposit_cap": Decimal(5_000_000), "single_approval": limit}
    deployment = with_config(deployment, "vault", **changes)
    assert configure(deployment, quietly) == len(changes)
    assert deployment.read("LiquidityVault", "depositCap") == 5_000_000 * USDT
    assert deployment.read("AssetController", "bucketOf", key)[0] == 7 * USDT
    assert named(deployment) == set()


def test_configure__weights_paused_by_the_guardian__are_left_to_a_person(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    guardian = sent_by(deployment, test_account(GUARDIAN).address)
    send(guardian, "WeightRebalancerL3", "pause")
    assert differing(deployment) == {"paused": False}
    assert configure(deployment, quietly) == 0


def test_configure__keeper_removed_everywhere__stays_out_of_the_rebalancers(
    scripts: Scripts,
) -> None:
    deployment = scripts.deployment()
    (keeper,) = deployment.config.keepers
    guardian = sent_by(deployment, test_account(GUARDIAN).address)
    send(guardian, "KillSwitch", "removeKeeper", keeper.account)
    key = limit_key("Auto", keeper.account)
    for tier in ("L2", "L3"):
        send(guardian, f"WeightRebalancer{tier}", "lowerLimit", key, 0, 86_400)
    assert configure(deployment, quietly) == 0
    assert deployment.read("WeightRebalancerL3", "bucketOf", key)[0] == 0
    mended = len(("restoreKeeper", "turnover in L2", "turnover in L3"))
    assert configure(deployment, quietly, restore_keepers=True) == mended
    assert named(deployment) == set()


def test_configure__other_weights__bring_terms_and_limits(scripts: Scripts) -> None:
    limit = Limit(cap=Decimal(7), period_seconds=60)
    changed = Weights(drift_bps=300, turnover=limit, open_turnover=limit, loss=limit)
    deployment = with_config(scripts.deployment(), "weights", l3=changed)
    assert configure(deployment, quietly) == len(("terms", "turnover", "open_turnover", "loss"))
    assert named(deployment) == set()
    assert deployment.read("WeightRebalancerL3", "terms")[0] == 300
    portfolio = deployment.address("PortfolioL3")
    bucket = deployment.read("WeightRebalancerL3", "bucketOf", limit_key("Auto", portfolio))
    assert bucket[0] == 7 * USDT


def test_deploy__asynchronous_fund_and_otc_holding__have_their_venues(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    config = deployment.config
    slow = config.l2[1].model_copy(update={"kind": HoldingKind.ASYNC})
    traded = config.l3[1].model_copy(update={"venue": VenueName.OTC, "path": ()})
    update = {"l2": (config.l2[0], slow), "l3": (config.l3[0], traded, config.l3[2])}
    deployment = replace(deployment, config=config.model_copy(update=update))
    assert deploy(deployment, quietly) == [f"Erc7540Venue.{slow.asset}"]
    changes = len(("holdings of L2", "holdings of L3", "path there", "path back"))
    assert configure(deployment, quietly) == changes
    assert named(deployment) == set()
    venue = deployment.address(f"Erc7540Venue.{slow.asset}")
    assert deployment.read("PortfolioL2", "holdings")[1][5] == venue
    assert deployment.read("PortfolioL3", "holdings")[1][5] == deployment.address("OtcVenue")
    portfolio = deployment.address("PortfolioL2")
    assert deployment.read(f"Erc7540Venue.{slow.asset}", "portfolio") == portfolio
    assert deployment.read(f"Erc7540Venue.{slow.asset}", "vault") == config.address(slow.asset)


def test_deploy__automatic_holding__has_both_venues(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    config = deployment.config
    traded = config.l3[0].model_copy(update={"venue": VenueName.AUTO})
    automatic = config.model_copy(update={"l3": (traded, *config.l3[1:])})
    deployment = replace(deployment, config=automatic)
    assert deploy(ManagedVault(deployment.chain, automatic, deployment.record), quietly) == [
        "AutoVenue"
    ]
    configure(deployment, quietly)
    assert named(deployment) == set()
    venue = deployment.address("AutoVenue")
    assert deployment.read("PortfolioL3", "holdings")[0][5] == venue
    pair = config.address("USDT"), config.address("WETH")
    listed = [deployment.address(name) for name in ("UniswapV3Venue", "OtcVenue")]
    for there in (pair, pair[::-1]):
        assert deployment.read("AutoVenue", "venuesOf", *there) == listed
    for name in ("UniswapV3Venue", "OtcVenue"):
        assert deployment.read(name, "isTrader", venue)

    guardian = sent_by(deployment, test_account(GUARDIAN).address)
    send(guardian, "AutoVenue", "removeVenue", *pair, listed[1])
    other = config.address("HYD")
    send(deployment, "AutoVenue", "setVenues", pair[0], other, listed)
    send(deployment, "AutoVenue", "setTrader", STRANGER, True)
    assert len(differing(deployment)) == len(("a pair", "another", "a trader"))
    configure(deployment, quietly)
    assert named(deployment) == set()
    assert deployment.read("AutoVenue", "venuesOf", pair[0], other) == []

    back = replace(deployment, config=config)
    configure(back, quietly)
    assert named(back) == set()
    assert not back.read("UniswapV3Venue", "isTrader", venue)
