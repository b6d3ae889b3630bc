"""A keeper's settings, reads, calls, audit and bridges against real treasuries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from web3.exceptions import Web3Exception

from keepers.audit.auditor import Auditors
from keepers.bridges.chain_reader import ChainReader
from keepers.chain.node import Node
from keepers.chain.responses import GET_RECEIPT, read_receipt
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.chain.treasury.calls import TreasuryCalls, read_sent
from keepers.chain.treasury.reader import TreasuryReader
from keepers.config import Settings, load_settings
from keepers.model.bridge import CrossingRequest, Unavailable
from keepers.model.chain import ContractCall, Fees, Receipt, Unsigned
from keepers.model.errors.chain import CallRevertedError
from keepers.model.errors.signing import AuditRefusedError
from keepers.model.errors.transfers import BridgeNotConfiguredError
from keepers.model.transfer import TransferTerms
from keepers.model.treasury import Legs
from keepers.runtime.process.transaction_engine import make_auditor
from keepers.runtime.treasury.bridges import bridges_of
from keepers.runtime.treasury.deployment_checks import check_circle
from keepers.runtime.treasury.sender import sender_of_treasury
from keepers.runtime.treasury.setup import TreasurySetup, set_up_treasury
from keepers.transfers.machine.dependencies import quote_of
from tests.integration.transfers.carriers import as_tuple
from tests.integration.transfers.treasuries import (
    ARBITRUM,
    ETHEREUM,
    KEEPER,
    OPTIMISM,
    Treasuries,
)

SIX = 10**6
STOCK = 1_000_000 * SIX
WANTED = 12_345 * SIX
NAMES = (ETHEREUM, ARBITRUM, OPTIMISM)


@dataclass(frozen=True)
class View:
    """Settings, nodes and chain readers of a keeper."""

    settings: Settings
    setup: TreasurySetup
    nodes: dict[str, Node]
    readers: dict[int, ChainReader]

    def reader(self, chain: str) -> TreasuryReader:
        return TreasuryReader(self.nodes[chain], self.setup.chains[chain].addresses, KEEPER.address)

    def auditor(self, chain: str) -> Auditors:
        sender = sender_of_treasury(self.setup, self.setup.chains[chain])
        return make_auditor(self.settings, sender, KEEPER.address)


def settings_text(treasuries: Treasuries) -> str:
    urls = treasuries.bridges.urls
    chains = "".join(
        f'[chains.{name}]\nchain_id = {chain.chain_id}\nrpc_urls = ["{chain.url}"]\n'
        f'[treasury.chains.{name}]\nsigner = "treasury"\nbase = {{ USDC = "100000" }}\n'
        for name, chain in treasuries.chains.items()
    )
    services = f'[treasury.bridges.CCTP]\nurl = "{urls["attestation"]}"\nfast = false\n'
    services += f'[treasury.bridges.OFT]\nurl = "{urls["scan"]}"\n'
    signer = '[signers.treasury]\nkind = "private_key_env"\nvariable = "TREASURY_KEY"\n'
    return chains + services + signer


@pytest.fixture
async def view(treasuries: Treasuries) -> AsyncGenerator[View]:
    folder: Path = treasuries.folder.parent
    (folder / "ballast.toml").write_text(settings_text(treasuries))
    settings = load_settings(folder / "ballast.toml")
    setup = set_up_treasury(settings)
    rpcs = {name: Rpc(chain.url) for name, chain in treasuries.chains.items()}
    nodes: dict[str, Node] = {}
    readers: dict[int, ChainReader] = {}
    for name, each in setup.chains.items():
        places = each.addresses
        reverts = Reverts(places.tokens)
        nodes[name] = Node(rpcs[name], each.chain.chain_id, places.multicall3, reverts)
        readers[each.chain.chain_id] = ChainReader(rpcs[name], places.multicall3, reverts)
    yield View(settings, setup, nodes, readers)
    for rpc in rpcs.values():
        await rpc.close()


async def quoted(view: View) -> tuple[TransferTerms, bytes]:
    """Return terms of a transfer from Ethereum to Arbitrum over CCTP, and the route's options."""
    source, destination = view.setup.chains[ETHEREUM], view.setup.chains[ARBITRUM]
    ends = source.chain.chain_id, destination.chain.chain_id
    async with bridges_of(view.settings, view.setup, view.readers, {}) as bridges:
        quote = await bridges["CCTP"].quote(
            CrossingRequest(asset="USDC", source=ends[0], destination=ends[1], receive=WANTED)
        )
        with pytest.raises(BridgeNotConfiguredError):
            await bridges["EXCHANGE"].quote(
                CrossingRequest(asset="USDC", source=ends[0], destination=ends[1], receive=WANTED)
            )
    terms = TransferTerms(
        source_chain=ends[0],
        source_treasury=source.deployment.treasury,
        destination_chain=ends[1],
        destination_treasury=destination.deployment.treasury,
        asset="USDC",
        amount=quote.send,
        min_received=quote.receive,
        route="CCTP",
        nonce=1,
    )
    return terms, quote.options


OBSTACLES: tuple[tuple[str, str, str], ...] = (
    ("CctpTransmitter", "pause", "paused its message transmitter"),
    ("CctpMinter", "pause", "paused its minter"),
    ("CctpMessenger", "removeLocalMinter", "no minter"),
    ("CctpMessenger", "removeRemoteTokenMessenger", "removed the messenger of EVM-"),
    ("CctpMessenger", "denylist route", "our route"),
    ("CctpMessenger", "denylist keeper", "the keeper"),
)


