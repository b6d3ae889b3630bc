"""Table of the running network."""

from collections.abc import Iterator, Mapping

from scripts.network.accounts import ACCOUNTS, TEST_MNEMONIC
from scripts.network.api import LocalNetwork
from scripts.network.chain import LocalChain
from scripts.network.running import ape_network


def table(network: LocalNetwork, services: Mapping[str, str]) -> str:
    """Return lines for chains, addresses and bridge services, with their usage."""
    chains = network.chains.values()
    rows = [("chain", "chain id", "url", "ape --network")]
    rows += [(chain.name, str(chain.chain_id), chain.url, ape_network(chain)) for chain in chains]
    lines = _aligned(rows)
    for chain in chains:
        lines += ["", f"{chain.name}:", *_aligned([("", *row) for row in _addresses(chain)])]
    lines += ["", "Bridge services:", *_aligned([("", *row) for row in services.items()])]
    accounts = [
        "",
        f"Accounts: {ACCOUNTS} funded ones of the usual test mnemonic; account 0 is the whale.",
        f"  \"{TEST_MNEMONIC}\", m/44'/60'/0'/0/N. The keys are public: do not use them elsewhere.",
    ]
    following = ["", "Next: docs/tutorials/first-vault.md sets up and rebalances a vault."]
    return "\n".join(lines + accounts + following)


def _addresses(chain: LocalChain) -> Iterator[tuple[str, str]]:
    known = chain.addresses
    yield from known.tokens.items()
    yield from ((f"{symbol} feed", feed) for symbol, feed in known.feeds.items())
    if known.sequencer_feed is not None:
        yield "sequencer feed", known.sequencer_feed
    yield from ((f"pool {name} {pool.fee}", pool.address) for name, pool in known.pools.items())
    yield from ((f"fund {name}", fund) for name, fund in known.funds.items())
    yield "Uniswap router", known.uniswap.router
    yield "Uniswap quoter", known.uniswap.quoter
    yield "Aave pool", known.aave.pool
    yield "Safe factory", known.safe.proxy_factory
    yield "Multicall3", known.multicall3
    yield "CCTP messenger", known.cctp.messenger
    yield "CCTP transmitter", known.cctp.transmitter
    yield "LayerZero endpoint", known.layer_zero.endpoint
    yield "bridged USDT", known.layer_zero.usdt
    yield "OFT of USDT", known.layer_zero.oft


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
