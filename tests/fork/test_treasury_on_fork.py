"""Routes of a treasury with the CCTP and LayerZero contracts on a fork, in both directions.

The other chain is only a record of a treasury; the tests make its messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3 import Web3
from web3.types import TxReceipt

from scripts.deployment.config import Limit
from scripts.deployment.configure import all_differences, configure
from scripts.deployment.deploy import deploy
from scripts.deployment.record import Record
from scripts.deployment.treasury.config import TreasuryConfig
from scripts.deployment.treasury.deployment import ManagedTreasury
from scripts.deployment.treasury.local import local_treasury
from scripts.deployment.treasury.parts import CctpRoute, OftRoute
from scripts.deployment.treasury.settings import word
from scripts.network.accounts import TREASURY_KEEPER, test_account
from scripts.network.addresses import Addresses
from scripts.network.bridging.attester import MESSAGE_SENT
from scripts.network.bridging.relayer import PACKET_SENT
from scripts.network.files import read_addresses
from tests.fork.actors import Treasury as Fork
from tests.fork.conftest import FILLING_SECONDS, Upstream, known_roles
from tests.fork.interfaces import MESSENGER, OFT
from tests.fork.messages import Forger

EXAMPLE = Path(__file__).resolve().parents[2] / "deployments" / "example.treasury.toml"
OTHER_TREASURY, OTHER_ROUTE = (to_checksum_address("0x" + byte * 20) for byte in ("a1", "b2"))
KEEPER = test_account(TREASURY_KEEPER).address
ARBITRUM_USDC = "0xaf88d065e77c8cC2239327C5EDb3A432268e5831"
AMOUNT, STOCK = 1_000 * 10**6, 10_000 * 10**6
STANDARD, FINALIZED = 2_000, 2_000


@dataclass(frozen=True)
class Other:
    """The other network: its name, its chain id, and its bridges and tokens."""

    network: str
    chain_id: int
    domain: int
    eid: int
    usdc: str


@dataclass(frozen=True)
class World:
    """The treasury on the fork, and the forger that acts for other parties."""

    fork: Fork
    deployment: ManagedTreasury
    other: Other
    forger: Forger

    def route(self, kind: type[Any]) -> Any:
        """Return the configured route of a kind."""
        return next(each for each in self.deployment.config.routes if isinstance(each, kind))

    def terms(self, asset: str, route: str, *, arriving: bool = False) -> tuple[object, ...]:
        """Return the terms of a transfer that arrives in full, from here or to here."""
        here = (self.deployment.config.chain_id, self.deployment.address("Treasury"))
        there = (self.other.chain_id, OTHER_TREASURY)
        ends = (*there, *here) if arriving else (*here, *there)
        return (*ends, word(asset), AMOUNT, AMOUNT, word(route), 1)

    def id_of(self, terms: tuple[object, ...]) -> bytes:
        return self.deployment.read("Treasury", "idOf", terms)

    def call(self, function: str, *arguments: Any, value: int = 0) -> TxReceipt:
        """Call the treasury as the keeper."""
        call = self.deployment.contract("Treasury").functions[function](*arguments)
        web3 = self.deployment.chain.web3
        hash_ = call.transact({"from": KEEPER, "value": Web3.to_wei(value, "wei")})
        receipt = web3.eth.wait_for_transaction_receipt(hash_)
        assert receipt["status"] == 1
        return receipt

    def idle(self, asset: str) -> int:
        lens = self.deployment.contract("TreasuryLens").functions
        return lens.balancesOf(self.deployment.address("Treasury"), word(asset)).call()[0]


def _local(upstream: Upstream) -> tuple[TreasuryConfig, Other]:
    assert upstream.local is not None
    there: Addresses = read_addresses(upstream.local.artifacts, "arbitrum-local")
    config = TreasuryConfig.model_validate(local_treasury(upstream.local, (there.chain,)))
    bridges = (there.cctp.domain, there.layer_zero.eid)
    return config, Other(there.chain, there.chain_id, *bridges, there.tokens["USDC"])


def _live() -> tuple[TreasuryConfig, Other]:
    return TreasuryConfig.load(EXAMPLE), Other("arbitrum-mainnet", 42_161, 3, 30_110, ARBITRUM_USDC)


def _ready(config: TreasuryConfig) -> TreasuryConfig:
    """Set test accounts, and limits that fill quickly."""
    limit = Limit(cap=config.keepers[0].automatic.cap, period_seconds=FILLING_SECONDS)
    keeper = config.keepers[0].model_copy(
        update={"account": KEEPER, "automatic": limit, "reducing": limit}
    )
    routes = tuple(each.model_copy(update={"limit": limit}) for each in config.routes)
    update = {"keepers": (keeper,), "routes": routes, "approvers": (), "roles": known_roles()}
    return config.model_copy(update=update)


def _record_of(other: Other) -> dict[str, Any]:
    routes = [
        {"asset": "USDC", "name": "CCTP", "address": OTHER_ROUTE, "domain": other.domain},
        {
            "asset": "USDT",
            "name": "OFT",
            "address": OTHER_ROUTE,
            "eid": other.eid,
            "receive_gas": 100_000,
            "compose_gas": 120_000,
        },
    ]
    names = ("EXCHANGE", "CUSTODIAN")
    custodial = [{"asset": asset, "name": name} for asset in ("USDC", "USDT") for name in names]
    return {
        "chain_id": other.chain_id,
        "contracts": {"Treasury": {"address": OTHER_TREASURY}},
        "assets": {
            "USDC": {"address": other.usdc, "decimals": 6},
            "USDT": {"address": other.usdc, "decimals": 6},
        },
        "routes": [*routes, *custodial],
    }


@pytest.fixture(scope="module")
def deployed(
    forked: Fork, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    snapshot = forked.rpc("evm_snapshot")
    config, other = _live() if upstream.local is None else _local(upstream)
    ready, folder = _ready(config), tmp_path_factory.mktemp("treasuries")
    (folder / f"{other.network}.treasury.json").write_text(json.dumps(_record_of(other)))
    chain = forked.deployment.chain
    record = Record.load(folder / f"{ready.network}.treasury.json", ready)
    deployment = ManagedTreasury(chain, ready, record)
    deploy(deployment, lambda _: None)
    configure(deployment, lambda _: None)
    for asset in ready.assets.values():
        forked.rpc("anvil_dealERC20", deployment.address("Treasury"), asset.address, hex(STOCK))
    forked.rpc("evm_increaseTime", FILLING_SECONDS)
    forked.rpc("evm_mine")
    yield World(forked, deployment, other, Forger(chain.web3))
    forked.rpc("evm_revert", snapshot)


@pytest.fixture
def world(deployed: World) -> Iterator[World]:
    snapshot = deployed.fork.rpc("evm_snapshot")
    yield deployed
    deployed.fork.rpc("evm_revert", snapshot)


def test_deployment__on_the_fork__is_as_intended(world: World) -> None:
    assert list(all_differences(world.deployment)) == []


def test_cctp__send__burns_with_the_transfers_id(world: World) -> None:
    terms, route = world.terms("USDC", "CCTP"), world.route(CctpRoute)
    receipt = world.call("sendToBridge", terms, encode(["uint32", "uint256"], [STANDARD, 0]))
    (sent,) = [log for log in receipt["logs"] if bytes(log["topics"][0]) == MESSAGE_SENT]
    assert sent["address"] == route.transmitter
    (message,) = world.deployment.chain.web3.codec.decode(["bytes"], bytes(sent["data"]))
    assert message[-32:] == world.id_of(terms)
    assert int.from_bytes(message[8:12], "big") == world.other.domain
    assert int.from_bytes(message[216:248], "big") == AMOUNT
    assert world.idle("USDC") == STOCK - AMOUNT


def test_cctp__attested_message__is_minted_and_booked(world: World) -> None:
    terms, route = world.terms("USDC", "CCTP", arriving=True), world.route(CctpRoute)
    attest = world.forger.become_attester(route.transmitter)
    message = _burn_there(world, route, world.id_of(terms))
    proof = encode(["bytes", "bytes"], [message, attest(message)])
    world.call("receiveFromBridge", terms, proof)
    assert world.idle("USDC") == STOCK + AMOUNT


def test_oft__send__dispatches_a_packet_and_locks(world: World) -> None:
    terms, route = world.terms("USDT", "OFT"), world.route(OftRoute)
    quote = world.deployment.contract("TreasuryLens").functions.quote(terms, b"").call()
    fee = quote[0]
    assert 0 < fee <= route.maximum_native_wei
    receipt = world.call("sendToBridge", terms, b"", value=fee)
    (sent,) = [log for log in receipt["logs"] if bytes(log["topics"][0]) == PACKET_SENT]
    assert sent["address"] == route.endpoint
    assert world.id_of(terms) in bytes(sent["data"])
    assert world.idle("USDT") == STOCK - AMOUNT


def test_oft__delivered_and_composed__is_booked(world: World) -> None:
    terms, route = world.terms("USDT", "OFT", arriving=True), world.route(OftRoute)
    here = world.deployment.address(route.contract)
    rate = world.forger.contract(route.oft, OFT).functions.decimalConversionRate().call()
    amount = (AMOUNT // rate).to_bytes(8, "big")
    message = _word(here) + amount + _word(OTHER_ROUTE) + world.id_of(terms)
    world.forger.deliver_oft(route.endpoint, route.oft, world.other.eid, message)
    world.call("receiveFromBridge", terms, b"")
    assert world.idle("USDT") == STOCK + AMOUNT


def _burn_there(world: World, route: CctpRoute, transfer_id: bytes) -> bytes:
    """Return the message of a burn on the other chain, as completed by attesters."""
    here = world.deployment.address(route.contract)
    messenger = world.forger.contract(route.messenger, MESSENGER).functions
    sender = messenger.remoteTokenMessengers(world.other.domain).call()
    header = (
        *(_number(each, 4) for each in (1, world.other.domain, route.domain)),
        keccak(text="any nonce"),
        *(sender, _word(route.messenger), _word(here)),
        *(_number(each, 4) for each in (STANDARD, FINALIZED)),
    )
    body = (
        *(_number(1, 4), _word(world.other.usdc), _word(here), _number(AMOUNT, 32)),
        *(_word(OTHER_ROUTE), bytes(32), bytes(32), bytes(32), transfer_id),
    )
    return b"".join((*header, *body))


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


def _word(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")