@pytest.mark.parametrize(
    ("contract", "change", "reason"), OBSTACLES, ids=[f"B-CIRCLE-{each[2]}" for each in OBSTACLES]
)
async def test_quote__circle_refuses__is_unavailable_and_a_send_reverts(
    treasuries: Treasuries, view: View, contract: str, change: str, reason: str
) -> None:
    chain, source = treasuries.chains[ETHEREUM], view.setup.chains[ETHEREUM]
    terms, options = await quoted(view)
    route = source.deployment.route("USDC", "CCTP")
    assert route is not None
    function, _, whom = change.partition(" ")
    arguments: dict[str, tuple[object, ...]] = {
        "removeRemoteTokenMessenger": (treasuries.chains[ARBITRUM].addresses.cctp.domain,),
        "denylist": (route.address if whom == "route" else KEEPER.address,),
    }
    places = chain.addresses.cctp.model_dump()
    circle = chain.contract(contract, places[contract.removeprefix("Cctp").lower()])
    chain.send(circle.functions[function](*arguments.get(function, ())))
    keepers = {each.chain.chain_id: KEEPER.address for each in view.setup.chains.values()}
    request = CrossingRequest(
        asset="USDC",
        source=terms.source_chain,
        destination=terms.destination_chain,
        receive=WANTED,
    )
    opened = bridges_of(view.settings, view.setup, view.readers, {}, keepers=keepers)
    async with opened as bridges:
        answer = await quote_of(bridges["CCTP"], request)
    assert isinstance(answer, Unavailable)
    assert reason in answer.reason
    (check,) = await check_circle(source, view.nodes[ETHEREUM], KEEPER.address)
    assert not check.passed
    assert check.detail == answer.reason
    call = treasuries.contract(ETHEREUM).functions.sendToBridge(as_tuple(terms), options)
    with pytest.raises(Web3Exception):
        call.call({"from": KEEPER.address})


async def send(treasuries: Treasuries, view: View, call: ContractCall) -> Receipt:
    """Send a call as the keeper, whose account is unlocked, and wait for its receipt."""
    rpc = view.nodes[ETHEREUM]
    request = {"from": KEEPER.address, "to": call.target, "data": call.calldata, "gas": hex(10**6)}
    treasuries.chains[ETHEREUM].rpc("anvil_impersonateAccount", KEEPER.address)
    sent = await rpc.ask("eth_sendTransaction", request)
    async with asyncio.timeout(30):
        while (raw := await rpc.ask(GET_RECEIPT, sent)) is None:
            treasuries.chains[ETHEREUM].rpc("evm_mine")
    found = read_receipt(raw)
    assert found is not None
    return found


async def test_look__every_chain__is_as_it_was_deployed(treasuries: Treasuries, view: View) -> None:
    for name in NAMES:
        found = await view.reader(name).read_view()
        for asset in ("USDC", "USDT"):
            assert found.holdings[asset].idle == treasuries.balance(name, asset)
            assert found.holdings[asset].invested == 0
        assert found.keeper_limits.allowed
        assert not found.paused
        assert all(each.is_set for each in found.route_limits.values())
        assert found.keeper_balance_wei > 0
        size = found.bands.single_above + 1
        assert await view.reader(name).approvals_for(size) == found.bands.approvals_for(size)


async def test_send__quoted_audited_and_sent__is_seen_by_its_leg_and_event(
    treasuries: Treasuries, view: View
) -> None:
    terms, options = await quoted(view)
    call = TreasuryCalls(terms.source_treasury).send_call(terms, options)
    unsigned = Unsigned(
        chain_id=terms.source_chain, nonce=0, call=call, gas_limit=500_000, fees=Fees(10**9, 1)
    )
    auditor = view.auditor(ETHEREUM)
    auditor.audit(unsigned, KEEPER.address)
    with pytest.raises(AuditRefusedError):
        view.auditor(ARBITRUM).audit(unsigned, KEEPER.address)

    key = terms.transfer_id
    assert (await view.reader(ETHEREUM).read_view([key])).legs == {key: Legs()}
    receipt = await send(treasuries, view, call)
    assert receipt.succeeded
    assert receipt.gas_used < view.setup.chains[ETHEREUM].treasury.gas_limit
    assert read_sent(receipt, terms.source_treasury) == {key: terms.amount}

    found = await view.reader(ETHEREUM).read_view([key])
    assert found.legs[key].sent is not None
    assert found.legs[key].received is None
    assert found.holdings["USDC"].idle == STOCK - terms.amount
    limit = found.route_limits["USDC", "CCTP"]
    assert limit.available < limit.cap


async def test_refusals__are_told_in_words(view: View) -> None:
    terms, options = await quoted(view)
    calls = TreasuryCalls(terms.source_treasury)
    node = view.nodes[ETHEREUM]
    for changed, words in (
        (replace(terms, amount=1, min_received=1), "the lane accepts"),
        (replace(terms, route="BOAT"), "the treasury has no route BOAT for USDC"),
        (replace(terms, min_received=1), "the lane's bound on fees allows"),
        (replace(terms, amount=10**12, min_received=10**12), "needs a plan with 2 approvals"),
    ):
        call = calls.send_call(changed, options)
        request = {"from": KEEPER.address, "to": call.target, "data": call.calldata}
        with pytest.raises(CallRevertedError, match=words):
            await node.ask("eth_call", request, "latest")
