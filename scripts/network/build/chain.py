"""Build of one chain, with links to the others and its stored state."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scripts.network.accounts import WHALE
from scripts.network.addresses import Addresses
from scripts.network.anvil import Anvil
from scripts.network.build.aave import deploy_aave
from scripts.network.build.builder import Builder
from scripts.network.build.cctp import deploy_cctp, link_cctp
from scripts.network.build.common import deploy_safe, place_multicall
from scripts.network.build.feeds import deploy_feeds, deploy_sequencer_feed
from scripts.network.build.funds import deploy_funds
from scripts.network.build.layer_zero import deploy_layer_zero, link_layer_zero
from scripts.network.build.state import save_state
from scripts.network.build.tokens import deploy_tokens
from scripts.network.build.uniswap import deploy_uniswap, open_pools
from scripts.network.build.wallets import fill_wallets
from scripts.network.files import addresses_file, state_file
from scripts.network.progress import Progress
from scripts.network.specs import ChainSpec


@dataclass(frozen=True)
class BuiltChain:
    """Built chain without its links to the others."""

    anvil: Anvil
    builder: Builder
    addresses: Addresses


def build_chain(
    spec: ChainSpec, folder: Path, *, begin: int, multicall: str, progress: Progress
) -> BuiltChain:
    """Deploy everything on a new chain whose time starts at `begin`; the caller ends its node."""
    anvil = Anvil.start(spec, options=("--timestamp", str(begin)))
    try:
        accounts = Builder(anvil.url, folder, spec, ()).web3.eth.accounts
        builder = Builder(anvil.url, folder, spec, tuple(accounts))
        return BuiltChain(anvil, builder, _deploy(builder, multicall, progress))
    except BaseException:
        anvil.stop()
        raise


def keep_chain(
    chain: BuiltChain, others: Iterable[Addresses], folder: Path, progress: Progress
) -> None:
    """Link the chain to the others, and write state and addresses."""
    builder, here = chain.builder, chain.addresses
    for there in others:
        link_cctp(builder, here, there)
        link_layer_zero(builder, here, there)
    name = here.chain
    addresses_file(folder, name).write_text(here.model_dump_json(indent=2) + "\n")
    save_state(builder, state_file(folder, name))
    progress(name, "linked and stored")


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
    funds = deploy_funds(builder, tokens, aave)
    addresses = Addresses(
        chain=builder.spec.name,
        chain_id=builder.spec.chain_id,
        whale=WHALE,
        multicall3=place_multicall(builder, multicall),
        tokens=tokens,
        feeds=feeds,
        sequencer_feed=deploy_sequencer_feed(builder),
        pools=pools,
        funds=funds,
        uniswap=uniswap,
        aave=aave,
        safe=safe,
        cctp=deploy_cctp(builder, tokens["USDC"]),
        layer_zero=deploy_layer_zero(builder, tokens["USDT"], funds["TBILL"]),
    )
    fill_wallets(builder, addresses)
    step("CCTP and LayerZero")
    return addresses
