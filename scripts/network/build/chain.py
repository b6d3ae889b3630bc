"""Builds one chain from nothing and keeps its state."""

from functools import partial
from pathlib import Path

from scripts.network.accounts import WHALE
from scripts.network.addresses import Addresses
from scripts.network.anvil import Anvil
from scripts.network.build.aave import deploy_aave
from scripts.network.build.builder import Builder
from scripts.network.build.common import deploy_safe, place_multicall
from scripts.network.build.feeds import deploy_feeds, deploy_sequencer_feed
from scripts.network.build.funds import deploy_funds
from scripts.network.build.state import save_state
from scripts.network.build.tokens import deploy_tokens
from scripts.network.build.uniswap import deploy_uniswap, open_pools
from scripts.network.files import addresses_file, state_file
from scripts.network.progress import Progress
from scripts.network.specs import ChainSpec


def build_chain(
    spec: ChainSpec, folder: Path, *, begin: int, multicall: str, progress: Progress
) -> None:
    """Deploys all on a fresh chain whose time starts at `begin`; writes state and addresses."""
    anvil = Anvil.start(spec, options=("--timestamp", str(begin)))
    try:
        accounts = Builder(anvil.url, folder, spec, ()).web3.eth.accounts
        builder = Builder(anvil.url, folder, spec, tuple(accounts))
        addresses = _deploy(builder, multicall, progress)
        addresses_file(folder, spec.name).write_text(addresses.model_dump_json(indent=2) + "\n")
        save_state(builder, state_file(folder, spec.name))
        progress(spec.name, "kept")
    finally:
        anvil.stop()


def _deploy(builder: Builder, multicall: str, progress: Progress) -> Addresses:
    step = partial(progress, builder.spec.name)
    safe = deploy_safe(builder)
    builder.leave_gap()
    tokens = deploy_tokens(builder)
    feeds = deploy_feeds(builder)
    step("Safe, tokens and feeds")
    uniswap = deploy_uniswap(builder, tokens["WETH"])
    pools = open_pools(builder, uniswap, tokens)
    step("Uniswap V3")
    aave = deploy_aave(builder, tokens, feeds)
    step("Aave V3")
    return Addresses(
        chain=builder.spec.name,
        chain_id=builder.spec.chain_id,
        whale=WHALE,
        multicall3=place_multicall(builder, multicall),
        tokens=tokens,
        feeds=feeds,
        sequencer_feed=deploy_sequencer_feed(builder),
        pools=pools,
        funds=deploy_funds(builder, tokens, aave),
        uniswap=uniswap,
        aave=aave,
        safe=safe,
    )
